"""What the team does to a request: each view calls one stage and returns to the request's page."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from django.contrib import messages
from django.db import transaction
from django.http import Http404, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from requests_app import cases, combining, corrections, delivery, refusals, review, revoking, teamwork, workflow
from requests_app.admin.base import attempt, page_context
from requests_app.admin.failed_work import failed_changes, failed_exports, failed_searches
from requests_app.audit import Actor
from requests_app.client import address_of
from requests_app.formats import in_order
from requests_app.models import (
    Export,
    KeptRows,
    Leased,
    OutboxMail,
    Outcome,
    Refusal,
    SourceChange,
    SourceSearch,
    SubjectRequest,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet
    from django.http import HttpResponse, HttpResponseBase

    from requests_app.admin.base import StaffRequest
    from requests_app.workflow import Transition

LONGEST_ID = 18  # digits
WHOLE_LETTER = "whole_letter"
BY_HAND = [Outcome.FULL, Outcome.PARTIAL, Outcome.NONE_HELD]


def page_of(request_id: int) -> str:
    """Give the address of a request's page."""
    return reverse("admin:requests_app_subjectrequest_change", args=[request_id])


def transition(request: StaffRequest, pk: int, name: str) -> HttpResponse:
    """Take a request to another status; first ask where a reason is needed or the person is told."""
    subject_request = get_object_or_404(SubjectRequest, pk=pk)
    wanted = workflow.TRANSITIONS.get(name)
    if wanted is None or not wanted.is_for_staff or wanted.has_own_page:
        raise Http404("There is no such transition.")
    reason, outcome = request.POST.get("reason", ""), request.POST.get("outcome", "")
    if request.method == "POST":
        act = _withdrawing(request, pk) if name == "withdraw" else _performing(request, pk, name)
        if attempt(request, act, f"{wanted.label}: done.") or not asks_first(wanted):
            return redirect(page_of(pk))
    elif wanted not in workflow.possible(subject_request, request.user):
        messages.error(request, f"{wanted.label}: not possible now, or not for you to do.")
        return redirect(page_of(pk))
    return _ask(
        request,
        subject_request,
        title=wanted.label,
        asks_reason=bool(wanted.mail),
        needs_reason=wanted.needs_reason,
        hint=_consequence(wanted, subject_request),
        reason_label="What was done, in words to the person" if name == "complete" else "Reason",
        outcomes=_outcomes(subject_request) if name == "complete" else [],
        reason=reason,
        outcome=outcome,
        letter=open_letter(subject_request) if name == "withdraw" else [],
    )


def _performing(request: StaffRequest, pk: int, name: str) -> Callable[[], object]:
    outcome = request.POST.get("outcome", "")
    typed = {"reason": request.POST.get("reason", ""), "outcome": outcome if outcome in BY_HAND else ""}
    return partial(workflow.perform, pk, name, actor=Actor.staff(request.user), **typed)


def _withdrawing(request: StaffRequest, pk: int) -> Callable[[], object]:
    reason, whole = request.POST.get("reason", ""), WHOLE_LETTER in request.POST
    return partial(combining.withdraw, pk, actor=Actor.staff(request.user), reason=reason, whole_letter=whole)


def open_letter(subject_request: SubjectRequest) -> list[SubjectRequest]:
    """Give what else of the same letter is open, for an act that may be meant for all of it."""
    return [other for other in cases.others_of(subject_request) if other.is_open]


def asks_first(wanted: Transition) -> bool:
    """Whether a page comes before it: it needs words, or the person is told at once."""
    return wanted.needs_reason or bool(wanted.mail)


def assign(request: StaffRequest, pk: int) -> HttpResponse:
    """Assign the request to whoever was chosen."""
    get_object_or_404(SubjectRequest, pk=pk)
    chosen = request.POST.get("assignee", "")
    user_id = int(chosen) if chosen.isdecimal() and len(chosen) <= LONGEST_ID else None
    attempt(request, partial(teamwork.assign, pk, user_id, actor=Actor.staff(request.user)), "Assigned.")
    return redirect(page_of(pk))


def assign_all(request: StaffRequest, requests: QuerySet[SubjectRequest]) -> int:
    """Assign several requests to whoever asks; returns how many that changed."""
    actor = Actor.staff(request.user)
    return sum(teamwork.assign(pk, request.user.pk, actor=actor) for pk in requests.values_list("pk", flat=True))


