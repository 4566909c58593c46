"""What the team does to sort requests: spam, links between requests, duplicates."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render

from requests_app import cases
from requests_app.admin.base import attempt, page_context
from requests_app.admin.request_acts import LONGEST_ID, WHOLE_LETTER, open_letter, page_of
from requests_app.admin.wording import Pill, status_pill
from requests_app.audit import Actor
from requests_app.models import RequestLink, SubjectRequest
from requests_app.sorting import linking, spam

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet
    from django.http import HttpResponse

    from requests_app.admin.base import StaffRequest
    from requests_app.sorting.likeness import Proposal
    from requests_app.sorting.linking import Linked

OTHERS = "#others"
SPAM_HINT = (
    "For advertisements, robots and nonsense. Nobody is told, and it counts neither as overdue nor as refused. "
    "You can take it back. The reason stays with the team, as a note."
)


def mark_spam(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask why a request is spam, then set it aside."""
    subject_request = get_object_or_404(SubjectRequest, pk=pk)
    reason = request.POST.get("reason", "")
    act: Callable[[], object] = partial(spam.mark, pk, reason, actor=Actor.staff(request.user))
    if WHOLE_LETTER in request.POST and reason.strip():
        letter = [pk, *cases.others_of(subject_request).values_list("pk", flat=True)]
        act = partial(spam.mark_all, letter, reason, actor=Actor.staff(request.user))
    if request.method == "POST" and attempt(request, act, "Set aside as spam; nobody is told."):
        return redirect(page_of(pk))
    return _ask_why(request, subject_request, reason)


def mark_all_spam(request: StaffRequest, requests: QuerySet[SubjectRequest]) -> HttpResponse:
    """Ask why several requests are spam, then set them aside; the second part of a bulk action."""
    reason = request.POST.get("reason", "").strip()
    if not reason:
        chosen = list(requests)
        context = page_context(request, title="Mark as spam", chosen=chosen, hint=SPAM_HINT)
        return render(request, "console/requests/spam.html", context)
    pks = list(requests.values_list("pk", flat=True))
    count = spam.mark_all(pks, reason, actor=Actor.staff(request.user))
    are = "request is" if count == 1 else "requests are"
    messages.success(request, f"{count} {are} set aside as spam." if count else "None of them was open any more.")
    return redirect("admin:requests_app_subjectrequest_changelist")


def restore(request: StaffRequest, pk: int) -> HttpResponse:
    """Take a request back that is no spam."""
    get_object_or_404(SubjectRequest, pk=pk)
    attempt(request, partial(spam.restore, pk, actor=Actor.staff(request.user)), "Taken back; it goes on as before.")
    return redirect(page_of(pk))


def link(request: StaffRequest, pk: int) -> HttpResponse:
    """Say how another request belongs to this one."""
    get_object_or_404(SubjectRequest, pk=pk)
    other, kind = _other(request), request.POST.get("kind", "")
    if other and kind in RequestLink.Kind.values:
        act = partial(linking.decide, pk, other.pk, RequestLink.Kind(kind), actor=Actor.staff(request.user))
        attempt(request, act, f"{other.reference}: {RequestLink.Kind(kind).label}.")
    else:
        messages.error(request, "Please choose how they belong together.")
    return redirect(page_of(pk) + OTHERS)


def close_duplicate(request: StaffRequest, pk: int, work_id: int) -> HttpResponse:
    """Say what closing as a duplicate of another request does, then close it."""
    subject_request, other = get_object_or_404(SubjectRequest, pk=pk), get_object_or_404(SubjectRequest, pk=work_id)
    close = linking.close_letter_as_duplicate if WHOLE_LETTER in request.POST else linking.close_as_duplicate
    act = partial(close, pk, other.pk, actor=Actor.staff(request.user))
    if request.method == "POST" and attempt(request, act, "Closed. The person is told which request is answered."):
        return redirect(page_of(pk))
    known = {"subject_request": subject_request, "other": other, "page": page_of(pk) + OTHERS}
    letter = [each for each, _ in linking.twins(subject_request, other)]
    context = page_context(request, title="Close as a duplicate", letter=letter, **known)
    return render(request, "console/requests/duplicate.html", context)


def others_of(subject_request: SubjectRequest) -> dict[str, object]:
    """Give what the page of a request shows of others of the same person."""
    linked = [_shown(subject_request, item) for item in linking.links_of(subject_request)]
    proposed: list[tuple[Proposal, Pill]] = [
        (item, status_pill(item.request)) for item in linking.undecided(subject_request)
    ]
    return {"linked": linked, "proposed": proposed, "link_kinds": RequestLink.Kind.choices}


def _shown(subject_request: SubjectRequest, item: Linked) -> tuple[Linked, Pill, bool]:
    is_duplicate = item.link.kind == RequestLink.Kind.DUPLICATE
    can_be_closed = is_duplicate and linking.can_be_closed(subject_request, item.request)
    return item, status_pill(item.request), can_be_closed


def _other(request: StaffRequest) -> SubjectRequest | None:
    """Give the request that is named beside this one, by its id or by its reference."""
    typed = request.POST.get("other", "").strip()
    if typed.isdecimal() and len(typed) <= LONGEST_ID:
        return SubjectRequest.objects.filter(pk=int(typed)).first()
    return SubjectRequest.objects.filter(reference=typed.upper()).first()


def _ask_why(request: StaffRequest, subject_request: SubjectRequest, reason: str) -> HttpResponse:
    context = page_context(
        request,
        title="Mark as spam",
        subject_request=subject_request,
        page=page_of(subject_request.pk),
        asks_reason=True,
        needs_reason=True,
        reason_label="Reason",
        hint=SPAM_HINT,
        reason=reason,
        letter=open_letter(subject_request),
    )
    return render(request, "console/requests/ask.html", context)
