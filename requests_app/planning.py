"""The stage that decides what has to be done for a request, and knows when all of it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from operator import attrgetter
from typing import TYPE_CHECKING

from django.db import transaction

from requests_app import audit, forecasts, proofs
from requests_app.models import DataSource, DataSourceMap, IdentityCheck, Leased, SourceSearch, Status, SubjectRequest
from requests_app.queue import enqueue
from requests_app.rounding import about
from requests_app.workflow import perform

if TYPE_CHECKING:
    from requests_app.models import Export

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
    """Begin the work: one search, and one task, for each enabled source."""
    perform(request.pk, "begin", actor=audit.SYSTEM)
    enabled = DataSource.objects.filter(is_enabled=True, current_map__isnull=False)
    maps = DataSourceMap.objects.filter(pk__in=enabled.values("current_map"))
    for version in maps:
        likely = forecasts.typical_records(version.source_id)
        search = SourceSearch.objects.create(
            request=request, source_id=version.source_id, map=version, estimated_records=likely
        )
        enqueue("collect_source", search.pk)
    audit.record("request.planned", audit.SYSTEM, request_id=request.pk, sources=len(maps))


def settle(request_id: int) -> None:
    """Note, once, that every source was searched or given up; call it in the transaction that ended a search.

    The lock on the request makes two searches that end together see one another. Of what has ended meanwhile there is
    nothing to note: its searches were broken off.
    """
    if SubjectRequest.objects.select_for_update().get(pk=request_id).status != Status.IN_PROGRESS:
        return
    searches = SourceSearch.objects.filter(request_id=request_id)
    if not searches.open().exists():
        failed = searches.filter(state=Leased.State.FAILED).count()
        audit.record("request.collected", audit.SYSTEM, request_id=request_id, failed=failed)


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
    work = [*request.searches.all(), *request.exports.all()]
    return sum(row.attempt + row.attempts_left for row in work)


def _seconds_left(request: SubjectRequest) -> float | None:
    export = _latest_export(request)
    if export is not None and export.is_open:
        return forecasts.of_export(export)
    return forecasts.of_searches(request.searches.all())


def _latest_export(request: SubjectRequest) -> Export | None:
    return max(request.exports.all(), key=attrgetter("pk"), default=None)  # so that a list may prefetch them


def _at_work(request: SubjectRequest) -> Progress:
    if not request.is_collected:
        return Progress(50, "Our team is working on it", is_live=False)
    export = _latest_export(request)
    if export is not None and export.state != Leased.State.DONE:
        return _rendering(export)
    searches = list(request.searches.all())
    if any(search.is_open for search in searches):
        percent = 10 + int(_share(searches) * (COLLECTED_PERCENT - 10))
        return Progress(percent, _collecting(searches), is_live=True)
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


def _rendering(export: Export) -> Progress:
    if export.state == Leased.State.FAILED:
        return Progress(REVIEWED_PERCENT, "Delayed; our team has been told", is_live=False)
    step = ". ".join(filter(None, ("Preparing your files", export.step)))
    return Progress(REVIEWED_PERCENT + export.percent * 19 // 100, step, is_live=True)
