"""The recipients of a person's data on the page of a request: who has to be told, and how each was."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from django import forms
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from requests_app import recipients
from requests_app.admin.base import Route, attempt, page_context
from requests_app.admin.next_steps import Step
from requests_app.admin.panels.base import SIDE, Panel
from requests_app.admin.request_acts import page_of
from requests_app.audit import Actor
from requests_app.models import RecipientNotice, Right, SubjectRequest, Upload
from requests_app.models.subject_request import ANSWERED, AT_WORK
from requests_app.uploads import UploadField, takes_files
from requests_app.workflow import WORK

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.http import HttpResponse

    from requests_app.admin.base import StaffRequest

ORDER = 30
PLACE = "recipients"
RIGHTS = (Right.RECTIFICATION, Right.ERASURE, Right.RESTRICTION)
POST, GET_AND_POST = ("POST",), ("GET", "POST")


class ToldForm(forms.Form):
    """Asks when and how a recipient was told."""

    told_on = forms.DateField(
        label="Told on",
        widget=forms.DateInput({"type": "date"}),
        error_messages={"required": "Please give the day.", "invalid": "Please give a day like 2026-06-01."},
    )
    way = forms.CharField(
        label="How",
        max_length=recipients.LONGEST_WORDS,
        help_text="For example: by mail to their data protection officer. It stays with the team.",
        error_messages={"required": "Please say how they were told."},
    )
    proof = UploadField(Upload.Kind.RECIPIENT, label="Proof", required=False)


class WhyNotForm(forms.Form):
    """Asks why a recipient cannot be told."""

    because = forms.CharField(
        label="Why they cannot be told",
        max_length=recipients.LONGEST_WORDS,
        help_text="Only where it is impossible, or would take a disproportionate effort (GDPR Art. 19). The person "
        "reads it on the page of the request.",
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": "Please say why."},
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """What the panel shows."""

    notices: list[RecipientNotice]
    waiting: int
    can_work: bool


def panel_of(request: SubjectRequest, user: User) -> Panel | None:
    """List the recipients; there is nothing to list before the work begins, or where the right tells nobody."""
    listed = recipients.standing(request)
    may_come = request.right in RIGHTS and request.status in {*AT_WORK, *ANSWERED} and not request.pseudonymised_at
    if not listed.notices and not may_come:
        return None
    can_work = user.has_perm(WORK) and not request.pseudonymised_at
    words = "Tell a recipient" if listed.waiting == 1 else f"Tell {listed.waiting} recipients"
    steps = (Step(f"{words} what was done", PLACE),) if listed.waiting else ()
    shown = Shown(listed.notices, listed.waiting, can_work)
    return Panel("console/recipients/panel.html", shown, SIDE, steps)


def add(request: StaffRequest, pk: int) -> HttpResponse:
    """List one more recipient."""
    get_object_or_404(SubjectRequest, pk=pk)
    act = partial(recipients.add, pk, request.POST.get("label", ""), actor=Actor.staff(request.user))
    attempt(request, act, "Listed; they have to be told.")
    return _back(pk)


@takes_files
def tell(request: StaffRequest, pk: int, work_id: int) -> HttpResponse:
    """Show what to write to a recipient, and take when and how they were told, or why they cannot be."""
    notice = _found(pk, work_id)
    if notice.is_settled:
        return _back(pk)
    gives_up = "give_up" in request.POST
    is_sent = request.method == "POST"
    is_told = is_sent and not gives_up
    told = ToldForm(request.POST if is_told else None, request.FILES if is_told else None, initial=_today())
    why_not = WhyNotForm(request.POST if is_sent and gives_up else None)
    form = why_not if gives_up else told
    if form.is_valid():
        act = _act(notice, form, Actor.staff(request.user))
        if attempt(request, act, "Ticked off; that is on record."):
            return _back(pk)
    context = page_context(
        request,
        title=f"Tell {notice.label}",
        subject_request=notice.request,
        page=f"{page_of(pk)}#{PLACE}",
        notice=notice,
        letter=recipients.letter(notice),
        form=form,
        told=told,
        why_not=why_not,
    )
    return render(request, "console/recipients/tell.html", context, status=400 if is_sent else 200)


def reopen(request: StaffRequest, pk: int, work_id: int) -> HttpResponse:
    """Take a tick back."""
    act = partial(recipients.reopen, _found(pk, work_id).pk, actor=Actor.staff(request.user))
    attempt(request, act, "Taken back; they wait to be told.")
    return _back(pk)


def remove(request: StaffRequest, pk: int, work_id: int) -> HttpResponse:
    """Take a recipient off the list."""
    act = partial(recipients.remove, _found(pk, work_id).pk, actor=Actor.staff(request.user))
    attempt(request, act, "Taken off the list.")
    return _back(pk)


ROUTES = (
    Route("<int:pk>/recipients/add/", add, "add_recipient", WORK, POST),
    Route("<int:pk>/recipients/<int:work_id>/", tell, "tell_recipient", WORK, GET_AND_POST),
    Route("<int:pk>/recipients/<int:work_id>/reopen/", reopen, "reopen_recipient", WORK, POST),
    Route("<int:pk>/recipients/<int:work_id>/remove/", remove, "remove_recipient", WORK, POST),
)


def _act(notice: RecipientNotice, form: forms.Form, actor: Actor) -> partial[RecipientNotice]:
    typed = form.cleaned_data
    if isinstance(form, WhyNotForm):
        return partial(recipients.give_up, notice.pk, typed["because"], actor=actor)
    return partial(recipients.tell, notice.pk, typed["told_on"], typed["way"], file=typed["proof"], actor=actor)


def _today() -> dict[str, str]:
    return {"told_on": timezone.localdate().isoformat()}


def _found(pk: int, work_id: int) -> RecipientNotice:
    return get_object_or_404(RecipientNotice.objects.select_related("request"), pk=work_id, request=pk)


def _back(pk: int) -> HttpResponse:
    return redirect(f"{page_of(pk)}#{PLACE}")
