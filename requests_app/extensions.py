"""The stage that extends the period to answer: prepared by one, approved by a manager, told to the person at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone

from extractors.errors import DsrError
from requests_app import audit
from requests_app.deadlines.extending import GROUNDS, IllegalExtension, Past, Plan, check
from requests_app.models import ComputedDeadline, PeriodExtension, SubjectRequest
from requests_app.models.subject_request import AT_WORK
from requests_app.notifications import queue_mail
from requests_app.timekeeping import clock
from requests_app.timekeeping.rules import rule_of
from requests_app.workflow import WORK, refuse_unless

if TYPE_CHECKING:
    from datetime import date

    from requests_app.audit import Actor
    from requests_app.deadlines.choosing import Proposal
    from requests_app.deadlines.rules import Extension

APPROVE = "requests_app.change_periodextension"
LONGEST_NOTICE = 5000
MOVED = (
    "The deadline moved since this was prepared. Please give it up and prepare it anew, so that the notice names the "
    "right day."
)


class DecidedExtension(DsrError, ValueError):
    """Say that an extension was decided upon already, or another one is waiting to be."""


class OwnExtension(DsrError, PermissionError):
    """Say that nobody approves what they prepared themselves."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What may be chosen when a request is extended.

    Args:
        grounds: word and text of each ground that the law knows.
        last_day: until which day it may be told.
        refusal: why it cannot be extended now; empty where it can.
    """

    extension: Extension | None
    grounds: tuple[tuple[str, str], ...]
    last_day: date
    refusal: str


def choices(request: SubjectRequest, today: date | None = None) -> Choices | None:
    """Say whether and how a request may be extended; None where no clock runs."""
    today = today or timezone.localdate()
    if (leading := clock.tried(request, today=today)) is None:
        return None
    extension = leading.rule.extension
    grounds = tuple((ground, GROUNDS.get(ground, ground)) for ground in extension.grounds) if extension else ()
    likely = Plan(grounds[0][0] if grounds else "", "-", by=1)
    if extension and extension.open_ended:
        likely = Plan(likely.ground, "-", until=leading.deadline.due + timedelta(days=1))
    return Choices(extension, grounds, leading.deadline.first_due, _refusal(request, leading, likely, today))


def prepare(request_id: int, plan: Plan, notice: str, *, actor: Actor) -> PeriodExtension:
    """Prepare an extension for a manager to approve; nothing changes yet.

    Args:
        notice: what the person will be told; empty for `notice_for`.

    Raises:
        IllegalExtension: the law does not allow it.
        DecidedExtension: another one is waiting.
        PermissionRefused: not for this member of the team to do.
    """
    user_id = refuse_unless(actor, WORK, "extend a request")
    try:
        with transaction.atomic():
            request = _at_work(request_id)
            leading = _check(request, plan, timezone.localdate())
            row = PeriodExtension.objects.create(
                request=request,
                rule_code=leading.rule.code,
                by=plan.by,
                until=plan.until,
                ground=plan.ground,
                reason=plan.reason.strip(),
                notice=_notice(notice) or notice_for(request, plan),
                prepared_by_id=user_id,
            )
            target = f"extension {row.pk}"
            audit.record("extension.prepared", actor, request_id=request_id, target=target, ground=plan.ground)
    except IntegrityError:
        raise DecidedExtension("An extension of this request is waiting to be approved already.") from None
    return row


def approve(extension_id: int, notice: str = "", *, actor: Actor) -> PeriodExtension:
    """Extend the period: approval, new deadline and the notice to the person in one transaction.

    Args:
        notice: what the person is told; empty for what was prepared.

    Raises:
        IllegalExtension: the law does not allow it any more.
        DecidedExtension: it was decided upon already.
        OwnExtension: whoever prepared it approves it.
        PermissionRefused: not for this member of the team to do.
    """
    user_id = refuse_unless(actor, APPROVE, "approve an extension")
    with transaction.atomic():
        row = PeriodExtension.objects.select_related("request").get(pk=extension_id)
        request = _at_work(row.request_id)
        row.refresh_from_db()
        _refuse_decided(row)
        if row.prepared_by_id == user_id:
            raise OwnExtension("You prepared this extension yourself; a second person has to approve it.")
        if request.deadlines.filter(created_at__gt=row.prepared_at).exists():
            raise IllegalExtension(MOVED)
        _check(request, Plan(row.ground, row.reason, row.by, row.until), timezone.localdate())
        row.notice = _notice(notice) or row.notice
        row.approved_by_id, row.approved_at = user_id, timezone.now()
        row.mail = queue_mail(request.pk, "extended")
        row.save()
        audit.record("extension.approved", actor, request_id=request.pk, target=f"extension {row.pk}")
        clock.compute_anew(request.pk, ComputedDeadline.Cause.EXTENDED, actor=actor)
    return row


def drop(extension_id: int, *, actor: Actor) -> None:
    """Give up an extension that was prepared.

    Raises:
        DecidedExtension: it was decided upon already.
        PermissionRefused: not for this member of the team to do.
    """
    refuse_unless(actor, (WORK, APPROVE), "give up an extension")
    with transaction.atomic():
        row = PeriodExtension.objects.get(pk=extension_id)
        SubjectRequest.objects.select_for_update().get(pk=row.request_id)
        row.refresh_from_db()
        _refuse_decided(row)
        row.dropped_at = timezone.now()
        row.save(update_fields=["dropped_at"])
        audit.record("extension.dropped", actor, request_id=row.request_id, target=f"extension {row.pk}")


def notice_for(request: SubjectRequest, plan: Plan) -> str:
    """Write what the person is told of an extension, for the team to read and better.

    Source: GDPR Art. 12(3): within one month of receipt, together with the reasons.
    """
    known = clock.current(request)
    extended = clock.tried(request, clock.Trial(plan.by, plan.until))
    if known is None or extended is None:
        return ""
    ground = GROUNDS.get(plan.ground, plan.ground)
    return (
        f"Your request of {known.received_on:%-d %B %Y} was to be answered by {known.due_on:%-d %B %Y}. "
        f"We need longer. You will have our answer by {extended.deadline.due:%-d %B %Y} at the latest.\n\n"
        f"The reason: {ground}. {plan.reason.strip()}\n\n"
        f"The law allows this: {rule_of(known.rule).source('extension')}."
    )


def _check(request: SubjectRequest, plan: Plan, today: date) -> Proposal:
    leading = clock.tried(request, today=today)
    if leading is None:
        raise IllegalExtension("No period of a law runs for this request.")
    if refusal := _refusal(request, leading, plan, today):
        raise IllegalExtension(refusal)
    return leading


def _refusal(request: SubjectRequest, leading: Proposal, plan: Plan, today: date) -> str:
    """Say what the law has against a plan; nothing where it has not."""
    before = [row for row in request.extensions.all() if row.approved_at]
    past = Past(times=len(before), by=sum(row.by for row in before))
    try:
        check(leading.rule, leading.deadline, plan, right=request.right, today=today, past=past)
    except IllegalExtension as error:
        return str(error)
    return ""


def _at_work(request_id: int) -> SubjectRequest:
    request = SubjectRequest.objects.select_for_update().get(pk=request_id)
    if request.status not in AT_WORK:
        raise IllegalExtension(f"This request is {request.get_status_display().lower()}; there is nothing to extend.")
    return request


def _refuse_decided(row: PeriodExtension) -> None:
    if row.approved_at or row.dropped_at:
        raise DecidedExtension("This extension was decided upon already.")


def _notice(text: str) -> str:
    notice = text.strip().replace("\r\n", "\n")
    if len(notice) > LONGEST_NOTICE:
        raise IllegalExtension(f"notice: has {len(notice):,} characters; please keep it to {LONGEST_NOTICE:,}.")
    return notice
