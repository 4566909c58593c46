"""The page of a download, and the download itself: all of the files, or a single one."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from extractors.batches import counted
from requests_app import delivery, transferring
from requests_app.client import address_of, agent_of, network_of
from requests_app.models import SecureLink
from requests_app.pages.inside import groups_of
from requests_app.pages.refusals import secret_page
from requests_app.pages.unlocking import ask_code, proof_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase


@require_http_methods(["GET", "HEAD", "POST"])
@secret_page(SecureLink.Purpose.DOWNLOAD)
def download(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show what can be downloaded; stream it on POST, or on GET with `?file=1` unless the link works once only.

    A plain GET never gives the file, so that programs that look into mails neither get it nor use the link up.
    """
    return _answer(request, token, wants_file="file" in request.GET)


@require_http_methods(["GET", "HEAD", "POST"])
@secret_page(SecureLink.Purpose.DOWNLOAD)
def download_member(request: HttpRequest, token: str, number: int) -> HttpResponseBase:
    """Stream a single file by its number; on GET the page instead, where the link works once only."""
    return _answer(request, token, wants_file=True, member=number)


def _answer(request: HttpRequest, token: str, *, wants_file: bool, member: int | None = None) -> HttpResponseBase:
    is_given = request.method == "POST" or (wants_file and not delivery.works_once())
    with suppress(delivery.CodeNeeded):
        if is_given:
            return _describe(request, token, member) if request.method == "HEAD" else _stream(request, token, member)
    offer = delivery.offer(token, address=network_of(request), proof=proof_of(request))
    if offer.is_locked:
        return ask_code(request, token, offer, status=403 if is_given or wants_file else 200)
    return _show(request, token, offer)


def _show(request: HttpRequest, token: str, offer: delivery.Offer) -> HttpResponse:
    context = {
        "token": token,
        "offer": offer,
        "export": offer.export,
        "asked": offer.request,
        "records": counted(offer.export.records, "record"),
        "groups": groups_of(offer.export),
        "can_be_handed_over": transferring.is_offered(offer.request),
    }
    return render(request, "portal/download.html", context)


def _stream(request: HttpRequest, token: str, member: int | None) -> StreamingHttpResponse:
    given = delivery.begin(
        token,
        address=address_of(request),
        network=network_of(request),
        agent=agent_of(request),
        byte_range=request.headers.get("Range"),
        if_range=request.headers.get("If-Range"),
        proof=proof_of(request),
        member=member,
    )
    return StreamingHttpResponse(given.chunks, status=given.status, headers=given.headers)


def _describe(request: HttpRequest, token: str, member: int | None) -> HttpResponse:
    """Answer a HEAD, which is no download."""
    headers = delivery.describe(token, address=network_of(request), proof=proof_of(request), member=member)
    return HttpResponse(headers=headers)
