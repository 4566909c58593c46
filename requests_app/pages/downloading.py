"""The page of a download, and the download itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from extractors.batches import counted
from requests_app import delivery
from requests_app.client import address_of, agent_of, network_of
from requests_app.models import SecureLink
from requests_app.pages.refusals import secret_page

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase


@require_http_methods(["GET", "HEAD", "POST"])
@secret_page(SecureLink.Purpose.DOWNLOAD)
def download(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show what can be downloaded; stream it on POST, or on GET with `?file=1` unless the link works once only.

    A plain GET never gives the file, so that programs that look into mails neither get it nor use the link up.
    """
    if request.method == "POST":
        return _stream(request, token)
    offer = delivery.offer(token, address=network_of(request))
    if "file" not in request.GET or offer.is_single_use:
        records = counted(offer.export.records, "record")
        context = {"offer": offer, "export": offer.export, "asked": offer.request, "records": records}
        return render(request, "portal/download.html", context)
    return _describe(offer) if request.method == "HEAD" else _stream(request, token)


def _stream(request: HttpRequest, token: str) -> StreamingHttpResponse:
    byte_range = request.headers.get("Range")
    address, agent = address_of(request), agent_of(request)
    delivered = delivery.begin(token, address=address, agent=agent, byte_range=byte_range)
    return StreamingHttpResponse(delivered.chunks, status=delivered.status, headers=delivered.headers)


def _describe(offer: delivery.Offer) -> HttpResponse:
    """Answer a HEAD, which is no download."""
    headers = {"Accept-Ranges": "bytes", "Content-Length": str(offer.export.size_bytes)}
    return HttpResponse(content_type="application/zip", headers=headers)
