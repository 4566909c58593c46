"""Finds the known phrases within a name and picks what they mean in the languages spoken there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from extractors.discovery.lexicon import Kind, Sense, Word, lexicon
from extractors.discovery.model import Concept

ENGLISH_EVERYWHERE = 0.15
SPOKEN_ENOUGH = 0.25
_ORDER = {kind: number for number, kind in enumerate((Kind.COLUMN, Kind.OTHERS, Kind.ASPECT, Kind.GENERIC, Kind.TABLE))}
# What stays itself when it is somebody else's: `parent email` is an address, `updated by` is no moment.
_CONTACT = (
    *(Concept.EMAIL, Concept.PHONE, Concept.GIVEN_NAME, Concept.FAMILY_NAME, Concept.FULL_NAME, Concept.STREET),
    *(Concept.CITY, Concept.POSTAL_CODE, Concept.BIRTH_DATE, Concept.NATIONAL_ID, Concept.JOB, Concept.ORGANISATION),
)


@dataclass(frozen=True, slots=True)
class Span:
    """A known phrase within a name.

    Args:
        start: position of its first word; `end` is behind its last.
        senses: what it means in the languages spoken, the likeliest language first.
        certainty: lower where a word was guessed from an abbreviation.
    """

    start: int
    end: int
    texts: frozenset[str]
    senses: tuple[Sense, ...]
    certainty: float

    def senses_of(self, kind: Kind) -> list[Sense]:
        """Give one sense for each value of a kind."""
        found: dict[str, Sense] = {}
        for sense in self.senses:
            if sense.kind is kind:
                found.setdefault(sense.value, sense)
        return list(found.values())

    def sense(self, kind: Kind, *values: str) -> Sense | None:
        """Give the first sense of a kind, and of these values where some are named."""
        return next((s for s in self.senses if s.kind is kind and (not values or s.value in values)), None)


def spans_of(words: Sequence[Word], spoken: Mapping[str, float]) -> tuple[Span, ...]:
    """Find the known phrases; a longer one hides those within it, what is said in passing stays silent."""
    texts = tuple(word.text for word in words)
    found = []
    for start in range(len(texts)):
        for end in range(start + 1, min(len(texts), start + lexicon().longest) + 1):
            if end == start + 1 and len(texts[start]) == 1:
                continue  # a single letter is a word in many languages, and in none of them here
            if senses := lexicon().senses(texts[start:end]):
                certainty = min(word.certainty for word in words[start:end])
                found.append(Span(start, end, frozenset(texts[start:end]), _spoken(senses, spoken), certainty))
    outer = [span for span in found if not any(_hides(other, span) or _crosses(other, span) for other in found)]
    return tuple(_unless_in_passing(span, outer, words) for span in outer)


def _hides(other: Span, span: Span) -> bool:
    is_within = other.start <= span.start and span.end <= other.end and other.end - other.start > span.end - span.start
    if not is_within or all(sense.kind is Kind.NEUTRAL for sense in other.senses):
        return False
    return not (other.sense(Kind.OTHERS) and (span.sense(Kind.COLUMN, *_CONTACT) or span.sense(Kind.GENERIC, "name")))


def _crosses(other: Span, span: Span) -> bool:
    """Tell whether two meanings share a word that the longer one needs: `family name` and `name 2`."""
    is_crossing = other.start < span.start < other.end < span.end or span.start < other.start < span.end < other.end
    both_mean = other.sense(Kind.COLUMN) and span.sense(Kind.COLUMN)
    return bool(is_crossing and both_mean) and sum(map(len, other.texts)) > sum(map(len, span.texts))


def _spoken(senses: frozenset[Sense], spoken: Mapping[str, float]) -> tuple[Sense, ...]:
    """Keep the senses of the languages spoken most here, in order; English is spoken everywhere a little."""

    def weight(sense: Sense) -> float:
        return spoken.get(sense.language, 0.0) + (ENGLISH_EVERYWHERE if sense.language == "English" else 0.0)

    best = max(map(weight, senses))
    kept = [sense for sense in senses if weight(sense) >= best * SPOKEN_ENOUGH]
    return tuple(sorted(kept, key=lambda s: (-weight(s), _ORDER.get(s.kind, 9), s.value, s.language)))


def _unless_in_passing(span: Span, spans: Sequence[Span], words: Sequence[Word]) -> Span:
    """Take the meaning from a word like `last` or `text` where another word of the name says more."""
    if not any(sense.kind is Kind.NEUTRAL for sense in span.senses) or span.end - span.start > 1:
        return span
    saying = [other for other in spans if other is not span and any(s.kind is not Kind.NEUTRAL for s in other.senses)]
    unknown = any(not word.is_known and not word.text.isdigit() and len(word.text) > 1 for word in words)
    if not saying and not unknown:
        return span
    kept = tuple(sense for sense in span.senses if sense.kind in (Kind.NEUTRAL, Kind.TABLE))
    return Span(span.start, span.end, span.texts, kept, span.certainty)
