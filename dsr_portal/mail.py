"""Reads the URL of the mail server into what Django wants to know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from urllib.parse import SplitResult

SMTP_PORT, SMTPS_PORT = 587, 465
TIMEOUT_SECONDS = 30


def read_email_url(url: str) -> dict[str, Any]:
    """Return Django's `EMAIL_…` settings for a URL.

    `smtp://user:password@host:587` speaks STARTTLS, `smtp://host:25?tls=none` does not; `smtps://` is TLS from the
    start; `file:///folder` writes mails into a folder; `console:` prints them.

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
    if parts.scheme == "file" and parts.path.strip("/") and not parts.netloc:
        folder = unquote(parts.path)
        return {"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend", "EMAIL_FILE_PATH": folder}
    if parts.scheme in {"smtp", "smtps"} and parts.hostname:
        return _smtp(parts, port)
    raise ValueError("must be smtp://user:password@host:587, smtps://user:password@host, file:///folder or console:")


def _smtp(parts: SplitResult, port: int | None) -> dict[str, Any]:
    is_tls = parts.scheme == "smtps"
    if parts.query not in {"", "tls=none"} or (parts.query and is_tls):
        raise ValueError("takes nothing behind `?` but smtp://…?tls=none")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port or (SMTPS_PORT if is_tls else SMTP_PORT),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": is_tls,
        "EMAIL_USE_TLS": not is_tls and not parts.query,
        "EMAIL_TIMEOUT": TIMEOUT_SECONDS,
    }
