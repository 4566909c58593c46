"""The stage that decides what has to be done for a request, and knows when all of it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from operator import attrgetter
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from requests_app import audit, forecasts, proofs, rights
from requests_app.models import (
    Approval,
    DataSource,
    DataSourceMap,
    IdentityCheck,
    Leased,
    SourceChange,
    SourceSearch,
    Status,
    SubjectRequest,
    Suppression,
)
from requests_app.notifications import queue_mail
from requests_app.queue import enqueue
from requests_app.rounding import about
from requests_app.suppression import register
from requests_app.workflow import perform

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from requests_app.audit import Actor
    from requests_app.models import Export
    from requests_app.models.identifier import IdentifierQuerySet

Act = Approval.Act
SCOPES: dict[Approval.Act, Suppression.Scope] = {
    Act.RESTRICTION: Suppression.Scope.RESTRICTION,
    Act.OBJECTION_MARKETING: Suppression.Scope.MARKETING,
    Act.OBJECTION_ANALYTICS: Suppression.Scope.ANALYTICS,
    Act.OBJECTION_ALL: Suppression.Scope.ALL,
}
"""What the person enters the register for, by the act that takes effect."""

COLLECTED_PERCENT = 70  # how much of the whole way collecting is to whoever waits
REVIEWED_PERCENT = 80
BASE_RECORDS = 1000
"""What searching a source costs beside its records, in records."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a request is, in words for the person; live while the portal itself is at work on it.

    Args:
        seconds_left: until what the portal does just now is done; None where nothing sensible can be said.
    """

    percent: int
    step: str
    is_live: bool
    seconds_left: float | None = None

    @property
    def time_left(self) -> str:
        """The time left in words; empty where it is not known."""
        return forecasts.in_words(self.seconds_left)


@transaction.atomic
def begin(request: SubjectRequest) -> None:
    """Begin the work, as the right wants it: search every source, look at what would be changed, or change it."""
    perform(request.pk, "begin", actor=audit.SYSTEM)
    rules = rights.find(request.right)
    if rules.is_harmless:
        proofs.take_as_given(request)
    searches = _plan_searches(request) if rules.reads else 0
    looks = plan_previews(request, rules.previews) if rules.previews else []
    audit.record("request.planned", audit.SYSTEM, request_id=request.pk, sources=searches or len(looks))
    for act in rules.at_once(request):
        take_effect(request, act, None, actor=audit.SYSTEM)
    if rules.reads and not searches:
        _tell_read(request)


def counted(request: SubjectRequest) -> IdentifierQuerySet:
    """Give the identifiers by which something may be done about a person.

    What no proof was asked for is among them where the right is harmless, and nowhere else.
    """
    identifiers = request.identifiers.order_by("pk")
    return identifiers.counting() if rights.find(request.right).is_harmless else identifiers.proven()


def plan_previews(request: SubjectRequest, act: Approval.Act) -> list[SourceChange]:
    """Have every source looked at that is switched on: what an act would do there; one task a source."""
    return [
        _queued(SourceChange(request=request, act=act, source=source, map=source.current_map)) for source in _enabled()
    ]


def take_effect(
    request: SubjectRequest, act: Approval.Act, approval: Approval | None, *, actor: Actor
) -> list[SourceChange]:
    """Let a restriction or an objection take effect: in the register at once, in every source by a task each.

    Args:
        approval: None where nobody has to approve it (`approval.UNWEIGHED`).
    """
    register.enter(request, counted(request).values_list("kind", "value"), SCOPES[act], actor=actor)
    changes = [_approved(request, act, source, approval) for source in _enabled()]
    if not changes:
        enqueue("finish_request", request.pk)
    return changes


@transaction.atomic
def take_effect_in(
    source: DataSource, request: SubjectRequest, act: Approval.Act, approval: Approval | None
) -> SourceChange:
    """Let what is in effect take effect in one more source.

    Raises:
        IntegrityError: it is about to already.
    """
    return _approved(request, act, source, approval)


def take_back(
    request: SubjectRequest,
    act: Approval.Act,
    approval: Approval | None,
    *,
    actor: Actor,
    way: Suppression.LiftedWay | None = None,
) -> list[SourceChange]:
    """End a restriction or an objection: in the register at once; in the sources, restore what stood there before.

    What no worker has begun is not begun any more. What one is at just now is waited for, then restored. May be called
    again; call it in the transaction that says why.

    Args:
        way: by which the person themselves said so.
    """
    register.lift(request, SCOPES[act], actor=actor, way=way)
    changes = request.changes.filter(act=act, undoes=None)
    _call_off(changes.filter(applied_at=None, called_off_at=None))
    begun = changes.filter(began__gt=0, undone_by=None).select_related("source__current_map", "map")
    return [_approved(request, Act.LIFTING, change.source, approval, undoes=change) for change in begun]


def mark_again(lifting: SourceChange) -> list[SourceChange]:
    """Have rows marked again that were marked for something else of the same person too, once its marks are gone.

    Two acts may set the same column: the second finds it set, and keeps nothing of it. A worker that is at the second
    may have found it set, too, before it was restored. Call it in the transaction that notes that the marks were taken
    back.
    """
    undone = lifting.undoes
    if undone is None:
        return []
    theirs = Suppression.objects.filter(request=lifting.request_id, scope=SCOPES[Act(undone.act)])
    standing = Suppression.objects.filter(hash__in=theirs.values("hash"), lifted_at=None, request__isnull=False)
    acts = {scope: act for act, scope in SCOPES.items()}
    again = []
    for request_id, scope in sorted(set(standing.values_list("request", "scope"))):
        same = SourceChange.objects.filter(request=request_id, act=acts[Suppression.Scope(scope)], undoes=None)
        marked = same.filter(source=lifting.source_id, called_off_at=None, undone_by=None).order_by("pk").last()
        if marked and SourceChange.objects.held(marked.pk, marked.attempt).start_afresh():
            enqueue("change_source", marked.pk)
            again.append(marked)
        elif marked and _was_done(marked) and marked.request.identifiers.exists():
            again.append(_approved(marked.request, Act(marked.act), lifting.source, marked.approval))
    return again


def _was_done(change: SourceChange) -> bool:
    """Whether a change is done by now: a worker may have ended it since it was read."""
    change.refresh_from_db(fields=["state", "applied_at"])
    return change.is_applied


def _call_off(changes: QuerySet[SourceChange]) -> None:
    """Stop what is not done yet; a worker that has begun goes on, as it may have changed the source already."""
    now = timezone.now()
    ids = list(changes.select_for_update().values_list("pk", flat=True))
    called_off = SourceChange.objects.filter(pk__in=ids)
    called_off.update(called_off_at=now)
    at_it = Q(state=Leased.State.RUNNING, began__gt=0)
    called_off.exclude(at_it).update(
        state=Leased.State.FAILED, finished_at=now, step="", last_error="Taken back before it was done."
    )


def _plan_searches(request: SubjectRequest) -> int:
    """Plan one search, and one task, for each enabled source; returns how many."""
    maps = DataSourceMap.objects.filter(pk__in=_enabled().values("current_map"))
    for version in maps:
        likely = forecasts.typical_records(version.source_id)
        search = SourceSearch.objects.create(
            request=request, source_id=version.source_id, map=version, estimated_records=likely
        )
        enqueue("collect_source", search.pk)
    return len(maps)


def _enabled() -> QuerySet[DataSource]:
    enabled = DataSource.objects.filter(is_enabled=True, current_map__isnull=False)
    return enabled.select_related("current_map").order_by("label")


def _approved(
    request: SubjectRequest,
    act: Approval.Act,
    source: DataSource,
    approval: Approval | None,
    *,
    undoes: SourceChange | None = None,
) -> SourceChange:
    version = source.current_map or (undoes.map if undoes else None)
    known = {"source": source, "map": version, "approval": approval, "undoes": undoes}
    return _queued(SourceChange(request=request, act=act, phase=SourceChange.Phase.CHANGE, **known))


def _queued(change: SourceChange) -> SourceChange:
    change.save(force_insert=True)
    enqueue("change_source", change.pk)
    return change


def settle(request_id: int) -> None:
    """Note, once, that every source was searched or given up; call it in the transaction that ended a search.

    The lock on the request makes two searches that end together see one another. Of what has ended meanwhile there is
    nothing to note: its searches were broken off.
    """
    request = SubjectRequest.objects.select_for_update().get(pk=request_id)
    if request.status != Status.IN_PROGRESS:
        return
    searches = SourceSearch.objects.filter(request_id=request_id)
    if not searches.open().exists():
        failed = searches.filter(state=Leased.State.FAILED).count()
        audit.record("request.collected", audit.SYSTEM, request_id=request_id, failed=failed)
        _tell_read(request)


def _tell_read(request: SubjectRequest) -> None:
    """Tell the person once that all was read, where the right has them do something with it."""
    notice = rights.find(request.right).when_read
    if notice and not request.mails.filter(template=notice).exists():
        queue_mail(request.pk, notice)


def is_ready_for_review(request: SubjectRequest) -> bool:
    """Whether every source has answered, or somebody decided to answer without it."""
    if request.status != Status.IN_PROGRESS or not request.is_collected:
        return False
    unanswered = request.searches.exclude(state=Leased.State.DONE).exclude(state=Leased.State.FAILED, is_left_out=True)
    return not unanswered.exists()


def progress(request: SubjectRequest) -> Progress:
    """Say how far a request is; never less than the person was told in this round of the work."""
    if request.status in {Status.SUBMITTED, Status.VERIFIED}:
        waiting = request.status == Status.SUBMITTED
        step = _waiting_for(request) if waiting else "Waiting for our team to begin"
        return Progress(0 if waiting else 10, step, is_live=False)
    if request.status == Status.IN_PROGRESS:
        now = _at_work(request)
        is_told = now.is_live and request.shown_round == _round(request)
        return replace(now, percent=max(now.percent, request.shown_percent)) if is_told else now
    return Progress(100, request.get_status_display(), is_live=False)


def _waiting_for(request: SubjectRequest) -> str:
    remaining = proofs.outstanding(request)
    is_confirmed = remaining and remaining[0].kind != IdentityCheck.Kind.MAILBOX
    return "Waiting until it is shown who you are" if is_confirmed else "Waiting for you to confirm your mailbox"


def live_progress(request: SubjectRequest) -> Progress:
    """Say how far a request is and how long it will take, to whoever looks on; what was told is remembered.

    An estimate may come late and be large, so that what was read before is less of it. The person is then told the
    same until the work has come that far.
    """
    now = progress(request)
    if not now.is_live or request.status != Status.IN_PROGRESS:
        return now
    this_round = _round(request)
    if (request.shown_percent, request.shown_round) != (now.percent, this_round):
        told = SubjectRequest.objects.filter(pk=request.pk).exclude(
            shown_round=this_round, shown_percent__gte=now.percent
        )
        told.update(shown_percent=now.percent, shown_round=this_round)
    return replace(now, seconds_left=_seconds_left(request))


def _round(request: SubjectRequest) -> int:
    """Number the round of the work: each start afresh is a new one, another attempt is not."""
    work = [*request.searches.all(), *request.exports.all(), *request.changes.all()]
    return sum(row.attempt + row.attempts_left for row in work)


def _seconds_left(request: SubjectRequest) -> float | None:
    export = _latest_export(request)
    if export is not None and export.is_open:
        return forecasts.of_export(export)
    return forecasts.of_searches(request.searches.all())


def _latest_export(request: SubjectRequest) -> Export | None:
    return max(request.exports.all(), key=attrgetter("pk"), default=None)  # so that a list may prefetch them


def _at_work(request: SubjectRequest) -> Progress:
    export = _latest_export(request)
    if export is not None and export.state != Leased.State.DONE:
        return _rendering(export)
    searches = list(request.searches.all())
    if any(search.is_open for search in searches):
        percent = 10 + int(_share(searches) * (COLLECTED_PERCENT - 10))
        return Progress(percent, _collecting(searches), is_live=True)
    if not request.is_collected:
        at_rest = COLLECTED_PERCENT if searches else 50
        return _changing([change for change in request.changes.all() if not change.undoes_id], at_rest)
    return Progress(COLLECTED_PERCENT, "Being checked by our team before it is released", is_live=False)


def _share(searches: list[SourceSearch]) -> float:
    """Say how much of the collecting is done, sources counted by the records they have or are expected to have."""
    known = [search.likely_records for search in searches]
    counted = [records for records in known if records is not None]
    usual = sum(counted) / len(counted) if counted else 0
    sizes = [BASE_RECORDS + (usual if records is None else records) for records in known]
    shares = [search.percent if search.is_open else 100 for search in searches]
    return sum(size * share for size, share in zip(sizes, shares, strict=True)) / sum(sizes) / 100


def _collecting(searches: list[SourceSearch]) -> str:
    done = sum(1 for search in searches if not search.is_open)
    systems = f"{done} of {len(searches)} systems done"
    if not all(search.estimates for search in searches if search.is_open):
        return f"Collecting your data: {systems}"
    read, expected = (
        sum(search.records for search in searches),
        sum(search.likely_records or 0 for search in searches),
    )
    return f"Collecting your data: {read:,} of {about(expected)} records, {systems}"


def _changing(changes: list[SourceChange], at_rest_percent: int) -> Progress:
    """Say how far the changes of the sources are: looked at up to half of the way, then made."""
    waiting = [change for change in changes if change.is_open]
    if not waiting:
        return Progress(at_rest_percent, "Our team is working on it", is_live=False)
    share = sum(change.percent if change.is_open else 100 for change in changes) / len(changes) / 100
    systems = f"{len(changes) - len(waiting)} of {len(changes)} systems done"
    if any(change.phase == SourceChange.Phase.PREVIEW for change in waiting):
        return Progress(10 + int(share * 40), f"Looking at what is to be done: {systems}", is_live=True)
    begins = max((change.undo_until for change in waiting if change.undo_until), default=None)
    if begins and begins > timezone.now():
        return Progress(COLLECTED_PERCENT, f"Approved; it is done after {_day(begins)}", is_live=False)
    return Progress(COLLECTED_PERCENT + int(share * 29), f"Being done: {systems}", is_live=True)


def _day(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%-d %B, %H:%M}"


def _rendering(export: Export) -> Progress:
    if export.state == Leased.State.FAILED:
        return Progress(REVIEWED_PERCENT, "Delayed; our team has been told", is_live=False)
    step = ". ".join(filter(None, ("Preparing your files", export.step)))
    return Progress(REVIEWED_PERCENT + export.percent * 19 // 100, step, is_live=True)
