"""Where a request stands, as its own page shows it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from requests_app import cases, forecasts, identity, links, planning, rights
from requests_app.models import Leased, Outcome, Status, SubjectRequest
from requests_app.models.subject_request import ANSWERED
from requests_app.rendering import further

if TYPE_CHECKING:
    from collections.abc import Iterable

    from requests_app.models import Export
    from requests_app.planning import Progress


HEADLINES = {
    Status.SUBMITTED: "Please confirm your mailbox",
    Status.VERIFIED: "Your request is confirmed",
    Status.IN_PROGRESS: "We are working on your request",
    Status.COMPLETED: "Your request is answered",
    Status.REJECTED: "Your request was refused",
    Status.WITHDRAWN: "This request was withdrawn",
    Status.LAPSED: "This request was never confirmed",
    Status.ARCHIVED: "This request is closed",
}
APART = {
    Outcome.SPAM: "This request is closed",
    Outcome.DUPLICATE: "This request is answered with another of yours",
}
"""What is said of requests that ended by themselves, as it were."""

COLLECTED_HEADLINES = {
    2: "We are collecting your data",
    3: "Our team is checking your data",
    4: "We are preparing your files",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way: `state` is done, current or ahead."""

    label: str
    state: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a request stands: how many steps are behind it, of which, and what to call that."""

    headline: str
    steps_done: int
    labels: tuple[str, ...]

    @property
    def steps(self) -> Iterable[Step]:
        """The steps in order."""
        for number, label in enumerate(self.labels):
            ahead = "current" if number == self.steps_done else "ahead"
            yield Step(label, "done" if number < self.steps_done else ahead)


def standing(request: SubjectRequest) -> Standing:
    """Say where a request stands."""
    labels = rights.find(request.right).steps
    done = _steps_done(request, len(labels))
    headline = HEADLINES[Status(request.status)]
    if request.outcome in APART:
        headline = APART[Outcome(request.outcome)]
    if request.status == Status.IN_PROGRESS and request.is_collected:
        headline = COLLECTED_HEADLINES[done]
    if request.is_open and identity.current(request):
        headline = "One more step: show us who you are"
    if ready := ready_export(request):
        headline = "Our answer is ready" if ready.media_type == ready.MediaType.PDF else "Your files are ready"
    return Standing(headline, done, labels if request.is_open or request.status == Status.COMPLETED else ())


def progress(request: SubjectRequest) -> Progress:
    """Say how far a request is, or, once it is answered, further files of it."""
    pending = further.pending_export(request) if request.status in ANSWERED else None
    known = planning.live_progress(request)
    if pending is None:
        return known
    step, seconds_left = pending.step or "Preparing your files", forecasts.of_export(pending)
    return replace(known, percent=pending.percent, step=step, is_live=True, seconds_left=seconds_left)


def ready_export(request: SubjectRequest) -> Export | None:
    """Give the newest files that can be downloaded."""
    now = timezone.now()
    done = request.exports.filter(state=Leased.State.DONE, removed_at=None, expires_at__gt=now, is_for_transfer=False)
    newest: Export | None = done.order_by("-pk").first()
    return newest


def is_used_up(export: Export) -> bool:
    """Whether the files were downloaded, where that is possible only once."""
    return settings.DSR_SINGLE_USE_DOWNLOADS and links.is_used_up(export.pk)


def earlier_requests(request: SubjectRequest) -> Iterable[SubjectRequest]:
    """Give the other confirmed requests of the same mailbox, the newest first; those of the same letter stand apart."""
    confirmed = SubjectRequest.objects.of_mailbox(request.email).filter(verified_at__isnull=False)
    letter = [request.pk, *(other.pk for other in cases.of_same_sender(request))]
    return confirmed.exclude(pk__in=letter).order_by("-submitted_at")


def _steps_done(request: SubjectRequest, steps: int) -> int:
    if request.status == Status.SUBMITTED:
        return 1
    if request.status == Status.VERIFIED or not request.is_open:
        return 2 if request.is_open else steps
    if not request.is_collected:
        return rights.find(request.right).step(request)
    if request.searches.open().exists():
        return 2
    return 4 if request.exports.exclude(state=Leased.State.DONE).exists() else 3
