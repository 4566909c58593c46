"""Telling on the page of a request that one disagrees with a refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from requests_app import appeals, audit
from requests_app.appeals import UnusableAppeal
from requests_app.models import SecureLink
from requests_app.pages.refusals import secret_page
from requests_app.pages.status import find_request, status_page

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@sensitive_post_parameters("text")
@require_POST
@secret_page(SecureLink.Purpose.STATUS)
def appeal(request: HttpRequest, token: str) -> HttpResponse:
    """Take an appeal or a complaint, and lead back to the page; what was typed is kept where it is not taken."""
    asked = find_request(request, token)
    text = request.POST.get("text", "")
    try:
        appeals.lodge(asked.pk, text, actor=audit.SUBJECT)
    except UnusableAppeal as error:
        return status_page(request, token, asked, problem=str(error), disagreed=text)
    return redirect("status", token=token)
