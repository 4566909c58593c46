"""The form for somebody who comes signed in from our own service: name and mailbox are known, and proven.

The assertion comes by POST, from the other service's own page: so this one door takes a form without a token against
forgery. In an address it would stand in histories and logs.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from requests_app import links, places, preferences, rights
from requests_app.assertions import Assertion, RefusedAssertion
from requests_app.client import network_of
from requests_app.identity import assertion as signed
from requests_app.letters import languages
from requests_app.limits import LimitReached
from requests_app.models import Right, SecureLink
from requests_app.notifications import STATUS_LINK_DAYS
from requests_app.pages.forms import RequestForm
from requests_app.pages.refusals import limited, too_often

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from requests_app.models import SubjectRequest

NOWHERE = "no-store, private"


@csrf_exempt
@sensitive_post_parameters("assertion")
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: HttpRequest) -> HttpResponse:
    """Take an assertion, and show the form of whom it names; whoever comes without one is led to the usual form."""
    if request.method != "POST":
        return redirect("request-form")
    try:
        known = signed.take(request.POST.get("assertion", ""), address=network_of(request))
    except RefusedAssertion as error:
        return _refused(request, str(error))
    except LimitReached as error:
        return too_often(request, error)
    right = request.POST.get("right", "")
    place = _named_place(request) or places.proposed(request.headers.get("Accept-Language", ""))
    initial = {"right": right if right in Right.values else None, "place": place}
    return _show(request, RequestForm(initial=initial), known, made=_honour_signal(request, known))


@sensitive_post_parameters("voucher")
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Take in what somebody asks whose assertion was taken, and lead to the page of the request."""
    try:
        known = signed.vouched(request.POST.get("voucher", ""))
    except RefusedAssertion as error:
        return _refused(request, str(error))
    typed = request.POST.copy()
    typed["email"] = known.email
    typed["name"] = known.name or typed.get("name", "")
    form = RequestForm(typed)
    if not form.is_valid():
        return _show(request, form, known, status=400)
    try:
        taken = signed.submit(form.submission(), known, address=network_of(request))
    except LimitReached as error:
        return limited(_show(request, form, known, problem=str(error)), error)
    if taken is None:
        return redirect("request-sent")
    token = links.mint(taken, SecureLink.Purpose.STATUS, lifetime=timedelta(days=STATUS_LINK_DAYS))
    return redirect("status", token=token)


def _named_place(request: HttpRequest) -> str:
    """Give where our own service says that the person lives; empty where it does not."""
    named = request.POST.get("place", "")
    return named if places.is_known(named) else ""


def _honour_signal(request: HttpRequest, known: Assertion) -> SubjectRequest | None:
    """Take the signal of the browser as an objection of whoever is signed in, where the law says that it is one."""
    language = languages.proposed(request.headers.get("Accept-Language", ""))
    person = preferences.signed_in(known, _named_place(request), language)
    return preferences.honour_signal(person, request.headers)


def _show(
    request: HttpRequest,
    form: RequestForm,
    known: Assertion,
    *,
    problem: str = "",
    status: int = 200,
    made: SubjectRequest | None = None,
) -> HttpResponse:
    context = {
        "made": made,
        "form": form,
        "known": known,
        "voucher": signed.voucher(known),
        "rights": rights.all_rights().values(),
        "chosen_right": form["right"].value(),
        "problem": problem,
    }
    return _unstored(render(request, "portal/signed_in.html", context, status=status))


def _refused(request: HttpRequest, problem: str) -> HttpResponse:
    context = {"problem": problem, "account_url": settings.DSR_ACCOUNT_URL}
    return _unstored(render(request, "portal/not_signed_in.html", context, status=403))


def _unstored(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = NOWHERE
    return response
