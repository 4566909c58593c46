"""What every page knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from django.http import HttpRequest


def portal(request: HttpRequest) -> dict[str, str]:
    """Give the names and addresses that stand on every page."""
    return {
        "system_name": settings.DSR_SYSTEM_NAME,
        "privacy_url": settings.DSR_PRIVACY_URL,
        "contact_email": settings.DSR_CONTACT_EMAIL,
    }
