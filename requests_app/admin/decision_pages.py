"""Reviewing a contested decision in the console: what it was, who reviews it, what they find, and a summary."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from requests_app import deciding, decisions, summarising
from requests_app.admin.base import attempt, page_context
from requests_app.admin.decision_forms import FactsForm, FindingForm, finding_of
from requests_app.admin.request_acts import page_of
from requests_app.audit import Actor
from requests_app.controller import controller
from requests_app.letters import contexts, kept, texts
from requests_app.models import DecisionReview, Outcome, Right, Status, SubjectRequest
from requests_app.rights import answers
from requests_app.workflow import DECIDE, WORK

if TYPE_CHECKING:
    from django.http import HttpResponse

    from requests_app.admin.base import StaffRequest
    from requests_app.letters.kept import Kept

PLACE = "decision-review"
NOTICE = "decision_reviewed"
LONGEST_NUMBER = 12  # digits
OVER = "No decision is reviewed now: the request is not in progress, or asks for something else."


def record(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask which decision is reviewed, and keep it."""
    subject_request = _found(pk)
    if not (request.user.has_perm(WORK) or request.user.has_perm(DECIDE)):
        raise PermissionDenied
    if subject_request.status != Status.IN_PROGRESS or subject_request.right != Right.AUTOMATED_DECISION:
        messages.error(request, OVER)
        return _back(pk)
    is_sent = request.method == "POST"
    form = FactsForm(subject_request, decisions.review_of(subject_request), request.POST if is_sent else None)
    if form.is_valid():
        act = partial(deciding.record, pk, form.facts(), actor=Actor.staff(request.user))
        if attempt(request, act, "Kept. The person reads it on the page of the request."):
            return _back(pk)
    context = _context(request, subject_request, title="Which decision it is", form=form)
    return render(request, "console/decision/facts.html", context, status=400 if is_sent else 200)


def assign(request: StaffRequest, pk: int) -> HttpResponse:
    """Name who reviews the decision."""
    _found(pk)
    chosen = request.POST.get("reviewer", "")
    user_id = int(chosen) if chosen.isdecimal() and len(chosen) <= LONGEST_NUMBER else 0
    attempt(request, partial(deciding.assign, pk, user_id, actor=Actor.staff(request.user)), "The reviewer is named.")
    return _back(pk)


def carry_out(request: StaffRequest, pk: int) -> HttpResponse:
    """Tick that what is changed was carried out."""
    _found(pk)
    act = partial(deciding.carry_out, pk, actor=Actor.staff(request.user))
    attempt(request, act, "Noted: the new decision is carried out.")
    return _back(pk)


def review(request: StaffRequest, pk: int) -> HttpResponse:
    """Have the reviewer write what they find, read the letter, and conclude."""
    subject_request, actor = _found(pk), Actor.staff(request.user)
    row = decisions.review_of(subject_request)
    if subject_request.status != Status.IN_PROGRESS or row is None or row.reviewer_id != request.user.pk:
        messages.error(request, "Only whoever is named to review this decision does so, and before it is concluded.")
        return _back(pk)
    if "conclude" in request.POST:
        act = partial(deciding.conclude, pk, actor=actor, seen=request.POST.get("seen") or "-")
        done = attempt(request, act, "Concluded. The letter is on its way to the person.")
        return _back(pk) if done else redirect(_address(pk))
    is_sent = request.method == "POST"
    form = FindingForm(request.POST if is_sent else None, initial=finding_of(row))
    if form.is_valid() and attempt(request, partial(deciding.draft, pk, form.finding(), actor=actor), "Kept."):
        return redirect(_address(pk))
    obstacles = deciding.obstacles(subject_request, row)
    context = _context(
        request,
        subject_request,
        title="Review the decision",
        form=form.needing_all(),
        review=row,
        answers=answers.told(subject_request),
        logic=row.reasoning,
        obstacles=obstacles if row.result or row.explanation else (),
        letter=None if obstacles else _letter(subject_request, row),
        seen=deciding.fingerprint(row),
        is_offered=summarising.is_offered(),
    )
    return render(request, "console/decision/review.html", context, status=400 if is_sent else 200)


def summarise(request: StaffRequest, pk: int) -> HttpResponse:
    """Say what a language model would be sent and where, have it summarise, and show what it wrote."""
    subject_request = _found(pk)
    row = decisions.review_of(subject_request)
    if row is None or row.reviewer_id != request.user.pk or not summarising.is_offered():
        messages.error(request, "A case is summarised for its reviewer alone, where a language model is set up.")
        return _back(pk)
    if request.method == "POST":
        act = partial(summarising.ask, pk, actor=Actor.staff(request.user))
        attempt(request, act, "It is being written. Nothing waits for it.")
        return redirect(reverse("admin:requests_app_subjectrequest_decision_summary", args=[pk]))
    summary = summarising.latest(subject_request)
    context = _context(
        request,
        subject_request,
        title="Summary by a machine",
        summary=summary,
        text=summarising.text_of(summary) if summary else "",
        address=summarising.address(),
        foreseen=summarising.foreseen(row, request.user),
        can_ask=subject_request.status == Status.IN_PROGRESS and not (summary and summary.is_open),
        review_page=_address(pk),
    )
    return render(request, "console/decision/summary.html", context)


def _letter(request: SubjectRequest, row: DecisionReview) -> Kept:
    """Write the letter as it would be sent now; the row of the request stays as it is."""
    request.decision, request.outcome, request.status = row.explanation, Outcome.FULL, Status.COMPLETED
    row.request = request
    context = contexts.to_person(controller(), request)
    written = kept.written(NOTICE, texts.with_words(NOTICE, request, context), controller())
    request.refresh_from_db(fields=["decision", "outcome", "status"])
    return written


def _found(pk: int) -> SubjectRequest:
    found: SubjectRequest = get_object_or_404(SubjectRequest, pk=pk)
    return found


def _context(request: StaffRequest, subject_request: SubjectRequest, **shown: object) -> dict[str, object]:
    page = f"{page_of(subject_request.pk)}#{PLACE}"
    return page_context(request, subject_request=subject_request, page=page, **shown)


def _address(pk: int) -> str:
    return reverse("admin:requests_app_subjectrequest_review_decision", args=[pk])


def _back(pk: int) -> HttpResponse:
    return redirect(f"{page_of(pk)}#{PLACE}")
