"""Whether a column is called after people, whoever they are, and whether a table is one of people."""

from __future__ import annotations

import tomllib
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from extractors.discovery import likeness
from extractors.discovery.model import Content
from extractors.discovery.spelling import spellings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from extractors.discovery.model import SeenTable

ENOUGH_KINDS = 3
OFTEN = 0.5
OF_PEOPLE = (
    Content.EMAIL,
    Content.PHONE,
    Content.NAME,
    Content.BIRTH_DATE,
    Content.NATIONAL_ID,
    Content.IBAN,
    Content.HASH,
)
ROLES = ("always", "acting", "self")
THINGS = ("thing", "activity", "detail", "lookup")


@lru_cache(maxsize=50_000)
def is_person_like(name: str) -> bool:
    """Whether a column is called after a person or what one does: `user_id`, `created_by`, `Verkäufer`, `assignee`."""
    words = likeness.words_of(name)
    return bool(_phrases(name) & _people()) or (len(words) > 1 and words[-1] in likeness.PREPOSITIONS)


@lru_cache(maxsize=50_000)
def is_thing_like(name: str) -> bool:
    """Whether a column is called after something that is no person: `order_id`, `Lager_Nr`."""
    return not is_person_like(name) and bool(_phrases(name) & _things())


def _phrases(name: str) -> set[str]:
    """Give a name whole, without what says that it refers, and its last word (the first, where `id` stands before)."""
    words, stem = likeness.words_of(name), likeness.stem(name)
    first = stem[:1] if words and words[0] in likeness.ID_WORDS else ()
    return {" ".join(words), " ".join(stem), *stem[-1:], *first}


def is_called_after_people(words: tuple[str, ...]) -> bool:
    """Whether a table's words are those of people: `user_profiles`, `Mitglieder`."""
    return any(singular in _people() for word in words for singular in _singulars(word))


def personness(table: SeenTable) -> float:
    """Say how much the contents of a table are those of one person a row, 0 to 1."""
    kinds = {
        content
        for column in table.columns
        for content in OF_PEOPLE
        if column.sampled.shares.get(content, 0) >= OFTEN and column.sampled.distinct * 4 > column.sampled.seen
    }
    return min(1.0, len(kinds) / ENOUGH_KINDS)


def _singulars(word: str) -> Iterator[str]:
    yield word
    yield from (word[: -len(end)] for end in ("s", "es", "n", "en", "e", "er") if word.endswith(end) and len(word) > 4)


@cache
def _languages() -> list[dict[str, dict[str, str]]]:
    folder = files("extractors.discovery").joinpath("words")
    return [tomllib.loads(file.read_text("utf-8")) for file in folder.iterdir() if file.name.endswith(".toml")]


@cache
def _people() -> frozenset[str]:
    """The words of all languages for people and for what they do."""
    listed = [words["tables"].get("person", "") for words in _languages()]
    listed += [words.get("others", {}).get(role, "") for words in _languages() for role in ROLES]
    return frozenset(_listed(listed)) | likeness.WORDS["role"]


@cache
def _things() -> frozenset[str]:
    """The words of all languages for what is no person."""
    return frozenset(_listed(words["tables"].get(kind, "") for words in _languages() for kind in THINGS)) - _people()


def _listed(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        for phrase in text.replace("\n", " ").split(","):
            yield from spellings(" ".join(phrase.split())) if phrase.strip() else ()
