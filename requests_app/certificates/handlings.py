"""The record of how a request was handled, and whether in time."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.utils import timezone

from exporters.certificate.records import DeadlineLine, Delivered, HandlingRecord, RefusalFacts
from extractors.batches import counted
from requests_app import refusals
from requests_app.certificates.facts import NotCertifiable, entries_about, request_facts, staff_member
from requests_app.deadlines.clock import OWN_SETTING
from requests_app.models import Download, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests_app.models import SubjectRequest

ENDINGS = {"request.completed": "completed", "request.rejected": "rejected", "request.withdrawn": "withdrawn"}
ANSWERED = {"completed", "rejected"}
MAILS = {
    "ready": "Mail that the files are ready",
    "nothing_held": "Mail that no data is held",
    "erased": "Mail with what was erased and what stays",
    "extended": "Mail that the period was extended, and why",
    "completed": "Mail with the answer",
    "refused": "Mail with the refusal, its reasons and the remedies",
    "partial": "Mail with the answer in part, its reasons and the remedies",
    "withdrawn": "Mail that confirms the withdrawal",
}
ARTICLE = "GDPR Art. 12(3)"


def handling_record(request: SubjectRequest, *, names_person: bool = False) -> HandlingRecord:
    """Say when a request was received, proven, due and answered, and what the person was sent.

    Raises:
        NotCertifiable: it has not ended, or was never confirmed.
    """
    if request.status == Status.LAPSED:
        raise NotCertifiable(
            "The request was never confirmed, so that no answer was owed: there is nothing to certify."
        )
    entries = entries_about(request, "request.submitted", "request.verified", *ENDINGS)
    endings = [entry for entry in entries if entry.action in ENDINGS]
    if request.closed_at is None or request.is_open or not endings:
        raise NotCertifiable("The request has not ended yet.")
    ended = ENDINGS[endings[-1].action]
    is_answered = ended in ANSWERED and request.due_on is not None
    return HandlingRecord(
        request=request_facts(request, names_person=names_person),
        mailbox_proven_at=request.verified_at,
        due_on=request.due_on,
        deadline=tuple(_deadline(request)),
        ended_at=request.closed_at,
        ended=ended,
        outcome=request.outcome,
        is_in_time=timezone.localdate(request.closed_at) <= request.due_on if is_answered and request.due_on else None,
        delivered=tuple(sorted(_delivered(request), key=lambda item: item.at)),
        refusal=_refusal(request),
        audit_entries=tuple(entry.pk for entry in entries),
    )


def _refusal(request: SubjectRequest) -> RefusalFacts | None:
    """Say on which grounds what was refused, by category, and who decided; never the facts of the case."""
    row = refusals.decided(request)
    if row is None or row.approved_by is None or row.approved_at is None:
        return None
    return RefusalFacts(
        grounds=tuple(reason["article"] for reason in row.told.get("reasons", [])),
        withheld=tuple(row.withheld),
        prepared_by=staff_member(row.prepared_by),
        approved_by=staff_member(row.approved_by),
        approved_at=row.approved_at,
    )


def _deadline(request: SubjectRequest) -> Iterator[DeadlineLine]:
    """Give the steps of the computation that counts; for a request from before there was one, the two days alone."""
    computed = request.deadlines.first()
    if computed is not None:
        for step in computed.steps:
            if step["source"] != OWN_SETTING:  # what the team wants of itself proves nothing to others
                yield DeadlineLine(date.fromisoformat(step["date"]), step["why"], step["source"])
        return
    yield DeadlineLine(timezone.localdate(request.submitted_at), "The request was received", ARTICLE)
    if request.due_on is not None:
        yield DeadlineLine(request.due_on, "The last day for the answer", ARTICLE)


def _delivered(request: SubjectRequest) -> Iterator[Delivered]:
    """Give the mails that answered, and every download of the person that began at the first byte."""
    attached = {entry.details["mail"]: entry.details["bytes"] for entry in entries_about(request, "export.mailed")}
    for mail in request.mails.filter(template__in=MAILS, sent_at__isnull=False):
        if mail.sent_at:
            files = ", the files attached" if mail.pk in attached else ""
            yield Delivered(mail.sent_at, "mail", MAILS[mail.template] + files, attached.get(mail.pk))
    downloads = Download.objects.filter(export__request=request, user=None, first_byte=0).select_related("export")
    for item in downloads:
        what = "One file of the package" if item.member else _package(len(item.export.formats))
        yield Delivered(item.started_at, "download", what, item.sent_bytes, item.finished_at is not None)


def _package(formats: int) -> str:
    return f"The package, {counted(formats, 'format')}" if formats else "The package"
