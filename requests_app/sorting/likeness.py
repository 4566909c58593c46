"""Requests that may be of the same person: proposed with the reason for each, decided by the team alone."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Q

from extractors.errors import UnusableIdentifier
from extractors.identifiers import spellings
from requests_app.models import Identifier, SubjectRequest
from requests_app.spelling import address_key, name_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from requests_app.models.subject_request import SubjectRequestQuerySet

MOST_PROPOSED = 10
MOST_COMPARED = 300
MAILBOX, ADDRESS, PLACE = "the same mailbox", "the same name and postal address", "the same name, in the same place"
_KINDS = {
    Identifier.Kind.EMAIL: MAILBOX,
    Identifier.Kind.PHONE: "the same telephone number",
    Identifier.Kind.USER_ID: "the same customer or user number",
}


@dataclass(frozen=True, slots=True)
class Person:
    """What somebody is known by.

    Args:
        identifiers: pairs of kind and value, as `Identifier` keeps them.
    """

    name: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    postal_address: str = field(default="", repr=False)
    place: str = ""
    identifiers: tuple[tuple[str, str], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A request that may be of the same person, and why; the same right, still open, may be the same request."""

    request: SubjectRequest
    reasons: tuple[str, ...]


def person_of(request: SubjectRequest) -> Person:
    """Give what the person of a request is known by."""
    identifiers = tuple(request.identifiers.values_list("kind", "value"))
    return Person(request.name, request.email, request.postal_address, request.place, identifiers)


def proposals(person: Person, *, apart_from: Iterable[int] = ()) -> list[Proposal]:
    """Find requests that may be of somebody: those with the most reasons first, then the newest.

    Args:
        apart_from: requests that are not to be proposed.
    """
    reasons: defaultdict[int, list[str]] = defaultdict(list)
    for reason, requests in _found(person):
        for pk in requests:
            if reason not in reasons[pk]:
                reasons[pk].append(reason)
    known = SubjectRequest.objects.in_bulk([pk for pk in reasons if pk not in set(apart_from)])
    found = [Proposal(known[pk], tuple(told)) for pk, told in reasons.items() if pk in known]
    return sorted(found, key=lambda item: (-len(item.reasons), -item.request.pk))[:MOST_PROPOSED]


def _found(person: Person) -> Iterator[tuple[str, list[int]]]:
    if person.email:
        yield MAILBOX, _ids(SubjectRequest.objects.of_mailbox(person.email))
    for kind, value in person.identifiers:
        yield _KINDS[Identifier.Kind(kind)], _of_identifier(kind, value)
    alike = _of_name(person.name)
    if person.postal_address:
        address = address_key(person.postal_address)
        yield ADDRESS, [request.pk for request in alike if address_key(request.postal_address) == address]
    if person.place:
        yield PLACE, [request.pk for request in alike if request.place == person.place]


def _ids(requests: SubjectRequestQuerySet) -> list[int]:
    return list(requests.order_by("-pk").values_list("pk", flat=True)[:MOST_COMPARED])


def _of_identifier(kind: str, value: str) -> list[int]:
    """Find the requests with an identifier, however it is spelt there."""
    spelt: tuple[str, ...] = (value,)
    with suppress(UnusableIdentifier):
        spelt = spellings(kind, value)
    same = Q(value__in=spelt) | (Q(value__iexact=value) if kind == Identifier.Kind.EMAIL else Q(pk=None))
    rows = Identifier.objects.filter(same, kind=kind).order_by("-request")
    return list(rows.values_list("request", flat=True)[:MOST_COMPARED])


def _of_name(name: str) -> list[SubjectRequest]:
    """Find the requests of a name, its parts in any order, however it is spelt."""
    key = name_key(name)
    rows = SubjectRequest.objects.filter(name_key=key).order_by("-pk") if key else SubjectRequest.objects.none()
    return list(rows.only("pk", "postal_address", "place")[:MOST_COMPARED])
