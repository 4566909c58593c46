"""Django's settings, made from the environment alone; a faulty value is reported by `dsr_portal.checks`."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

from dsr_portal.configuration import read_configuration
from dsr_portal.database import read_database_url
from dsr_portal.logs import logging_configuration
from dsr_portal.mail import read_email_url
from dsr_portal.sms import read_sms_body, read_sms_url

BASE_DIR = Path(__file__).resolve().parent.parent

_configuration, DSR_FAULTS = read_configuration()
_uses_https = not _configuration.debug if _configuration.https is None else _configuration.https

DSR_KEYS = _configuration.keys or {}
DSR_SYSTEM_NAME = _configuration.system_name
DSR_PUBLIC_URL = _configuration.public_url
DSR_PRIVACY_URL = _configuration.privacy_url
DSR_CONTACT_EMAIL = _configuration.contact_email
DSR_STORAGE_DIR = BASE_DIR / _configuration.storage_dir
DSR_LINK_DAYS = _configuration.link_days
DSR_SINGLE_USE_DOWNLOADS = _configuration.single_use_downloads
DSR_DELIVERY = _configuration.delivery
DSR_ATTACHMENT_BYTES = _configuration.attachment_bytes
DSR_UPLOAD_BYTES = _configuration.upload_bytes
DSR_SCANNER = _configuration.scanner
DSR_SMS = read_sms_url(_configuration.sms_url.get_secret_value())
DSR_SMS_TOKEN = _configuration.sms_token.get_secret_value()
DSR_SMS_BODY = read_sms_body(_configuration.sms_body)
DSR_ACCOUNT_URL = _configuration.account_url
DSR_ASSERTION_ISSUER = _configuration.assertion_issuer
DSR_ASSERTION_AUDIENCE = _configuration.assertion_audience
DSR_ASSERTION_ALGORITHM = _configuration.assertion_algorithm
DSR_ASSERTION_KEY = _configuration.assertion_key.get_secret_value()
DSR_DOWNLOAD_CODE = _configuration.download_code
DSR_DOSSIER_DAYS = _configuration.dossier_days
DSR_PDF_ROWS = _configuration.pdf_rows
DSR_LAPSE_DAYS = _configuration.lapse_days
DSR_ARCHIVE_DAYS = _configuration.archive_days
DSR_LIFTING_NOTICE_DAYS = _configuration.lifting_notice_days
DSR_ERASURE_UNDO_HOURS = _configuration.erasure_undo_hours
DSR_PREFERENCES = _configuration.preferences
DSR_GPC = _configuration.gpc
DSR_TARGET_PERCENT = _configuration.target_percent
DSR_REMIND_DAYS = _configuration.remind_days
DSR_REMIND_LAST_DAYS = _configuration.remind_last_days
DSR_DECISION_REVIEW_DAYS = _configuration.decision_review_days
DSR_DECISION_REVIEWER_NAMED = _configuration.decision_reviewer_named
DSR_SUMMARY_URL = _configuration.summary_url
DSR_SUMMARY_KEY = _configuration.summary_key.get_secret_value()
DSR_SUMMARY_MODEL = _configuration.summary_model
DSR_SUMMARY_SECONDS = _configuration.summary_seconds
DSR_PROXIES = _configuration.proxies
DSR_OUTGOING_ALLOW = _configuration.outgoing_allow
DSR_SIGNING_FILE = BASE_DIR / _configuration.signing_file if _configuration.signing_file else None
DSR_SIGNING_PASSPHRASE = _configuration.signing_passphrase.get_secret_value()
DSR_SIGNING_TSA = _configuration.signing_tsa
DSR_MAIL_SINK = BASE_DIR / _configuration.mail_sink if _configuration.mail_sink else None

DEBUG = _configuration.debug
SECRET_KEY = _configuration.secret_key.get_secret_value() if _configuration.secret_key else ""
ALLOWED_HOSTS = list(_configuration.allowed_hosts)

INSTALLED_APPS = [
    "dsr_portal",
    "requests_app",
    "requests_app.admin.apps.ConsoleConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "anymail",
    "django_q",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "dsr_portal.static_files.StaticFilesMiddleware",
    "dsr_portal.middleware.SecurityHeadersMiddleware",
    "dsr_portal.health.ProbesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "dsr_portal.urls"
WSGI_APPLICATION = "dsr_portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "requests_app.pages.context.portal",
            ]
        },
    }
]
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STATICFILES_DIRS = [BASE_DIR / "templates" / "static"]
# No default storage: what is to be kept goes through requests_app.storage, encrypted.
STORAGES = {"staticfiles": {"BACKEND": "dsr_portal.static_files.HashedWhereCollected"}}
# Files are found where they lie, so that nothing has to be collected before a start; the Dockerfile collects them.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_ALLOW_ALL_ORIGINS = False

DATABASES = {"default": read_database_url(_configuration.database_url.get_secret_value(), BASE_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The rules, measured and held by `dsr_portal.E004`: `retry > timeout * (2 + queue_limit / workers)`, one task at a
# time; no attempts are counted here (a crash is not one to django-q2). A heavy worker ends after each task, so that
# its memory is given back and no library that dislikes a fork ever meets one.
_QUICK_TIMEOUT, _HEAVY_TIMEOUT = 60, 6 * 3600
Q_CLUSTER = {
    "name": "quick",
    "orm": "default",
    "workers": 1,
    "queue_limit": 2,
    "bulk": 1,
    "timeout": _QUICK_TIMEOUT,
    "retry": _QUICK_TIMEOUT * 5,
    "save_limit": -1,
    "ack_failures": True,
    "catch_up": False,
    "poll": 0.2,
    "ALT_CLUSTERS": {
        "heavy": {
            "workers": 2,
            "queue_limit": 2,
            "timeout": _HEAVY_TIMEOUT,
            "retry": _HEAVY_TIMEOUT * 4,
            "recycle": 1,
            "scheduler": False,
        }
    },
}

TIME_ZONE = _configuration.time_zone
USE_TZ = True

globals().update(read_email_url(_configuration.email_url.get_secret_value()))
if _configuration.email_backend:
    EMAIL_BACKEND = _configuration.email_backend
ANYMAIL = json.loads(_configuration.anymail.get_secret_value())
DEFAULT_FROM_EMAIL = SERVER_EMAIL = _configuration.email_from

LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

SECURE_SSL_REDIRECT = _uses_https
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if DSR_PROXIES else None
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _uses_https else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"
# A browser takes a cookie of this name from this host alone, over HTTPS.
_cookie_prefix = "__Host-" if _uses_https else ""
SESSION_COOKIE_NAME = f"{_cookie_prefix}session"
SESSION_COOKIE_SECURE = _uses_https
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_NAME = f"{_cookie_prefix}csrf"
CSRF_COOKIE_SECURE = _uses_https
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [urlsplit(DSR_PUBLIC_URL)._replace(path="").geturl()]
# Other hosts below the portal's name, and lists kept by browsers, are for the owner of the domain to decide.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W019", "security.W021"]

# Forms and data maps, no more; views marked `takes_files` take files of DSR_UPLOAD_BYTES each. What is uploaded stays
# in memory, as a temporary file would hold it in clear.
DATA_UPLOAD_MAX_MEMORY_SIZE = FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 5
FILE_UPLOAD_HANDLERS = [
    "requests_app.uploads.receiving.BoundedMemory",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
]

LOGGING = logging_configuration(_configuration.log_format)
