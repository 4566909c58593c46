"""Weighs what a column's type and sampled values say for or against a meaning."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from extractors.discovery.meanings import CONTENTS, SPECIAL
from extractors.discovery.model import Concept, Content, Sampled, SeenColumn

ENOUGH, MANY = 5, 20
FITTING, MOSTLY = 0.6, 0.8
CONTRADICTED = 0.2
UNSEEN = 0.8
PLAIN = frozenset({"text", "other"})
NUMBERED = frozenset({"text", "other", "integer", "number"})
MOMENTS = frozenset({"date", "timestamp", "integer", "number", "text", "other"})
MARKS = frozenset({"boolean", "integer", "text", "timestamp", "date", "number", "other", "binary"})
REFERENCES = frozenset({"integer", "number", "text", "uuid", "other", "binary", "json"})

_TYPES: dict[Concept, frozenset[str]] = {
    **dict.fromkeys((Concept.EMAIL, Concept.USER_NAME, Concept.USER_AGENT, Concept.ORGANISATION), PLAIN | {"binary"}),
    **dict.fromkeys((Concept.GIVEN_NAME, Concept.FAMILY_NAME, Concept.FULL_NAME), PLAIN | {"binary", "json"}),
    **dict.fromkeys((Concept.CITY, Concept.REGION, Concept.COUNTRY), NUMBERED),
    **dict.fromkeys((Concept.PHONE, Concept.STREET, Concept.POSTAL_CODE, Concept.IBAN, Concept.TAX_ID), NUMBERED),
    **dict.fromkeys((Concept.NATIONAL_ID, Concept.AMOUNT, Concept.NATIONALITY), NUMBERED),
    **dict.fromkeys((Concept.CREATED, Concept.CHANGED, Concept.ORDERING), MOMENTS),
    **dict.fromkeys((Concept.CONSENT, Concept.MARKETING, Concept.ANALYTICS, Concept.RESTRICTED), MARKS),
    **dict.fromkeys((Concept.PERSON_ID, Concept.OTHER_PERSON), REFERENCES),
    Concept.DELETED: MARKS,
    Concept.JOB: PLAIN,
    Concept.CARD: NUMBERED | {"date"},
    Concept.BIRTH_DATE: MOMENTS,
    Concept.GENDER: NUMBERED | {"boolean"},
    Concept.LOCATION: NUMBERED | {"json", "binary"},
    Concept.IP: frozenset({"text", "other", "binary", "integer"}),
    Concept.DEVICE: NUMBERED | {"uuid", "binary", "json"},
    Concept.SECRET: frozenset({"text", "other", "binary", "uuid", "json", "integer"}),
    Concept.FREE_TEXT: frozenset({"text", "other", "json"}),
    Concept.PHOTO: frozenset({"text", "other", "binary", "integer", "json"}),
    Concept.JSON: frozenset({"text", "other", "json", "binary"}),
}
_LEAST_LENGTH = {Concept.EMAIL: 6, Concept.PHONE: 6, Concept.FREE_TEXT: 16, Concept.FULL_NAME: 4, Concept.SECRET: 3}
# A mark has a type of its own; as text it is rarer, as a number it is a mark as likely as not.
_UNLIKELY_TYPES = {
    Concept.SECRET: frozenset({"integer", "json"}),
    Concept.PERSON_ID: frozenset({"text"}),
    Concept.FREE_TEXT: frozenset({"json"}),
    Concept.OTHER: frozenset({"date", "timestamp"}),
    Concept.CREATED: frozenset({"text", "other"}),
    Concept.CHANGED: frozenset({"text", "other"}),
    Concept.ORDERING: frozenset({"text", "other"}),
}
STRONG = {
    Content.EMAIL: Concept.EMAIL,
    Content.IBAN: Concept.IBAN,
    Content.CARD: Concept.CARD,
    Content.NATIONAL_ID: Concept.NATIONAL_ID,
    Content.PHONE: Concept.PHONE,
    Content.IP: Concept.IP,
    Content.HASH: Concept.SECRET,
    Content.TOKEN: Concept.SECRET,
    Content.NAME: Concept.FULL_NAME,
    Content.STREET: Concept.STREET,
    Content.BIRTH_DATE: Concept.BIRTH_DATE,
}
"""Contents that rarely come by accident, with what a column of them means whatever it is called."""

_WEIGHTS = {
    Content.STREET: 0.85,
    Content.TOKEN: 0.75,
    Content.BIRTH_DATE: 0.75,
    Content.NAME: 0.85,
    Content.HASH: 0.85,
    Content.PHONE: 0.9,
}
WEAK = {
    Content.JSON: (Concept.JSON, 0.8),
    Content.SERIALISED: (Concept.JSON, 0.8),
    Content.FREE_TEXT: (Concept.FREE_TEXT, 0.65),
    Content.DATE: (Concept.ORDERING, 0.45),
    Content.CODE: (Concept.CODE, 0.35),
}
_NAMES = frozenset({Concept.GIVEN_NAME, Concept.FAMILY_NAME, Concept.FULL_NAME, Concept.USER_NAME})
_TIMES = frozenset({Concept.CREATED, Concept.CHANGED, Concept.ORDERING, Concept.DELETED})
_RANDOM = frozenset(
    {Concept.SECRET, Concept.DEVICE, Concept.PERSON_ID, Concept.OTHER_PERSON, Concept.BIOMETRIC, Concept.PHOTO}
)
# What a name may say instead, and be right, of a column with such contents.
_ALSO = {
    Content.NAME: _NAMES | {Concept.CITY, Concept.REGION, Concept.COUNTRY, Concept.OTHER_PERSON, Concept.ORGANISATION},
    Content.BIRTH_DATE: _TIMES | {Concept.BIRTH_DATE},
    Content.STREET: frozenset({Concept.STREET, Concept.CITY, Concept.FREE_TEXT, Concept.LOCATION}),
    Content.HASH: _RANDOM,
    Content.TOKEN: _RANDOM,
    Content.NATIONAL_ID: frozenset({Concept.NATIONAL_ID, Concept.TAX_ID, Concept.PERSON_ID}),
    Content.PHONE: frozenset({Concept.PHONE, Concept.NATIONAL_ID, Concept.DEVICE}),
    Content.IP: frozenset({Concept.IP, Concept.DEVICE}),
}
_EXPECTED = {
    Concept.EMAIL: frozenset({Content.EMAIL}),
    Concept.IP: frozenset({Content.IP, Content.NUMBER, Content.HASH}),
    Concept.PHONE: frozenset({Content.PHONE, Content.NUMBER, Content.NATIONAL_ID}),
}
# Contents that a column of this meaning does not have.
_EXCLUDED = {
    **dict.fromkeys(
        _NAMES - {Concept.USER_NAME},
        frozenset({Content.NUMBER, Content.UUID, Content.DATE, Content.URL, Content.HASH, Content.FREE_TEXT}),
    ),
    **dict.fromkeys((Concept.STREET, Concept.CITY), frozenset({Content.UUID, Content.DATE, Content.URL, Content.HASH})),
    Concept.BIRTH_DATE: frozenset({Content.UUID, Content.URL, Content.HASH, Content.FREE_TEXT, Content.BOOLEAN}),
    Concept.SECRET: frozenset({Content.FREE_TEXT, Content.DATE, Content.BOOLEAN, Content.NAME, Content.URL}),
    Concept.PHOTO: frozenset({Content.FREE_TEXT, Content.DATE, Content.BOOLEAN}),
    Concept.FREE_TEXT: frozenset({Content.NUMBER, Content.UUID, Content.DATE, Content.BOOLEAN, Content.HASH}),
    Concept.AMOUNT: frozenset({Content.UUID, Content.DATE, Content.FREE_TEXT, Content.NAME}),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """How sure a meaning is after a look at type and values, and what the values said, in words or empty."""

    confidence: float
    seen: str = ""


def by_type(concept: Concept, column: SeenColumn) -> float:
    """Give the factor by which a column's type and length make a meaning likelier or impossible, 0 to 1."""
    allowed = _TYPES.get(concept)
    if allowed is not None and column.type not in allowed:
        return 0.0
    if column.length is not None and column.length < _LEAST_LENGTH.get(concept, 0):
        return 0.2
    return 0.6 if column.type in _UNLIKELY_TYPES.get(concept, frozenset()) else 1.0


