"""How far the rendering of an export is, by records and parts written; knows no database and no clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

OPENING_SECONDS = 1.5
"""About how long the file to open first takes."""
MOST_PERCENT = 99


@dataclass(slots=True)
class Course:
    """The way through the formats of a package, one after the other, and the file to open first.

    `percent` never goes back, and never is 100.

    Args:
        seconds: about how long each format takes, in their order.
        records: how many each of them reads.
    """

    seconds: Mapping[str, float]
    records: int
    current: str = ""
    part: tuple[int, int] | None = None
    written: int = 0
    shown: int = field(default=0)

    def begin(self, path: str, part: tuple[int, int] | None = None) -> None:
        """Note which file comes; those of a format come together, in a folder of its name."""
        folder = path.partition("/")[0]
        if folder != self.current:
            self.written = 0
        self.current, self.part = folder, part

    def add(self, records: int) -> None:
        """Note records that were written."""
        self.written += records

    @property
    def percent(self) -> int:
        """How far it is, 0 to 99."""
        whole = sum(self.seconds.values()) + OPENING_SECONDS
        self.shown = max(self.shown, min(MOST_PERCENT, int(100 * self._done() / whole)))
        return self.shown

    @property
    def step(self) -> str:
        """What is written now."""
        if self.current not in self.seconds:
            return "Writing the file to open first" if self.current else ""
        name = self.current.upper()
        if self.part and self.part[1] > 1:
            return f"Writing {name}, part {self.part[0]} of {self.part[1]}"
        if self.part or not self.written:
            return f"Writing {name}"
        return f"Writing {name}: record {min(self.written, self.records):,} of {self.records:,}"

    def _done(self) -> float:
        done = 0.0
        for name, seconds in self.seconds.items():
            if name == self.current:
                return done + seconds * self._share()
            done += seconds
        return done if self.current else 0.0

    def _share(self) -> float:
        if self.part:
            number, parts = self.part
            return (number - 1) / parts
        return min(self.written / self.records, 1.0) if self.records else 0.0
