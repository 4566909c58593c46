# The portal's commands; `make` alone lists them.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.SILENT:
.DEFAULT_GOAL := help

PYTHON := .venv/bin/python
PORT ?= 8000
LOCK := requirements-dev.lock
# Named after the lock's content, so that a checkout that only touches the file installs nothing.
INSTALLED := .venv/.installed-$(firstword $(shell sha256sum $(LOCK) 2>/dev/null || shasum -a 256 $(LOCK)))
# Each process starts servers of its own; what a file sets up is set up once.
# One more than there are cores, as browsers and servers are often waited for.
ALL_CORES := --numprocesses $(shell expr $$(nproc 2>/dev/null || echo 2) + 1) --maxprocesses 4 --dist loadfile --no-loadscope-reorder
COMPILE := .venv/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header
# A throw-away environment that the portal has nothing to complain about.
SAFE_ENVIRONMENT = env $$($(PYTHON) -m dsr_portal.secret_values) DSR_DATABASE_URL=sqlite:///:memory: \
    DSR_ALLOWED_HOSTS=privacy.example.org DSR_PUBLIC_URL=https://privacy.example.org \
    DSR_EMAIL_URL=smtp://mail.example.org DSR_EMAIL_FROM=privacy@example.org DSR_CONTACT_EMAIL=privacy@example.org \
    DSR_PRIVACY_URL=https://www.example.org/privacy

# A shell function: installs Debian packages where it may, and says which are missing where it may not.
define install_packages
install_packages() {
    local as_root
    if [ "$$(id -u)" = 0 ]; then as_root=env; elif sudo -n true 2>/dev/null; then as_root="sudo -n"; fi
    if [ -n "$${as_root:-}" ] && command -v apt-get >/dev/null; then
        echo "Installing the system packages $$*"
        export DEBIAN_FRONTEND=noninteractive
        $$as_root apt-get update -qq && $$as_root apt-get install -y -qq "$$@" >/dev/null || true
    else
        echo "Missing system packages, please install: $$*"
    fi
}
endef

.PHONY: help setup servers office demo demo-postgres test test-all check bench screenshots lock clean

help: ## List these commands
	awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: $(INSTALLED) ## Make .venv and install what requirements-dev.lock pins
	$(if $(filter setup,$(MAKECMDGOALS)),echo "Ready: .venv holds what $(LOCK) pins.")

demo: setup ## Run the portal with a demonstration company (PORT=8000; FRESH=1 begins anew)
	exec $(PYTHON) manage.py dsr_demo --port $(PORT) $(if $(FRESH),--fresh)

demo-postgres: setup ## The same, on a PostgreSQL that lives as long as it runs
	exec $(PYTHON) manage.py dsr_demo --port $(PORT) --postgres

test: setup servers ## Run the tests
	$(PYTHON) -m pytest --quiet $(ALL_CORES)

test-all: setup servers office ## Run the tests with many more generated examples (slow)
	DSR_TEST_ALL=1 $(PYTHON) -m pytest --quiet $(ALL_CORES)

servers: ## Install Chromium, MariaDB and the readers of files that the tests use, where they are missing
	$(install_packages)
	find_mariadb() { PATH="$$PATH:/usr/sbin:/usr/local/sbin" command -v mariadbd >/dev/null && command -v mariadb >/dev/null; }
	packages=()
	[ -x /usr/lib/chromium/chromium ] || packages+=(chromium fonts-dejavu-core)
	find_mariadb || packages+=(mariadb-server-core mariadb-client-core)
	command -v pdftotext >/dev/null || packages+=(poppler-utils)
	command -v xmllint >/dev/null || packages+=(libxml2-utils)
	command -v 7zz >/dev/null || packages+=(7zip)
	command -v unzip >/dev/null || packages+=(unzip)
	[ $${#packages[@]} = 0 ] || install_packages "$${packages[@]}"
	[ -x /usr/lib/chromium/chromium ] || { echo "The tests need the package chromium." >&2; exit 1; }
	find_mariadb || { echo "The tests need the packages mariadb-server-core and mariadb-client-core." >&2; exit 1; }

office: ## Install LibreOffice, which reads files back in `make test-all`, where it is missing
	$(install_packages)
	command -v soffice >/dev/null || install_packages libreoffice-calc-nogui
	command -v soffice >/dev/null || { echo "make test-all needs the package libreoffice-calc-nogui." >&2; exit 1; }

check: setup ## Check format, style, types, layers, migrations and deployment settings
	step() { echo "· $$1"; shift; "$$@"; }
	templates=$$(find templates -name '*.html' 2>/dev/null || true)
	step "format" .venv/bin/ruff format --quiet --check .
	step "style" .venv/bin/ruff check --quiet .
	step "types" .venv/bin/mypy --no-error-summary
	step "layers" .venv/bin/lint-imports --no-logo
	[ -z "$$templates" ] || step "templates" .venv/bin/djade --check $$templates
	step "migrations" $(SAFE_ENVIRONMENT) $(PYTHON) manage.py makemigrations --check --dry-run
	step "deployment" $(SAFE_ENVIRONMENT) $(PYTHON) manage.py check --deploy --fail-level WARNING

bench: setup servers ## Measure, beside psql and gzip on the same machine (slow)
	$(PYTHON) -m benchmarks

screenshots: setup servers ## Take the pictures of docs/screenshots from the demonstration
	$(PYTHON) -m tests.live.screenshots

lock: setup ## Bring both lock files in line with pyproject.toml
	$(COMPILE) pyproject.toml --output-file requirements.lock
	$(COMPILE) --extra dev pyproject.toml --output-file $(LOCK)
	echo "Pinned. 'make setup' installs them."

clean: ## Remove .venv and everything else that was generated; var/ with its data stays
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(INSTALLED):
	find_python() {
	    for name in python3.11 python3.12 python3.13 python3.14 python3; do
	        if "$$name" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
	            echo "$$name"
	            return
	        fi
	    done
	}
	$(install_packages)
	if [ ! -x $(PYTHON) ]; then
	    [ -n "$$(find_python)" ] || install_packages python3 python3-venv
	    python=$$(find_python)
	    if [ -z "$$python" ]; then
	        echo "No Python 3.11 or newer with the module venv was found." >&2
	        exit 1
	    fi
	    echo "Making .venv with $$("$$python" --version)"
	    "$$python" -m venv .venv
	fi
	find_pango() { $(PYTHON) -c 'import ctypes.util, sys; sys.exit(not ctypes.util.find_library("pangoft2-1.0"))'; }
	find_pango || install_packages libpangoft2-1.0-0 libharfbuzz-subset0
	# Letters of every script; elsewhere than on Debian, whatever fonts there are have to do.
	if command -v apt-get >/dev/null && [ ! -e /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc ]; then
	    install_packages fonts-noto-core fonts-noto-cjk
	fi
	echo "Installing what $(LOCK) pins into .venv (a minute or two the first time)"
	$(PYTHON) -m pip install -qq --disable-pip-version-check --no-input --require-hashes --requirement $(LOCK)
	mkdir -p var
	rm -f .venv/.installed-*
	touch $@
