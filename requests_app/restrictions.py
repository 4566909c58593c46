"""What stands of restrictions: which are in force, when one ends, and whether the person was told before it does."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from requests_app.models import Lifting, OutboxMail, Restriction

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet

    from requests_app.models import SubjectRequest

ANNOUNCED = "lifting_announced"
"""The notice that a restriction is about to end."""
UNDELIVERED = (OutboxMail.Delivery.BOUNCED, OutboxMail.Delivery.REJECTED)


def in_force() -> QuerySet[Restriction]:
    """Give the restrictions that stand, the newest first."""
    return Restriction.objects.filter(ended_at=None)


def standing(request: SubjectRequest) -> Restriction | None:
    """Give the restriction that a request has in force."""
    return request.restrictions.filter(ended_at=None).first()


def announced(restriction: Restriction) -> Lifting | None:
    """Give the end that was announced and not called off, to come or behind."""
    return restriction.liftings.filter(called_off_at=None).first()


def is_about_to_end(request: SubjectRequest) -> bool:
    """Whether the end of a request's restriction is announced and still to come."""
    row = standing(request)
    lifting = announced(row) if row else None
    return lifting is not None and lifting.is_open


def notices(lifting: Lifting) -> QuerySet[OutboxMail]:
    """Give the mails and letters by which an end was announced, the oldest first."""
    sent = OutboxMail.objects.filter(request=lifting.restriction.request_id, template=ANNOUNCED)
    return sent.filter(pk__gte=lifting.mail_id or 0, created_at__gte=lifting.announced_at).order_by("pk")


def told_on(lifting: Lifting) -> date | None:
    """Give the day on which the person was told; None while they are not.

    A mail that came back told nobody. Where nobody is left who could be told, it is the day it was decided.
    """
    if lifting.mail_id is None:
        return timezone.localdate(lifting.announced_at)
    told = notices(lifting).exclude(sent_at=None).exclude(delivery__in=UNDELIVERED).order_by("sent_at").first()
    return timezone.localdate(told.sent_at) if told and told.sent_at else None


def earliest_end(told: date) -> date:
    """Give the first day on which a restriction may end of which somebody is told on a day."""
    return told + timedelta(days=settings.DSR_LIFTING_NOTICE_DAYS)


def ends_on(lifting: Lifting) -> date:
    """Give the day on which a restriction ends: the one announced, or a later one where the notice went out late."""
    if lifting.mail_id is None:
        return lifting.lift_on
    return max(lifting.lift_on, earliest_end(told_on(lifting) or timezone.localdate()))


def may_end(lifting: Lifting) -> bool:
    """Whether an announced end has come: the person was told, and the day is there."""
    return lifting.is_open and told_on(lifting) is not None and ends_on(lifting) <= timezone.localdate()
