"""The certificates of a request: issued, downloaded and withdrawn on its page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from extractors.errors import DsrError
from requests_app import certificates, teamwork
from requests_app.admin.base import attempt, page_context
from requests_app.admin.request_acts import page_of
from requests_app.admin.wording import Pill
from requests_app.audit import Actor
from requests_app.models import Approval, Certificate, Status, SubjectRequest
from requests_app.models.subject_request import OPEN

if TYPE_CHECKING:
    from requests_app.admin.base import StaffRequest

Kind = Certificate.Kind
ANCHOR = "#documents"


@dataclass(frozen=True, slots=True)
class Issuable:
    """A kind of certificate that could be issued now."""

    kind: str
    words: str
    may_name_person: bool


@dataclass(frozen=True, slots=True)
class Documents:
    """The block of the page."""

    certificates: list[tuple[Certificate, Pill]]
    issuable: list[Issuable]


def documents_of(request: SubjectRequest) -> Documents:
    """List the certificates, and what could be certified; whether all is there for it shows when it is tried."""
    rows = Certificate.objects.filter(request=request).select_related("issued_by", "replaced_by")
    issuable = []
    if request.changes.filter(act=Approval.Act.ERASURE, applied_at__isnull=False).exists():
        issuable.append(Issuable(Kind.ERASURE, "Certify the erasure", may_name_person=False))
    if request.status not in {*OPEN, Status.LAPSED} and request.closed_at:
        issuable.append(Issuable(Kind.HANDLING, "Certify the handling", may_name_person=True))
    return Documents([(row, _pill(row)) for row in rows], issuable)


def issue(request: StaffRequest, pk: int, name: str) -> HttpResponse:
    """Issue a certificate of one kind; takes a second or two."""
    subject_request = get_object_or_404(SubjectRequest, pk=pk)
    if name not in Kind.values:
        return redirect(page_of(pk) + ANCHOR)
    act = partial(
        certificates.issue,
        *(subject_request, Kind(name)),
        user=request.user,
        names_person="names_person" in request.POST,
    )
    attempt(request, act, "The certificate is issued.")
    return redirect(page_of(pk) + ANCHOR)


def download(request: StaffRequest, pk: int, work_id: int) -> HttpResponse:
    """Hand a certificate out to a member of the team, on record."""
    certificate = get_object_or_404(Certificate, pk=work_id, request=pk)
    try:
        content = certificates.document(certificate, user=request.user)
    except DsrError as error:
        messages.error(request, str(error))
        return redirect(page_of(pk) + ANCHOR)
    headers = {"Content-Disposition": f'attachment; filename="certificate-{certificate.number}.pdf"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def withdraw(request: StaffRequest, pk: int, work_id: int) -> HttpResponse:
    """Withdraw a certificate; why is kept as a note of the team."""
    certificate = get_object_or_404(Certificate.objects.select_related("request"), pk=work_id, request=pk)
    reason = request.POST.get("reason", "").strip()
    act = partial(_withdraw, request, pk, certificate, reason)
    if request.method == "POST" and attempt(request, act, "Withdrawn: its public page says so from now on."):
        return redirect(page_of(pk) + ANCHOR)
    context = page_context(
        request,
        subject_request=certificate.request,
        page=page_of(pk),
        title=f"Withdraw certificate {certificate.number}",
        asks_reason=True,
        needs_reason=True,
        reason_label="Reason",
        hint="Whoever looks the certificate up is told that it does not stand any more. This cannot be undone, but a"
        " new one can be issued. The reason stays with the team, as a note.",
        reason=reason,
        is_final=True,
    )
    return render(request, "console/requests/ask.html", context)


@transaction.atomic
def _withdraw(request: StaffRequest, pk: int, certificate: Certificate, reason: str) -> None:
    note = f"Withdrew certificate {certificate.number}: {reason}" if reason else ""
    teamwork.note(pk, note, actor=Actor.staff(request.user))
    certificates.withdraw(certificate, user=request.user, reason=reason)


def _pill(certificate: Certificate) -> Pill:
    if certificate.replaced_by:
        return Pill("replaced", "quiet")
    if certificate.withdrawn_at:
        return Pill("withdrawn", "warn")
    return Pill("signed" if certificate.is_signed else "stands", "good")
