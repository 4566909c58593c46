"""Recording a request that came by letter, e-mail, telephone or in person, and its evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.dateformat import format as written

from extractors.errors import DsrError
from requests_app import cases, intake, uploads
from requests_app.admin.base import attempt, page_context
from requests_app.admin.record_form import RecordForm
from requests_app.admin.request_acts import page_of
from requests_app.admin.wording import SOON_DAYS, status_pill
from requests_app.audit import Actor
from requests_app.models import RequestLink, SubjectRequest, Upload
from requests_app.sorting import likeness, linking
from requests_app.uploads import takes_files
from requests_app.workflow import PermissionRefused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse

    from requests_app.admin.base import StaffRequest
    from requests_app.sorting.likeness import Proposal

SECTIONS = "console/intake/sections.html"


@takes_files
def record(request: StaffRequest) -> HttpResponse:
    """Ask for everything, propose earlier requests of the same person once, and record it."""
    if request.method != "POST":
        # Neither the day nor the proof is proposed: both are to be looked up, and count in law.
        initial = {"language": "en"}
        return _page(request, RecordForm(initial=initial))
    form = RecordForm(request.POST, request.FILES)
    found = _found(form)
    if form.is_valid() and _is_seen(request, found):
        made = _recorded(request, form, found)
        if made is not None:
            return redirect(page_of(made.pk))
    return _page(request, form, found)


@takes_files
def check(request: StaffRequest) -> JsonResponse:
    """Look at what was typed without recording it, for the script that keeps the files chosen in their place."""
    form = RecordForm(request.POST)
    found = _found(form)
    is_ready = form.is_valid() and _is_seen(request, found)
    html = "" if is_ready else render_to_string(SECTIONS, _shown(request, form, found), request)
    return JsonResponse({"is_ready": is_ready, "html": html})


@takes_files
def add_evidence(request: StaffRequest, pk: int) -> HttpResponse:
    """Keep one more scan with a request."""
    subject_request = get_object_or_404(SubjectRequest, pk=pk)
    file = request.FILES.get("file")
    if file is None:
        messages.error(request, "Please choose a file first.")
        return redirect(page_of(pk) + "#evidence")
    actor = Actor.staff(request.user)

    def act() -> None:
        examined = uploads.examine(file, Upload.Kind.EVIDENCE)
        with transaction.atomic():
            uploads.take(examined, Upload.Kind.EVIDENCE, actor=actor, request=subject_request)

    attempt(request, act, "The file is kept with the request.")
    return redirect(page_of(pk) + "#evidence")


def evidence(request: StaffRequest, pk: int, work_id: int) -> HttpResponseBase:
    """Give a scan out, on record."""
    upload = get_object_or_404(Upload, pk=work_id, request=pk, kind=Upload.Kind.EVIDENCE)
    try:
        return uploads.download(upload, actor=Actor.staff(request.user))
    except PermissionRefused as error:
        raise PermissionDenied(str(error)) from error
    except DsrError as error:
        messages.error(request, str(error))
        return redirect(page_of(pk) + "#evidence")


def _recorded(request: StaffRequest, form: RecordForm, found: Sequence[Proposal]) -> SubjectRequest | None:
    """Record the request and how it belongs to others; what the stage refuses stands beside its field."""
    actor = Actor.staff(request.user)
    try:
        with transaction.atomic():
            made = intake.record(form.record(), actor=actor)
            for item in found:
                kind = request.POST.get(f"link-{item.request.pk}", "")
                if kind in RequestLink.Kind.values:
                    linking.decide(made.pk, item.request.pk, RequestLink.Kind(kind), actor=actor)
    except PermissionRefused as error:
        raise PermissionDenied(str(error)) from error
    except DsrError as error:
        form.refuse(error)
        return None
    _tell(request, made)
    return made


def _tell(request: StaffRequest, made: SubjectRequest) -> None:
    """Say how long there is for the answer, with a warning where that is short."""
    names = " and ".join(each.reference for each in cases.in_order([made, *cases.others_of(made)]))
    messages.success(request, f"Recorded as {names}.")
    due = made.due_on
    if due is None:
        return
    left = (due - timezone.localdate()).days
    if left < 0:
        messages.warning(request, f"The answer was due on {written(due, 'j F Y')}: the period is over already.")
    elif left <= SOON_DAYS:
        messages.warning(request, f"The answer is due on {written(due, 'j F Y')}, which is soon.")


def _found(form: RecordForm) -> list[Proposal]:
    return likeness.proposals(form.person()) if form.is_valid() else []


def _is_seen(request: StaffRequest, found: Sequence[Proposal]) -> bool:
    seen = set(request.POST.get("seen", "").split(","))
    return all(str(item.request.pk) in seen for item in found)


def _page(request: StaffRequest, form: RecordForm, found: Sequence[Proposal] = ()) -> HttpResponse:
    lost = bool(request.FILES) and request.method == "POST"
    context = page_context(request, title="Record a request", files_lost=lost, **_shown(request, form, found))
    return render(request, "console/intake/record.html", context)


def _shown(request: StaffRequest, form: RecordForm, found: Sequence[Proposal]) -> dict[str, object]:
    chosen = {item: request.POST.get(f"link-{item.request.pk}", "") for item in found}
    proposed = [(item, status_pill(item.request), chosen[item]) for item in found]
    seen = ",".join(str(item.request.pk) for item in found)
    return {"form": form, "proposed": proposed, "seen": seen, "kinds": RequestLink.Kind.choices}
