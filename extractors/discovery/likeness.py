"""How much the name of a column is like that of a table it may refer to, in any language that builds words from words.

No dictionary is asked: `kunde_id` is like `kunden`, `CustID` like `customers`, `id_cliente` like `clientes`.
"""

from __future__ import annotations

import re
from collections import Counter
from difflib import SequenceMatcher
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from extractors.discovery.spelling import folded

if TYPE_CHECKING:
    from collections.abc import Iterable


def _sections() -> dict[str, frozenset[str]]:
    text = files("extractors.discovery").joinpath("words", "references.txt").read_text("utf-8")
    parts = (part.partition("]\n") for part in re.sub(r"(?m)^#.*\n", "", text).split("[")[1:])
    return {title: frozenset(words.split()) for title, _, words in parts}


WORDS = _sections()
ID_WORDS, WEAK_ID_WORDS, NO_IDS = WORDS["id"], WORDS["weak id"], WORDS["no id"]
GENERIC, PARENT_WORDS, PREPOSITIONS, MEASURE_WORDS = (
    WORDS[section] for section in ("generic", "parent", "preposition", "measure")
)
KIND_WORDS = WORDS["kind"]
JOINED_ID = re.compile(r"^(.{2,}?)(id|nr|num|key|uuid|guid|fk)$|^(.)(id)$")
VOWELS = re.compile("[aeiouy]")
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_A-Za-z]+")


@lru_cache(maxsize=50_000)
def words_of(name: str) -> tuple[str, ...]:
    """Split a name into folded words: at signs, digits and humps (`CustomerID`, `kunde_nr`, `ordre2`)."""
    return tuple(folded(word) for part in re.split(r"[\W_]+", name) for word in _humps(part))


def _humps(part: str) -> list[str]:
    if not part.isascii() or part.isupper() or part.islower():
        return [word for word in re.split(r"(?<=\D)(?=\d)", part) if word]
    return WORD.findall(part)


@lru_cache(maxsize=50_000)
def is_id_like(name: str) -> bool:
    """Whether a column is called like one that identifies or refers: `customer_id`, `id_cliente`, `kdnr`, `userid`."""
    words = words_of(name)
    if not words:
        return False
    return words[-1] in ID_WORDS or words[0] in ID_WORDS or bool(_joined(words[-1]))


@lru_cache(maxsize=50_000)
def reference_weight(name: str) -> float:
    """Say how much a column is called like a reference to anything: 4 for `kunde_id`, 2.5 for `created_by`, else 0."""
    words = words_of(name)
    if is_id_like(name):
        ends = {words[0], words[-1]} & ID_WORDS
        return 2.5 if ends and ends <= WEAK_ID_WORDS else 4.0
    if len(words) > 1 and words[-1] in PREPOSITIONS:
        return 2.5
    return 2.0 if is_parent_like(name) else 0.0


@lru_cache(maxsize=50_000)
def stem(name: str) -> tuple[str, ...]:
    """Give what a column refers to: its words without those that only say that it refers."""
    words = [_joined(word) or word for word in words_of(name)]
    return tuple(word for word in words if word not in ID_WORDS and not word.isdigit())


def _joined(word: str) -> str:
    found = JOINED_ID.match(word)
    return (found[1] or found[3]) if found and word not in NO_IDS and word not in ID_WORDS else ""


@lru_cache(maxsize=50_000)
def without_kind(name: str) -> tuple[str, ...]:
    """Give what `commentable_type` says the kind of; nothing where a name says no kind."""
    words = words_of(name)
    rest = tuple(word for word in words if word not in KIND_WORDS)
    return rest if rest != words else ()


@lru_cache(maxsize=50_000)
def is_generic(name: str) -> bool:
    """Whether a name tells nothing of which thing it is of (`id`, `code`, `parent_id`)."""
    words = words_of(name)
    return all(len(word) == 1 or word in GENERIC or word in ID_WORDS or word in PARENT_WORDS for word in words)


@lru_cache(maxsize=50_000)
def is_parent_like(name: str) -> bool:
    """Whether a column is called like one that refers to another row of its own table."""
    return not PARENT_WORDS.isdisjoint(words_of(name))


