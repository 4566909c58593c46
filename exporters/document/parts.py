"""Cuts an answer into documents of at most 1,000 records, since a tagged PDF cannot be put together from others.

Documents take memory by the value, so records of more than five fields count as several. What is not much is one
document, letter and records; of more, the first document is what opens the answer, and all records stand in others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from exporters.rows import RowStream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exporters.base import Answer, CollectionAnswer

MOST_VALUES_ALONE = 3_000
MOST_VALUES = 5_000
_FEWEST_FIELDS = 5


@dataclass(frozen=True, slots=True)
class Piece:
    """Some records of a collection.

    Args:
        number: of the collection, from 1, among all.
        first: the number of the first of them, from 1.
        shown: how many of them are in the documents at all.
        records: of this piece.
    """

    number: int
    item: CollectionAnswer
    first: int
    records: int
    shown: int

    @property
    def is_last(self) -> bool:
        """Whether no piece of the collection follows."""
        return self.first + self.records > self.shown


def parts(answer: Answer, most_of_collection: int) -> list[list[Piece]]:
    """Plan the documents: the collections in their order, empty ones too, cut where a document is full.

    The first document opens the answer; it holds all records if there are few, else none.

    Args:
        most_of_collection: records of a collection that are shown.
    """
    is_one = _values(answer, most_of_collection) <= MOST_VALUES_ALONE
    most = MOST_VALUES_ALONE if is_one else MOST_VALUES
    planned: list[list[Piece]] = [[]] if is_one else [[], []]
    room = most
    for number, item in enumerate(answer.collections, 1):
        shown = min(item.count, most_of_collection)
        values = min(_values_a_record(item), most)
        first = 1
        while first <= max(shown, 1):
            if shown and room < values:
                planned.append([])
                room = most
            records = min(room // values, shown - first + 1)
            planned[-1].append(Piece(number, item, first, records, shown))
            room -= records * values
            first += max(records, 1)
    return planned


def _values(answer: Answer, most_of_collection: int) -> int:
    return sum(min(item.count, most_of_collection) * _values_a_record(item) for item in answer.collections)


def _values_a_record(item: CollectionAnswer) -> int:
    return max(len(item.collection.fields), _FEWEST_FIELDS)


class Streams:
    """The records of the collections, each read once and forwards."""

    def __init__(self) -> None:
        self._number = 0
        self._stream: RowStream | None = None

    def of(self, piece: Piece) -> RowStream:
        """Give the stream that stands before a piece's first record; pieces come in their order."""
        if self._stream is None or self._number != piece.number:
            self._number, self._stream = piece.number, RowStream(piece.item.batches())
        return self._stream


def names(count: int) -> Iterator[str]:
    """Name the files of so many documents."""
    yield "export.pdf"
    yield from (f"export-part-{number}.pdf" for number in range(2, count + 1))
