"""The one tree of errors; messages name fields, files and keys, never a person's values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class DsrError(Exception):
    """Root of every error this project raises on purpose; its text may be shown to a user."""


class SourceUnavailable(DsrError, ConnectionError):
    """Say that a source cannot be read: unreachable, credentials refused, connection lost.

    Args:
        permanent: whether trying again later without a change is pointless.
    """

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.permanent = permanent


class UnusableIdentifier(DsrError, ValueError):
    """Say that an identifier cannot be searched for; names its kind, never its value."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a data map, at `path` (dotted, as in the document), `line` counted from 1."""

    path: str
    message: str
    line: int | None = None

    def __str__(self) -> str:
        where = f"line {self.line}, {self.path}" if self.line else self.path
        return f"{where}: {self.message}"


class FaultyDataMap(DsrError, ValueError):
    """Refuse a data map, with every fault found in it and not only the first."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        count = "1 fault" if len(self.faults) == 1 else f"{len(self.faults)} faults"
        super().__init__(f"The data map has {count}: " + "; ".join(map(str, self.faults)))


class DamagedArtefact(DsrError, ValueError):
    """Say that an encrypted artefact was cut, reordered or altered, and where."""


class UnwritableOutput(DsrError, OSError):
    """Say that something could not be written (full disk, missing folder, no permission)."""
