"""The words by which systems call things in eight languages: loaded once from the files in `words/`.

Each file is a language. Its headings are what is meant, its phrases how columns and tables call it; a phrase of
several words is also known written together, a word with an umlaut also written out or without.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files
from itertools import product

from extractors.discovery.spelling import folded, spellings

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt", "pl")
SHORTEST_PIECE = 3
SHORTEST_COMPOUND = 4
SHORT_PIECES = frozenset(("id", "nr", "no", "ip", "kd"))
NO_PIECES = frozenset(("age", "ages", "art", "arte", "pass", "rate", "test", "ion"))
LINKING = ("s", "es", "n", "en")
ENDINGS = ("s", "es", "n", "en", "e", "er", "x", "i")
MOST_PIECES = 4
SHORTEST_ABBREVIATION = 5
SHORTEST_HEAD = 5
COMPOUNDING = frozenset(("German", "Dutch"))
SHORTEST_ABBREVIATED = 6
_PIECE = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")


class Kind(StrEnum):
    """What a heading of a words file is about."""

    COLUMN = "columns"
    GENERIC = "generic"
    ASPECT = "aspects"
    OTHERS = "others"
    TABLE = "tables"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Sense:
    """One meaning of a phrase in one language."""

    kind: Kind
    value: str
    language: str


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a name as the lexicon knows it.

    Args:
        text: the known word; the word itself where none is known.
        certainty: 1 for the word itself, less for an abbreviation guessed.
    """

    text: str
    certainty: float = 1.0
    is_known: bool = True


