"""The public pages that say whether a certificate is genuine, and show no data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from requests_app.certificates.finding import find, normalised, seal_of
from requests_app.client import network_of
from requests_app.controller import controller
from requests_app.limits import LimitReached
from requests_app.pages.refusals import too_often

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

NOT_LISTED = {"X-Robots-Tag": "noindex, nofollow"}


@require_safe
def ask_number(request: HttpRequest) -> HttpResponse:
    """Show the form for a number; one that was typed leads to its page."""
    typed = request.GET.get("number", "").strip()
    number = normalised(typed)
    if number:
        return redirect("certificate", number)
    return _unlisted(render(request, "portal/certificates.html", {"typed": typed[:60], "unknown": ""}))


@require_safe
def show_certificate(request: HttpRequest, number: str) -> HttpResponse:
    """Confirm a certificate by its number: by whom, when, its hashes, whether it stands; an unknown one is a 404."""
    try:
        certificate = find(number, address=network_of(request))
    except LimitReached as error:
        return _unlisted(too_often(request, error))
    if certificate is None:
        return _unlisted(render(request, "portal/certificates.html", {"typed": "", "unknown": number[:60]}, status=404))
    context = {"certificate": certificate, "controller": controller().name, "seal": seal_of(certificate)}
    return _unlisted(render(request, "portal/certificate.html", context))


def _unlisted(response: HttpResponse) -> HttpResponse:
    for name, value in NOT_LISTED.items():
        response.headers[name] = value
    return response
