"""Who was told that a person's data was corrected, erased or restricted, on the page of their request.

Source: GDPR Art. 19, second sentence: who asks, learns who the recipients are; nobody has to ask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from requests_app import proofs, recipients
from requests_app.pages.parts.base import Part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.urls import URLPattern

    from requests_app.models import SubjectRequest

ORDER = 80
urlpatterns: Sequence[URLPattern] = ()


def part_of(asked: SubjectRequest) -> Part | None:
    """List them, to whoever has shown who they are: the names tell where data of the person was found."""
    if asked.verified_at is None or not proofs.is_proven(asked):
        return None
    notices = recipients.standing(asked).notices
    return Part("portal/recipients/part.html", notices) if notices else None
