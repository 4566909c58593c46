"""The panel of a request that says who the person has shown to be, and what the team may do about it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from extractors.errors import DsrError
from requests_app import identity, proofs, uploads
from requests_app.admin.base import Route, attempt, page_context
from requests_app.admin.request_acts import page_of
from requests_app.admin.wording import Pill, name_of
from requests_app.audit import Actor
from requests_app.identity import document, sms, table
from requests_app.identity.kinds import kind_of
from requests_app.models import IdentityCheck, SubjectRequest, Upload
from requests_app.workflow import WORK

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User
    from django.http import HttpResponse, HttpResponseBase

    from requests_app.admin.base import StaffRequest

PLACE = "#identity"
POST, GET_AND_POST = ("POST",), ("GET", "POST")
Kind = IdentityCheck.Kind


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A check in words, and what may be done about it."""

    check: IdentityCheck
    label: str
    state: Pill
    notes: list[str]
    can_be_passed: bool
    can_be_renewed: bool
    wants_number: bool
    has_document: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """What the panel shows."""

    rows: list[CheckRow]
    files: list[Upload]
    is_proven: bool
    can_ask: bool


def panel_of(request: SubjectRequest, user: User | AnonymousUser) -> Panel:
    """Give the checks of a request, in the order in which they are asked for."""
    checks = request.identity_checks.select_related("identifier", "asked_by", "decided_by").filter(purpose="begin")
    files = list(document.files_of(request)) if user.has_perm(WORK) else []
    may_act = user.has_perm(WORK) and request.is_open
    rows = [_row(check, may_act=may_act, has_document=bool(files)) for check in proofs.in_order(checks)]
    can_ask = may_act and bool(request.email and identity.askable(request))
    return Panel(rows, files, proofs.is_proven(request), can_ask)


