"""Guesses from its name what a table is about: people, what belongs to them, what they did, or things."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from extractors.discovery.lexicon import Kind, lexicon
from extractors.discovery.spans import Span, spans_of

LIKELY, POSSIBLE = 0.85, 0.6


class Role(StrEnum):
    """What a table is about."""

    PERSON = "person"  # customers, members, employees
    DETAIL = "detail"  # what a person has: addresses, consents, bank accounts
    ACTIVITY = "activity"  # what a person did or what happened to them: orders, visits, messages
    THING = "thing"  # products, articles, rooms
    LOOKUP = "lookup"  # countries, currencies, kinds of something
    TECHNICAL = "technical"  # migrations, settings, queues
    JOIN = "join"  # nothing but references
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class TableRole:
    """What a table's name says it is about; `confidence` from 0 to 1."""

    role: Role
    confidence: float
    reason: str


UNKNOWN = TableRole(Role.UNKNOWN, 0.0, "its name tells nothing")


def table_role(name: str, spoken: Mapping[str, float] | None = None) -> TableRole:
    """Guess what a table is about from its name; the word that says what it is decides, not those beside it.

    Args:
        name: without its schema.
        spoken: how much each language is spoken in the database.
    """
    words = lexicon().words(name.rpartition(".")[2])
    found = spans_of(words, spoken or {})
    if any(is_of_others(span) for span in found):
        return TableRole(Role.DETAIL, LIKELY, "is called like a table of people beside somebody")
    spans = [span for span in found if span.sense(Kind.TABLE)]
    if not spans:
        return UNKNOWN
    head = _head(spans)
    sense = head.sense(Kind.TABLE)
    assert sense is not None  # noqa: S101  # only such spans were taken
    role = _beside(Role(sense.value), [span for span in spans if span is not head])
    known = sum(word.is_known for word in words)
    confidence = (LIKELY if known == len(words) else POSSIBLE + 0.2 * known / len(words)) * head.certainty
    return TableRole(role, round(confidence, 2), f"is called like a table of {_MEANINGS[role]}")


def is_of_others(span: Span) -> bool:
    """Tell a phrase that is only ever about somebody else: an emergency contact, but not a doctor."""
    return bool(span.sense(Kind.OTHERS, "always")) and not span.sense(
        Kind.TABLE, Role.PERSON, Role.ACTIVITY, Role.THING
    )


def tells_of_others(name: str, spoken: Mapping[str, float] | None = None) -> bool:
    """Tell whether a table is called after people who stand beside those that it is kept for."""
    return any(is_of_others(span) for span in spans_of(lexicon().words(name.rpartition(".")[2]), spoken or {}))


def _head(spans: list[Span]) -> Span:
    """Take the last word, in languages that put it first the first one; a joining word never."""
    speaking = [span for span in spans if not span.sense(Kind.TABLE, Role.JOIN)] or spans
    sense = speaking[0].sense(Kind.TABLE)
    is_last = sense is None or lexicon().is_last(sense.language)
    return speaking[-1] if is_last else speaking[0]


def _beside(role: Role, others: list[Span]) -> Role:
    """Mend a role by the words beside it: settings of users are theirs."""
    of_person = any(span.sense(Kind.TABLE, Role.PERSON) for span in others)
    if role is Role.TECHNICAL and of_person:
        return Role.DETAIL
    if any(span.sense(Kind.TABLE, Role.JOIN) for span in others) and len(others) > 1:
        return Role.JOIN
    return role


_MEANINGS = {
    Role.PERSON: "people",
    Role.DETAIL: "what belongs to people",
    Role.ACTIVITY: "what people did",
    Role.THING: "things",
    Role.LOOKUP: "kinds or lists",
    Role.TECHNICAL: "the program's own",
    Role.JOIN: "connections",
}
