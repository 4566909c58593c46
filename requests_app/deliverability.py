"""The stage that hears from the mail provider what became of a mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from requests_app import audit
from requests_app.models import OutboxMail

if TYPE_CHECKING:
    from anymail.signals import AnymailTrackingEvent

Delivery = OutboxMail.Delivery
REPORTED = {
    "delivered": Delivery.DELIVERED,
    "deferred": Delivery.DEFERRED,
    "bounced": Delivery.BOUNCED,
    "rejected": Delivery.REJECTED,
    "failed": Delivery.REJECTED,
    "complained": Delivery.COMPLAINED,
}
FINAL = (Delivery.BOUNCED, Delivery.REJECTED, Delivery.COMPLAINED)
PROBLEMS = (Delivery.DEFERRED, *FINAL)


@transaction.atomic
def note_event(event: AnymailTrackingEvent, **_: object) -> None:
    """Note on the mail what its provider reports; a receiver of Anymail's signal `tracking`.

    Reports may come twice and out of order: what was final stays so.
    """
    delivery = REPORTED.get(event.event_type)
    if delivery is None or not event.message_id:
        return
    mails = OutboxMail.objects.filter(provider_id=str(event.message_id)).exclude(delivery__in=(*FINAL, delivery))
    for mail in mails:
        OutboxMail.objects.filter(pk=mail.pk).update(delivery=delivery, delivery_at=timezone.now())
        target = f"mail {mail.pk}"
        audit.record("mail.reported", audit.SYSTEM, request_id=mail.request_id, target=target, delivery=str(delivery))
