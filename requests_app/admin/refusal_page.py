"""Refusing in the console: one prepares and reads the letter, another reads it and approves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from exporters.document.printing import UnprintableDocument
from extractors.batches import words as in_words
from requests_app import appeals, refusals, refusing
from requests_app.admin.base import attempt, page_context
from requests_app.admin.labels import labels_of
from requests_app.admin.letters import pdf_response
from requests_app.admin.request_acts import page_of
from requests_app.audit import Actor
from requests_app.controller import controller
from requests_app.letters import contexts, kept, texts
from requests_app.letters.paper import paper
from requests_app.letters.refused import shown
from requests_app.models import AppealOrComplaint, Outcome, Refusal, Right, Status, SubjectRequest
from requests_app.refusals import standing, telling
from requests_app.refusals.telling import PART, WHOLE, Draft, Telling
from requests_app.refusing import IllegalRefusal
from requests_app.releases import redactions
from requests_app.rights import objection
from requests_app.workflow import DECIDE, WORK

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from django.contrib.auth.models import User
    from django.http import HttpResponse

    from requests_app.admin.base import StaffRequest
    from requests_app.letters.kept import Kept
    from requests_app.letters.writing import Context
    from requests_app.models import Redaction
    from requests_app.refusals.grounds import Ground

PLACE = "#refusal"
LONGEST_FACTS = 5000
NOTICES = {WHOLE: "refused", PART: "partial"}
PARTS = {
    "laws": "The law",
    "reasons": "The reasons",
    "facts": "The facts",
    "withheld": "What is withheld",
    "remedies": "The remedies",
    "authority": "The authority",
    "due_on": "The day it was due",
    "late_reason": "Why it comes late",
}


@dataclass(frozen=True, slots=True)
class Panel:
    """What the page of a request shows of its refusal, and what may be done about it."""

    row: Refusal | None
    is_waiting: bool
    can_prepare: bool
    can_decide: bool
    is_own: bool
    can_discard: bool
    appeals: tuple[AppealOrComplaint, ...] = ()
    offered: str = ""
    can_lodge: bool = False
    can_answer: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A ground that fits, as the form offers it."""

    ground: Ground
    article: str
    is_chosen: bool

    @property
    def extent(self) -> str:
        """What of a request it refuses, where not either."""
        (only, *others) = self.ground.extents
        return "" if others else {"whole": "all of a request", "part": "a part"}[only]


@dataclass(frozen=True, slots=True)
class Change:
    """A part of the letter that is another than when it was prepared."""

    label: str
    before: str
    now: str


def panel_of(request: SubjectRequest, user: User) -> Panel:
    """Put together what the page of a request shows."""
    row = refusals.current(request)
    is_open = refusing.is_refusable(request) and not request.exports.exclude(state="failed").exists()
    is_waiting = bool(row and not row.approved_at)
    may_prepare = user.has_perm(WORK) or user.has_perm(DECIDE)
    offered = appeals.offered(request)
    is_own = bool(row and row.prepared_by_id == user.pk)
    return Panel(
        row=row,
        is_waiting=is_waiting,
        can_prepare=is_open and may_prepare and row is None,
        can_decide=is_waiting and is_open and user.has_perm(DECIDE) and not is_own,
        is_own=is_own,
        can_discard=bool(row) and is_open and (may_prepare if is_waiting else user.has_perm(DECIDE)),
        appeals=tuple(request.appeals.order_by("pk")),
        offered=offered or "",
        can_lodge=bool(offered) and may_prepare,
        can_answer=user.has_perm(DECIDE),
    )


