"""Reads the URL of the portal's own database into what Django wants to know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

if TYPE_CHECKING:
    from pathlib import Path
    from urllib.parse import SplitResult

CONNECTION_SECONDS = 600
CONNECT_SECONDS = 10
LOCK_SECONDS = 20
MEMORY = ":memory:"


def read_database_url(url: str, base: Path | None = None) -> dict[str, Any]:
    """Return the entry of Django's `DATABASES` for a `sqlite:///…` or `postgresql://…` URL.

    Args:
        base: the folder that a relative SQLite path starts from.

    Raises:
        ValueError: the URL cannot be used; says why without its text, which may hold a password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("is no URL that can be read; special characters of a password must be %-escaped") from None
    if parts.scheme == "sqlite":
        return _sqlite(parts, base)
    if parts.scheme == "postgresql":
        return _postgresql(parts, port)
    raise ValueError("must start with sqlite:/// or postgresql://")


def _sqlite(parts: SplitResult, base: Path | None) -> dict[str, Any]:
    name = unquote(parts.path.removeprefix("/"))
    if parts.netloc or not name:
        raise ValueError("needs three slashes and a path: sqlite:///var/portal.sqlite3, or sqlite:////absolute/path")
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": name if name == MEMORY or base is None else str(base / name),
        "OPTIONS": {
            "timeout": LOCK_SECONDS,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY",
        },
    }


def _postgresql(parts: SplitResult, port: int | None) -> dict[str, Any]:
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or unquote(parts.hostname or "")
    name = unquote(parts.path.removeprefix("/"))
    if not name or "/" in name:
        raise ValueError("names no database: postgresql://user:password@host/name")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port or ""),
        "CONN_MAX_AGE": CONNECTION_SECONDS,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": str(CONNECT_SECONDS)} | options,
    }
