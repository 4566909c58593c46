"""The telephone numbers that a code may be sent to: those that are held, never one that merely was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from requests_app.models import Identifier

if TYPE_CHECKING:
    from requests_app.models import SubjectRequest

PROOFS = (Identifier.Proof.SMS, Identifier.Proof.STAFF)


def phone_of(request: SubjectRequest) -> Identifier | None:
    """Give the number that was proven to be the person's, by a code or by the team; None where there is none."""
    phones = request.identifiers.filter(kind=Identifier.Kind.PHONE, proof__in=PROOFS)
    return phones.order_by("-proven_at").first()
