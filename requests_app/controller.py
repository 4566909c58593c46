"""Who the portal answers for: what the team filled in, the settings standing in where it did not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from exporters.letter import Controller, Image
from requests_app.models import ControllerProfile

if TYPE_CHECKING:
    from typing_extensions import Buffer


def controller() -> Controller:
    """Give the controller as letters, mails and pages name it."""
    profile = ControllerProfile.objects.first() or ControllerProfile()
    return Controller(
        name=profile.name or settings.DSR_SYSTEM_NAME,
        address=tuple(line.strip() for line in profile.address.splitlines() if line.strip()),
        country=profile.country,
        email=profile.email or settings.DSR_CONTACT_EMAIL,
        phone=profile.phone,
        website=profile.website,
        privacy_url=profile.privacy_url or settings.DSR_PRIVACY_URL,
        officer=profile.officer,
        officer_contact=profile.officer_contact,
        representative=profile.representative,
        colour=profile.colour,
        logo=_image(profile.logo, profile.logo_type),
        signatory=profile.signatory,
        signatory_role=profile.signatory_role,
        signature=_image(profile.signature, profile.signature_type),
    )


def _image(content: Buffer | None, media_type: str) -> Image | None:
    return Image(media_type, bytes(content)) if content and media_type else None
