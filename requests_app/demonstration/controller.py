"""The made-up cooperative that the demonstration's portal answers for; its pictures are drawn for it."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from requests_app.audit import Actor
from requests_app.letters import pictures, profile

if TYPE_CHECKING:
    from django.contrib.auth.models import User

FIELDS = {
    "name": "Fernhill Cooperative",
    "address": "12 Harbour Lane\nDublin 2, D02 XY45\nIreland",
    "country": "IE",
    "email": "privacy@fernhill.example",
    "phone": "+353 20 910 4711",
    "website": "https://www.fernhill.example",
    "privacy_url": "https://www.fernhill.example/privacy",
    "officer": "Oisín Walsh",
    "officer_contact": "dpo@fernhill.example",
    "colour": "#1d5b45",
    "signatory": "Maeve Byrne",
    "signatory_role": "Head of Data Protection",
}
PICTURES = {"logo": "logo.png", "signature": "signature.svg"}


def fill_in_controller(user: User) -> None:
    """Fill the profile in as a manager would, every field of it."""
    stored = profile.stored()
    for name, value in FIELDS.items():
        setattr(stored, name, value)
    for name, file in PICTURES.items():
        image = pictures.checked(files(__package__).joinpath("pictures", file).read_bytes())
        setattr(stored, name, image.content)
        setattr(stored, f"{name}_type", image.media_type)
    profile.keep(stored, [*FIELDS, *PICTURES], actor=Actor.staff(user))