def weighed(concept: Concept, confidence: float, column: SeenColumn) -> Verdict:
    """Weigh a meaning guessed from a name against what its values look like."""
    sampled = column.sampled
    if not sampled.seen:
        return Verdict(confidence * UNSEEN)
    supporting = [content for content, meant in _meanings() if meant is concept or concept in _ALSO.get(content, ())]
    best = max(supporting, key=lambda content: sampled.shares.get(content, 0.0), default=None)
    if best is not None and (share := sampled.shares.get(best, 0.0)) >= FITTING:
        gain = 0.9 if STRONG.get(best) is concept or (concept in _NAMES and best is Content.NAME) else 0.4
        return Verdict(1 - (1 - confidence) * (1 - gain * share), seen(best, sampled))
    if sampled.seen >= ENOUGH and _is_contradicted(concept, column):
        return Verdict(confidence * CONTRADICTED, "its values do not look so")
    return Verdict(confidence)


def _meanings() -> Iterable[tuple[Content, Concept]]:
    yield from STRONG.items()
    yield from ((content, concept) for content, (concept, _) in WEAK.items())


def _is_contradicted(concept: Concept, column: SeenColumn) -> bool:
    sampled = column.sampled
    if concept in SPECIAL:
        return False
    if concept is Concept.PHONE and column.type == "integer":
        return sampled.shares.get(Content.PHONE, 0.0) < 0.2  # numbers of calls and contacts are called alike
    expected = _EXPECTED.get(concept)
    if expected and sum(sampled.shares.get(content, 0.0) for content in expected) < 0.2:
        return True
    return any(sampled.shares.get(content, 0.0) > MOSTLY for content in _EXCLUDED.get(concept, ()))


