"""Takes out of a request what is personal, and leaves what proves that it was answered: ids, days, counts, hashes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction

from requests_app import audit, storage, uploads
from requests_app.keys.stored import destroy_key
from requests_app.models import (
    AppealOrComplaint,
    Case,
    Certificate,
    DecisionReview,
    Download,
    Export,
    KeyList,
    LegalHold,
    Lifting,
    Message,
    OutboxMail,
    PeriodExtension,
    PersonWait,
    RecipientNotice,
    Redaction,
    Refusal,
    Representative,
    SecureLink,
    SentNotice,
    SubjectRequest,
    Upload,
    Weighing,
)
from requests_app.retention.holding import marks_standing
from requests_app.retention.removing import (
    remove_corrections,
    remove_export,
    remove_keys,
    remove_segment,
    remove_summary,
)

if TYPE_CHECKING:
    from datetime import datetime

GONE = "removed"
"""What stands where a text has to be and was taken out."""


@transaction.atomic
def clear_messages(request: SubjectRequest, now: datetime) -> None:
    """Take out what was said: messages, papers, the words of notices, questions, extensions, refusals and appeals."""
    known = SubjectRequest.objects.select_for_update().filter(pk=request.pk, messages_removed_at=None)
    if known.update(messages_removed_at=now):
        _take_out_words(request)
        audit.record("messages.removed", audit.SYSTEM, request_id=request.pk)


def _take_out_words(request: SubjectRequest) -> None:
    for upload in Upload.objects.filter(request=request, removed_at=None):
        uploads.remove(upload, actor=audit.SYSTEM)
    Upload.objects.filter(request=request).update(name=GONE)
    Message.objects.filter(request=request).delete()
    SentNotice.objects.filter(mail__request=request).delete()
    PersonWait.objects.filter(request=request).update(question=GONE, answer="")
    PeriodExtension.objects.filter(request=request).update(reason=GONE, notice=GONE)
    Lifting.objects.filter(restriction__request=request).exclude(called_off_at=None, done_at=None).update(reason=GONE)
    Refusal.objects.filter(request=request).update(facts=GONE, late_reason="", withheld=[], told={})
    appeals = AppealOrComplaint.objects.filter(request=request)
    appeals.update(text=GONE)
    appeals.exclude(answer="").update(answer=GONE)
    Representative.objects.filter(request=request).update(decision="")
    Weighing.objects.filter(request=request).update(interests=GONE, reasons=GONE)
    request.transfers.update(receiver=GONE, member="")
    Redaction.objects.filter(search__request=request).update(ground=GONE)
    request.corrections.exclude(decision_reason="").update(decision_reason=GONE)
    settled = RecipientNotice.objects.filter(request=request, settled_at__isnull=False)
    settled.exclude(way="").update(way=GONE)
    settled.exclude(impossible_because="").update(impossible_because=GONE)
    _take_out_review(request)
    Download.objects.filter(export__request=request).update(address=None, agent="", member="")
    SubjectRequest.objects.filter(pk=request.pk).update(details="", particulars={}, decision="")
    Case.objects.filter(requests=request).exclude(waiver_reason="").update(waiver_reason=GONE)


def _take_out_review(request: SubjectRequest) -> None:
    """Take out what was said about a contested decision; what came of it, who reviewed it and when, stays."""
    reviews = DecisionReview.objects.filter(request=request)
    reviews.update(decision="", decided_by="", used="", logic="", collections=[], considered="", measures="")
    reviews.exclude(explanation="").update(explanation=GONE)


@transaction.atomic
def pseudonymise(request: SubjectRequest, now: datetime) -> None:
    """Take out who asked, and all that is left of what was said; the audit trail keeps its ids."""
    row = SubjectRequest.objects.select_for_update().get(pk=request.pk)
    if row.pseudonymised_at:
        return
    clear_messages(row, now)
    _take_out_words(row)  # once more: the team may have noted something since, or sent new links
    _remove_artefacts(row, now)
    nobody = dict.fromkeys(("name", "name_key", "email", "phone", "postal_address", "passphrase"), "")
    # What was set aside as spam cannot return any more: nobody is left to be answered.
    SubjectRequest.objects.filter(pk=row.pk).update(**nobody, set_aside_from="", pseudonymised_at=now)
    row.identifiers.all().delete()
    row.identity_checks.all().delete()
    row.recipients.all().delete()
    Representative.objects.filter(request=row).update(name="", organisation="", email="", postal_address="")
    SecureLink.objects.filter(request=row).delete()
    OutboxMail.objects.filter(request=row).update(provider_id="")
    LegalHold.objects.filter(request=row).update(reason=GONE)
    destroy_key(row.key_id)
    audit.record("request.pseudonymised", audit.SYSTEM, request_id=row.pk)


def _remove_artefacts(request: SubjectRequest, now: datetime) -> None:
    """Take away what files there still are; a certificate can be asked about for ever, by its number and hash."""
    for export in request.exports.filter(removed_at=None):
        remove_export(export, now)
    Export.objects.filter(request=request).update(members=[])
    for search in request.searches.exclude(segment=""):
        remove_segment(search, now)
    for summary in request.summaries.exclude(text=""):
        remove_summary(summary, now)
    remove_corrections(request.corrections.all())
    for keys in KeyList.objects.filter(change__request=request).exclude(pk__in=marks_standing().values("pk")):
        remove_keys(keys, now)
    for certificate in Certificate.objects.filter(request=request).exclude(file=""):
        destroy_key(certificate.key_id)
        Certificate.objects.filter(pk=certificate.pk).update(file="")
        transaction.on_commit(partial(storage.delete, certificate.file))
