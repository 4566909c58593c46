# The portal in one image; compose.yaml starts it as web server, as either worker, and once to migrate.
FROM python:3.11-slim AS build

RUN python -m venv /opt/venv
COPY requirements.lock /tmp/
RUN /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes \
    --requirement /tmp/requirements.lock

FROM python:3.11-slim

# What PDFs are made with: Pango, and fonts for most scripts.
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-core fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/*
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DSR_STORAGE_DIR=/srv/storage
# What is mounted over /srv/storage takes its owner from here.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin portal \
    && install --directory --owner portal --mode 0700 /srv/storage
COPY --from=build /opt/venv /opt/venv
WORKDIR /opt/portal
COPY . .
RUN python manage.py collectstatic --no-input --verbosity 0 \
    && python -m compileall -q .

USER portal
EXPOSE 8000
CMD ["gunicorn", "--config", "python:dsr_portal.gunicorn", "--bind", "0.0.0.0:8000"]
