"""What every page knows."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from django.db import DatabaseError

from requests_app.letters.look import Look, look, plain_look

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest


def portal(request: HttpRequest) -> dict[str, Callable[[], str | Look]]:
    """Give the names and addresses that stand on every page; read once, by the pages that show them."""
    known = cache(_look)
    return {
        "look": known,
        "system_name": lambda: known().name,
        "privacy_url": lambda: known().privacy_url,
        "contact_email": lambda: known().email,
    }


def _look() -> Look:
    try:
        return look()
    except DatabaseError:  # the page may be the one that says that something is wrong
        return plain_look()
