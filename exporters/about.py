"""What every machine format tells about an answer beside its records, under the same names."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, TypeAlias

from exporters.letter import Searched, SearchOutcome
from extractors.batches import words

if TYPE_CHECKING:
    from exporters.base import Answer, SourceAnswer
    from exporters.letter import Authority, Controller, Letter
    from extractors.batches import Field

Particulars: TypeAlias = dict[str, str | list[str]]
"""What is known of somebody or something by name, a list where there may be several; nothing empty."""

_CONTROLLER = (
    *("name", "address", "country", "email", "phone", "website", "privacy_url"),
    *("officer", "officer_contact", "representative"),
)
_AUTHORITY = ("name", "address", "place", "email", "phone", "website", "complaint_url")
_REQUEST = ("right", "recipient", "place", "received_on", "due_on", "decision")


def parties(answer: Answer) -> dict[str, Particulars]:
    """Tell who answers (`controller`), where one may complain (`authority`), and what was asked (`request`).

    Returns:
        Nothing where nobody writes to anybody; no `authority` where none is known.
    """
    letter = answer.letter
    if letter is None:
        return {}
    told = {"controller": _particulars(letter.controller, _CONTROLLER)}
    if letter.authority:
        told["authority"] = _particulars(letter.authority, _AUTHORITY)
    return told | {"request": _particulars(letter, _REQUEST)}


def _particulars(of: Controller | Authority | Letter, names: tuple[str, ...]) -> Particulars:
    return {name: _told(value) for name in names if (value := getattr(of, name))}


def _told(value: str | date | tuple[str, ...]) -> str | list[str]:
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if isinstance(value, date) else value


def searches_of(answer: Answer) -> tuple[Searched, ...]:
    """Tell what was searched; of sources whose search nobody noted, what they gave.

    A source that gave something is called as it calls itself, in the language of the answer. The records of a passing
    answer are known when it has passed.
    """
    if not answer.searched:
        return tuple(_as_searched(answer, source) for source in answer.sources)
    labels = {given.source.slug: given.source.label for given in answer.sources}
    return tuple(replace(search, label=labels.get(search.source) or search.label) for search in answer.searched)


def _as_searched(answer: Answer, given: SourceAnswer) -> Searched:
    records = sum(item.count for item in given.collections)
    outcome = SearchOutcome.FOUND if records else SearchOutcome.EMPTY
    source = given.source
    return Searched(source.slug, source.label, outcome, answer.exported_at, tuple(answer.requester), records)


def instant(when: datetime) -> str:
    """Write a moment by ISO 8601 in UTC: `2024-05-06T07:08:10Z`."""
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z")


def label_of(field: Field) -> str:
    """Name a field for people: as the data map does, else by its name in words."""
    return field.label or words(field.name)


def holder_of(answer: Answer) -> str:
    """Name who holds the data: the controller where one writes, else the system."""
    return (answer.letter.controller.name if answer.letter else "") or answer.system
