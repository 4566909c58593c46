"""The page of a request as a representative sees it, and what they may do there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from requests_app import limits, links, mandates, representing
from requests_app.client import network_of
from requests_app.models import Recipient, Representative, SecureLink, Upload
from requests_app.models.subject_request import AT_WORK
from requests_app.pages.agent_forms import HandInForm
from requests_app.pages.files import find_offered, offered_files
from requests_app.pages.parts.case import letter_of_theirs
from requests_app.pages.refusals import secret_page
from requests_app.pages.standing import standing
from requests_app.pages.thread import thread_of
from requests_app.uploads import UnusableFile, takes_files

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from requests_app.pages.thread import MessageForm

STATUS = SecureLink.Purpose.STATUS
MOST_LINKS_AN_HOUR = 30


def opened(request: HttpRequest, token: str) -> SecureLink:
    """Give the link of a representative, and of nobody else.

    Raises:
        LinkError, LimitReached: see `links.opened`.
    """
    return links.opened(token, STATUS, address=network_of(request), admits=(Recipient.REPRESENTATIVE,))


def page_of_representative(
    request: HttpRequest,
    token: str,
    *,
    form: HandInForm | None = None,
    message_form: MessageForm | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    """Draw the page: nothing about the person that the representative did not write or may not have.

    Args:
        form: of documents, where it was sent and is not right.
        message_form: of a message to the team, likewise.
    """
    asked = opened(request, token).request
    found = representing.representative_of(asked)
    is_accepted = found is not None and representing.is_standing(found, asked)
    receives = representing.receiver(asked) == Recipient.REPRESENTATIVE
    is_waiting = found is not None and found.state == Representative.State.WAITING and asked.is_open
    context = {
        "token": token,
        "asked": asked,
        "found": found,
        "is_accepted": is_accepted,
        "is_waiting": is_waiting,
        "standing": standing(asked) if is_accepted else None,
        "days_left": asked.days_left(timezone.localdate()) if asked.status in AT_WORK else None,
        "files": offered_files(asked) if receives else [],
        "receives": receives,
        "handed_in": asked.uploads.filter(kind=Upload.Kind.AUTHORITY, removed_at=None) if is_waiting else (),
        "form": form or HandInForm(),
        "thread": thread_of(asked, Recipient.REPRESENTATIVE, message_form),
        "is_sent": "sent" in request.GET,
        "letter": letter_of_theirs(asked),
        "problem": problem,
    }
    return render(request, "portal/representative.html", context, status=status)


@require_POST
@secret_page(STATUS)
@takes_files
def hand_in(request: HttpRequest, token: str) -> HttpResponse:
    """Take documents that show the authority."""
    link = opened(request, token)
    form = HandInForm(request.POST, request.FILES)
    if not form.is_valid():
        return page_of_representative(request, token, form=form, status=400)
    try:
        mandates.hand_in(link, form.cleaned_data["authority"])
    except (UnusableFile, mandates.UnusableClaim) as error:
        return page_of_representative(request, token, problem=str(error), status=400)
    return redirect("status", token=token)


@require_POST
@secret_page(STATUS)
def begin_download(request: HttpRequest, token: str) -> HttpResponse:
    """Make a link to the files, where the answer is the representative's, and lead there."""
    asked = opened(request, token).request
    export = find_offered(asked, request.POST.get("export", ""))
    if export is None or representing.receiver(asked) != Recipient.REPRESENTATIVE:
        return redirect("status", token=token)
    limits.count("download_link", str(asked.pk), most=MOST_LINKS_AN_HOUR, seconds=3600)
    lifetime, purpose = export.expires_at - timezone.now(), SecureLink.Purpose.DOWNLOAD
    minted = links.mint(asked, purpose, export=export, lifetime=lifetime, recipient=Recipient.REPRESENTATIVE)
    return redirect("download", minted)
