"""A mail to a person, looked at by the team: what was sent, without its links, as mail, text and letter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation

from exporters.document.printing import UnprintableDocument
from requests_app import audit, codes, posting
from requests_app.admin.base import page_context
from requests_app.admin.letters import framing, mail_logo, mail_response, pdf_response
from requests_app.admin.request_acts import page_of
from requests_app.controller import controller
from requests_app.letters import contexts, kept
from requests_app.letters.contexts import Given
from requests_app.letters.notices import NOTICES, label_of
from requests_app.letters.paper import paper
from requests_app.models import OutboxMail
from requests_app.notifications import context_of

if TYPE_CHECKING:
    from django.http import HttpResponse

    from requests_app.admin.base import StaffRequest
    from requests_app.letters.kept import Kept
    from requests_app.letters.writing import Context

AS_SENT = "As it was sent, but for its links and codes: those are never kept."
ANEW = "Written anew from what is known now. The links and codes of the mail itself are never shown to the team."


def show(request: StaffRequest, pk: int, work_id: int) -> HttpResponse:
    """Show a mail and its text, on record."""
    mail = _mail(pk, work_id)
    _record(request, mail, "page")
    said, _ = _said(mail)
    sent = getattr(mail, "sent", None)
    arguments = [pk, work_id]
    shown = page_context(
        request,
        title=label_of(mail.template),
        intro=AS_SENT if sent else ANEW,
        words=sent.words if sent else None,
        sent=sent,
        subject=said.subject,
        text=said.text,
        mail_url=reverse("admin:requests_app_subjectrequest_mail_frame", args=arguments),
        letter_url=reverse("admin:requests_app_subjectrequest_mail_letter", args=arguments),
        crumb_url=page_of(pk) + "#mails",
        crumb=mail.request.reference,
    )
    return framing(render(request, "console/letters/notice.html", shown))


def show_frame(request: StaffRequest, pk: int, work_id: int) -> HttpResponse:
    """Show the mail by itself, for the frame on its page."""
    said, _ = _said(_mail(pk, work_id))
    return mail_response(said.html.replace(kept.LOGO, mail_logo()))


def show_letter(request: StaffRequest, pk: int, work_id: int) -> HttpResponse:
    """Print the mail as a letter, on record; what is printed of a letter that is to be posted is kept."""
    mail = _mail(pk, work_id)
    try:
        posting.refuse_unless_theirs(mail)
        said, context = _said(mail)
        pdf = paper(said, context, controller())
    except (UnprintableDocument, posting.StrangersLetter) as error:
        messages.error(request, str(error))
        return redirect(page_of(pk) + "#mails")
    if mail.is_to_post:
        kept.keep(kept.sealed(mail, context, controller()), timezone.now())
    _record(request, mail, "letter")
    return pdf_response(pdf, f"{mail.request.reference}-{mail.template}.pdf")


def _mail(pk: int, work_id: int) -> OutboxMail:
    mails = OutboxMail.objects.select_related("request", "export__request", "sent__words")
    mail: OutboxMail = get_object_or_404(mails, pk=work_id, request=pk)
    if mail.template not in NOTICES:
        raise Http404("Nothing is known of this mail any more.")
    return mail


def _said(mail: OutboxMail) -> tuple[Kept, Context]:
    """Give what a mail said, or would say now, and whom it goes to; a letter yet to be posted is written anew."""
    with translation.override(mail.request.language):
        context = context_of(mail, controller(), _given(mail), mail.sent_at or mail.created_at)
        said = None if mail.is_to_post else kept.kept_of(mail)
        return said or kept.written(mail.template, context, controller()), context


def _given(mail: OutboxMail) -> Given:
    minutes = codes.CODE_LIFETIME.seconds // 60
    return Given(link_days=settings.DSR_LAPSE_DAYS, code_minutes=minutes, told=contexts.told_of(mail))


def _record(request: StaffRequest, mail: OutboxMail, shown_as: str) -> None:
    actor = audit.Actor.staff(request.user)
    target = f"mail {mail.pk}"
    audit.record("mail.viewed", actor, request_id=mail.request_id, target=target, mail=mail.template, shown=shown_as)