def note(request: StaffRequest, pk: int) -> HttpResponse:
    """Keep a note."""
    get_object_or_404(SubjectRequest, pk=pk)
    act = partial(teamwork.note, pk, request.POST.get("text", ""), actor=Actor.staff(request.user))
    attempt(request, act, "The note is kept.")
    return redirect(page_of(pk) + "#notes")


def release(request: StaffRequest, pk: int) -> HttpResponse:
    """Release the answer in the formats chosen."""
    get_object_or_404(SubjectRequest, pk=pk)
    formats = in_order(request.POST.getlist("formats"))
    if formats:
        act = partial(review.release, pk, actor=Actor.staff(request.user), formats=formats)
        attempt(request, act, "Released. The files are being prepared; the person gets a mail when they are ready.")
    else:
        messages.error(request, "Please choose at least one format.")
    return redirect(page_of(pk) + "#answer")


def retry_search(request: StaffRequest, pk: int, work_id: int) -> HttpResponse:
    """Search a source again."""
    return _retry(request, get_object_or_404(SourceSearch, pk=work_id, request=pk))


def retry_export(request: StaffRequest, pk: int, work_id: int) -> HttpResponse:
    """Prepare the files again."""
    return _retry(request, get_object_or_404(Export, pk=work_id, request=pk))


def retry_source_change(request: StaffRequest, pk: int, work_id: int) -> HttpResponse:
    """Preview a source, or do what was approved in it, again."""
    return _retry(request, get_object_or_404(SourceChange, pk=work_id, request=pk))


def retry_kept_rows(request: StaffRequest, work_id: int) -> HttpResponse:
    """Erase kept rows whose years are over again; their request may be gone."""
    kept = get_object_or_404(KeptRows, pk=work_id)
    attempt(request, partial(review.retry, kept, actor=Actor.staff(request.user)), "Started again.")
    return redirect("admin:index")


def retry_mail(request: StaffRequest, pk: int, work_id: int) -> HttpResponse:
    """Send a mail, or send again what was sent."""
    mail = get_object_or_404(OutboxMail, pk=work_id, request=pk)
    if mail.state != Leased.State.DONE:
        return _retry(request, mail)
    attempt(request, partial(teamwork.repeat_mail, mail, actor=Actor.staff(request.user)), "It is being sent again.")
    return redirect(page_of(pk) + "#mails")


def retry_all(request: StaffRequest, requests: QuerySet[SubjectRequest]) -> int:
    """Start the failed searches, exports and changes of several requests afresh, and their unsent mails; counted."""
    chosen = list(requests.values_list("pk", flat=True))
    unsent = OutboxMail.objects.filter(state=Leased.State.FAILED)
    count = 0
    for failed in (failed_searches(), failed_exports(), failed_changes(), unsent):
        for work in failed.filter(request__in=chosen):
            with suppress(review.NotReady):  # somebody was faster
                review.retry(work, actor=Actor.staff(request.user))
                count += 1
    return count


def leave_out(request: StaffRequest, pk: int, work_id: int) -> HttpResponse:
    """Answer without a source that was given up; why is kept as a note of the team."""
    search = get_object_or_404(SourceSearch.objects.select_related("source", "request"), pk=work_id, request=pk)
    reason = request.POST.get("reason", "").strip()
    if request.method == "POST" and attempt(
        request, partial(_leave_out, search, Actor.staff(request.user), reason), "Left out; the answer says so."
    ):
        return redirect(page_of(pk) + "#answer")
    return _ask(
        request,
        search.request,
        title=f"Answer without {search.source.label}",
        asks_reason=True,
        needs_reason=True,
        reason_label="Reason",
        hint="The person is told that this system could not be searched. The reason stays with the team, as a note.",
        reason=reason,
    )


def download(request: StaffRequest, pk: int, work_id: int) -> HttpResponseBase:
    """Hand an export out to a member of the team, on record like any other download."""
    export = get_object_or_404(Export.objects.select_related("request"), pk=work_id, request=pk)
    try:
        given = delivery.begin_for_staff(
            export, request.user, address=address_of(request), agent=request.headers.get("User-Agent", "")
        )
    except delivery.ExpiredExport as error:
        messages.error(request, str(error))
        return redirect(page_of(pk) + "#answer")
    return StreamingHttpResponse(given.chunks, status=given.status, headers=given.headers)


