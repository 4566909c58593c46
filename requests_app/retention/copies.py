"""Takes away what the portal itself still holds of somebody who is erased, unless a hold keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from requests_app import audit, uploads
from requests_app.models import Message, PersonWait, Upload
from requests_app.models.subject_request import OPEN
from requests_app.persons import others_of
from requests_app.retention.clearing import GONE
from requests_app.retention.holding import held
from requests_app.retention.removing import remove_corrections, remove_export, remove_passphrase, remove_segment

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from requests_app.models import SubjectRequest


def remove_copies(request: SubjectRequest, now: datetime) -> int:
    """Take away what earlier requests of the same person hold of their data; may be stopped and called again.

    Files made for them, what was collected, files they handed in and what was written to and fro go. That they asked,
    how it ended, what was refused and which notices were sent stays as the proof of it until its time is over. What
    is not answered yet, what is held, and the copy asked for in the same letter are left alone.

    Returns:
        How many things went.

    Raises:
        UnwritableOutput: a file cannot be removed; its key is destroyed.
    """
    return sum(_clear(other, request, now) for other in _ended(request, now))


def _ended(request: SubjectRequest, now: datetime) -> QuerySet[SubjectRequest]:
    others = others_of(request).exclude(status__in=OPEN).exclude(pk__in=held(now).values("pk"))
    return others.exclude(case=request.case_id) if request.case_id else others


def _clear(other: SubjectRequest, request: SubjectRequest, now: datetime) -> int:
    exports = list(other.exports.filter(removed_at=None).select_related("request"))
    for export in exports:
        remove_export(export, now)
    searches = list(other.searches.exclude(segment=""))
    for search in searches:
        remove_segment(search, now)
    with transaction.atomic():
        count = len(exports) + len(searches) + _remove_words(other) + remove_corrections(other.corrections.all())
        if count:
            remove_passphrase(other, now)
            audit.record("copies.removed", audit.SYSTEM, request_id=other.pk, target=f"request {request.pk}")
    return count


def _remove_words(other: SubjectRequest) -> int:
    files = list(Upload.objects.filter(request=other, removed_at=None))
    for upload in files:
        uploads.remove(upload, actor=audit.SYSTEM)
    written, _ = Message.objects.exchanged().filter(request=other).delete()
    asked = PersonWait.objects.filter(request=other).exclude(question=GONE, answer="")
    return len(files) + written + asked.update(question=GONE, answer="")
