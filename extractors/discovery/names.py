"""Guesses from names alone what columns mean, in eight languages and however they are abbreviated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from extractors.discovery.lexicon import Kind, Sense, Word, lexicon, pieces
from extractors.discovery.meanings import CONCEPTS, SPECIAL
from extractors.discovery.model import Concept, TableId
from extractors.discovery.roles import Role, TableRole, table_role
from extractors.discovery.spans import Span, spans_of

__all__ = ["Guess", "Role", "TableRole", "bare_names", "guesses", "languages", "table_role"]

SURE, LIKELY, POSSIBLE, FAINT = 0.9, 0.75, 0.5, 0.3
KEPT_WITH_ID = frozenset({Concept.EMAIL, Concept.NATIONAL_ID, Concept.TAX_ID, Concept.DEVICE})
PLACED = frozenset({Concept.STREET, Concept.CITY, Concept.LOCATION})
SAME_STEM = 5
FEWEST_ALIKE, LONGEST_PREFIX = 3, 3
FEWEST_LETTERED, LETTER_GAIN = 4, 0.3
DAMPED_BY_HEAD = 0.35
DAMPED_ELSEWHERE = 0.85
MOMENTS = frozenset({Concept.CREATED, Concept.CHANGED, Concept.DELETED, Concept.BIRTH_DATE, Concept.ORDERING})
FLAGS = frozenset({Concept.CONSENT, Concept.MARKETING, Concept.ANALYTICS, Concept.RESTRICTED, Concept.DELETED})
"""Concepts that a yes or no can be."""


class Others(StrEnum):
    """Whose the words of a name say a column is."""

    ALWAYS = "always"  # somebody else's: an emergency contact
    ACTING = "acting"  # who wrote the row: somebody else's where the row is also about a person
    SELF = "self"  # another word for the person: owner, author


@dataclass(frozen=True, slots=True)
class Guess:
    """A meaning that a name may have.

    Args:
        confidence: 0 to 1.
        reason: in words.
        others: whether the name says whose it is.
        is_generic: the name alone says little; neighbours and contents should decide.
    """

    concept: Concept
    confidence: float
    reason: str
    others: Others | None = None
    is_generic: bool = False


def languages(names: Iterable[str]) -> Mapping[str, float]:
    """Weigh the languages that names are written in: the share of their known words that each language has."""
    votes: Counter[str] = Counter()
    for name in names:
        for word in lexicon().words(name):
            spoken = {sense.language for sense in lexicon().phrases.get((word.text,), ())}
            for language in spoken:
                votes[language] += 1 / len(spoken)  # type: ignore[assignment]  # a Counter of shares
    total = sum(votes.values())
    return {language: votes[language] / total for language in sorted(votes)} if total else {}


def bare_names(columns: Sequence[str]) -> Mapping[str, str]:
    """Give each of a table's columns its name without the letters that all of them begin with: `CL_NOTE`, `CL_TS`.

    A beginning that is a word stays: it says whose the columns are.
    """
    if len({column[:1] for column in columns}) == 1 and len(columns) >= FEWEST_LETTERED:
        bare = {column: column[1:] for column in columns}
        if all(bare.values()) and _known(bare.values()) > _known(columns) + LETTER_GAIN:
            return bare
    split = {column: tuple(pieces(column)) for column in columns}
    first = {parts[0] for parts in split.values() if parts}
    beginning = next(iter(first)) if len(first) == 1 else ""
    if len(columns) < FEWEST_ALIKE or not 0 < len(beginning) <= LONGEST_PREFIX:
        return {column: column for column in columns}
    return {column: "_".join(parts[1:]) or column for column, parts in split.items()}


def _known(names: Collection[str]) -> float:
    return sum(map(lexicon().knows, names)) / len(names)


def guesses(table: TableId, column: str, spoken: Mapping[str, float] | None = None) -> tuple[Guess, ...]:
    """Guess what a column means from its name and its table's, the likeliest first; never empty.

    Args:
        spoken: how much each language is spoken in the database; weighed from the two names where it is not given.
    """
    weights = languages((table, column)) if spoken is None else spoken
    name = table.rpartition(".")[2]
    words = lexicon().words(column)
    spans = spans_of(words, weights)
    reading = _Reading(words, spans, table_role(name, weights), _texts(name))
    found: dict[tuple[Concept, Others | None], Guess] = {}
    for guess in _read(reading):
        known = found.get((guess.concept, guess.others))
        if known is None or known.confidence < guess.confidence:
            found[guess.concept, guess.others] = guess
    return tuple(sorted(found.values(), key=lambda guess: -guess.confidence))


@lru_cache(maxsize=10_000)
def _texts(name: str) -> frozenset[str]:
    return frozenset(word.text for word in lexicon().words(name))


@lru_cache(maxsize=10_000)
def _is_number_word(text: str) -> bool:
    senses = lexicon().phrases.get((text,), ())
    return any(sense.kind is Kind.ASPECT and sense.value in ("id", "number") for sense in senses)


def _are_like(words: Collection[str], table_words: Collection[str]) -> bool:
    """Tell whether a table is called by these words or after what they do: `reporter` in `reports`."""
    return all(
        word in table_words
        or any(word[:SAME_STEM] == other[:SAME_STEM] for other in table_words if len(word) > SAME_STEM)
        for word in words
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    """A column's name taken apart.

    Args:
        role: of its table.
        table_words: the words of the table's name.
    """

    words: tuple[Word, ...]
    spans: tuple[Span, ...]
    role: TableRole
    table_words: frozenset[str]

    def of(self, kind: Kind, *values: str) -> list[Span]:
        """Give the spans that have a sense of this kind, and of these values where some are named."""
        return [span for span in self.spans if span.sense(kind, *values)]

    def has(self, kind: Kind, *values: str) -> bool:
        """Tell whether there is such a span."""
        return bool(self.of(kind, *values))

    @property
    def covered(self) -> float:
        """The share of the name's letters that are known words, 0 to 1."""
        letters = sum(len(word.text) for word in self.words if not word.text.isdigit())
        known = sum(len(word.text) for word in self.words if word.is_known and not word.text.isdigit())
        return known / letters if letters else 1.0

    @property
    def others(self) -> Others | None:
        """Whose the column is; who reports in a table of reports is nobody else, nor a doctor in one of doctors."""
        for span in self.of(Kind.OTHERS):
            sense = span.sense(Kind.OTHERS)
            speaking = {text for text in span.texts if not _is_number_word(text)}
            if sense is None or speaking <= self.table_words:
                continue
            return Others.SELF if _are_like(speaking, self.table_words) else Others(sense.value)
        return None


