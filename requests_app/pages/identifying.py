"""The part of a request's page on which a person shows who they are, one check after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from requests_app import identity, uploads
from requests_app.identity.document import MOST_FILES
from requests_app.models import SecureLink, Upload
from requests_app.pages.refusals import secret_page
from requests_app.pages.status import find_request, status_page

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

STATUS = SecureLink.Purpose.STATUS
LONGEST_ANSWER, MOST_ANSWERS = 200, 20


class DocumentForm(forms.Form):
    """Takes the pictures of a document."""

    pictures = uploads.UploadsField(
        Upload.Kind.IDENTITY,
        most=MOST_FILES,
        label="Picture of the document",
        error_messages={"required": "Please choose the picture first."},
    )


@sensitive_post_parameters()
@require_POST
@secret_page(STATUS)
@uploads.takes_files
def answer(request: HttpRequest, token: str, number: int) -> HttpResponse:
    """Take the answer to a check, and lead back to the page of the request, which shows the next."""
    asked = find_request(request, token)
    try:
        identity.answer(asked, number, _given(request))
    except identity.OutOfTurn:
        return redirect("status", token=token)
    except (identity.RefusedAnswer, uploads.UnusableFile) as error:
        asked.refresh_from_db()
        return status_page(request, token, asked, problem=str(error), status=400)
    return redirect("status", token=token)


@require_POST
@secret_page(STATUS)
def send(request: HttpRequest, token: str, number: int) -> HttpResponse:
    """Send a code for a check."""
    asked = find_request(request, token)
    try:
        identity.send(asked, number)
    except identity.OutOfTurn:
        return redirect("status", token=token)
    except identity.RefusedAnswer as error:
        return status_page(request, token, asked, problem=str(error), status=400)
    return redirect("status", token=token)


def _given(request: HttpRequest) -> identity.Given:
    typed = list(request.POST.items())[:MOST_ANSWERS]
    if "pictures" not in request.FILES:
        return identity.Given({name: str(value)[:LONGEST_ANSWER] for name, value in typed})
    form = DocumentForm(request.POST, request.FILES)
    if not form.is_valid():
        raise identity.RefusedAnswer(" ".join(str(problem) for problem in form.errors["pictures"]))
    return identity.Given({}, form.cleaned_data["pictures"])
