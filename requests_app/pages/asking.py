"""The form, and what follows when it was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from requests_app import identity, intake, mandates, places, proofs, rights
from requests_app.client import network_of
from requests_app.letters import languages
from requests_app.limits import LimitReached
from requests_app.models import Right
from requests_app.pages.agent_forms import AskingForm
from requests_app.pages.forms import ResendForm
from requests_app.pages.refusals import limited
from requests_app.pages.signals import Signal, signal_of
from requests_app.uploads import UnusableFile, takes_files

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_http_methods(["GET", "HEAD", "POST"])
@takes_files
def ask(request: HttpRequest) -> HttpResponse:
    """Show the form (`?right=` chooses one), or take a request in."""
    if request.method != "POST":
        right = request.GET.get("right", "")
        accepted = request.headers.get("Accept-Language", "")
        place = _place(request, accepted)
        signal = signal_of(request, place)
        usual = Right.OBJECTION if signal and signal.counts else None
        initial = {
            "right": right if right in Right.values else usual,
            "place": place,
            "language": languages.proposed(accepted),
        }
        return _show_form(request, AskingForm(initial=initial), signal=signal)
    form = AskingForm(request.POST, request.FILES)
    if not form.is_valid():
        return _show_form(request, form, status=400)
    try:
        _submit(form, network_of(request))
    except LimitReached as error:
        return limited(_show_form(request, form, problem=str(error)), error)
    except (UnusableFile, mandates.UnusableClaim) as error:
        return _show_form(request, form, problem=str(error), status=400)
    return redirect("request-sent" if _has_to_be_shown(form) else f"{reverse('request-sent')}?begun")


def _place(request: HttpRequest, accepted: str) -> str:
    """Say where a person is likely to live: as the page says that led here (`?place=`), or as their browser does."""
    named = request.GET.get("place", "")
    return named if places.is_known(named) else places.proposed(accepted)


def _has_to_be_shown(form: AskingForm) -> bool:
    """Whether whoever asks for this there has to show anything; by what was typed alone, not by what is known."""
    asked = form.submission()
    return form.is_for_somebody or any(proofs.rule_of(part.right, part.place).checks for part in intake.parts_of(asked))


def _submit(form: AskingForm, address: str | None) -> None:
    if form.is_for_somebody:
        mandates.submit(form.submission(), form.claim(), address=address)
    else:
        intake.submit(form.submission(), address=address)


@require_safe
def show_sent(request: HttpRequest) -> HttpResponse:
    """Tell to look into the mailbox, in the same words whatever is known of it."""
    is_begun = "begun" in request.GET
    context = {"form": ResendForm(), "is_again": "again" in request.GET, "is_begun": is_begun}
    return render(request, "portal/sent.html", context)


@require_POST
def resend(request: HttpRequest) -> HttpResponse:
    """Send the confirmation mail again, if there is one to send, and say the same if there is none."""
    form = ResendForm(request.POST)
    if not form.is_valid():
        return render(request, "portal/sent.html", {"form": form}, status=400)
    try:
        identity.resend(form.cleaned_data["email"], address=network_of(request))
    except LimitReached as error:
        return limited(render(request, "portal/sent.html", {"form": form, "problem": str(error)}), error)
    return redirect(f"{reverse('request-sent')}?again")


def _show_form(
    request: HttpRequest, form: AskingForm, *, problem: str = "", status: int = 200, signal: Signal | None = None
) -> HttpResponse:
    context = {
        "form": form,
        "signal": signal,
        "object_label": Right.OBJECTION.label,
        "rights": rights.all_rights().values(),
        "chosen_right": form["right"].value(),
        "problem": problem,
    }
    return render(request, "portal/form.html", context, status=status)
