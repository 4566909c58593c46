"""What is due: for each kind of records the rows whose time has come, and how each is taken away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from requests_app import restrictions
from requests_app.models import (
    AppealOrComplaint,
    DecisionSummary,
    DownloadCode,
    Export,
    KeyList,
    Leased,
    Outcome,
    ProposedCorrection,
    RequestImport,
    SourceSearch,
    Status,
    SubjectRequest,
    Suppression,
    Upload,
    UsedAssertion,
    Webhook,
    WebhookDelivery,
    WebhookEvent,
)
from requests_app.models.subject_request import BY_SWITCH, BY_THEMSELVES, ENDED
from requests_app.retention.clearing import clear_messages, pseudonymise
from requests_app.retention.holding import marks_standing
from requests_app.retention.removing import (
    remove_correction,
    remove_export,
    remove_keys,
    remove_passphrase,
    remove_segment,
    remove_summary,
    remove_upload,
)
from requests_app.retention.schedule import CALIFORNIA, CALIFORNIA_DAYS

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.db.models import Model, QuerySet

OVER = (*ENDED, Status.ARCHIVED)


@dataclass(frozen=True, slots=True)
class Rule:
    """How one kind of rows goes.

    Args:
        kind: of the schedule.
        due: gives the rows whose time has come, at a time and by so many days.
        remove: takes one away; may be called twice.
        request: the look-up that leads to the request, for holds; empty where there is none.
    """

    kind: str
    due: Callable[[datetime, int], QuerySet[Any]]
    remove: Callable[[Any, datetime], None]
    request: str = ""


def _files(now: datetime, _: int) -> QuerySet[Export]:
    # Each says itself when it expires; what is not made yet expires once it is.
    return Export.objects.filter(state=Leased.State.DONE, expires_at__lte=now, removed_at=None)


def _is_collected_long_ago(now: datetime, days: int, path: str = "request__") -> Q:
    # Of what was collected for somebody who wants nothing any more, nothing is to be shown or proven later.
    is_late = Q(**{f"{path}closed_at__lte": now - timedelta(days=days)})
    return is_late | Q(**{f"{path}status": Status.WITHDRAWN})


def _segments(now: datetime, days: int) -> QuerySet[SourceSearch]:
    return SourceSearch.objects.filter(_is_collected_long_ago(now, days)).exclude(segment="")


def _keys(now: datetime, days: int) -> QuerySet[KeyList]:
    over = KeyList.objects.filter(_is_collected_long_ago(now, days, "change__request__"))
    return over.exclude(pk__in=marks_standing().values("pk"))


def _corrections(now: datetime, days: int) -> QuerySet[ProposedCorrection]:
    return ProposedCorrection.objects.filter(_is_collected_long_ago(now, days)).exclude(record_key="")


def _passphrases(now: datetime, days: int) -> QuerySet[SubjectRequest]:
    return SubjectRequest.objects.filter(_is_collected_long_ago(now, days, "")).exclude(passphrase="")


def _summaries(now: datetime, days: int) -> QuerySet[DecisionSummary]:
    return DecisionSummary.objects.filter(_is_collected_long_ago(now, days)).exclude(text="")


def _ended(now: datetime, days: int) -> QuerySet[SubjectRequest]:
    return SubjectRequest.objects.filter(status__in=OVER, closed_at__lte=now - timedelta(days=days))


def _recorded(now: datetime, days: int) -> QuerySet[SubjectRequest]:
    """Give what ended so long ago; where California's law applies, nothing too young for it; nothing with an appeal."""
    is_californian = Q(place=CALIFORNIA) | Q(deadlines__rule__code=CALIFORNIA)
    is_old_enough = Q(closed_at__lte=now - timedelta(days=CALIFORNIA_DAYS))
    kept = SubjectRequest.objects.filter(is_californian).exclude(is_old_enough)
    appealed = AppealOrComplaint.objects.filter(answered_at=None)
    return _ended(now, days).exclude(pk__in=kept.values("pk")).exclude(pk__in=appealed.values("request"))


def _identity(now: datetime, days: int) -> QuerySet[Upload]:
    return Upload.objects.filter(kind=Upload.Kind.IDENTITY, removed_at=None, request__in=_ended(now, days))


def _unconfirmed(now: datetime, days: int) -> QuerySet[SubjectRequest]:
    is_nobody = Q(verified_at=None, outcome="", channel__in=(*BY_THEMSELVES, *BY_SWITCH))
    return _ended(now, days).filter(is_nobody | Q(outcome=Outcome.SPAM), pseudonymised_at=None)


def _messages(now: datetime, days: int) -> QuerySet[SubjectRequest]:
    return _recorded(now, days).filter(messages_removed_at=None)


def _register(now: datetime, days: int) -> QuerySet[SubjectRequest]:
    # Before a restriction ends the person has to be told: GDPR Art. 18(3).
    entered = Suppression.objects.filter(scope=Suppression.Scope.RESTRICTION, lifted_at=None, request__isnull=False)
    in_force = restrictions.in_force().values("request")
    kept = Q(pk__in=entered.values("request")) | Q(pk__in=in_force)
    return _recorded(now, days).filter(pseudonymised_at=None).exclude(kept)


def _lists(now: datetime, days: int) -> QuerySet[Upload]:
    taken_in = RequestImport.objects.filter(finished_at__lte=now - timedelta(days=days))
    return Upload.objects.filter(kind=Upload.Kind.IMPORT, removed_at=None, pk__in=taken_in.values("upload"))


def _codes(now: datetime, days: int) -> QuerySet[DownloadCode]:
    unused = Q(pass_expires_at=None) | Q(pass_expires_at__lte=now)
    return DownloadCode.objects.filter(unused, expires_at__lte=now - timedelta(days=days))


def _assertions(now: datetime, days: int) -> QuerySet[UsedAssertion]:
    return UsedAssertion.objects.filter(expires_at__lte=now - timedelta(days=days))


def _events(now: datetime, days: int) -> QuerySet[WebhookEvent]:
    open_still = WebhookDelivery.objects.filter(state__in=(Leased.State.WAITING, Leased.State.RUNNING))
    return WebhookEvent.objects.filter(happened_at__lte=now - timedelta(days=days)).exclude(
        pk__in=open_still.values("event")
    )


def _webhooks(now: datetime, days: int) -> QuerySet[Webhook]:
    return Webhook.objects.filter(ended_at__lte=now - timedelta(days=days))


def _lifted(now: datetime, days: int) -> QuerySet[Suppression]:
    return Suppression.objects.filter(lifted_at__lte=now - timedelta(days=days))


def _delete(row: Model, _: datetime) -> None:
    type(row)._default_manager.filter(pk=row.pk).delete()


RULES = (
    Rule("files", _files, remove_export, "request"),
    Rule("records", _segments, remove_segment, "request"),
    Rule("records", _keys, remove_keys, "change__request"),
    Rule("records", _corrections, remove_correction, "request"),
    Rule("records", _passphrases, remove_passphrase, "pk"),
    Rule("records", _summaries, remove_summary, "request"),
    Rule("identity", _identity, remove_upload, "request"),
    Rule("unconfirmed", _unconfirmed, pseudonymise, "pk"),
    Rule("lists", _lists, remove_upload),
    Rule("codes", _codes, _delete, "link__request"),
    Rule("codes", _assertions, _delete),
    Rule("events", _events, _delete),
    Rule("events", _webhooks, _delete),
    Rule("messages", _messages, clear_messages, "pk"),
    Rule("register", _register, pseudonymise, "pk"),
    Rule("lifted", _lifted, _delete, "request"),
)
