"""A request's own page."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from requests_app import appeals, audit, combining, limits, links, passphrases, representing, rights, workflow
from requests_app.client import network_of
from requests_app.letters.refused import refusal_of
from requests_app.models import SecureLink
from requests_app.pages.files import find_offered, further_files, offered_files
from requests_app.pages.history import history
from requests_app.pages.parts import parts_of
from requests_app.pages.proving import proving
from requests_app.pages.refusals import secret_page
from requests_app.pages.represented import page_of_representative
from requests_app.pages.standing import earlier_requests, progress, standing
from requests_app.pages.thread import thread_of
from requests_app.pages.why import why_due
from requests_app.rendering.further import can_be_protected

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from requests_app.models import SubjectRequest
    from requests_app.pages.forms import FurtherFilesForm
    from requests_app.pages.thread import MessageForm

STATUS = SecureLink.Purpose.STATUS
MOST_LINKS_AN_HOUR = 30


@require_safe
@secret_page(STATUS)
def show_status(request: HttpRequest, token: str) -> HttpResponse:
    """Show where a request stands, what can be downloaded and what happened; to a representative, what is theirs."""
    if links.is_for_representative(token):
        return page_of_representative(request, token)
    return status_page(request, token, find_request(request, token))


def status_page(
    request: HttpRequest,
    token: str,
    asked: SubjectRequest,
    *,
    form: FurtherFilesForm | None = None,
    message_form: MessageForm | None = None,
    problem: str = "",
    disagreed: str = "",
    status: int = 200,
) -> HttpResponse:
    """Draw the page of a request.

    Args:
        form: of further files, where it was sent and is not right.
        message_form: of a message to the team, likewise.
        problem: why something that was asked for cannot be done.
        disagreed: what was written against a refusal, and could not be taken.
    """
    parts, stands = parts_of(asked), standing(asked)
    context = {
        "token": token,
        "asked": asked,
        "answers": rights.told(asked),
        "standing": stands,
        "headline": next((part.headline for part in parts if part.headline), stands.headline),
        "parts": parts,
        "progress": progress(asked),
        "files": offered_files(asked),
        "further": further_files(asked, form),
        "can_be_protected": can_be_protected(asked),
        "is_passphrase_from_team": passphrases.is_from_team(asked),
        "history": history(asked),
        "earlier": earlier_requests(asked),
        "can_withdraw": asked.status in workflow.TRANSITIONS["withdraw"].sources,
        "days_left": asked.days_left(timezone.localdate()),
        "why": why_due(asked),
        "refusal": refusal_of(asked),
        "appeals": asked.appeals.order_by("pk"),
        "appeal_offered": appeals.offered(asked),
        "disagreed": disagreed,
        "problem": problem,
        "thread": thread_of(asked, form=message_form),
        "is_sent": "sent" in request.GET,
        "proving": proving(asked),
        "representative": representing.acting_for(asked),
    }
    return render(request, "portal/status.html", context, status=status)


@require_safe
@secret_page(STATUS)
def show_live(request: HttpRequest, token: str) -> JsonResponse:
    """Give the progress to the page that shows it."""
    asked = find_request(request, token)
    made = progress(asked)
    return JsonResponse(
        {
            "status": asked.status,
            "status_label": asked.get_status_display(),
            "percent": made.percent,
            "step": made.step,
            "seconds_left": None if made.seconds_left is None else round(made.seconds_left),
            "time_left": made.time_left,
            "is_live": made.is_live,
            "steps_done": standing(asked).steps_done,
        }
    )


@require_POST
@secret_page(STATUS)
def begin_download(request: HttpRequest, token: str) -> HttpResponse:
    """Make a link to the files and lead there; back to the page where there are none any more."""
    asked = find_request(request, token)
    export = find_offered(asked, request.POST.get("export", ""))
    if export is None:
        return redirect("status", token=token)
    limits.count("download_link", str(asked.pk), most=MOST_LINKS_AN_HOUR, seconds=3600)
    lifetime = export.expires_at - timezone.now()
    return redirect("download", links.mint(asked, SecureLink.Purpose.DOWNLOAD, export=export, lifetime=lifetime))


@require_http_methods(["GET", "HEAD", "POST"])
@secret_page(STATUS)
def withdraw(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether the request is really to be withdrawn, or withdraw it; once it is over, show how it ended."""
    asked = find_request(request, token)
    if asked.status not in workflow.TRANSITIONS["withdraw"].sources:
        return redirect("status", token=token)
    if request.method == "POST":
        with suppress(workflow.ImpossibleTransition):  # it ended meanwhile, which the page shows
            combining.withdraw(asked.pk, actor=audit.SUBJECT, whole_letter="whole_letter" in request.POST)
        return redirect("status", token=token)
    others = [other for other in combining.letter_of(asked) if other != asked and other.is_open]
    return render(request, "portal/withdraw.html", {"token": token, "asked": asked, "others": others})


def find_request(request: HttpRequest, token: str) -> SubjectRequest:
    """Give the request whose page a link opens.

    Raises:
        LinkError, LimitReached: see `links.opened`.
    """
    return links.opened(token, STATUS, address=network_of(request)).request
