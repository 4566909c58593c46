"""What was found, before the files are made, and the formats that the person may still choose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST

from requests_app import audit
from requests_app.formats import offered_formats
from requests_app.models import Right, SecureLink, Status
from requests_app.pages.forms import FurtherFilesForm
from requests_app.pages.parts.base import Part
from requests_app.pages.refusals import secret_page
from requests_app.pages.status import find_request, status_page
from requests_app.rendering.choosing import ImpossibleChoice, can_choose, choose, chosen_formats
from requests_app.rendering.previewing import preview_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from requests_app.models import SubjectRequest
    from requests_app.rendering.previewing import Preview

ORDER = 20


@dataclass(frozen=True, slots=True)
class Found:
    """What the part shows.

    Args:
        preview: None where nothing can be told yet.
        form: None where the formats are settled.
        is_portability: whether only what the person gave is shown, and formats for programs are offered.
    """

    preview: Preview | None
    form: FurtherFilesForm | None
    is_portability: bool


def part_of(asked: SubjectRequest) -> Part | None:
    """Give the part: as long as the work goes on, and files come of it."""
    if asked.status != Status.IN_PROGRESS:
        return None
    preview = preview_of(asked)
    form = _form(asked) if can_choose(asked) else None
    if preview is None and form is None:
        return None
    return Part("portal/access/found.html", Found(preview, form, asked.right == Right.PORTABILITY))


def _form(asked: SubjectRequest) -> FurtherFilesForm:
    return FurtherFilesForm(offered_formats(Right(asked.right)), initial={"formats": chosen_formats(asked)})


@require_POST
@secret_page(SecureLink.Purpose.STATUS)
def choose_formats(request: HttpRequest, token: str) -> HttpResponse:
    """Take the formats, and lead back to the page."""
    asked = find_request(request, token)
    try:
        choose(asked, request.POST.getlist("formats"), actor=audit.SUBJECT)
    except ImpossibleChoice as error:
        return status_page(request, token, asked, problem=str(error), status=409 if not can_choose(asked) else 400)
    return redirect("status", token=token)


urlpatterns = [path("r/<str:token>/formats", choose_formats, name="status-formats")]