@lru_cache(maxsize=50_000)
def is_opaque(name: str) -> bool:
    """Whether a name is no word of any language: `c1`, `XK`, `f_23`."""
    return all(len(word) <= 2 or word.isdigit() or not VOWELS.search(word) for word in words_of(name))


@lru_cache(maxsize=50_000)
def is_measure_like(name: str) -> bool:
    """Whether a column is called like a quantity, so that its whole numbers refer to nothing."""
    words = words_of(name)
    return bool(words) and not is_id_like(name) and not MEASURE_WORDS.isdisjoint(words)


class Tables:
    """The tables' names, as far as they differ: beginnings that most of them share say nothing."""

    def __init__(self, tables: Iterable[str]) -> None:
        split = {table: words_of(table.rsplit(".", 1)[-1]) for table in tables}
        firsts = Counter(words[0] for words in split.values() if len(words) > 1)
        common = {word for word, times in firsts.items() if times >= 3 and times >= 0.4 * len(split)}
        common |= {"tbl", "tb", "tab", "dim", "fact", "t", "vw", "mst"}
        self.words = {table: _without_first(words, common) for table, words in split.items()}

    def likeness(self, column: str, table: str) -> float:
        """Say how much a column is called after a table, 0 to 1."""
        return phrase_likeness(stem(column), self.words[table])

    def likeness_beside(self, column: str, own: str, table: str) -> float:
        """Say the same without what the column's own table begins with too: `log_id` in `shop_lines`, `shop_log`."""
        mine, theirs = self.words[own], self.words[table]
        shared = next((n for n, (a, b) in enumerate(zip(mine, theirs, strict=False)) if a != b), 0)
        return phrase_likeness(stem(column), theirs[shared:]) if shared else 0.0


def _without_first(words: tuple[str, ...], common: set[str]) -> tuple[str, ...]:
    return words[1:] if len(words) > 1 and words[0] in common else words


@lru_cache(maxsize=500_000)
def phrase_likeness(column: tuple[str, ...], table: tuple[str, ...]) -> float:
    """Compare word by word: all of the table's words should be there; what else the column says is a role."""
    if not column or not table:
        return 0.0
    joined = word_likeness("".join(column), "".join(table))
    best = [max(word_likeness(word, other) for other in column) for word in table]
    matched = sum(best) / len(table)
    extra = max(0, len(column) - len(table)) / len(column)
    by_words = matched * (1 - 0.25 * extra) if max(best) >= 0.4 else 0.0
    return max(joined if joined >= 0.7 else 0.0, by_words)


@lru_cache(maxsize=500_000)
def word_likeness(one: str, other: str) -> float:
    """Compare two words: equal, singular and plural, one short for the other, or a part of it; 0 to 1."""
    if one == other:
        return 1.0
    short, long = sorted((one, other), key=len)
    if len(short) < 2 or short[0] != long[0]:
        return _within(short, long)
    shared = _shared_beginning(short, long)
    if shared >= 3 and len(long) - shared <= 3 and len(short) - shared <= 2:
        return 0.95 if shared == len(short) else 0.85
    if shared == len(short) and len(short) >= 3:
        return 0.7
    if shared >= 4 and shared >= 0.6 * len(long):
        return 0.7
    if len(long) >= 6 and SequenceMatcher(None, short, long, autojunk=False).ratio() >= 0.8:
        return 0.7
    return max(_within(short, long), 0.4 if _abbreviates(short, long) else 0.0)


def _shared_beginning(short: str, long: str) -> int:
    return next((index for index, letter in enumerate(short) if letter != long[index]), len(short))


def _within(short: str, long: str) -> float:
    """A compound's last or first part: `rechnungsadresse` and `adressen`."""
    core = short[:-2] if len(short) >= 6 else short
    return 0.6 if len(core) >= 4 and core in long else 0.0


def _abbreviates(short: str, long: str) -> bool:
    if len(short) > 4 or len(short) * 4 < len(long):
        return False
    letters = iter(long)
    return all(letter in letters for letter in short)
