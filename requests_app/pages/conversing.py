"""Writing to the team on the page of a request, and what comes with what the team writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from requests_app import audit, conversation, links, uploads
from requests_app.client import network_of
from requests_app.conversation import UnusableMessage
from requests_app.limits import LimitReached
from requests_app.models import Recipient, SecureLink
from requests_app.pages.refusals import limited, secret_page
from requests_app.pages.represented import page_of_representative
from requests_app.pages.status import status_page
from requests_app.pages.thread import sent_form
from requests_app.uploads import UnusableFile, takes_files

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse, HttpResponseBase

    from requests_app.audit import Actor
    from requests_app.pages.thread import MessageForm

STATUS = SecureLink.Purpose.STATUS
LONGEST_ID = 18  # digits


@sensitive_post_parameters("text")
@require_POST
@secret_page(STATUS)
@takes_files
def send(request: HttpRequest, token: str) -> HttpResponse:
    """Take a message to the team, and lead back to the conversation; what was typed is kept where it is refused."""
    link = _opened(request, token)
    form = sent_form(link.request, link.recipient, request.POST, request.FILES)
    if not form.is_valid():
        return _again(request, token, link, form)
    text, files = form.cleaned_data["text"], form.cleaned_data["attached"]
    try:
        conversation.reply(link.request_id, text, files, actor=_actor(link), answers=form.chosen())
    except (UnusableMessage, UnusableFile) as error:
        return _again(request, token, link, form, str(error))
    except LimitReached as error:
        return limited(_again(request, token, link, form, str(error)), error)
    return redirect(f"{reverse('status', args=[token])}?sent#messages")


@require_POST
@secret_page(STATUS)
def note_read(request: HttpRequest, token: str) -> HttpResponse:
    """Note that what the team wrote was read, as far as it was shown."""
    link = _opened(request, token)
    up_to = request.POST.get("up_to", "")
    if up_to.isdecimal() and len(up_to) <= LONGEST_ID:
        conversation.note_read(link.request, int(up_to), actor=_actor(link))
    return redirect(f"{reverse('status', args=[token])}#messages")


@require_GET
@secret_page(STATUS)
def download_file(request: HttpRequest, token: str, number: int) -> HttpResponseBase:
    """Give a file of the conversation."""
    link = _opened(request, token)
    upload = conversation.find_file(link.request, number, link.recipient)
    if upload is None:
        return _page(request, token, link, problem="This file is no longer kept.", status=410)
    return uploads.download(upload, actor=_actor(link))


def _opened(request: HttpRequest, token: str) -> SecureLink:
    both = (Recipient.PERSON, Recipient.REPRESENTATIVE)
    return links.opened(token, STATUS, address=network_of(request), admits=both)


def _actor(link: SecureLink) -> Actor:
    return audit.REPRESENTATIVE if link.recipient == Recipient.REPRESENTATIVE else audit.SUBJECT


def _again(request: HttpRequest, token: str, link: SecureLink, form: MessageForm, problem: str = "") -> HttpResponse:
    return _page(request, token, link, form=form, problem=problem, status=400)


def _page(
    request: HttpRequest,
    token: str,
    link: SecureLink,
    *,
    form: MessageForm | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    if link.recipient == Recipient.REPRESENTATIVE:
        return page_of_representative(request, token, message_form=form, problem=problem, status=status)
    page = status_page(request, token, link.request, message_form=form, problem=problem)
    page.status_code = status
    return page
