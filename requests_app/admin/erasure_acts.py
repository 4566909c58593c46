"""What the team does about an erasure: each view calls one stage and returns to the request's page."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render

from extractors.batches import counted
from extractors.errors import DsrError
from requests_app import teamwork
from requests_app.admin.base import attempt, page_context
from requests_app.admin.labels import labels_of
from requests_app.admin.request_acts import page_of
from requests_app.audit import Actor
from requests_app.changing import approvals, previews, showing
from requests_app.erasures import sources_of
from requests_app.models import Approval, SourceChange, SubjectRequest
from requests_app.queue import enqueue

if TYPE_CHECKING:
    from django.http import HttpResponse

    from requests_app.admin.base import StaffRequest

ERASURE = Approval.Act.ERASURE
PLACE = "erasure"


def look(request: StaffRequest, pk: int) -> HttpResponse:
    """Have every source looked at anew."""
    get_object_or_404(SubjectRequest, pk=pk)
    act = partial(previews.preview, pk, ERASURE, actor=Actor.staff(request.user))
    attempt(request, act, "Every source is looked at anew; what was asked for or approved before is void.")
    return _back(pk)


def ask(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask somebody else to approve."""
    get_object_or_404(SubjectRequest, pk=pk)
    act = partial(approvals.prepare, pk, ERASURE, actor=Actor.staff(request.user))
    attempt(request, act, "Asked. Somebody else has to approve it now.")
    return _back(pk)


def approve(request: StaffRequest, pk: int) -> HttpResponse:
    """Say what would be erased, and approve it."""
    asked = get_object_or_404(SubjectRequest, pk=pk)
    act = partial(approvals.approve, pk, ERASURE, actor=Actor.staff(request.user))
    if request.method == "POST":
        attempt(request, act, "Approved.")
        return _back(pk)
    sources = sources_of(asked)
    goes, stays = (sum(getattr(source, name) for source in sources) for name in ("goes", "stays"))
    hours = settings.DSR_ERASURE_UNDO_HOURS
    begins = f"begins in {counted(hours, 'hour')}, and can be called off until then" if hours else "begins at once"
    context = page_context(
        request,
        title="Approve the erasure",
        subject_request=asked,
        page=f"{page_of(pk)}#{PLACE}",
        is_final=True,
        hint=f"{counted(goes, 'row')} of {counted(len(sources), 'source')} will be erased, {counted(stays, 'row')} will"
        f" stay. It {begins}. What is erased cannot be brought back.",
    )
    return render(request, "console/requests/ask.html", context)


def call_off(request: StaffRequest, pk: int) -> HttpResponse:
    """Call off what was approved and waits."""
    get_object_or_404(SubjectRequest, pk=pk)
    act = partial(approvals.call_off, pk, ERASURE, actor=Actor.staff(request.user))
    attempt(request, act, "Called off: nothing is erased. Every source is looked at anew.")
    return _back(pk)


def leave_out(request: StaffRequest, pk: int, work_id: int) -> HttpResponse:
    """Do without a source that was given up; why is kept as a note of the team."""
    change = get_object_or_404(SourceChange.objects.select_related("source", "request"), pk=work_id, request=pk)
    reason = request.POST.get("reason", "").strip()
    act = partial(_leave_out, change, Actor.staff(request.user), reason)
    if request.method == "POST" and attempt(request, act, "Left out; the answer says so."):
        return _back(pk)
    context = page_context(
        request,
        title=f"Erase without {change.source.label}",
        subject_request=change.request,
        page=f"{page_of(pk)}#{PLACE}",
        asks_reason=True,
        needs_reason=True,
        reason_label="Reason",
        reason=reason,
        hint="The person is told that nothing was erased there, and the certificate says so: see to it by hand. The"
        " reason stays with the team, as a note.",
    )
    return render(request, "console/requests/ask.html", context)


def rows(request: StaffRequest, pk: int, work_id: int, collection: str) -> HttpResponse:
    """Show some of the rows of a collection by their keys; on record."""
    change = get_object_or_404(SourceChange.objects.select_related("source", "map", "request"), pk=work_id, request=pk)
    try:
        found = showing.sample(change, collection, actor=Actor.staff(request.user))
    except DsrError as error:
        messages.error(request, str(error))
        return _back(pk)
    context = page_context(
        request,
        title=f"{labels_of(change.map.text).get(collection, collection)} in {change.source.label}",
        subject_request=change.request,
        page=f"{page_of(pk)}#{PLACE}",
        change=change,
        found=found,
        most=showing.MOST_ROWS,
    )
    return render(request, "console/erasure/rows.html", context)


def finish(request: StaffRequest, pk: int) -> HttpResponse:
    """Try again to complete what is done."""
    get_object_or_404(SubjectRequest, pk=pk)
    enqueue("finish_request", pk)
    messages.success(request, "It is tried again.")
    return _back(pk)


@transaction.atomic
def _leave_out(change: SourceChange, actor: Actor, reason: str) -> None:
    previews.leave_out(change, actor=actor, reason=reason)
    teamwork.note(change.request_id, f"Erased without {change.source.label}: {reason}", actor=actor)


def _back(pk: int) -> HttpResponse:
    return redirect(f"{page_of(pk)}#{PLACE}")
