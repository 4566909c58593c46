"""Marks in words: why something may be about somebody else than the person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from extractors.batches import Concern

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

WORDS = {
    Concern.SHARED: "perhaps somebody else's: reached only through something shared",
    Concern.EMAIL: "has somebody else's e-mail address",
    Concern.PHONE: "has somebody else's telephone number",
}
COUNTED = {
    Concern.SHARED: ("record that is", "records that are", "reached only through something several people share"),
    Concern.EMAIL: ("value", "values", "with somebody else's e-mail address"),
    Concern.PHONE: ("value", "values", "with somebody else's telephone number"),
}


def mark_in_words(concerns: Iterable[Concern]) -> str:
    """Say why one thing is marked; empty where it is not."""
    return ", ".join(WORDS[concern] for concern in Concern if concern in set(concerns))


def marked_in_words(marked: Mapping[str, int]) -> list[str]:
    """Say what is marked in a collection, and how much of it."""
    return [_counted(concern, marked[concern]) for concern in Concern if marked.get(concern)]


def _counted(concern: Concern, count: int) -> str:
    one, several, what = COUNTED[concern]
    return f"{count:,} {one if count == 1 else several} {what}"
