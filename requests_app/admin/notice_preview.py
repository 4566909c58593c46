"""Words of a notice as they would be sent: with made-up values, or on a request, on record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from django.core.exceptions import PermissionDenied
from django.shortcuts import render

from exporters.document.printing import UnprintableDocument
from requests_app import audit
from requests_app.admin.letters import mail_logo, mail_response, pdf_response
from requests_app.controller import controller
from requests_app.letters import checking, contexts, kept
from requests_app.letters.checking import Fault
from requests_app.letters.notices import NOTICES
from requests_app.letters.paper import paper
from requests_app.letters.samples import given, sample
from requests_app.models import SubjectRequest
from requests_app.policies import MAIL_POLICY

if TYPE_CHECKING:
    from django.http import HttpResponse

    from requests_app.admin.base import StaffRequest
    from requests_app.letters.words import Words
    from requests_app.letters.writing import Context
    from requests_app.models import Export
    from requests_app.rewording import Place

VIEW = "requests_app.view_subjectrequest"
_DARK = "@media (prefers-color-scheme: dark)"


@dataclass(frozen=True, slots=True)
class View:
    """One way to look at a notice."""

    name: str
    label: str


VIEWS = (View("mail", "Mail"), View("dark", "In the dark"), View("phone", "On a phone"), View("text", "Plain text"))


def show(request: StaffRequest, place: Place, words: Words, *, shown_as: str, reference: str) -> HttpResponse:
    """Answer with the notice by itself, for the frame beside its words, or as a letter.

    Args:
        shown_as: the name of a view, or `letter`.
        reference: of the request that it is about; a made-up one where it is empty.
    """
    found = checking.faults(place.notice, words.subject, words.body)
    subject_request = _request(request, reference.strip())
    if reference.strip() and subject_request is None:
        found = [*found, Fault("reference", "There is no request of this reference.")]
    if found:
        return _told(request, "console/notices/faults.html", faults=found)
    context = {**_context(request, place, subject_request), "words": words}
    said = kept.written(place.notice, context, controller())
    if shown_as == "letter":
        return _letter(request, place, said, context)
    if shown_as == "text":
        return _told(request, "console/notices/text.html", subject=said.subject, text=said.text)
    html = said.html.replace(kept.LOGO, mail_logo())
    return mail_response(html.replace(_DARK, "@media all" if shown_as == "dark" else "@media not all"))


def _letter(request: StaffRequest, place: Place, said: kept.Kept, context: Context) -> HttpResponse:
    try:
        return pdf_response(paper(said, context, controller()), f"{place.notice}.pdf")
    except UnprintableDocument as error:
        return _told(request, "console/notices/faults.html", faults=[Fault("body", str(error))])


def _context(request: StaffRequest, place: Place, subject_request: SubjectRequest | None) -> Context:
    if subject_request is None:
        return sample(place.notice, controller(), right=place.right, language=place.language)
    _record(request, place, subject_request)
    export = subject_request.exports.order_by("-pk").first() if NOTICES[place.notice].has_export else None
    subject_request.language = place.language
    if NOTICES[place.notice].has_export and export is None:
        export = cast("Export", sample(place.notice, controller())["export"])
    return contexts.to_person(controller(), subject_request, export, given(place.notice))


def _request(request: StaffRequest, reference: str) -> SubjectRequest | None:
    if reference and not request.user.has_perm(VIEW):
        raise PermissionDenied("You may not look at requests.")
    return SubjectRequest.objects.filter(reference=reference.upper()).first() if reference else None


def _record(request: StaffRequest, place: Place, subject_request: SubjectRequest) -> None:
    actor = audit.Actor.staff(request.user)
    target = f"notice {place.notice}"
    audit.record("notice.previewed", actor, request_id=subject_request.pk, target=target, notice=place.notice)


def _told(request: StaffRequest, template: str, **told: object) -> HttpResponse:
    response = render(request, template, told)
    response["Content-Security-Policy"] = MAIL_POLICY
    return response