class Lexicon:
    """Knows phrases and splits names into the words of them."""

    def __init__(self, phrases: Mapping[tuple[str, ...], frozenset[Sense]], heads: Mapping[str, str]) -> None:
        self.phrases = phrases
        self.heads = heads
        self.longest = max(map(len, phrases))
        self._words = frozenset(word for phrase in phrases for word in phrase)
        single = {phrase[0] for phrase in phrases if len(phrase) == 1} - NO_PIECES
        self._pieces = frozenset(word for word in single if len(word) >= SHORTEST_PIECE or word in SHORT_PIECES)
        self._sorted = sorted(word for word in self._words if len(word) >= SHORTEST_ABBREVIATED)
        self._skeletons = self._unvowelled()

    def is_last(self, language: str) -> bool:
        """Tell whether the word that says what a thing is comes last in this language: `birth date`."""
        return self.heads.get(language, "last") == "last"

    def senses(self, texts: tuple[str, ...]) -> frozenset[Sense]:
        """Give what a phrase means; in one of several words any may stand in the plural."""
        found = self.phrases.get(texts)
        if found is None and 1 < len(texts) <= MOST_PIECES and not self._words.isdisjoint(texts):
            forms = product(*(_singulars(text) for text in texts))
            found = next((self.phrases[form] for form in forms if form in self.phrases), None)
        return found or frozenset()

    def words(self, name: str) -> tuple[Word, ...]:
        """Split a name of a table or column into words: by its signs and capitals, then by what is known."""
        return tuple(word for piece in pieces(name) for word in self._resolved(piece))

    def knows(self, name: str) -> float:
        """Give the share of a name's words that are known, 0 to 1."""
        words = self.words(name)
        return sum(word.is_known for word in words) / len(words) if words else 0.0

    def _resolved(self, piece: str) -> tuple[Word, ...]:
        if piece.isdigit():
            return (Word(piece, is_known=(piece,) in self.phrases),)
        known = self._known(piece)
        if known and (known,) in self.phrases:
            return (Word(known),)
        if parts := self._segmented(piece):
            return tuple(Word(part, 0.95) for part in parts)
        if known:
            return (Word(known),)
        if full := self._skeletons.get(piece) if not re.search("[aeiou]", piece[1:]) else None:
            return (Word(full, 0.8),)
        if full := self._completed(piece):
            return (Word(full, 0.8),)
        if head := self._headed(piece):
            return (Word(piece.removesuffix(head), is_known=False), Word(head, 0.9))
        return (Word(piece, is_known=False),)

    def _known(self, piece: str) -> str | None:
        """Give the word itself or the one it is a plural or inflection of."""
        if piece in self._words:
            return piece
        stems = [piece[: -len(ending)] for ending in ENDINGS if piece.endswith(ending) and len(piece) > len(ending) + 2]
        if piece.endswith("ies"):
            stems.append(piece[:-3] + "y")
        return next((stem for stem in stems if stem in self._words), None)

    def _segmented(self, piece: str) -> tuple[str, ...]:
        """Cut a compound into known words, with as few and as long ones as possible; none where a rest stays."""
        if len(piece) < SHORTEST_COMPOUND:
            return ()
        best: dict[int, tuple[str, ...]] = {0: ()}
        for end in range(1, len(piece) + 1):
            found = [
                (*best[start], part)
                for start in range(max(0, end - 20), end)
                if start in best and (part := self._part(piece[start:end], is_last=end == len(piece)))
            ]
            if found:
                best[end] = min(found, key=lambda parts: (len(parts), -max(map(len, parts))))
        parts = best.get(len(piece), ())
        return parts if len(parts) <= MOST_PIECES else ()

    def _part(self, text: str, *, is_last: bool) -> str | None:
        if text in self._pieces:
            return text
        if is_last:
            known = self._known(text)
            return known if known in self._pieces else None
        stems = (text[: -len(link)] for link in LINKING if text.endswith(link))
        return next((stem for stem in stems if len(stem) > SHORTEST_PIECE and stem in self._pieces), None)

    def _unvowelled(self) -> dict[str, str]:
        """Index words by their consonants, where these leave no doubt."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for word, *rest in self.phrases:
            skeleton = word[0] + re.sub("[aeiou]", "", word[1:])
            if not rest and len(word) >= 5 and 3 <= len(skeleton) < len(word):
                found[skeleton].append(word)
        return {skeleton: words[0] for skeleton, words in found.items() if self._mean_one_thing(words)}

    def _completed(self, piece: str) -> str | None:
        """Give the word that this is the beginning of, where all such words mean one thing."""
        if len(piece) < SHORTEST_ABBREVIATION:
            return None
        start = bisect_left(self._sorted, piece)
        end = bisect_left(self._sorted, piece + "\U0010ffff")
        words = [word for word in self._sorted[start:end] if (word,) in self.phrases]
        return words[0] if words and self._mean_one_thing(words) else None

    def _headed(self, piece: str) -> str | None:
        """Give the end of a German or Dutch compound whose beginning nobody knows: `heimatadresse`."""
        ends = (piece[start:] for start in range(SHORTEST_PIECE, len(piece) - SHORTEST_HEAD + 1))
        return next((end for end in ends if any(s.language in COMPOUNDING for s in self.phrases.get((end,), ()))), None)

    def _mean_one_thing(self, words: Iterable[str]) -> bool:
        return len({frozenset((s.kind, s.value) for s in self.phrases[word,]) for word in words}) == 1


@lru_cache(maxsize=20_000)
def _singulars(text: str) -> tuple[str, ...]:
    return (
        text,
        *(text[: -len(end)] for end in ("s", "es", "n", "en") if text.endswith(end) and len(text) > len(end) + 2),
    )


def pieces(name: str) -> Iterator[str]:
    """Split a name at its signs, digits and capitals; folded."""
    plain = "".join(_unaccented(character) for character in name)
    return (piece.lower() for piece in _PIECE.findall(plain))


@lru_cache(maxsize=2_000)
def _unaccented(character: str) -> str:
    if character.isascii():
        return character
    plain = folded(character)
    return plain.upper() if character.isupper() else plain


@cache
def lexicon() -> Lexicon:
    """Load the words of every language, once for the process."""
    phrases: defaultdict[tuple[str, ...], set[Sense]] = defaultdict(set)
    heads = {}
    for code in LANGUAGES:
        document = tomllib.loads(files("extractors.discovery").joinpath("words", f"{code}.toml").read_text("utf-8"))
        heads[document["language"]] = document["head"]
        swaps = _swaps(document["swaps"])
        for kind in Kind:
            for value, text in document.get(kind, {}).items():
                sense = Sense(kind, value, document["language"])
                for phrase in _phrases(text, swaps):
                    phrases[phrase].add(sense)
    return Lexicon({phrase: frozenset(senses) for phrase, senses in phrases.items()}, heads)


def _swaps(groups: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """Read the words that may stand for one another: `number` and `no`, `at` and `on`."""
    listed = [tuple(word.strip() for word in group.split(",")) for group in groups]
    return {word: group for group in listed for word in group}


def _phrases(text: str, swaps: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Yield every spelling of every phrase of a heading, and phrases of several words also as one word."""
    for phrase in text.split(","):
        words = phrase.split()
        # Alone, only the first of such words stands for the others: `no` is not every `number`.
        applied = swaps if len(words) > 1 else {key: group for key, group in swaps.items() if key == group[0]}
        for spelled in product(*(_spelled(word, applied) for word in words)):
            parts = tuple(piece for word in spelled for piece in pieces(word))
            joined = "".join(parts)
            if parts:
                yield parts
            if len(parts) > 1 and joined.isalpha() and len(joined) > SHORTEST_PIECE:
                yield (joined,)


def _spelled(word: str, swaps: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    for other in dict.fromkeys((word, *swaps.get(word, ()))):
        yield from spellings(other)
