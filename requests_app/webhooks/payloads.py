"""Writes what a receiver is sent: the event as it happened, and the person only where that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from requests_app.models.identifier import UNPROVEN

if TYPE_CHECKING:
    from requests_app.models import SubjectRequest, WebhookEvent


def body(event: WebhookEvent, *, is_personal: bool) -> bytes:
    """Write an event as JSON.

    Args:
        is_personal: whether the person's address and identifiers are told, as they are at this moment.
    """
    person = {"person": _person(event.request)} if is_personal and event.request else {}
    return orjson.dumps(
        {
            "id": str(event.number),
            "type": event.name,
            "timestamp": event.happened_at.isoformat(),
            "data": event.payload | person,
        }
    )


def _person(request: SubjectRequest) -> dict[str, object]:
    known = request.identifiers.order_by("pk").values_list("kind", "value", "proof")
    told = [{"kind": kind, "value": value, "is_proven": proof not in UNPROVEN} for kind, value, proof in known]
    return {"email": request.email, "identifiers": told}
