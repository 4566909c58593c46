"""The stage that reminds: the team and the person, each of each thing once, however often it is looked."""

from __future__ import annotations

import logging
from datetime import date, datetime, time, timedelta
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Exists, Min, OuterRef, Q
from django.utils import timezone

from requests_app import audit, roles
from requests_app.models import (
    ComputedDeadline,
    DecisionReview,
    DeliveryWay,
    Export,
    Leased,
    Message,
    OutboxMail,
    PersonWait,
    RecipientNotice,
    Reminder,
    Right,
    StaffReminder,
    Status,
    SubjectRequest,
)
from requests_app.models.subject_request import AT_WORK, BY_THEMSELVES, OPEN
from requests_app.notifications import queue_mail, queue_staff_mail
from requests_app.rights.automated_decision import review_by

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from django.contrib.auth.models import User

_log = logging.getLogger(__name__)
PROGRESS_DAYS = 10
UNDOWNLOADED_DAYS = 2
UNANSWERED_DAYS = 14
UNREAD_DAYS = 7
REVIEW_DAYS = 3
UNTOLD_DAYS = 7
ACKNOWLEDGE_DAYS = 2
DIGEST_HOUR = 7
LATELY_DAYS = 2
Kind = Reminder.Kind
DAY = timedelta(days=1)


def look(now: datetime | None = None) -> int:
    """Remind of whatever became due; returns of how much.

    May be run at any time, twice, and by two workers: a row that is made once says that it was said. What was missed
    while nobody looked is said once, if it is still of use.
    """
    now = now or timezone.now()
    today = timezone.localdate(now)
    found = [(request, kind, about) for kind, find in _FINDERS.items() for request, about in find(today, now)]
    return sum(_remind_or_log(request, kind, about) for request, kind, about in found)


def send_digests(now: datetime | None = None) -> int:
    """Mail those who want a digest what came together since the last, once a day; returns to how many."""
    now = now or timezone.now()
    if timezone.localtime(now).hour < DIGEST_HOUR:
        return 0
    waiting = StaffReminder.objects.filter(mail=None)
    # What has ended meanwhile needs nobody any more, unless recipients still have to be told.
    untold = Exists(RecipientNotice.objects.filter(request=OuterRef("reminder__request"), settled_at=None))
    over = waiting.exclude(reminder__request__status__in=OPEN)
    over.exclude(Q(reminder__kind=Kind.RECIPIENTS) & Q(untold)).delete()
    return sum(_send_digest(pk) for pk in waiting.values_list("user", flat=True).distinct())


def _due_soon(today: date, _: datetime) -> Iterator[tuple[SubjectRequest, date]]:
    yield from _due_between(today, settings.DSR_REMIND_LAST_DAYS + 1, settings.DSR_REMIND_DAYS)


def _due_tomorrow(today: date, _: datetime) -> Iterator[tuple[SubjectRequest, date]]:
    yield from _due_between(today, 0, settings.DSR_REMIND_LAST_DAYS)


def _due_between(today: date, first: int, last: int) -> Iterator[tuple[SubjectRequest, date]]:
    due = SubjectRequest.objects.running().filter(due_on__gte=today + DAY * first, due_on__lte=today + DAY * last)
    yield from ((request, request.due_on) for request in due if request.due_on)


def _overdue(today: date, _: datetime) -> Iterator[tuple[SubjectRequest, date]]:
    yield from ((request, today) for request in SubjectRequest.objects.running().filter(due_on__lt=today))


def _acknowledge(today: date, _: datetime) -> Iterator[tuple[SubjectRequest, date]]:
    """Find those whose receipt nobody confirmed to the person yet, by any mail or letter that went out."""
    sent = OutboxMail.objects.filter(sent_at__isnull=False).values("request")
    rows = ComputedDeadline.objects.counting().filter(
        request__status__in=(*AT_WORK, Status.SUBMITTED),
        acknowledge_on__gte=today,
        acknowledge_on__lte=today + DAY * ACKNOWLEDGE_DAYS,
    )
    for row in rows.exclude(request__in=sent).select_related("request"):
        if row.acknowledge_on:
            yield row.request, row.acknowledge_on


