"""Letters that the team posts itself, and files that it hands over."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from requests_app import posting
from requests_app.admin.base import attempt, page_context
from requests_app.admin.request_acts import page_of
from requests_app.audit import Actor
from requests_app.letters.notices import label_of
from requests_app.models import Export, HandOver, OutboxMail
from requests_app.posting import letters_to_post

if TYPE_CHECKING:
    from django.http import HttpResponse

    from requests_app.admin.base import StaffRequest

MOST_LISTED = 100
WRONG_DAY = "Day: please give a day like 2026-06-01."


def show(request: StaffRequest) -> HttpResponse:
    """List the letters to post, the oldest first."""
    waiting = list(letters_to_post()[: MOST_LISTED + 1])
    context = page_context(
        request,
        title="Letters to post",
        letters=[(letter, label_of(letter.template)) for letter in waiting[:MOST_LISTED]],
        has_more=len(waiting) > MOST_LISTED,
        today=timezone.localdate(),
    )
    return render(request, "console/post/letters.html", context)


def note_posted(request: StaffRequest, pk: int, work_id: int) -> HttpResponse:
    """Put on record that a letter went out, and when."""
    letter = get_object_or_404(OutboxMail, pk=work_id, request=pk)
    day = _day(request)
    if day is None:
        messages.error(request, WRONG_DAY)
    else:
        act = partial(posting.note_posted, letter.pk, day, actor=Actor.staff(request.user))
        attempt(request, act, "Posted; that is on record.")
    return _back(request, pk)


def leave_unposted(request: StaffRequest, pk: int, work_id: int) -> HttpResponse:
    """Leave a letter unposted that nobody needs."""
    letter = get_object_or_404(OutboxMail, pk=work_id, request=pk)
    act = partial(posting.give_up, letter.pk, actor=Actor.staff(request.user))
    attempt(request, act, "It stays unposted; that is on record.")
    return _back(request, pk)


def hand_over(request: StaffRequest, pk: int, work_id: int) -> HttpResponse:
    """Put on record how and when the team gave the person their files."""
    export = get_object_or_404(Export.objects.select_related("request"), pk=work_id, request=pk)
    way, day = request.POST.get("way", ""), _day(request)
    if request.method == "POST":
        if way not in HandOver.Way.values or day is None:
            messages.error(request, WRONG_DAY if day is None else "Please say how they got them.")
        elif attempt(
            request,
            partial(posting.hand_over, export.pk, HandOver.Way(way), day, actor=Actor.staff(request.user)),
            "Handed over; that is on record.",
        ):
            return redirect(page_of(pk) + "#answer")
    context = page_context(
        request,
        title="Handed over",
        subject_request=export.request,
        page=page_of(pk) + "#answer",
        ways=HandOver.Way.choices,
        way=way,
        day=request.POST.get("day") or timezone.localdate().isoformat(),
        today=timezone.localdate(),
    )
    return render(request, "console/post/handed_over.html", context)


def _day(request: StaffRequest) -> date | None:
    try:
        return date.fromisoformat(request.POST.get("day", ""))
    except ValueError:
        return None


def _back(request: StaffRequest, pk: int) -> HttpResponse:
    """Return to where the button was: the list of letters, or the request."""
    listed = reverse("admin:requests_app_subjectrequest_letters")
    return redirect(listed if request.POST.get("next") == listed else page_of(pk) + "#mails")
