"""A measured figure, as a row of the report."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured, the result, the bound set for it, and the raw numbers it was made from."""

    what: str
    measured: str
    bound: str
    raw: str

    def __str__(self) -> str:
        return f"| {self.what} | **{self.measured}** | {self.bound} | {self.raw} |"