def _progress(today: date, now: datetime) -> Iterator[tuple[SubjectRequest, date]]:
    for request in SubjectRequest.objects.running().filter(
        verified_at__lte=now - DAY * PROGRESS_DAYS, due_on__gte=today
    ):
        if request.verified_at:
            yield request, timezone.localdate(request.verified_at) + DAY * PROGRESS_DAYS


def _unverified(_: date, now: datetime) -> Iterator[tuple[SubjectRequest, date]]:
    """Find those half of whose time to confirm is over."""
    half = now - DAY * settings.DSR_LAPSE_DAYS / 2
    by_themselves = SubjectRequest.objects.filter(status=Status.SUBMITTED, channel__in=BY_THEMSELVES)
    for request in by_themselves.filter(submitted_at__lte=half):
        yield request, timezone.localdate(request.submitted_at)


def _unanswered(today: date, _: datetime) -> Iterator[tuple[SubjectRequest, date]]:
    """Find those whose question nobody answers, once a fortnight: a clock that stands still must not be forgotten."""
    for wait in PersonWait.objects.filter(answered_at=None, request__status__in=AT_WORK).select_related("request"):
        asked = timezone.localdate(wait.asked_at)
        if fortnights := (today - asked).days // UNANSWERED_DAYS:
            yield wait.request, asked + DAY * UNANSWERED_DAYS * fortnights


def _review_due(today: date, _: datetime) -> Iterator[tuple[SubjectRequest, date]]:
    """Find the decisions that are to be reviewed within a few days, or should have been, by the team's own target."""
    for request in SubjectRequest.objects.running().filter(
        right=Right.AUTOMATED_DECISION, status=Status.IN_PROGRESS, verified_at__isnull=False
    ):
        day = review_by(request)
        if day and day <= today + DAY * REVIEW_DAYS:
            yield request, day