def take_back(request: StaffRequest, pk: int, work_id: int) -> HttpResponse:
    """Take files back from the person; why is kept as a note of the team."""
    export = get_object_or_404(Export.objects.select_related("request"), pk=work_id, request=pk)
    reason = request.POST.get("reason", "").strip()
    act = partial(revoking.take_back, export, actor=Actor.staff(request.user))
    noted = partial(_noted, request, pk, f"Took the files back ({', '.join(export.formats).upper()})", reason, act)
    if request.method == "POST" and attempt(request, noted, "Taken back: the files cannot be read any more."):
        return redirect(page_of(pk) + "#answer")
    return _ask(
        request,
        export.request,
        title="Take the files back",
        asks_reason=True,
        needs_reason=True,
        reason_label="Reason",
        hint="Their key is destroyed at once and for good, and every link to them says that they were taken back; "
        "files of the same release in other formats go with them. "
        "What was downloaded before stays with whoever has it. The reason stays with the team, as a note.",
        reason=reason,
        is_final=True,
    )


def renew_links(request: StaffRequest, pk: int) -> HttpResponse:
    """Make all links of a request void and mail new ones; why is kept as a note of the team."""
    subject_request = get_object_or_404(SubjectRequest, pk=pk)
    reason = request.POST.get("reason", "").strip()
    act = partial(revoking.renew_links, pk, actor=Actor.staff(request.user))
    noted = partial(_noted, request, pk, "Made all links void and mailed new ones", reason, act)
    if request.method == "POST" and attempt(request, noted, "The links are void; new ones are being mailed."):
        return redirect(page_of(pk) + "#mails")
    return _ask(
        request,
        subject_request,
        title="Make the links void",
        asks_reason=True,
        needs_reason=True,
        reason_label="Reason",
        hint="For when a mail went astray or somebody else has a link. None of the links mailed so far works any more; "
        "new ones are mailed to the mailbox of the request. The reason stays with the team, as a note.",
        reason=reason,
        is_final=True,
    )


@transaction.atomic
def _noted(request: StaffRequest, pk: int, what: str, reason: str, act: Callable[[], object]) -> None:
    teamwork.note(pk, f"{what}: {reason}" if reason else "", actor=Actor.staff(request.user))
    act()


def _retry(request: StaffRequest, work: SourceSearch | Export | SourceChange | OutboxMail) -> HttpResponse:
    attempt(request, partial(review.retry, work, actor=Actor.staff(request.user)), "Started again.")
    return redirect(page_of(work.request_id))


@transaction.atomic
def _leave_out(search: SourceSearch, actor: Actor, reason: str) -> None:
    teamwork.note(search.request_id, f"Answered without {search.source.label}: {reason}" if reason else "", actor=actor)
    review.leave_out(search, actor=actor, reason=reason)


def _ask(request: StaffRequest, subject_request: SubjectRequest, **asked: object) -> HttpResponse:
    context = page_context(request, subject_request=subject_request, page=page_of(subject_request.pk), **asked)
    return render(request, "console/requests/ask.html", context)


def _outcomes(request: SubjectRequest) -> list[tuple[str, str]]:
    """Give how a request worked by hand may end: in part where a part was refused by two people, or field by field."""
    is_refused = refusals.decided(request, Refusal.Extent.PART) is not None
    is_refused_in_part = is_refused or bool(corrections.counts(request).rejected)
    possible = [item for item in BY_HAND if (item == Outcome.PARTIAL) == is_refused_in_part]
    return [(item.value, item.label) for item in possible]


def _consequence(wanted: Transition, request: SubjectRequest) -> str:
    if wanted.name == "complete" and refusals.decided(request, Refusal.Extent.PART) is None:
        return (
            "It is sent to the person by mail, so write it to them. To answer in part, leave this and prepare a "
            "partial refusal first."
        )
    if wanted.needs_reason:
        return "The reason is sent to the person by mail, so write it to them."
    return "The person is told by mail." if wanted.mail else ""
