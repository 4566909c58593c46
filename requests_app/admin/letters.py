"""Who the portal answers for and how its letters look: one form, and every notice to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from exporters.document.printing import UnprintableDocument, printed
from requests_app.admin.base import ConsoleAdmin, Route, page_context
from requests_app.admin.controller_form import PICTURES, ControllerForm
from requests_app.audit import Actor
from requests_app.controller import controller
from requests_app.letters import pictures, profile, writing
from requests_app.letters.languages import ENGLISH
from requests_app.letters.notices import NOTICES, Notice, Reader
from requests_app.letters.samples import sample
from requests_app.letters.texts import ANY_RIGHT, words_for
from requests_app.models import ControllerProfile
from requests_app.policies import FRAMING_POLICY, MAIL_POLICY, PDF_POLICY, PICTURE_POLICY

if TYPE_CHECKING:
    from typing import Any

    from django.http import HttpRequest

    from exporters.letter import Controller
    from requests_app.admin.base import StaffRequest
    from requests_app.letters.writing import Context

CHANGE = "requests_app.change_controllerprofile"
HOME = "admin:requests_app_controllerprofile_changelist"
SHOWN_FIRST = "received"


@admin.register(ControllerProfile)
class LettersAdmin(ConsoleAdmin):
    """One row, so no list: its place is the form."""

    def routes(self) -> tuple[Route, ...]:
        """Name what there is to look at."""
        one = "notices/<slug:notice>/"
        return (
            Route(one, show_notice, "notice", CHANGE),
            Route(f"{one}mail/", show_mail, "mail", CHANGE),
            Route(f"{one}letter/", show_letter, "letter", CHANGE),
            Route("pictures/<slug:picture>/", show_picture, "picture", CHANGE),
        )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the form, or keep what was typed."""
        if not request.user.has_perm(CHANGE):
            raise PermissionDenied("Only managers may change how the letters look.")
        return edit(request)  # type: ignore[arg-type]  # signed in, by the site


def edit(request: StaffRequest) -> HttpResponse:
    """Show the form beside a mail as it looks, or keep what was typed."""
    is_sent = request.method == "POST"
    form = ControllerForm(
        request.POST if is_sent else None,
        request.FILES if is_sent else None,
        instance=profile.stored(),
        is_too_large=is_sent and _is_too_large(request),
    )
    if is_sent and form.is_valid():
        return _kept(request, form)
    stored = profile.stored()
    context = page_context(
        request,
        title="Letters and look",
        form=form,
        has={name: bool(getattr(stored, name)) for name in PICTURES},
        notices=NOTICES.values(),
        shown=NOTICES[SHOWN_FIRST],
    )
    return framing(render(request, "console/letters/page.html", context))


def show_notice(request: StaffRequest, notice: str) -> HttpResponse:
    """Show a notice as mail and as text, with made-up values."""
    known = _notice(notice)
    sender = controller()
    context = _context(known, sender)
    shown = page_context(
        request,
        title=known.label,
        notice=known,
        subject=writing.subject_of(notice, context),
        text=writing.mail_text(notice, context),
        mail_url=reverse("admin:requests_app_controllerprofile_mail", args=[notice]),
        letter_url=reverse("admin:requests_app_controllerprofile_letter", args=[notice]),
        crumb_url=reverse(HOME),
        crumb="Letters and look",
    )
    return framing(render(request, "console/letters/notice.html", shown))


def show_mail(request: StaffRequest, notice: str) -> HttpResponse:
    """Show the mail of a notice by itself, for the frame on our pages."""
    sender = controller()
    context = _context(_notice(notice), sender)
    return mail_response(writing.mail_html(notice, context, sender, logo=mail_logo()))


def show_letter(request: StaffRequest, notice: str) -> HttpResponse:
    """Show a notice as a printed letter."""
    sender = controller()
    context = _context(_notice(notice), sender)
    try:
        pdf = b"".join(printed([writing.letter_html(notice, context, sender).encode()]))
    except UnprintableDocument as error:
        messages.error(request, str(error))
        return redirect("admin:requests_app_controllerprofile_notice", notice)
    return pdf_response(pdf, f"{notice}.pdf")


def show_picture(request: StaffRequest, picture: str) -> HttpResponse:
    """Show a picture that is stored; opened by itself it can do nothing."""
    known = controller()
    image = {"logo": known.logo, "signature": known.signature}.get(picture)
    if image is None:
        raise Http404("There is no such picture.")
    headers = {"Content-Security-Policy": PICTURE_POLICY}
    return HttpResponse(image.content, content_type=image.media_type, headers=headers)


def framing(response: HttpResponse) -> HttpResponse:
    """Let a page of ours show a mail in a frame."""
    response["Content-Security-Policy"] = FRAMING_POLICY
    return response


def mail_logo() -> str:
    """Give the logo as an address that needs no mail around it."""
    return pictures.data_address(writing.mailable_logo(controller()))


def mail_response(html: str) -> HttpResponse:
    """Answer with the HTML of a mail, which can show itself and nothing else."""
    return HttpResponse(html, headers={"Content-Security-Policy": MAIL_POLICY})


def pdf_response(content: bytes, name: str) -> HttpResponse:
    """Answer with a PDF that the browser shows itself."""
    headers = {"Content-Security-Policy": PDF_POLICY, "Content-Disposition": f'inline; filename="{name}"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def _context(notice: Notice, sender: Controller) -> Context:
    """Give what a notice speaks of, made up, with the words that count."""
    context = sample(notice.name, sender)
    if notice.reader is Reader.STAFF:
        return context
    return context | {"words": words_for(notice.name, ANY_RIGHT, ENGLISH)}


def _notice(name: str) -> Notice:
    if name not in NOTICES:
        raise Http404("There is no such notice.")
    return NOTICES[name]


def _kept(request: StaffRequest, form: ControllerForm) -> HttpResponse:
    if form.has_changed():
        profile.keep(form.profile(), form.changed_names(), actor=Actor.staff(request.user))
        messages.success(request, "Saved. Everything that is sent from now on looks like this.")
    else:
        messages.info(request, "Nothing was changed.")
    return redirect(HOME)


def _is_too_large(request: StaffRequest) -> bool:
    """Whether files were sent that were not taken: beyond this size Django's handler drops them in silence."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE
