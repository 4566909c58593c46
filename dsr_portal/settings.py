"""Django's settings, made from the environment alone; a faulty value is reported by `dsr_portal.checks`."""

from __future__ import annotations

from pathlib import Path

from dsr_portal.configuration import read_configuration
from dsr_portal.database import read_database_url

BASE_DIR = Path(__file__).resolve().parent.parent

_configuration, DSR_FAULTS = read_configuration()
_uses_https = not _configuration.debug if _configuration.https is None else _configuration.https

DSR_KEYS = _configuration.keys or {}
DSR_SYSTEM_NAME = _configuration.system_name

DEBUG = _configuration.debug
SECRET_KEY = _configuration.secret_key.get_secret_value() if _configuration.secret_key else ""
ALLOWED_HOSTS = list(_configuration.allowed_hosts)

INSTALLED_APPS = ["dsr_portal", "requests_app"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "dsr_portal.middleware.SecurityHeadersMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "dsr_portal.urls"
WSGI_APPLICATION = "dsr_portal.wsgi.application"

DATABASES = {"default": read_database_url(_configuration.database_url.get_secret_value(), BASE_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TIME_ZONE = _configuration.time_zone
USE_TZ = True

SECURE_SSL_REDIRECT = _uses_https
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _uses_https else 0
SESSION_COOKIE_SECURE = _uses_https
CSRF_COOKIE_SECURE = _uses_https
X_FRAME_OPTIONS = "SAMEORIGIN"
# Other hosts below the portal's name, and lists kept by browsers, are for the owner of the domain to decide.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W019", "security.W021"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