def _read(reading: _Reading) -> Iterable[Guess]:
    others = reading.others
    concepts = [(span, sense) for span in reading.spans for sense in span.senses_of(Kind.COLUMN)]
    for span, sense in concepts:
        yield _of_concept(reading, span, sense, concepts)
    yield from _of_references(reading, others, is_alone=all(_is_of_whom(reading, span) for span, _ in concepts))
    yield from _of_generic_names(reading, others)
    yield from _of_aspects(reading, is_alone=not concepts)
    yield Guess(Concept.OTHER, FAINT * 0.5, "its name tells nothing", is_generic=True)


def _is_of_whom(reading: _Reading, span: Span) -> bool:
    """Tell what only says of which person a column is, though it means something else alone: `id_usuario`."""
    if span.sense(Kind.TABLE, Role.PERSON):
        return True
    return bool(span.sense(Kind.COLUMN, Concept.FREE_TEXT)) and _is_before_person(reading, span)


def _is_before_person(reading: _Reading, span: Span) -> bool:
    sense = span.sense(Kind.COLUMN)
    people = [*reading.of(Kind.OTHERS), *reading.of(Kind.TABLE, Role.PERSON)]
    return sense is not None and lexicon().is_last(sense.language) and any(p.start >= span.end for p in people)


def _of_concept(reading: _Reading, span: Span, sense: Sense, concepts: Sequence[tuple[Span, Sense]]) -> Guess:
    concept = Concept(sense.value)
    confidence = SURE * (0.6 + 0.4 * reading.covered) * span.certainty
    if concept not in SPECIAL:
        confidence *= _damping(reading, span, concept)
        if any(rival.start != span.start and _outranks(rival, span, sense) for rival, _ in concepts):
            confidence *= 0.6
        if concept is Concept.FREE_TEXT and _is_before_person(reading, span):
            confidence *= POSSIBLE
        if concept is Concept.FULL_NAME and reading.role.role in (Role.THING, Role.LOOKUP, Role.TECHNICAL):
            confidence *= POSSIBLE
    others = reading.others
    return Guess(concept, confidence, _called(concept, sense), others if others is not Others.SELF else None)


