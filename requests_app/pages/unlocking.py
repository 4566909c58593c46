"""The step before a download of sensitive data: a code is mailed, and entered here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from requests_app import delivery
from requests_app.client import network_of
from requests_app.codes import PASS_LIFETIME, RefusedCode
from requests_app.models import SecureLink
from requests_app.pages.refusals import secret_page

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

DOWNLOAD = SecureLink.Purpose.DOWNLOAD
LONGEST_CODE = 40


def proof_of(request: HttpRequest) -> str:
    """Give the pass that the browser got for its code; empty where it has none."""
    return request.COOKIES.get(_cookie(), "")


def ask_code(
    request: HttpRequest, token: str, offer: delivery.Offer, *, status: int = 200, problem: str = ""
) -> HttpResponse:
    """Show where a code is sent for and entered, and nothing about the files."""
    context = {"token": token, "offer": offer, "asked": offer.request, "problem": problem}
    return render(request, "portal/download_code.html", context, status=status)


@require_POST
@secret_page(DOWNLOAD)
def send_code(request: HttpRequest, token: str) -> HttpResponse:
    """Mail a code."""
    delivery.send_code(token, address=network_of(request))
    return redirect("download", token=token)


@require_POST
@secret_page(DOWNLOAD)
def enter_code(request: HttpRequest, token: str) -> HttpResponse:
    """Take the code, and leave the browser a pass that it shows on the pages of this download alone."""
    address, typed = network_of(request), request.POST.get("code", "")[:LONGEST_CODE]
    try:
        proof = delivery.confirm_code(token, typed, address=address)
    except RefusedCode as error:
        offer = delivery.offer(token, address=address, proof=proof_of(request))
        if not offer.is_locked:  # entered before, perhaps on another page
            return redirect("download", token=token)
        return ask_code(request, token, offer, status=400, problem=str(error))
    response = redirect("download", token=token)
    response.set_cookie(
        _cookie(),
        proof,
        max_age=PASS_LIFETIME,
        path=reverse("download", args=[token]),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
    return response


def _cookie() -> str:
    return f"{'__Secure-' if settings.SESSION_COOKIE_SECURE else ''}download"
