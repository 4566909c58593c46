"""Work that ended without a result and waits for somebody to look at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q
from django.urls import reverse

from requests_app.admin.wording import DELIVERY_PROBLEMS
from requests_app.models import Export, Leased, OutboxMail, SourceSearch, Status

if TYPE_CHECKING:
    from datetime import datetime

    from requests_app.models import SubjectRequest
    from requests_app.models.leased import LeasedQuerySet

MOST_LISTED = 10


@dataclass(frozen=True, slots=True)
class FailedWork:
    """One piece of failed work as the overview lists it; `retry_url` takes a POST."""

    request: SubjectRequest
    what: str
    reason: str
    failed_at: datetime | None
    retry_url: str


def failed_searches() -> LeasedQuerySet:
    """Give the searches that were given up and are not left out of the answer."""
    return SourceSearch.objects.filter(state=Leased.State.FAILED, is_left_out=False, request__status=Status.IN_PROGRESS)


def failed_exports() -> LeasedQuerySet:
    """Give the exports that were given up."""
    return Export.objects.filter(state=Leased.State.FAILED, request__status=Status.IN_PROGRESS)


def failed_mails() -> LeasedQuerySet:
    """Give the mails that were never taken or came back."""
    lost = Q(state=Leased.State.FAILED) | Q(delivery__in=DELIVERY_PROBLEMS)
    return OutboxMail.objects.filter(lost).exclude(request__status=Status.ARCHIVED)


def list_failed_work() -> list[FailedWork]:
    """List what failed last, at most `MOST_LISTED` of each kind."""
    searches = failed_searches().select_related("request", "source").order_by("-finished_at")[:MOST_LISTED]
    exports = failed_exports().select_related("request").order_by("-finished_at")[:MOST_LISTED]
    mails = failed_mails().select_related("request").order_by("-pk")[:MOST_LISTED]
    return [
        *(_failed(work, f"Searching {work.source.label}", "search") for work in searches),
        *(_failed(work, "Preparing the files", "export") for work in exports),
        *(_failed(work, f"Mail “{work.template.replace('_', ' ')}”", "mail") for work in mails),
    ]


def _failed(work: SourceSearch | Export | OutboxMail, what: str, kind: str) -> FailedWork:
    reason = work.last_error
    if isinstance(work, OutboxMail) and work.delivery:
        reason = f"The mail provider reports: {work.get_delivery_display()}."
    url = reverse(f"admin:requests_app_subjectrequest_retry_{kind}", args=[work.request_id, work.pk])
    return FailedWork(work.request, what, reason, work.finished_at, url)
