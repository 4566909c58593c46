"""The page on which a person says what their data may be used for, and the one that mails its link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from requests_app import browser_signals, links, preferences
from requests_app.client import network_of
from requests_app.limits import LimitReached
from requests_app.models import SecureLink, Suppression
from requests_app.pages.forms import ResendForm
from requests_app.pages.refusals import limited, secret_page

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from requests_app.models import SubjectRequest
    from requests_app.preferences import Person, Preference

PREFERENCES = SecureLink.Purpose.PREFERENCES
Scope, Way = Suppression.Scope, Suppression.LiftedWay
LABELS = {
    Scope.MARKETING: "Advertising",
    Scope.ANALYTICS: "Statistics and profiles",
    Scope.ALL: "Every other use that you did not agree to",
}
MEANINGS = {
    Scope.MARKETING: "We write to you about what we offer, and choose by your data what you are shown.",
    Scope.ANALYTICS: "We look at how you use our services: to improve them, and to learn what you may like.",
    Scope.ALL: "You objected to it, and we stopped. What is needed for a contract, or by law, goes on.",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One use of the data, as the page shows it."""

    preference: Preference
    label: str
    means: str


@dataclass(frozen=True, slots=True)
class Past:
    """What was switched, as the page tells it."""

    change: preferences.Change
    label: str


@require_http_methods(["GET", "HEAD", "POST"])
def ask_link(request: HttpRequest) -> HttpResponse:
    """Ask for a mailbox and mail the link there; in the same words whatever is known of it."""
    if request.method != "POST":
        return _ask(request, ResendForm())
    form = ResendForm(request.POST)
    if not form.is_valid():
        return _ask(request, form, status=400)
    try:
        preferences.send_link(form.cleaned_data["email"], address=network_of(request))
    except LimitReached as error:
        return limited(_ask(request, form, problem=str(error)), error)
    return redirect(f"{reverse('preferences-ask')}?sent")


@require_safe
@secret_page(PREFERENCES)
def show(request: HttpRequest, token: str) -> HttpResponse:
    """Show what the data may be used for; a signal of the browser that counts as an objection is one."""
    person = person_behind(request, token)
    made = preferences.honour_signal(person, request.headers) if request.method == "GET" else None
    return _page(request, token, person, made=made)


@require_POST
@secret_page(PREFERENCES)
def switch(request: HttpRequest, token: str) -> HttpResponse:
    """Switch one use off or on; against the signal of the browser, only once that is confirmed."""
    person = person_behind(request, token)
    scope, is_on = request.POST.get("scope", ""), request.POST.get("to") == "on"
    if scope not in LABELS or request.POST.get("to") not in {"on", "off"}:
        return _page(request, token, person, problem="Please use one of the buttons.", status=400)
    is_confirmed, wanted = "confirmed" in request.POST, Scope(scope)
    signal = browser_signals.counts(request.headers, person.place) and wanted == Scope.MARKETING
    if is_on and signal and not is_confirmed:
        return render(request, "portal/preferences/confirm.html", {"token": token, "scope": scope})
    try:
        if is_on:
            preferences.switch_on(person, wanted, way=Way.CONFIRMED if signal else Way.PREFERENCE)
        else:
            preferences.switch_off(person, wanted)
    except preferences.NotSwitchable as error:
        return _page(request, token, person, problem=str(error), status=409)
    return redirect(f"{reverse('preferences', args=[token])}?{'on' if is_on else 'off'}={scope}")


@require_safe
def show_gpc(request: HttpRequest) -> JsonResponse:
    """Say that the Global Privacy Control is honoured.

    Source: https://www.w3.org/TR/gpc/ §5.
    """
    return JsonResponse({"gpc": True, "lastUpdate": browser_signals.LAST_CHANGED})


def person_behind(request: HttpRequest, token: str) -> Person:
    """Say whose preferences a link opens.

    Raises:
        LinkError, LimitReached: see `links.opened`.
    """
    link = links.opened(token, PREFERENCES, address=network_of(request))
    if not link.request.email:  # its time had come: nobody knows any more whose it was
        raise links.ExpiredLink("This link has expired.", link)
    return preferences.person_of(link.request)


def _page(
    request: HttpRequest,
    token: str,
    person: Person,
    *,
    made: SubjectRequest | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    found = preferences.preferences_of(person)
    context = {
        "token": token,
        "email": person.email,
        "rows": [Row(item, LABELS[item.scope], MEANINGS[item.scope]) for item in found],
        "history": [Past(item, LABELS[item.scope]) for item in preferences.history_of(person)],
        "made": made,
        "is_signalled": browser_signals.counts(request.headers, person.place),
        "problem": problem,
        "switched_on": LABELS.get(Scope(request.GET["on"])) if request.GET.get("on") in Scope.values else "",
        "switched_off": LABELS.get(Scope(request.GET["off"])) if request.GET.get("off") in Scope.values else "",
    }
    return render(request, "portal/preferences/page.html", context, status=status)


def _ask(request: HttpRequest, form: ResendForm, *, problem: str = "", status: int = 200) -> HttpResponse:
    context = {"form": form, "problem": problem, "is_sent": "sent" in request.GET}
    return render(request, "portal/preferences/ask.html", context, status=status)
