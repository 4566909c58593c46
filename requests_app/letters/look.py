"""The controller's look on the public pages, read without the pictures."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from exporters.opening.colours import PLAIN
from requests_app.models import ControllerProfile

FIELDS = ("name", "email", "privacy_url", "colour", "logo_type", "changed_at")


@dataclass(frozen=True, slots=True)
class Look:
    """What every public page shows of the controller.

    Args:
        version: changes with every change, so that browsers may keep what has it in its address.
    """

    name: str
    email: str
    privacy_url: str
    colour: str = PLAIN
    has_logo: bool = False
    version: str = "0"


def look() -> Look:
    """Give the look as it is now; one small query."""
    row = ControllerProfile.objects.values(*FIELDS).first()
    if row is None:
        return plain_look()
    return Look(
        name=row["name"] or settings.DSR_SYSTEM_NAME,
        email=row["email"] or settings.DSR_CONTACT_EMAIL,
        privacy_url=row["privacy_url"] or settings.DSR_PRIVACY_URL,
        colour=row["colour"],
        has_logo=bool(row["logo_type"]),
        version=f"{row['changed_at']:%Y%m%d%H%M%S%f}",
    )


def plain_look() -> Look:
    """Give the look of a portal where nobody has filled it in, by the settings alone."""
    return Look(settings.DSR_SYSTEM_NAME, settings.DSR_CONTACT_EMAIL, settings.DSR_PRIVACY_URL)
