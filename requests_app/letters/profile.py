"""Changes who the portal answers for, and how its letters look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from requests_app import audit
from requests_app.models import ControllerProfile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from requests_app.audit import Actor

TARGET = "controller profile"


def stored() -> ControllerProfile:
    """Give the one row, not yet stored where nobody has filled it in."""
    return ControllerProfile.objects.filter(pk=1).first() or ControllerProfile(pk=1)


@transaction.atomic
def keep(profile: ControllerProfile, fields: Sequence[str], *, actor: Actor) -> None:
    """Store the profile, and put on record which of its fields were changed, by name alone."""
    profile.pk = 1
    profile.save()
    audit.record("controller.changed", actor, target=TARGET, fields=sorted(fields))
