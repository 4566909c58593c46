"""What the team does about the clock of a request: each view calls one stage and returns to the request's page."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render

from requests_app import extensions, places, questions, teamwork
from requests_app.admin.base import attempt, page_context
from requests_app.admin.request_acts import page_of
from requests_app.audit import Actor
from requests_app.deadlines.extending import Plan
from requests_app.models import PeriodExtension, PersonWait, SubjectRequest
from requests_app.timekeeping import clock

if TYPE_CHECKING:
    from django.http import HttpResponse

    from requests_app.admin.base import StaffRequest

CLOCK = "#clock"
LONGEST_NUMBER = 3  # digits


def ask(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask the person something by mail."""
    subject_request = get_object_or_404(SubjectRequest, pk=pk)
    kind, question = request.POST.get("kind", ""), request.POST.get("question", "")
    if request.method == "POST" and kind in PersonWait.Kind.values:
        act = partial(questions.ask, pk, PersonWait.Kind(kind), question, actor=Actor.staff(request.user))
        if attempt(request, act, "The question is on its way to the person."):
            return redirect(page_of(pk) + CLOCK)
    return _page(
        request,
        subject_request,
        "ask",
        title="Ask the person",
        kinds=PersonWait.Kind.choices,
        kind=kind or PersonWait.Kind.CLARIFICATION,
        question=question,
    )


def answer(request: StaffRequest, pk: int, work_id: int) -> HttpResponse:
    """Write down what the person answered by letter or telephone."""
    wait = get_object_or_404(PersonWait, pk=work_id, request=pk)
    act = partial(questions.answer, wait.pk, request.POST.get("text", ""), actor=Actor.staff(request.user))
    attempt(request, act, "The answer is written down; the clock runs again.")
    return redirect(page_of(pk) + CLOCK)


def extend(request: StaffRequest, pk: int) -> HttpResponse:
    """Prepare an extension: choose, read the notice, then hand it to a manager."""
    subject_request = get_object_or_404(SubjectRequest, pk=pk)
    offered = extensions.choices(subject_request)
    if offered is None or offered.extension is None:
        raise Http404("No period is extended here.")
    plan, fault = _plan(request)
    due = _previewed(subject_request, plan) if request.method == "POST" and not fault else None
    shown = f"{due} {plan.ground}"
    # The notice names the day and the ground, so that it is written anew where these are others.
    is_other = request.POST.get("shown", shown) != shown
    if "prepare" in request.POST and not (fault or is_other):
        act = partial(extensions.prepare, pk, plan, request.POST.get("notice", ""), actor=Actor.staff(request.user))
        if attempt(request, act, "The extension is prepared; a manager has to approve it."):
            return redirect(page_of(pk) + CLOCK)
    is_kept = "prepare" in request.POST and not is_other
    return _page(
        request,
        subject_request,
        "extend",
        title="Extend the period",
        offered=offered,
        lengths=range(1, offered.extension.length + 1),
        plan=plan,
        fault=fault,
        is_other=is_other and "prepare" in request.POST,
        notice=request.POST.get("notice", "") if is_kept else _notice(subject_request, plan, due),
        due=due,
        shown=shown,
    )


def decide(request: StaffRequest, pk: int, work_id: int) -> HttpResponse:
    """Approve an extension that somebody else prepared, or give it up."""
    row = get_object_or_404(PeriodExtension, pk=work_id, request=pk)
    actor = Actor.staff(request.user)
    if "drop" in request.POST:
        attempt(request, partial(extensions.drop, row.pk, actor=actor), "The extension is given up.")
    else:
        act = partial(extensions.approve, row.pk, request.POST.get("notice", ""), actor=actor)
        attempt(request, act, "Extended. The notice is on its way to the person.")
    return redirect(page_of(pk) + CLOCK)


def change_place(request: StaffRequest, pk: int) -> HttpResponse:
    """Change where the person lives, which may change the law and the day."""
    subject_request = get_object_or_404(SubjectRequest, pk=pk)
    place = request.POST.get("place", subject_request.place)
    if request.method == "POST":
        act = partial(teamwork.change_place, pk, place, actor=Actor.staff(request.user))
        if attempt(request, act, "The place is changed, and the deadline computed anew."):
            return redirect(page_of(pk) + CLOCK)
    known = [("", "Not told"), *places.choices()]
    return _page(request, subject_request, "place", title="Where the person lives", places=known, place=place)


def move(request: StaffRequest, pk: int) -> HttpResponse:
    """Move a request to the rules as they are now."""
    get_object_or_404(SubjectRequest, pk=pk)
    act = partial(teamwork.move_to_rules_of_today, pk, actor=Actor.staff(request.user))
    attempt(request, act, "The request is moved to the rules as they are now.")
    return redirect(page_of(pk) + CLOCK)


def _plan(request: StaffRequest) -> tuple[Plan, str]:
    """Read what was chosen, and what is wrong with it."""
    given = request.POST
    by, until, fault = given.get("by", ""), given.get("until", ""), ""
    length = int(by) if by.isdecimal() and len(by) <= LONGEST_NUMBER else 0
    day = None
    if until:
        try:
            day = date.fromisoformat(until)
        except ValueError:
            fault = "Until: please give a day like 2026-06-01."
    return Plan(given.get("ground", ""), given.get("reason", ""), length, day), fault


def _notice(subject_request: SubjectRequest, plan: Plan, due: date | None) -> str:
    return extensions.notice_for(subject_request, plan) if due and plan.reason.strip() else ""


def _previewed(subject_request: SubjectRequest, plan: Plan) -> date | None:
    if not (plan.by or plan.until):
        return None
    leading = clock.tried(subject_request, clock.Trial(plan.by, plan.until))
    return leading.deadline.due if leading else None


def _page(request: StaffRequest, subject_request: SubjectRequest, name: str, **shown: object) -> HttpResponse:
    page = page_of(subject_request.pk) + CLOCK
    context = page_context(request, subject_request=subject_request, page=page, **shown)
    return render(request, f"console/clock/{name}.html", context)
