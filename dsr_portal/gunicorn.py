"""The settings of gunicorn, the web server: `gunicorn --config python:dsr_portal.gunicorn`.

Options of the command line win over them (`--bind 0.0.0.0:8000`), and so does the variable GUNICORN_CMD_ARGS.
"""

from __future__ import annotations

from pathlib import Path

from dsr_portal.configuration import read_configuration
from dsr_portal.logs import logging_configuration

wsgi_app = "dsr_portal.wsgi"
bind = "127.0.0.1:8000"

# A download holds a thread for as long as the person's line takes, a page for milliseconds. Loaded once and then
# forked, so that the workers share what they have in common.
worker_class = "gthread"
workers = 2
threads = 4
preload_app = True

# The timeout watches a worker, not a request: with threads a download may last for hours. A worker that was asked to
# end, or has served its share of requests, takes no new ones and gives those at work this long.
timeout = 30
graceful_timeout = 300
max_requests = 20_000
max_requests_jitter = 5_000
keepalive = 5

# The heartbeat is a file that is touched every second: on a disk it could stand still behind other writes.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - gunicorn makes an unnamed file there
control_socket_disable = True

# No log of requests: paths hold the tokens of links. Everything else is logged as the portal does.
accesslog = None
logconfig_dict = logging_configuration(read_configuration()[0].log_format)
