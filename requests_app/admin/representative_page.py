"""Who stands for the person of a request: written down, looked at, accepted, refused or ended by the team."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render

from extractors.errors import DsrError
from requests_app import mandates, representing, uploads
from requests_app.admin.base import attempt, page_context
from requests_app.admin.representative_form import DecisionForm, RepresentativeForm
from requests_app.admin.request_acts import page_of
from requests_app.admin.wording import Pill
from requests_app.audit import Actor
from requests_app.mandates.personal import is_askable
from requests_app.models import Representative, Right, SubjectRequest, Upload
from requests_app.uploads import takes_files
from requests_app.workflow import PermissionRefused

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.forms import Form
    from django.http import HttpResponse, HttpResponseBase

    from requests_app.admin.base import StaffRequest

ANCHOR = "#representative"
State = Representative.State
TONES = {State.WAITING: "warn", State.ACCEPTED: "good", State.REFUSED: "bad", State.ENDED: "quiet"}


@dataclass(frozen=True, slots=True)
class Panel:
    """Who stands for the person, as the page of the request shows it.

    Args:
        is_new: whether nobody does, and somebody may be written down.
    """

    row: Representative | None
    state: Pill | None
    rights: list[str]
    files: list[Upload]
    can_ask: bool
    is_undecided: bool
    is_ending: bool
    is_new: bool


def panel_of(request: SubjectRequest) -> Panel:
    """Put the panel together."""
    found = representing.representative_of(request)
    files = list(request.uploads.filter(kind=Upload.Kind.AUTHORITY))
    if found is None:
        return Panel(None, None, [], files, False, False, False, is_new=request.is_open)
    is_over = found.state == State.ACCEPTED and representing.is_over(found)
    words = "its time is over" if is_over else found.get_state_display()
    return Panel(
        row=found,
        state=Pill(words, "bad" if is_over else TONES[State(found.state)]),
        rights=[Right(right).label for right in found.rights if right in Right.values],
        files=files,
        can_ask=is_askable(found, request) and representing.may_ask(found, request),
        is_undecided=found.state == State.WAITING and request.is_open,
        is_ending=found.state == State.ACCEPTED,
        is_new=False,
    )


@takes_files
def record(request: StaffRequest, pk: int) -> HttpResponse:
    """Write down who stands for the person."""
    subject_request = get_object_or_404(SubjectRequest, pk=pk)
    form = RepresentativeForm(initial={"rights": [subject_request.right]})
    if request.method == "POST":
        form = RepresentativeForm(request.POST, request.FILES)
        if form.is_valid():
            act = partial(mandates.record, pk, form.claim(), actor=Actor.staff(request.user))
            if attempt(request, act, "Written down. Now look at the authority and decide on it."):
                return redirect(page_of(pk) + ANCHOR)
    return _page(request, subject_request, "record", form, title="Write down a representative")


def accept(request: StaffRequest, pk: int) -> HttpResponse:
    """Accept an authority with a reason."""
    subject_request, found = _found(pk)
    form = DecisionForm.of(subject_request, found)
    if request.method == "POST":
        form = DecisionForm(request.POST)
        if form.is_valid():
            act = partial(mandates.accept, pk, form.decision(), actor=Actor.staff(request.user))
            if attempt(request, act, "Accepted. The person is told where the law lets us."):
                return redirect(page_of(pk) + ANCHOR)
    return _page(
        request, subject_request, "accept", form, title="Accept the authority", panel=panel_of(subject_request)
    )


def ask(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask the person whether somebody may ask for them."""
    _found(pk)
    act = partial(mandates.ask_person, pk, actor=Actor.staff(request.user))
    attempt(request, act, "The question is on its way to the person.")
    return redirect(page_of(pk) + ANCHOR)


def refuse(request: StaffRequest, pk: int) -> HttpResponse:
    """Not accept an authority; whoever asked reads why."""
    return _reasoned(
        request,
        pk,
        mandates.refuse,
        title="Do not accept the authority",
        done="Not accepted; whoever asked is told.",
        hint="Whoever asked reads it. Say nothing about whether any data is held. A request that nobody may ask for "
        "lapses.",
    )


def end(request: StaffRequest, pk: int) -> HttpResponse:
    """End an authority that was accepted."""
    return _reasoned(
        request,
        pk,
        mandates.end,
        title="End the authority",
        done="Ended; none of their links opens anything any more.",
        hint="Kept with the request. From now on everything goes to the person; both are told.",
    )


def download(request: StaffRequest, pk: int, work_id: int) -> HttpResponseBase:
    """Give a document of the authority out, on record."""
    upload = get_object_or_404(Upload, pk=work_id, request=pk, kind=Upload.Kind.AUTHORITY)
    try:
        return uploads.download(upload, actor=Actor.staff(request.user))
    except PermissionRefused as error:
        raise PermissionDenied(str(error)) from error
    except DsrError as error:
        messages.error(request, str(error))
        return redirect(page_of(pk) + ANCHOR)


def _reasoned(
    request: StaffRequest, pk: int, stage: Callable[..., None], *, title: str, done: str, hint: str
) -> HttpResponse:
    subject_request, _ = _found(pk)
    reason = request.POST.get("reason", "")
    if request.method == "POST":
        act = partial(stage, pk, reason, actor=Actor.staff(request.user))
        if attempt(request, act, done):
            return redirect(page_of(pk) + ANCHOR)
    context = page_context(
        request,
        subject_request=subject_request,
        page=page_of(pk) + ANCHOR,
        title=title,
        asks_reason=True,
        needs_reason=True,
        reason_label="Reason",
        hint=hint,
        reason=reason,
        is_final=True,
    )
    return render(request, "console/requests/ask.html", context)


def _found(pk: int) -> tuple[SubjectRequest, Representative]:
    subject_request = get_object_or_404(SubjectRequest, pk=pk)
    found = representing.representative_of(subject_request)
    if found is None:
        raise Http404("Nobody stands for this person.")
    return subject_request, found


def _page(
    request: StaffRequest, subject_request: SubjectRequest, name: str, form: Form, **shown: object
) -> HttpResponse:
    page = page_of(subject_request.pk) + ANCHOR
    context = page_context(request, subject_request=subject_request, page=page, form=form, **shown)
    return render(request, f"console/representatives/{name}.html", context)