def strongest(column: SeenColumn) -> tuple[Content, Verdict] | None:
    """Give the content that most of a column's values have, of those that are rarely accidental."""
    sampled = column.sampled
    fitting = [(sampled.shares.get(c, 0.0) * _WEIGHTS.get(c, 0.95), c) for c in STRONG if _fits(c, sampled)]
    if not fitting:
        return None
    confidence, content = max(fitting)
    certainty = 1.0 if sampled.seen >= MANY else 0.95 if sampled.seen >= ENOUGH else 0.75
    return content, Verdict(confidence * certainty, seen(content, sampled))


def _fits(content: Content, sampled: Sampled) -> bool:
    return sampled.shares.get(content, 0.0) >= FITTING


def weakest(column: SeenColumn) -> tuple[Concept, Verdict] | None:
    """Give what the values say where names say nothing: JSON, sentences, dates, codes."""
    if column.type == "json":
        return Concept.JSON, Verdict(0.9, "its type is JSON")
    for content, (concept, confidence) in WEAK.items():
        if (share := column.sampled.shares.get(content, 0.0)) >= FITTING:
            return concept, Verdict(confidence * share, seen(content, column.sampled))
    return None


def may_mean(content: Content, concept: Concept) -> bool:
    """Tell whether a column with such contents may be what its name says."""
    return STRONG[content] is concept or concept in _ALSO.get(content, ()) or concept in SPECIAL


def seen(content: Content, sampled: Sampled) -> str:
    """Say in words how many values look so."""
    return f"{sampled.shares.get(content, 0.0):.0%} of {sampled.seen} values are {CONTENTS[content]}".replace("%", " %")