def prepare(request: StaffRequest, pk: int) -> HttpResponse:
    """Prepare a refusal: choose grounds, write the facts, read the letter, then hand it to a second person."""
    subject_request = get_object_or_404(SubjectRequest, pk=pk)
    if not (request.user.has_perm(WORK) or request.user.has_perm(DECIDE)):
        raise PermissionDenied
    if not refusing.is_refusable(subject_request) or refusals.waiting(subject_request):
        reason = "it has ended, the person may still show who they are, or a refusal is waiting"
        messages.error(request, f"Nothing can be refused now: {reason}.")
        return redirect(page_of(pk) + PLACE)
    draft = _draft(request, subject_request)
    faults: tuple[str, ...] = telling.faults(subject_request, draft) if request.method == "POST" else ()
    if "prepare" in request.POST and not faults:
        act = partial(refusing.prepare, pk, draft, actor=Actor.staff(request.user))
        if attempt(request, act, "The refusal is prepared; a second person has to approve it."):
            return redirect(page_of(pk) + PLACE)
    is_readable = request.method == "POST" and not faults
    context = page_context(
        request,
        subject_request=subject_request,
        page=page_of(pk) + PLACE,
        title="Refuse",
        draft=draft,
        faults=faults,
        choices=_choices(subject_request, draft),
        laws=telling.law_of(subject_request).rules,
        late_since=telling.late_since(subject_request),
        can_be_partial=subject_request.status == Status.IN_PROGRESS,
        letter=_letter(subject_request, draft.extent, telling.told(subject_request, draft)) if is_readable else None,
    )
    return render(request, "console/refusals/form.html", context, status=400 if faults else 200)


def decide(request: StaffRequest, pk: int, work_id: int) -> HttpResponse:
    """Read a refusal that somebody prepared, and approve it or give it up."""
    row = get_object_or_404(Refusal.objects.select_related("prepared_by", "approved_by"), pk=work_id, request=pk)
    subject_request = SubjectRequest.objects.get(pk=pk)
    actor = Actor.staff(request.user)
    if "discard" in request.POST:
        attempt(request, partial(refusing.discard, row.pk, actor=actor), "The refusal is given up.")
        return redirect(page_of(pk) + PLACE)
    if "approve" in request.POST:
        act = partial(refusing.approve, row.pk, actor=actor, seen=request.POST.get("seen") or "-")
        done = "Refused. The letter is on its way to the person."
        if attempt(request, act, done if row.extent == WHOLE else "Approved: the answer tells it when it goes out."):
            return redirect(page_of(pk) + PLACE)
    faults: tuple[str, ...] = ()
    told: Telling = row.told
    if row.approved_at is None and row.discarded_at is None:
        try:
            told = refusing.now_told(subject_request, row)
        except IllegalRefusal as error:
            faults = error.faults
    context = page_context(
        request,
        subject_request=subject_request,
        page=page_of(pk) + PLACE,
        title="The refusal",
        row=row,
        panel=panel_of(subject_request, request.user),
        faults=faults,
        seen=telling.fingerprint(told),
        changes=list(_changes(row.told, told)),
        letter=_letter(subject_request, Refusal.Extent(row.extent), told),
    )
    return render(request, "console/refusals/page.html", context)


def show_letter(request: StaffRequest, pk: int, work_id: int) -> HttpResponse:
    """Print the letter as it would be sent today, or as it was."""
    row = get_object_or_404(Refusal, pk=work_id, request=pk)
    subject_request = SubjectRequest.objects.get(pk=pk)
    told: Telling = row.told if row.approved_at else telling.told(subject_request, standing.draft_of(row))
    extent = Refusal.Extent(row.extent)
    try:
        pdf = paper(_letter(subject_request, extent, told), _context(subject_request, extent, told), controller())
    except UnprintableDocument as error:
        messages.error(request, str(error))
        return redirect(reverse("admin:requests_app_subjectrequest_refusal", args=[pk, work_id]))
    return pdf_response(pdf, f"{subject_request.reference}-{NOTICES[extent]}.pdf")


def lodge(request: StaffRequest, pk: int) -> HttpResponse:
    """Write down an appeal or a complaint that came by letter or telephone."""
    get_object_or_404(SubjectRequest, pk=pk)
    text, typed = request.POST.get("text", ""), request.POST.get("received_on", "")
    try:
        came = date.fromisoformat(typed) if typed else None
    except ValueError:
        messages.error(request, "Received on: please give a day like 2026-06-01.")
        return redirect(page_of(pk) + PLACE)
    actor = Actor.staff(request.user)
    attempt(request, partial(appeals.lodge, pk, text, actor=actor, received_on=came), "It is recorded, and confirmed.")
    return redirect(page_of(pk) + PLACE)


