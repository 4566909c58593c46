"""The controller's look for the public pages: a style sheet with their colour, and their logo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import condition, require_safe

from requests_app.controller import controller
from requests_app.letters import colours
from requests_app.letters.look import look
from requests_app.policies import PICTURE_POLICY

if TYPE_CHECKING:
    from django.http import HttpRequest

# An address with the version in it never shows anything else; without one, browsers ask whether there is news.
FOR_EVER, ASK = "public, max-age=31536000, immutable", "no-cache"


def _etag(request: HttpRequest) -> str:
    return f'"{look().version}"'


@require_safe
@condition(etag_func=_etag)
def show_style(request: HttpRequest) -> HttpResponse:
    """Answer with the colours that go with the controller's."""
    colour = look().colour
    context = {"light": colours.light(colour), "dark": colours.dark(colour)}
    response = render(request, "portal/look.css", context, content_type="text/css; charset=utf-8")
    return _kept(request, response)


@require_safe
@condition(etag_func=_etag)
def show_logo(request: HttpRequest) -> HttpResponse:
    """Answer with the controller's logo; opened by itself it can do nothing."""
    logo = controller().logo
    if logo is None:
        raise Http404("There is no logo.")
    headers = {"Content-Security-Policy": PICTURE_POLICY}
    return _kept(request, HttpResponse(logo.content, content_type=logo.media_type, headers=headers))


def _kept(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = FOR_EVER if request.GET.get("v") == look().version else ASK
    return response
