"""A person's answer to a question of the team."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from requests_app import audit, questions
from requests_app.models import SecureLink
from requests_app.pages.refusals import secret_page
from requests_app.pages.status import find_request, status_page
from requests_app.questions import UnusableAnswer

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@sensitive_post_parameters("text")
@require_POST
@secret_page(SecureLink.Purpose.STATUS)
def answer_question(request: HttpRequest, token: str, number: int) -> HttpResponse:
    """Take the answer to a question of this request, and lead back to its page."""
    asked = find_request(request, token)
    wait = asked.waits.filter(pk=number).first()
    if wait is None:
        return redirect("status", token=token)
    text = request.POST.get("text", "")
    try:
        questions.answer(wait.pk, text, actor=audit.SUBJECT)
    except UnusableAnswer as error:
        page = status_page(request, token, asked, problem=str(error), typed=text)
        page.status_code = 400
        return page
    return redirect("status", token=token)
