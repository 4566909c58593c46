"""The stage that decides what has to be done for a request, and knows when all of it is."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

from django.db import transaction

from requests_app import audit
from requests_app.models import DataSource, DataSourceMap, Leased, SourceSearch, Status, SubjectRequest
from requests_app.queue import enqueue
from requests_app.workflow import perform

if TYPE_CHECKING:
    from requests_app.models import Export

COLLECTED_PERCENT = 70  # how much of the whole way collecting is to whoever waits
REVIEWED_PERCENT = 80


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a request is, in words for the person; live while the portal itself is at work on it."""

    percent: int
    step: str
    is_live: bool


@transaction.atomic
def begin(request: SubjectRequest) -> None:
    """Begin the work: one search, and one task, for each enabled source."""
    perform(request.pk, "begin", actor=audit.SYSTEM)
    enabled = DataSource.objects.filter(is_enabled=True, current_map__isnull=False)
    maps = DataSourceMap.objects.filter(pk__in=enabled.values("current_map"))
    for version in maps:
        search = SourceSearch.objects.create(request=request, source_id=version.source_id, map=version)
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
    """Say how far a request is."""
    if request.status in {Status.SUBMITTED, Status.VERIFIED}:
        waiting = request.status == Status.SUBMITTED
        step = "Waiting for you to confirm your mailbox" if waiting else "Waiting for our team to begin"
        return Progress(0 if waiting else 10, step, is_live=False)
    if request.status == Status.IN_PROGRESS:
        return _at_work(request)
    return Progress(100, request.get_status_display(), is_live=False)


def _at_work(request: SubjectRequest) -> Progress:
    if not request.is_collected:
        return Progress(50, "Our team is working on it", is_live=False)
    export = max(request.exports.all(), key=attrgetter("pk"), default=None)  # so that a list may prefetch them
    if export is not None and export.state != Leased.State.DONE:
        return _rendering(export)
    searches = list(request.searches.all())
    open_ones = [search for search in searches if search.is_open]
    if open_ones:
        share = sum(search.percent if search.is_open else 100 for search in searches) / len(searches)
        done = len(searches) - len(open_ones)
        step = f"Collecting your data: {done} of {len(searches)} systems done"
        return Progress(10 + int(share * (COLLECTED_PERCENT - 10) / 100), step, is_live=True)
    return Progress(COLLECTED_PERCENT, "Being checked by our team before it is released", is_live=False)


def _rendering(export: Export) -> Progress:
    if export.state == Leased.State.FAILED:
        return Progress(REVIEWED_PERCENT, "Delayed; our team has been told", is_live=False)
    return Progress(REVIEWED_PERCENT + export.percent * 19 // 100, "Preparing your files", is_live=True)
