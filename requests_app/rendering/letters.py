"""Who answers whom in an export of a request, and what was searched for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NotRequired, TypedDict

from django.utils import timezone

from exporters.letter import Letter, Searched, SearchOutcome
from requests_app import refusals, representing
from requests_app.authorities import competent
from requests_app.controller import controller
from requests_app.letters.refused import in_words
from requests_app.models import Leased, Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from requests_app.models import SourceSearch, SubjectRequest


class _Addressed(TypedDict):
    recipient: str
    on_behalf_of: NotRequired[str]
    addressed_to: NotRequired[tuple[str, ...]]


def letter_of(request: SubjectRequest, never_given: tuple[str, ...] = ()) -> Letter:
    """Give what the letter to the person needs; dates are those of the portal's time zone.

    Args:
        never_given: see `Letter`.
    """
    sender = controller()
    return Letter(
        controller=sender,
        authority=competent(request.place, sender.country),
        right=request.right,
        received_on=timezone.localdate(request.submitted_at),
        due_on=request.due_on,
        place=request.place,
        never_given=never_given,
        decision=request.decision or _refused_in_part(request),
        **_addressed(request),
    )


def _addressed(request: SubjectRequest) -> _Addressed:
    """Say to whom it goes: to the person, or to who stands for them and receives the answer."""
    found = representing.standing(request)
    if found is None or not found.receives_answer:
        return {"recipient": request.name, "addressed_to": tuple(request.postal_address.splitlines())}
    address = found.postal_address.splitlines() or [found.email]
    lines = tuple(line for line in (found.organisation, *address) if line.strip())
    return {"recipient": found.name, "on_behalf_of": request.name, "addressed_to": lines}


def _refused_in_part(request: SubjectRequest) -> str:
    refusal = refusals.decided(request, Refusal.Extent.PART)
    return in_words(refusal.told) if refusal else ""


def searched_of(request: SubjectRequest, searches: Iterable[SourceSearch]) -> tuple[Searched, ...]:
    """Say of every source what became of its search, in the order given."""
    kinds = tuple(sorted(set(request.identifiers.proven().values_list("kind", flat=True))))
    return tuple(_searched(search, kinds) for search in searches)


def _searched(search: SourceSearch, kinds: tuple[str, ...]) -> Searched:
    outcome = outcome_of(search)
    return Searched(
        source=search.source.slug,
        label=search.source.label,
        outcome=outcome,
        at=search.finished_at,
        identifiers=kinds,
        records=search.records if search.state == Leased.State.DONE else 0,
        note=search.last_error if outcome is SearchOutcome.PARTLY else "",
    )


def outcome_of(search: SourceSearch) -> SearchOutcome:
    """Say what became of a search."""
    if search.state != Leased.State.DONE:
        return SearchOutcome.FAILED
    if search.is_incomplete:
        return SearchOutcome.PARTLY
    return SearchOutcome.FOUND if search.records else SearchOutcome.EMPTY
