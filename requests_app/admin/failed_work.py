"""Work that ended without a result and waits for somebody to look at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from requests_app import planning
from requests_app.admin.wording import DELIVERY_PROBLEMS
from requests_app.changing.changes import VERBS
from requests_app.models import Approval, Export, KeptRows, Leased, OutboxMail, SourceChange, SourceSearch, Status
from requests_app.models.subject_request import ANSWERED

if TYPE_CHECKING:
    from datetime import datetime

    from requests_app.models import SubjectRequest
    from requests_app.models.leased import LeasedQuerySet

MOST_LISTED = 10
MARKS = tuple(planning.SCOPES)


@dataclass(frozen=True, slots=True)
class FailedWork:
    """One piece of failed work as the overview lists it; `retry_url` takes a POST.

    Args:
        request: None of rows kept for a request that is gone by now.
    """

    request: SubjectRequest | None
    what: str
    reason: str
    failed_at: datetime | None
    retry_url: str


def failed_searches() -> LeasedQuerySet:
    """Give the searches that were given up and are not left out of the answer."""
    return SourceSearch.objects.filter(state=Leased.State.FAILED, is_left_out=False, request__status=Status.IN_PROGRESS)


def failed_exports() -> LeasedQuerySet:
    """Give the exports that were given up, also further ones of an answer that was given."""
    given = Export.objects.filter(approval=OuterRef("approval"), state=Leased.State.DONE)
    newer = Export.objects.filter(request=OuterRef("request"), pk__gt=OuterRef("pk"))
    is_further = Q(Exists(given), request__status=Status.COMPLETED) & ~Q(Exists(newer))
    return Export.objects.filter(Q(request__status=Status.IN_PROGRESS) | is_further, state=Leased.State.FAILED)


def failed_changes() -> LeasedQuerySet:
    """Give the previews and changes of sources that were given up and are neither left out nor called off.

    Marks are set and taken back of requests that have ended, too: a source that came later, a use allowed again.
    """
    given_up = SourceChange.objects.filter(state=Leased.State.FAILED, is_left_out=False, called_off_at=None)
    is_of_marks = Q(act__in=MARKS, request__status__in=ANSWERED) | Q(undoes__isnull=False)
    return given_up.filter(Q(request__status=Status.IN_PROGRESS) | is_of_marks)


def failed_kept_rows() -> LeasedQuerySet:
    """Give the rows whose years are over and that could not be erased: given up, or tried again each day."""
    standing = Q(state=Leased.State.WAITING, standing__gt=0) & ~Q(last_error="")
    return KeptRows.objects.filter(Q(state=Leased.State.FAILED) | standing)


def failed_mails() -> LeasedQuerySet:
    """Give the mails that were never taken or came back."""
    lost = Q(state=Leased.State.FAILED) | Q(delivery__in=DELIVERY_PROBLEMS)
    return OutboxMail.objects.filter(lost).exclude(request__status=Status.ARCHIVED)


def list_failed_work() -> list[FailedWork]:
    """List what failed last, at most `MOST_LISTED` of each kind."""
    searches = failed_searches().select_related("request", "source").order_by("-finished_at")[:MOST_LISTED]
    exports = failed_exports().select_related("request").order_by("-finished_at")[:MOST_LISTED]
    changes = failed_changes().select_related("request", "source").order_by("-finished_at")[:MOST_LISTED]
    kept_rows = failed_kept_rows().select_related("request", "source").order_by("-pk")[:MOST_LISTED]
    mails = failed_mails().select_related("request").order_by("-pk")[:MOST_LISTED]
    return [
        *(_failed(work, f"Searching {work.source.label}", "search") for work in searches),
        *(_failed(work, "Preparing the files", "export") for work in exports),
        *(_failed(work, _doing(work), "source_change") for work in changes),
        *(_failed_kept_rows(work) for work in kept_rows),
        *(_failed(work, f"Mail “{work.template.replace('_', ' ')}”", "mail") for work in mails),
    ]


def _doing(change: SourceChange) -> str:
    is_preview = change.phase == SourceChange.Phase.PREVIEW
    verb = "Looking at" if is_preview else VERBS.get(Approval.Act(change.act), "Marking rows of")
    return f"{verb} {change.source.label}"


def _failed_kept_rows(kept: KeptRows) -> FailedWork:
    url = reverse("admin:requests_app_subjectrequest_retry_kept_rows", args=[kept.pk])
    what = f"Erasing kept {kept.collection} from {kept.source.label}"
    return FailedWork(kept.request, what, kept.last_error, kept.finished_at, url)


def _failed(work: SourceSearch | Export | SourceChange | OutboxMail, what: str, kind: str) -> FailedWork:
    reason = work.last_error
    if isinstance(work, OutboxMail) and work.delivery:
        reason = f"The mail provider reports: {work.get_delivery_display()}."
    url = reverse(f"admin:requests_app_subjectrequest_retry_{kind}", args=[work.request_id, work.pk])
    return FailedWork(work.request, what, reason, work.finished_at, url)
