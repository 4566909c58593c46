"""Shows some of the rows that an erasure is about, by their keys, to whoever has to decide on it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from extractors.changes import Fate
from requests_app import audit
from requests_app.changing import key_lists
from requests_app.changing.key_lists import KEPT_UNTIL
from requests_app.models import KeyList

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests_app.audit import Actor
    from requests_app.changing.key_lists import ReadList
    from requests_app.models import SourceChange

MOST_ROWS = 20
MARKS: dict[str, Fate] = {KEPT_UNTIL: Fate.KEPT} | {str(fate): fate for fate in Fate}


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of one collection that the same becomes of: the names of their key's columns, and their keys.

    `until` has the day until which each is kept, where there is one.
    """

    fate: Fate
    key: tuple[str, ...]
    keys: tuple[tuple[str, ...], ...]
    until: tuple[str, ...] = ()

    @property
    def rows(self) -> list[tuple[tuple[str, ...], str]]:
        """The keys with their days."""
        return list(zip(self.keys, self.until or ("",) * len(self.keys), strict=True))


def sample(change: SourceChange, collection: str, *, actor: Actor) -> list[Rows]:
    """Give the first rows of a collection as they were shown last; looking is put on record.

    Raises:
        MissingArtefact, UnreadableArtefact, KeyDestroyed, DamagedArtefact: the list cannot be read.
    """
    shown = change.key_lists.filter(purpose=KeyList.Purpose.SHOWN).last()
    if shown is None:
        return []
    with key_lists.opened(shown.file, shown.key_id) as listed:
        found = list(_rows(listed, collection))
    audit.record(
        "records.viewed",
        actor,
        request_id=change.request_id,
        target=f"change {change.pk}",
        collection=collection,
        rows=sum(len(item.keys) for item in found),
    )
    return found


def _rows(listed: ReadList, collection: str) -> Iterator[Rows]:
    seen: set[Fate] = set()
    for section in listed.sections(MARKS, collection):
        fate = MARKS[section.mark]
        if fate in seen:
            continue
        seen.add(fate)
        rows = list(
            islice(
                (tuple(map(_text, row.values())) for batch in section.batches for row in batch.to_pylist()), MOST_ROWS
            )
        )
        width = len(section.key)
        days = tuple(row[width] for row in rows) if section.mark == KEPT_UNTIL else ()
        yield Rows(fate, section.key, tuple(row[:width] for row in rows), days)


def _text(value: object) -> str:
    return "" if value is None else str(value)