def ask_for(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask the person for a further proof of who they are."""
    subject_request = get_object_or_404(SubjectRequest, pk=pk)
    kind, why = request.POST.get("kind", ""), request.POST.get("why", "")
    act = partial(identity.ask_for, pk, kind, why, actor=Actor.staff(request.user))
    if request.method == "POST" and attempt(request, act, "The person is told by mail what is needed, and why."):
        return redirect(page_of(pk) + PLACE)
    kinds = [(item.kind.value, item.label) for item in identity.askable(subject_request)]
    context = page_context(
        request,
        title="Ask who they are",
        subject_request=subject_request,
        page=page_of(pk) + PLACE,
        kinds=kinds,
        kind=kind or (kinds[0][0] if kinds else ""),
        why=why,
    )
    return render(request, "console/identity/ask.html", context)


def pass_by_hand(request: StaffRequest, pk: int, work_id: int) -> HttpResponse:
    """Take a check as passed, as it was shown otherwise."""
    check = get_object_or_404(IdentityCheck, pk=work_id, request=pk)
    return _with_reason(
        request,
        check,
        partial(identity.pass_by_hand, check.pk, actor=Actor.staff(request.user)),
        title="Identity shown otherwise",
        label="How the person has shown who they are",
        hint="By a telephone call to a number you hold, a signature you know, a visit. It stays with the check; "
        "the person does not see it. Where it was the last thing to be shown, the work begins.",
        done="Taken as shown.",
    )


def refuse_document(request: StaffRequest, pk: int, work_id: int) -> HttpResponse:
    """Say that a document does not show who the person is."""
    check = get_object_or_404(IdentityCheck, pk=work_id, request=pk)
    return _with_reason(
        request,
        check,
        partial(document.refuse, check.pk, actor=Actor.staff(request.user)),
        title="Refuse the document",
        label="What is missing, in words to the person",
        hint="The document is deleted at once. The person reads this, and may hand in another, "
        f"{document.MOST_TIMES} in all.",
        done="The document is deleted, and the person told.",
    )


def accept_document(request: StaffRequest, pk: int, work_id: int) -> HttpResponse:
    """Take a document as proof."""
    check = get_object_or_404(IdentityCheck, pk=work_id, request=pk)
    act = partial(document.accept, check.pk, actor=Actor.staff(request.user))
    attempt(request, act, "Accepted. The document is deleted.")
    return redirect(page_of(pk) + PLACE)


def let_try_again(request: StaffRequest, pk: int, work_id: int) -> HttpResponse:
    """Give new attempts."""
    check = get_object_or_404(IdentityCheck, pk=work_id, request=pk)
    act = partial(identity.let_try_again, check.pk, actor=Actor.staff(request.user))
    attempt(request, act, "The person may try again, and is told by mail.")
    return redirect(page_of(pk) + PLACE)


def record_number(request: StaffRequest, pk: int, work_id: int) -> HttpResponse:
    """Record the number that is held."""
    check = get_object_or_404(IdentityCheck, pk=work_id, request=pk)
    typed = request.POST.get("number", "")
    act = partial(sms.record_number, check.pk, typed, actor=Actor.staff(request.user))
    attempt(request, act, "Recorded. The person may have a code sent to it.")
    return redirect(page_of(pk) + PLACE)


def look_at(request: StaffRequest, pk: int, work_id: int) -> HttpResponseBase:
    """Give a document out, to be looked at and not kept; it is on record who had it."""
    upload = get_object_or_404(Upload, pk=work_id, request=pk, kind=Upload.Kind.IDENTITY)
    try:
        return uploads.download(upload, actor=Actor.staff(request.user))
    except DsrError as error:
        from django.contrib import messages

        messages.error(request, str(error))
        return redirect(page_of(pk) + PLACE)


ROUTES = (
    Route("<int:pk>/identity/ask/", ask_for, "ask_identity", WORK, GET_AND_POST),
    Route("<int:pk>/identity/<int:work_id>/pass/", pass_by_hand, "pass_identity", WORK, GET_AND_POST),
    Route("<int:pk>/identity/<int:work_id>/again/", let_try_again, "renew_identity", WORK, POST),
    Route("<int:pk>/identity/<int:work_id>/number/", record_number, "number_identity", WORK, POST),
    Route("<int:pk>/identity/<int:work_id>/accept/", accept_document, "accept_identity", WORK, POST),
    Route("<int:pk>/identity/<int:work_id>/refuse/", refuse_document, "refuse_identity", WORK, GET_AND_POST),
    Route("<int:pk>/identity/document/<int:work_id>/", look_at, "look_identity", WORK, POST),
)


def _with_reason(
    request: StaffRequest,
    check: IdentityCheck,
    act: partial[None],
    *,
    title: str,
    label: str,
    hint: str,
    done: str,
) -> HttpResponse:
    """Ask for a reason, and act with it."""
    reason = request.POST.get("reason", "")
    if request.method == "POST" and attempt(request, partial(act, reason), done):
        return redirect(page_of(check.request_id) + PLACE)
    context = page_context(
        request,
        subject_request=check.request,
        page=page_of(check.request_id) + PLACE,
        title=title,
        asks_reason=True,
        needs_reason=True,
        reason_label=label,
        hint=hint,
        reason=reason,
    )
    return render(request, "console/requests/ask.html", context)


def _row(check: IdentityCheck, *, may_act: bool, has_document: bool) -> CheckRow:
    is_open = may_act and check.passed_at is None
    is_document = is_open and check.kind == Kind.DOCUMENT and not check.failed_at
    return CheckRow(
        check,
        table.label_of(check.kind),
        _state(check, has_document=is_document and has_document),
        _notes(check),
        can_be_passed=is_open,
        can_be_renewed=is_open and check.failed_at is not None,
        wants_number=is_open and check.kind == Kind.SMS and not check.failed_at,
        has_document=is_document and has_document,
    )


def _state(check: IdentityCheck, *, has_document: bool) -> Pill:
    if check.passed_at:
        return Pill("shown", "good")
    if check.failed_at:
        return Pill("attempts exhausted", "bad")
    if has_document:
        return Pill("to be looked at", "warn")
    is_for_team = check.kind == Kind.TEAM or (check.kind == Kind.SMS and check.identifier_id is None)
    return Pill("for the team to do", "warn") if is_for_team else Pill("waiting for the person", "info")


def _notes(check: IdentityCheck) -> list[str]:
    """Tell what happened to a check so far."""
    notes = []
    if check.asked_by:
        notes.append(f"asked for by {name_of(check.asked_by)}")
    if check.sent:
        notes.append(f"{check.sent} {'mail' if check.kind == Kind.MAILBOX else 'code'}{'s' * (check.sent > 1)} sent")
    if check.attempts:
        notes.append(_tried(check))
    if check.passed_at:
        by = f" by {name_of(check.decided_by)}" if check.decided_by else ""
        notes.append(f"passed{by} {timezone.localtime(check.passed_at):%-d %b %Y, %H:%M}")
    return notes


def _tried(check: IdentityCheck) -> str:
    kind = kind_of(check)
    of = f" of {kind.most_attempts}" if kind else ""
    what = "documents handed in" if check.kind == Kind.DOCUMENT else "answers given"
    return f"{check.attempts}{of} {what}"