def _called(concept: Concept, sense: Sense) -> str:
    language = "" if sense.language == "English" else f" ({sense.language})"
    return f"is called like {CONCEPTS[concept]}{language}"


def _outranks(rival: Span, span: Span, sense: Sense) -> bool:
    """Tell whether another word of the name says more what it is: the last one in English, the first in French."""
    if rival.sense(Kind.COLUMN, *SPECIAL, Concept.SECRET):
        return True
    if sense.value in PLACED and rival.sense(Kind.COLUMN, Concept.EMAIL, Concept.IP, Concept.DEVICE):
        return True
    if sense.value in (Concept.SECRET, *FLAGS):
        return sense.value == Concept.CONSENT and bool(rival.sense(Kind.COLUMN, Concept.MARKETING, Concept.ANALYTICS))
    if sense.value in (Concept.EMAIL, Concept.IP) and rival.sense(Kind.COLUMN, *PLACED):
        return False
    return rival.start > span.start if lexicon().is_last(sense.language) else rival.start < span.start


def _damping(reading: _Reading, span: Span, concept: Concept) -> float:
    """Lower a meaning by the words that make it another: `email_count`, `is_email_public`, `address_id`."""
    factor = 1.0
    for other in reading.of(Kind.ASPECT):
        sense = other.sense(Kind.ASPECT)
        if sense is None or other.start == span.start or not _alters(sense.value, concept):
            continue
        is_head = other.start > span.start if lexicon().is_last(sense.language) else other.start < span.start
        is_flag = sense.value == "flag" and other.start == 0
        factor = min(factor, DAMPED_BY_HEAD if is_head or is_flag else DAMPED_ELSEWHERE)
    return factor


def _alters(aspect: str, concept: Concept) -> bool:
    if aspect in ("number", "by", "digest"):
        return aspect == "digest" and concept is not Concept.SECRET
    if concept in KEPT_WITH_ID and aspect == "id":
        return False
    if concept in MOMENTS or concept in FLAGS:
        return aspect in ("count", "kind", "public")
    return True


def _of_references(reading: _Reading, others: Others | None, *, is_alone: bool) -> Iterable[Guess]:
    """Read what points at a person: `customer_id`, `owner`, `approved_by`."""
    if not is_alone:
        return
    numbered = any(_is_number_word(word.text) for word in reading.words)
    confidence = (SURE if numbered else LIKELY) * (0.6 + 0.4 * reading.covered)
    if others is Others.ALWAYS:
        yield Guess(Concept.OTHER_PERSON, confidence, "is called like another person", others)
    elif others is Others.ACTING:
        yield Guess(Concept.OTHER_PERSON, confidence, "is called like the person who wrote the row", others)
    elif (others is Others.SELF or _ends_with_by(reading)) and not _is_counted(reading):
        yield from _of_person(confidence, "is called like a reference to a person", numbered=numbered)
    elif _is_of_a_thing(reading):
        return
    elif reading.has(Kind.TABLE, Role.PERSON):
        yield from _of_person(confidence, "is called like a person's number", numbered=numbered)
    elif reading.role.role is Role.PERSON and numbered and _is_nothing_but_number(reading):
        yield Guess(Concept.PERSON_ID, confidence * reading.role.confidence, "is the number in a table of people")


def _of_person(confidence: float, reason: str, *, numbered: bool) -> Iterable[Guess]:
    """Without a word for a number, it may be the person's name as well."""
    yield Guess(Concept.PERSON_ID, confidence, reason, is_generic=not numbered)
    if not numbered:
        yield Guess(Concept.FULL_NAME, POSSIBLE * confidence / LIKELY, "is called like a person", is_generic=True)


