"""Weighing an objection in the console, and saying what it is about."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render

from requests_app import objecting, teamwork
from requests_app.admin.base import attempt, page_context
from requests_app.admin.request_acts import page_of
from requests_app.audit import Actor
from requests_app.changing import previews
from requests_app.models import Right, SourceChange, Status, SubjectRequest
from requests_app.objecting import Weighed
from requests_app.rights import answers, objection
from requests_app.workflow import DECIDE, WORK

if TYPE_CHECKING:
    from django.http import HttpResponse

    from requests_app.admin.base import StaffRequest

PLACE = "objection"
LONGEST = 5000
UPHELD, NOT_UPHELD = "upheld", "not_upheld"


class WeighingForm(forms.Form):
    """Asks for what was weighed."""

    interests = forms.CharField(
        label="What the data is wanted for, and what speaks for going on",
        help_text="Name the interest, whose it is, and why it cannot be reached otherwise. A refusal begins with it.",
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 5}),
        error_messages={"required": "Please say what the data is wanted for, and what speaks for going on."},
    )
    decision = forms.ChoiceField(
        label="Which weighs more?",
        choices=[
            (UPHELD, "The objection: it is upheld, and the use stops everywhere at once"),
            (NOT_UPHELD, "The compelling grounds: it is not upheld; two people refuse it, with reasons"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Please say which weighs more."},
    )
    reasons = forms.CharField(
        label="The reasons, in words to the person",
        help_text="Their situation against your interest, in a few sentences. The person reads it with the decision.",
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 5}),
        error_messages={"required": "Please give the reasons; the person reads them."},
    )

    def weighed(self) -> Weighed:
        """Give what was typed to the stage."""
        data = self.cleaned_data
        return Weighed(data["interests"], data["reasons"], is_upheld=data["decision"] == UPHELD)


def weigh(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask what was weighed, and keep it."""
    asked = _found(pk)
    form = WeighingForm(request.POST if request.method == "POST" else None)
    is_open = asked.right == Right.OBJECTION and asked.status == Status.IN_PROGRESS
    if not (is_open and objection.weighed(asked)):
        messages.error(request, "There is nothing to weigh now.")
        return _back(pk)
    if form.is_valid():
        act = partial(objecting.weigh, pk, form.weighed(), actor=Actor.staff(request.user))
        upheld = form.weighed().is_upheld
        done = "Upheld. The use stops in all sources now." if upheld else "Kept. Now prepare the refusal."
        if attempt(request, act, done):
            return _back(pk)
    context = page_context(
        request,
        title="Weigh the objection",
        form=form,
        subject_request=asked,
        answers=answers.told(asked),
        page=page_of(pk) + f"#{PLACE}",
        is_about_everything=len(objection.weighed(asked)) > 1,
    )
    return render(request, "console/objection/weigh.html", context, status=400 if form.errors else 200)


def say_scope(request: StaffRequest, pk: int) -> HttpResponse:
    """Say what an objection is about."""
    _found(pk)
    if not (request.user.has_perm(WORK) or request.user.has_perm(DECIDE)):
        raise PermissionDenied
    act = partial(objecting.say_scope, pk, request.POST.get("scope", ""), actor=Actor.staff(request.user))
    attempt(request, act, "Noted what the objection is about.")
    return _back(pk)


def leave_out(request: StaffRequest, pk: int, work_id: int) -> HttpResponse:
    """Do without a source that could not be marked; why is kept as a note of the team."""
    asked = _found(pk)
    change = get_object_or_404(SourceChange.objects.select_related("source"), pk=work_id, request=pk)
    reason = request.POST.get("reason", "")
    act = partial(_leave_out, change, Actor.staff(request.user), reason)
    if request.method == "POST" and attempt(request, act, f"{change.source.label} is left out."):
        return _back(pk)
    context = page_context(
        request,
        subject_request=asked,
        page=page_of(pk) + f"#{PLACE}",
        title=f"Do without {change.source.label}",
        asks_reason=True,
        needs_reason=True,
        reason_label="Why, and how you see to it there by hand",
        hint="The data may still be used there: whoever runs that system has to stop it. It stays as a note.",
        reason=reason,
        is_final=True,
    )
    return render(request, "console/requests/ask.html", context)


@transaction.atomic
def _leave_out(change: SourceChange, actor: Actor, reason: str) -> None:
    text = f"Did without {change.source.label}: {reason}" if reason.strip() else ""
    teamwork.note(change.request_id, text, actor=actor)
    previews.leave_out(change, actor=actor, reason=reason)


def _found(pk: int) -> SubjectRequest:
    found: SubjectRequest = get_object_or_404(SubjectRequest, pk=pk)
    return found


def _back(pk: int) -> HttpResponse:
    return redirect(page_of(pk) + f"#{PLACE}")
