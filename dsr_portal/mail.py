"""Reads the URL of the mail server into what Django wants to know."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

SMTP_PORT, SMTPS_PORT = 587, 465
TIMEOUT_SECONDS = 30


def read_email_url(url: str) -> dict[str, Any]:
    """Return Django's `EMAIL_…` settings for a URL.

    `smtp://user:password@host:587` speaks STARTTLS, `?tls=none` turns that off; `smtps://` is TLS from the start;
    `file:///folder` writes mails into a folder; `console:` prints them.

    Raises:
        ValueError: the URL cannot be used; says why without its text, which may hold a password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("is no URL that can be read; special characters of a password must be %-escaped") from None
    if parts.scheme == "console":
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    if parts.scheme == "file" and parts.path:
        return {"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend", "EMAIL_FILE_PATH": parts.path}
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ValueError("must be smtp://user:password@host:587, smtps://…, file:///folder or console:")
    is_tls = parts.scheme == "smtps"
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port or (SMTPS_PORT if is_tls else SMTP_PORT),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": is_tls,
        "EMAIL_USE_TLS": not is_tls and parse_qs(parts.query).get("tls") != ["none"],
        "EMAIL_TIMEOUT": TIMEOUT_SECONDS,
    }