def _is_of_a_thing(reading: _Reading) -> bool:
    """Tell a number, code or list of a thing, though a person's word stands in it: `customer_group_id`."""
    things = [s for s in reading.spans if s.sense(Kind.TABLE, Role.THING, Role.LOOKUP, Role.DETAIL, Role.ACTIVITY)]
    things += reading.of(Kind.ASPECT, "product", "kind", "public", "count", "flag")
    return any(not span.sense(Kind.TABLE, Role.PERSON) for span in things)


def _is_counted(reading: _Reading) -> bool:
    """Tell a kind, count or name of something rather than a reference: `owner_type`, `author_count`."""
    if _ends_with_by(reading):
        return False
    return reading.has(Kind.ASPECT, "kind", "public", "count", "flag", "moment") or reading.has(Kind.GENERIC, "name")


def _is_nothing_but_number(reading: _Reading) -> bool:
    return all(
        _is_number_word(word.text) or word.text in reading.table_words or len(word.text) == 1 for word in reading.words
    )


def _ends_with_by(reading: _Reading) -> bool:
    last = reading.of(Kind.ASPECT, "by")
    return bool(last) and len(reading.words) > 1 and last[-1].end >= len(reading.words) - 1


def _of_generic_names(reading: _Reading, others: Others | None) -> Iterable[Guess]:
    """Read `name` and `title`, whose meaning hangs on what the table or another word is about."""
    for span in reading.of(Kind.GENERIC, "name"):
        sense = span.sense(Kind.GENERIC, "name")
        assert sense is not None  # noqa: S101  # it was asked for just now
        reason = _called(Concept.FULL_NAME, sense)
        of_person = reading.has(Kind.TABLE, Role.PERSON) or others is not None
        if _is_of_a_thing(reading):
            yield Guess(Concept.OTHER, LIKELY, "is called like the name of a thing")
        elif of_person:
            whose = others if others is not Others.SELF else None
            yield Guess(Concept.FULL_NAME, SURE * (0.6 + 0.4 * reading.covered), reason, whose)
        else:
            yield from _by_table(reading, reason)


def _by_table(reading: _Reading, reason: str) -> Iterable[Guess]:
    role = reading.role
    if role.role is Role.PERSON:
        confidence = SURE * role.confidence * reading.covered
        yield Guess(Concept.FULL_NAME, confidence, f"{reason}, in a table of people", is_generic=True)
    elif role.role is Role.UNKNOWN:
        yield Guess(Concept.FULL_NAME, FAINT, reason, is_generic=True)
        yield Guess(Concept.OTHER, FAINT + 0.05, "is called like a name of anything", is_generic=True)
    else:
        yield Guess(Concept.OTHER, POSSIBLE, "is called like the name of a thing", is_generic=True)


_ASPECT_MEANINGS = {
    "digest": (Concept.OTHER, SURE, "is called like a checksum"),
    "public": (Concept.OTHER, SURE, "is called like a public key or a setting"),
    "count": (Concept.OTHER, LIKELY, "is called like a count or measure"),
    "flag": (Concept.OTHER, LIKELY, "is called like a yes or no"),
    "moment": (Concept.ORDERING, LIKELY, "is called like a moment"),
    "kind": (Concept.CODE, POSSIBLE, "is called like a kind or status"),
    "id": (Concept.OTHER, POSSIBLE, "is called like a number or key"),
    "number": (Concept.OTHER, POSSIBLE, "is called like a number or key"),
    "product": (Concept.OTHER, POSSIBLE, "is called like a thing"),
}


def _of_aspects(reading: _Reading, *, is_alone: bool) -> Iterable[Guess]:
    for span in reading.of(Kind.ASPECT):
        sense = span.sense(Kind.ASPECT)
        if sense is None or sense.value not in _ASPECT_MEANINGS:
            continue
        concept, confidence, reason = _ASPECT_MEANINGS[sense.value]
        guess = Guess(concept, confidence, reason)
        yield guess if is_alone else replace(guess, confidence=confidence * 0.7)
