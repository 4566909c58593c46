"""The pages that say no, and the headers of pages whose address is a secret."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import render

from requests_app.delivery import ExpiredExport
from requests_app.limits import LimitReached
from requests_app.links import LinkError, UnknownLink
from requests_app.models import SecureLink
from requests_app.packed import UnknownMember
from requests_app.pages.forms import ResendForm
from requests_app.rendering.further import standing_release

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponseBase

    # Takes the request, the token, and by name what the address holds besides.
    TokenView = Callable[..., HttpResponseBase]

# `no-referrer` would make browsers send `Origin: null` with the page's own forms, which the protection against forged
# forms refuses; `same-origin` tells the address to nobody else either.
SECRET_HEADERS = {
    "Cache-Control": "no-store, private",
    "Referrer-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
}


def secret_page(purpose: SecureLink.Purpose) -> Callable[[TokenView], TokenView]:
    """Make a view's address stay secret, and its refusals pages: unknown 404, otherwise dead 410, too often 429."""

    def decorate(view: TokenView) -> TokenView:
        @wraps(view)
        def answer(request: HttpRequest, token: str, **further: object) -> HttpResponseBase:
            try:
                response = view(request, token, **further)
            except (LinkError, ExpiredExport, UnknownMember) as error:
                response = dead_link(request, purpose, error)
            except LimitReached as error:
                response = too_often(request, error)
            for name, value in SECRET_HEADERS.items():
                response.headers.setdefault(name, value)
            return response

        return answer

    return decorate


def dead_link(
    request: HttpRequest, purpose: SecureLink.Purpose, error: LinkError | ExpiredExport | UnknownMember
) -> HttpResponse:
    """Say in plain words why a link leads nowhere, and what to do."""
    reason = "unknown_file" if isinstance(error, UnknownMember) else error.reason
    link = error.link if isinstance(error, LinkError) else None
    known = link.request if link else getattr(error, "request", None)
    told = {"purpose": str(purpose), "reason": reason, "is_link": link is not None}
    is_kept = purpose == SecureLink.Purpose.DOWNLOAD and known is not None and standing_release(known) is not None
    token = request.resolver_match.kwargs.get("token") if request.resolver_match else ""
    context = told | {"known": known, "form": ResendForm(), "can_be_made_again": is_kept, "token": token}
    status = 404 if isinstance(error, UnknownLink | UnknownMember) else 410
    return render(request, "portal/dead_link.html", context, status=status)


def too_often(request: HttpRequest, error: LimitReached) -> HttpResponse:
    """Say that something was done too often, and when to come back."""
    return limited(render(request, "429.html", {"problem": str(error)}), error)


def limited(response: HttpResponse, error: LimitReached) -> HttpResponse:
    """Make an answer one to a client that asked too often.

    Source: RFC 6585 §4.
    """
    response.status_code = 429
    response.headers["Retry-After"] = str(error.retry_after_seconds)
    return response
