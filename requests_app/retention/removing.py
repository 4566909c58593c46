"""Takes one thing away: the key first, from when on a file is unreadable wherever it was copied to; then the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from requests_app import audit, corrections, passphrases, storage, uploads
from requests_app.keys.stored import destroy_key
from requests_app.models import DecisionSummary, DeliveryWay, Export, KeyList, ProposedCorrection, SourceSearch, Status
from requests_app.notifications import queue_mail
from requests_app.webhooks import events

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from requests_app.models import SubjectRequest, Upload


def remove_export(export: Export, now: datetime) -> None:
    """Take away files made for the person; the row with its counts stays."""
    with transaction.atomic():
        if not Export.objects.filter(pk=export.pk, removed_at=None).update(removed_at=now, file=""):
            return
        if export.key_id:
            destroy_key(export.key_id)
        audit.record("export.removed", audit.SYSTEM, request_id=export.request_id, target=f"export {export.pk}")
        events.note("export.expired", export.request_id, export_id=export.pk)
        if _is_missed(export, now):
            queue_mail(export.request_id, "expired")
    if export.file:
        storage.delete(export.file)


def _is_missed(export: Export, now: datetime) -> bool:
    """Whether files went that nobody had, though the person may still want them."""
    request = export.request
    is_theirs = request.status == Status.COMPLETED and request.delivery_way == DeliveryWay.LINK and request.email
    is_over = export.expires_at <= now and not export.revoked_at and not export.is_for_transfer
    return bool(is_theirs and is_over and not export.downloads.exists() and not export.hand_overs.exists())


def remove_segment(search: SourceSearch, _: datetime) -> None:
    """Take away what was collected; counts of it stay with the search."""
    with transaction.atomic():
        if not SourceSearch.objects.filter(pk=search.pk, segment=search.segment).update(segment=""):
            return
        if search.key_id:
            destroy_key(search.key_id)
        audit.record("records.removed", audit.SYSTEM, request_id=search.request_id, target=f"search {search.pk}")
    storage.delete(search.segment)


def remove_keys(keys: KeyList, _: datetime) -> None:
    """Take away a list of the keys of rows that were shown, or changed; counts of them stay with the change."""
    with transaction.atomic():
        if not KeyList.objects.filter(pk=keys.pk).delete()[0]:
            return
        destroy_key(keys.key_id)
        change = keys.change
        audit.record("keys.removed", audit.SYSTEM, request_id=change.request_id, target=f"change {change.pk}")
    storage.delete(keys.file)


def remove_correction(row: ProposedCorrection, _: datetime) -> None:
    """Take away what stood there, what was to stand there, and why; that it was decided on stays."""
    remove_corrections(ProposedCorrection.objects.filter(pk=row.pk))


def remove_corrections(rows: QuerySet[ProposedCorrection]) -> int:
    """Take away the values of corrections; returns of how many; see `remove_correction`."""
    return rows.exclude(record_key="").update(**dict.fromkeys(corrections.SEALED, ""))


def remove_passphrase(request: SubjectRequest, _: datetime) -> None:
    """Forget the passphrase of a request."""
    passphrases.forget(request)


def remove_summary(summary: DecisionSummary, _: datetime) -> None:
    """Take away what a language model wrote of a case; that it did, and when, stays."""
    if DecisionSummary.objects.filter(pk=summary.pk).exclude(text="").update(text=""):
        audit.record("summary.removed", audit.SYSTEM, request_id=summary.request_id, target=f"summary {summary.pk}")


def remove_upload(upload: Upload, _: datetime) -> None:
    """Take away a file that was handed in; its size and digest stay as the proof of what there was."""
    with transaction.atomic():
        uploads.remove(upload, actor=audit.SYSTEM)
