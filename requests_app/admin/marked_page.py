"""What is marked in a collection: going from one to the next, withholding all of it, giving it back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render

from extractors.batches import counted
from extractors.errors import DsrError
from requests_app import review
from requests_app.admin.base import attempt, page_context
from requests_app.admin.marks import marked_in_words
from requests_app.admin.records_page import (
    GROUNDS,
    LONGEST_GROUND,
    LONGEST_NUMBER,
    address_of,
    page_or_404,
    search_or_404,
)
from requests_app.audit import Actor

if TYPE_CHECKING:
    from django.http import HttpResponse

    from requests_app.admin.base import StaffRequest


def show_next(request: StaffRequest, pk: int, search_id: int, collection: str) -> HttpResponse:
    """Go to the first marked record behind the one whose number is given; behind the last, to the first of all."""
    search = search_or_404(pk, search_id)
    typed = request.GET.get("after", "")
    after = int(typed) if typed.isdecimal() and len(typed) < LONGEST_NUMBER else 0
    try:
        ordinal = review.next_marked(search, collection, after)
        if ordinal is None and after:
            messages.info(request, "That was the last; this is the first.")
            ordinal = review.next_marked(search, collection, 0)
    except KeyError:
        raise Http404("There is no such collection.") from None
    except DsrError as error:
        messages.error(request, str(error))
        ordinal = None
    return redirect(address_of(search, collection, ordinal))


def withhold(request: StaffRequest, pk: int, search_id: int, collection: str) -> HttpResponse:
    """Ask on what ground everything marked is to be withheld, then have it withheld."""
    search = search_or_404(pk, search_id)
    actor = Actor.staff(request.user)
    page = page_or_404(search, collection, 0, 0, actor)
    ground = request.POST.get("ground", "")[:LONGEST_GROUND]
    if request.method == "POST":
        act = partial(review.redact_marked, search, collection, ground=ground, actor=actor)
        if attempt(request, act, "Withheld, each by itself: you can give single ones back."):
            return redirect(address_of(search, collection, None))
    context = page_context(
        request,
        title="Withhold what is marked",
        subject_request=search.request,
        collection=page.collection,
        marked=marked_in_words(page.marked),
        ground=ground or GROUNDS[0],
        grounds=GROUNDS,
        longest_ground=LONGEST_GROUND,
        page=address_of(search, collection, None),
    )
    return render(request, "console/records/withhold_marked.html", context)


def give_back(request: StaffRequest, pk: int, search_id: int, collection: str) -> HttpResponse:
    """Give back everything that is withheld on one ground."""
    search = search_or_404(pk, search_id)
    actor, ground = Actor.staff(request.user), request.POST.get("ground", "")
    try:
        count = review.undo_all(search, collection, ground=ground, actor=actor)
        messages.success(request, f"Given back: {counted(count, 'thing')}.")
    except DsrError as error:
        messages.error(request, str(error))
    return redirect(address_of(search, collection, None))
