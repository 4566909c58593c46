"""What a person orders on their request's page: further files, and a passphrase that protects them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from exporters.passphrase import suggested_passphrase
from requests_app import audit, passphrases
from requests_app.models import SecureLink
from requests_app.pages.files import missing_formats
from requests_app.pages.forms import FurtherFilesForm, PassphraseForm
from requests_app.pages.refusals import secret_page
from requests_app.pages.status import find_request, status_page
from requests_app.rendering import further
from requests_app.rendering.further import ImpossibleFiles

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from requests_app.models import SubjectRequest

STATUS = SecureLink.Purpose.STATUS


@require_POST
@secret_page(STATUS)
def order_files(request: HttpRequest, token: str) -> HttpResponse:
    """Have further files made, and lead back to the page that shows how far they are."""
    asked = find_request(request, token)
    form = FurtherFilesForm(missing_formats(asked), request.POST)
    if not form.is_valid():
        return _with_status(status_page(request, token, asked, form=form), 400)
    try:
        further.order(asked, form.cleaned_data["formats"], actor=audit.SUBJECT)
    except ImpossibleFiles as error:
        return _with_status(status_page(request, token, asked, problem=str(error)), 409)
    return redirect("status", token=token)


@sensitive_post_parameters("passphrase")
@require_http_methods(["GET", "HEAD", "POST"])
@secret_page(STATUS)
def protect(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for a passphrase, suggest one, or take it and lead back to the request's page."""
    asked = find_request(request, token)
    if not further.can_be_protected(asked) or passphrases.is_from_team(asked):
        return redirect("status", token=token)
    if request.method != "POST":
        return _passphrase_page(request, token, asked, PassphraseForm(asked))
    if "suggest" in request.POST:
        form = PassphraseForm(asked, initial={"passphrase": suggested_passphrase()})
        return _passphrase_page(request, token, asked, form)
    form = PassphraseForm(asked, request.POST)
    if not form.is_valid():
        return _passphrase_page(request, token, asked, form, status=400)
    try:
        further.protect(asked, form.cleaned_data["passphrase"], actor=audit.SUBJECT)
    except ImpossibleFiles as error:
        return _passphrase_page(request, token, asked, form, status=409, problem=str(error))
    return redirect("status", token=token)


def _passphrase_page(
    request: HttpRequest,
    token: str,
    asked: SubjectRequest,
    form: PassphraseForm,
    *,
    status: int = 200,
    problem: str = "",
) -> HttpResponse:
    context = {
        "token": token,
        "asked": asked,
        "form": form,
        "problem": problem,
        "is_suggested": "suggest" in request.POST,
        "has_files": bool(further.downloadable(asked)),
    }
    return render(request, "portal/protect.html", context, status=status)


def _with_status(response: HttpResponse, status: int) -> HttpResponse:
    response.status_code = status
    return response
