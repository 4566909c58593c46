"""How far the reading of a source is, by rows read of rows expected; knows no database and no clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from requests_app.rounding import about

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Set

STATEMENT_ROWS = 200
"""What a statement costs beside its rows, in rows."""
LIKELY_ROWS = 10_000
"""How many rows a collection is thought to have while nothing was counted: at so many its reading counts as half."""
TIMED_OUT_ROWS = 1_000_000
"""How many rows a collection is thought to have that could not be counted in time."""
TRUSTED_ROWS = 100
"""How many rows have to be read before they say whether the estimates of others are too large or too small."""
CLOSE = 0.97
"""How far a collection is once all rows expected were read, as there may be more."""
MOST_PERCENT = 99


@dataclass(slots=True)
class Course:
    """The way through the collections of a source, one after the other.

    An estimate is never believed: what turns out of it at the collections read is held against the others, and more
    rows than expected bring the end nearer without ever reaching it. Without estimates collections count alike.
    `percent` never goes back, and never is 100.

    Args:
        names: of the collections.
        expected: rows by collection, as far as they were counted; empty where nothing was. May be replaced any time.
        read: rows by collection, of those begun.
    """

    names: Iterable[str]
    expected: Mapping[str, int] = field(default_factory=dict)
    read: dict[str, int] = field(default_factory=dict)
    current: str = ""
    shown: int = 0

    def begin(self, name: str) -> None:
        """Note that the collection before is done, and this one comes."""
        self.current = name
        self.read[name] = 0

    def add(self, rows: int) -> None:
        """Note rows read of the collection begun."""
        self.read[self.current] += rows

    @property
    def records(self) -> int:
        """Rows read so far."""
        return sum(self.read.values())

    @property
    def percent(self) -> int:
        """How far it is, 0 to 99."""
        parts = list(self._parts())
        whole = sum(size for size, _ in parts)
        done = sum(size * share for size, share in parts)
        self.shown = max(self.shown, min(MOST_PERCENT, int(100 * done / whole) if whole else 0))
        return self.shown

    def step(self, label: str) -> str:
        """Say what is read, and how much of how much."""
        read, expected = self.read[self.current], self.expected.get(self.current, 0)
        if not read:
            return f"Reading {label}"
        of = f" of {about(expected)}" if expected >= read else ""
        return f"Reading {label}: {read:,}{of} record{'' if read == 1 and not of else 's'}"

    def _parts(self) -> Iterator[tuple[float, float]]:
        """Yield how large each collection is thought to be, and how much of it is done."""
        done = self.read.keys() - {self.current}
        scale = self._scale(done)
        is_exceeded = self.read.get(self.current, 0) > self.expected.get(self.current, TIMED_OUT_ROWS) * scale
        scale_of_others = self._scale(self.read.keys()) if is_exceeded else scale
        for name in self.names:
            read, expected = self.read.get(name, 0), self.expected.get(name, TIMED_OUT_ROWS)
            if not self.expected:
                yield 1, _unknown_share(read) if name == self.current else name in done
            elif name == self.current:
                yield STATEMENT_ROWS + max(read, expected * scale), _share(read, expected * scale)
            else:
                yield STATEMENT_ROWS + (read if name in done else expected * scale_of_others), name in done

    def _scale(self, names: Set[str]) -> float:
        """How many times larger collections turned out to be than was expected."""
        known = [name for name in names if name in self.expected]
        expected = sum(self.expected[name] for name in known)
        return (sum(self.read[name] for name in known) + TRUSTED_ROWS) / (expected + TRUSTED_ROWS)


def _unknown_share(read: int) -> float:
    return read / (read + LIKELY_ROWS)


def _share(read: int, expected: float) -> float:
    if read < expected:
        return CLOSE * read / expected
    return 1 - (1 - CLOSE) * expected / read if read else 0
