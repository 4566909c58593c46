"""A shop in which the data of people is restricted, and what the team, the worker and the days do with it."""

from __future__ import annotations

from datetime import timedelta

import time_machine
from django.utils import timezone

from requests_app import restricting, tasks
from requests_app.audit import Actor
from requests_app.models import Lifting, OutboxMail, Restriction, SourceChange, SubjectRequest
from tests.requests_app.portal import member, queued, run_out

DAY = timedelta(days=1)
ACCURACY = Restriction.Ground.ACCURACY
CORRECTED = "Your address is corrected; see <our letter> & the notes."


def processor() -> Actor:
    """Give a member who may work on requests and not decide."""
    return Actor.staff(member("Processor"))


def reviewer() -> Actor:
    """Give a member who may decide."""
    return Actor.staff(member("Reviewer"))


def manager() -> Actor:
    """Give a member who may do both."""
    return Actor.staff(member("Manager"))


def restricted(request: SubjectRequest, ground: str = ACCURACY) -> SubjectRequest:
    """Have the data restricted, marked everywhere, and the person told."""
    restricting.restrict(request.pk, ground, actor=manager())
    return settled(request)


def settled(request: SubjectRequest) -> SubjectRequest:
    """Let the workers do all that waits, and a minute pass."""
    tasks.sweep()
    for change in SourceChange.objects.open().order_by("pk"):
        run_out(change)
        tasks.change_source(change.pk)
    tasks.sweep()
    for request_id in {args[0] for _, name, args in queued() if name == "finish_request"}:
        tasks.finish_request(request_id)
    for mail in OutboxMail.objects.open():
        tasks.send_mail(mail.pk)
    return SubjectRequest.objects.get(pk=request.pk)


def announced(request: SubjectRequest, days: int = 7, reason: str = CORRECTED) -> Lifting:
    """Announce the end of the restriction; the mail waits."""
    day = timezone.localdate() + days * DAY
    return restricting.announce(request.pk, reason, day, actor=manager())


def after(days: int) -> time_machine.travel:
    """Let some days pass."""
    return time_machine.travel(timezone.now() + days * DAY, tick=True)


def told(request: SubjectRequest) -> list[str]:
    """List the notices that were written to the person, the oldest first."""
    return list(request.mails.order_by("pk").values_list("template", flat=True))