def answer(request: StaffRequest, pk: int, work_id: int) -> HttpResponse:
    """Answer an appeal or a complaint, by mail."""
    row = get_object_or_404(AppealOrComplaint, pk=work_id, request=pk)
    outcome, text = request.POST.get("outcome", ""), request.POST.get("text", "")
    act = partial(appeals.answer, row.pk, outcome, text, actor=Actor.staff(request.user))
    attempt(request, act, "Answered. It is on its way to the person.")
    return redirect(page_of(pk) + PLACE)


def _letter(request: SubjectRequest, extent: Refusal.Extent, told: Telling) -> Kept:
    return kept.written(NOTICES[extent], _context(request, extent, told), controller())


def _context(request: SubjectRequest, extent: Refusal.Extent, told: Telling) -> Context:
    if extent == PART and not request.outcome:
        request.outcome = Outcome.PARTIAL
    context = contexts.to_person(controller(), request) | {"refusal": shown(told, request.language)}
    return texts.with_words(NOTICES[extent], request, context)


def _draft(request: StaffRequest, subject_request: SubjectRequest) -> Draft:
    """Read what was typed; at first, what the review withholds already."""
    given = request.POST
    if request.method == "POST":
        extent = PART if given.get("extent") == PART else WHOLE
        withheld = tuple(given.get("withheld", "").splitlines()) if extent == PART else ()
        draft = Draft(extent, tuple(given.getlist("grounds")), given.get("facts", ""), telling.categories(withheld))
        return replace(draft, late_reason=given.get("late_reason", ""))
    if weighed := _weighed(subject_request):
        return weighed
    rows = list(redactions(subject_request).select_related("search__map"))
    if not rows:
        return Draft(WHOLE)
    return Draft(PART, facts="\n".join(sorted({row.ground for row in rows})), withheld=_categories(rows))


def _weighed(request: SubjectRequest) -> Draft | None:
    """Begin with what was weighed, where an objection was not upheld; advertising is never among it."""
    row = request.weighings.first() if request.right == Right.OBJECTION else None
    if row is None or row.is_upheld:
        return None
    is_part = objection.scope_of(request) == "all"
    grounds = tuple(ground.slug for ground in telling.fitting(request) if ground.slug == "compelling-grounds")
    facts = f"{row.interests}\n\n{row.reasons}"
    if is_part:
        facts = f"We do not use your data for advertising any more.\n\n{facts}"
    withheld = ("an end to every other use",) if is_part else ()
    return Draft(PART if is_part else WHOLE, grounds, facts[:LONGEST_FACTS], withheld)


def _categories(rows: list[Redaction]) -> tuple[str, ...]:
    """Name what a review withholds, by collection and field."""
    named: dict[str, None] = {}
    for row in rows:
        label = labels_of(row.search.map.text).get(row.collection, row.collection)
        label = in_words(label) if label == row.collection else label
        named[f"{label}: {in_words(row.field)}" if row.field else f"{label}: whole records"] = None
    return tuple(named)


def _choices(request: SubjectRequest, draft: Draft) -> list[Choice]:
    codes = telling.law_of(request).codes
    fitting = telling.fitting(request)
    return [Choice(ground, ground.article(codes), ground.slug in draft.grounds) for ground in fitting]


def _changes(prepared: Mapping[str, object], now: Mapping[str, object]) -> Iterator[Change]:
    for name in telling.differences(prepared, now):
        if name in PARTS:
            yield Change(PARTS[name], _said(prepared.get(name)), _said(now[name]))


def _said(value: object) -> str:
    """Write a part of a letter in one line, for comparing."""
    if isinstance(value, dict):
        return ", ".join(_said(item) for item in value.values() if item)
    if isinstance(value, list):
        return "; ".join(str(item.get("words", "")) if isinstance(item, dict) else str(item) for item in value)
    return str(value or "")