def _unread(today: date, now: datetime) -> Iterator[tuple[SubjectRequest, date]]:
    """Find those in which the person wrote something that nobody has read for a day; said again each week."""
    unread = Message.objects.unread_by_team().filter(created_at__lte=now - DAY, request__status__in=OPEN)
    oldest = unread.order_by("request", "created_at").select_related("request")
    for request, messages in groupby(oldest, key=attrgetter("request")):
        written = timezone.localdate(next(messages).created_at)
        yield request, written + DAY * UNREAD_DAYS * ((today - written).days // UNREAD_DAYS)


def _untold(today: date, now: datetime) -> Iterator[tuple[SubjectRequest, date]]:
    """Find those whose recipients have waited for a week to be told, also of what has ended; said again each week."""
    waiting = RecipientNotice.objects.filter(settled_at=None, noted_at__lte=now - DAY * UNTOLD_DAYS)
    oldest = waiting.order_by("request", "noted_at").select_related("request")
    for request, notices in groupby(oldest, key=attrgetter("request")):
        noted = timezone.localdate(next(notices).noted_at)
        yield request, noted + DAY * UNTOLD_DAYS * ((today - noted).days // UNTOLD_DAYS)


def _undownloaded(_: date, now: datetime) -> Iterator[tuple[SubjectRequest, date]]:
    soon = now + DAY * UNDOWNLOADED_DAYS
    exports = Export.objects.filter(state=Leased.State.DONE, removed_at=None, expires_at__gt=now, expires_at__lte=soon)
    by_link = exports.filter(is_for_transfer=False, downloads=None, request__delivery_way=DeliveryWay.LINK)
    for export in by_link.exclude(request__email="").select_related("request"):
        yield export.request, timezone.localdate(export.expires_at)


_FINDERS: dict[Kind, Callable[[date, datetime], Iterable[tuple[SubjectRequest, date]]]] = {
    Kind.DUE_SOON: _due_soon,
    Kind.DUE_TOMORROW: _due_tomorrow,
    Kind.OVERDUE: _overdue,
    Kind.ACKNOWLEDGE: _acknowledge,
    Kind.PROGRESS: _progress,
    Kind.UNVERIFIED: _unverified,
    Kind.UNDOWNLOADED: _undownloaded,
    Kind.UNANSWERED: _unanswered,
    Kind.UNREAD: _unread,
    Kind.REVIEW_DUE: _review_due,
    Kind.RECIPIENTS: _untold,
}
_FOR_STAFF = frozenset(
    {
        Kind.DUE_SOON,
        Kind.DUE_TOMORROW,
        Kind.OVERDUE,
        Kind.ACKNOWLEDGE,
        Kind.UNANSWERED,
        Kind.UNREAD,
        Kind.RECIPIENTS,
        Kind.REVIEW_DUE,
    }
)
_MAILS = {
    Kind.DUE_SOON: "progress",
    Kind.DUE_TOMORROW: "progress",
    Kind.PROGRESS: "progress",
    Kind.UNVERIFIED: "confirm",
    Kind.UNDOWNLOADED: "undownloaded",
    Kind.UNANSWERED: "question",
}
"""What the person is told by; the team alone hears of the rest."""


def _remind_or_log(request: SubjectRequest, kind: Kind, about: date) -> bool:
    """Remind, or log why not and let the others hear of theirs; the next look tries again."""
    try:
        return _remind(request, kind, about, is_for_staff=kind in _FOR_STAFF)
    except Exception:  # noqa: BLE001 - whatever it is
        _log.exception("reminder.failed", extra={"reference": request.reference, "kind": str(kind)})
        return False


def _remind(request: SubjectRequest, kind: Kind, about: date, *, is_for_staff: bool) -> bool:
    with transaction.atomic():
        row, is_new = Reminder.objects.get_or_create(request=request, kind=kind, about=about)
        if not is_new:
            return False
        template = _MAILS.get(kind)
        if template and not (_was_told_lately(request, template) or _was_repeated(request, kind)):
            queue_mail(request.pk, template, export_id=_export(request, kind))
        if is_for_staff:
            _tell_staff(row, request)
        audit.record("reminder.given", audit.SYSTEM, request_id=request.pk, target=f"reminder {row.pk}", kind=str(kind))
    return True


def _was_told_lately(request: SubjectRequest, template: str) -> bool:
    """Whether the person heard the same a short while ago, for another reason."""
    return request.mails.filter(template=template, created_at__gt=timezone.now() - DAY * LATELY_DAYS).exists()


def _was_repeated(request: SubjectRequest, kind: Kind) -> bool:
    """Whether the person was reminded of a question already; from then on it is the team's to decide."""
    if kind is not Kind.UNANSWERED:
        return False
    open_since = request.waits.filter(answered_at=None).aggregate(Min("asked_at"))["asked_at__min"]
    return request.reminders.filter(kind=kind, created_at__gte=open_since or timezone.now()).count() > 1


def _export(request: SubjectRequest, kind: Kind) -> int | None:
    if kind is not Kind.UNDOWNLOADED:
        return None
    ready = request.exports.filter(state=Leased.State.DONE, removed_at=None, is_for_transfer=False).order_by("-pk")
    return ready.values_list("pk", flat=True).first()


def _tell_staff(row: Reminder, request: SubjectRequest) -> None:
    for user in _recipients(request):
        told = StaffReminder.objects.create(reminder=row, user=user)
        if not _wants_digest(user):
            told.mail = queue_staff_mail(user.pk, "reminders")
            told.save(update_fields=["mail"])


def _recipients(request: SubjectRequest) -> Iterator[User]:
    """Give whoever works on the request or reviews its decision, and the managers."""
    team = get_user_model().objects.filter(is_active=True, is_staff=True)
    managers = team.filter(groups__name=roles.MANAGER)
    reviewers = DecisionReview.objects.filter(request=request).values_list("reviewer", flat=True)
    at_work = team.filter(pk__in=[pk for pk in (request.assignee_id, *reviewers) if pk])
    yield from (at_work | managers).select_related("preference").distinct()


def _wants_digest(user: User) -> bool:
    preference = getattr(user, "preference", None)
    return preference is not None and preference.wants_digest


@transaction.atomic
def _send_digest(user_id: int) -> bool:
    """Take what waits for one member of the team into one mail; of two workers one does."""
    get_user_model().objects.select_for_update().get(pk=user_id)
    waiting = StaffReminder.objects.filter(user=user_id, mail=None)
    since = timezone.make_aware(datetime.combine(timezone.localdate(), time.min))
    was_sent = StaffReminder.objects.filter(user=user_id, mail__created_at__gte=since, mail__template="digest").exists()
    if was_sent or not waiting.exists():
        return False
    waiting.update(mail=queue_staff_mail(user_id, "digest"))
    return True
