"""The pages of an authority: a representative confirms their mailbox, the person says yes or no, or ends it later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from requests_app import limits, links, mandates, representing
from requests_app.client import network_of
from requests_app.mandates.personal import is_askable
from requests_app.models import Recipient, SecureLink
from requests_app.models.subject_request import Right
from requests_app.notifications import status_address
from requests_app.pages.refusals import secret_page

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from requests_app.models import SubjectRequest

MOST_LINKS_AN_HOUR = 30
YES, TO_PERSON, NO = "yes", "to_person", "no"


def confirm_as_representative(request: HttpRequest, token: str) -> HttpResponse:
    """Show a representative what was asked in their name, or take their mailbox as proven and lead to their page."""
    address = network_of(request)
    if request.method == "POST":
        asked = mandates.confirm_mailbox(token, address=address)
        limits.count("representative_page", str(asked.pk), most=MOST_LINKS_AN_HOUR, seconds=3600)
        return redirect(status_address(asked, Recipient.REPRESENTATIVE))
    return render(request, "portal/represent.html", _known(mandates.look_up(token, address=address)))


@require_http_methods(["GET", "HEAD", "POST"])
@secret_page(SecureLink.Purpose.AUTHORITY)
def decide(request: HttpRequest, token: str) -> HttpResponse:
    """Show the person who asks for them and for what, or take their yes or no."""
    address = network_of(request)
    said = request.POST.get("say", "")
    if request.method == "POST" and said in {YES, TO_PERSON, NO}:
        mandates.answer(token, agrees=said != NO, receives_answer=said == YES, address=address)
        return redirect("authority", token=token)
    asked = mandates.look_up_asked(token, address=address)
    found = representing.representative_of(asked)
    is_open = found is not None and is_askable(found, asked)
    status = 400 if request.method == "POST" else 200
    return render(request, "portal/authority.html", _known(asked) | {"is_open": is_open}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@secret_page(SecureLink.Purpose.STATUS)
def end(request: HttpRequest, token: str) -> HttpResponse:
    """Ask the person whether an authority is really to end, or end it."""
    link = links.opened(token, SecureLink.Purpose.STATUS, address=network_of(request), admits=(Recipient.PERSON,))
    if representing.acting_for(link.request) is None:
        return redirect("status", token=token)
    if request.method == "POST":
        mandates.end_by_person(link.request_id)
        return redirect("status", token=token)
    return render(request, "portal/end_authority.html", _known(link.request) | {"token": token})


def _known(asked: SubjectRequest) -> dict[str, object]:
    found = representing.representative_of(asked)
    rights = [Right(right).label for right in found.rights if right in Right.values] if found else []
    return {"asked": asked, "found": found, "rights": rights}
