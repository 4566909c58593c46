"""What is proposed to be corrected, opened for those who may see it: values are sealed by the key of the request."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from dataclasses import field as of
from functools import lru_cache
from typing import TYPE_CHECKING

import orjson

from extractors.batches import words
from extractors.changes import Correction
from extractors.datamap import parse
from requests_app.keys.hashing import KeyedHash
from requests_app.keys.stored import open_key
from requests_app.models import ProposedCorrection, Right

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from extractors.datamap.parts import DataMap
    from requests_app.keys.envelope import DataKey
    from requests_app.models import SubjectRequest

State = ProposedCorrection.State
RECORD = "corrected record"
SEALED = ("record_key", "old", "new", "reason", "statement")


@dataclass(frozen=True, slots=True)
class Names:
    """What people call the field of a correction; `codes` are words for its values."""

    source: str
    collection: str
    field: str
    codes: Mapping[str, str] = of(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """A correction as people read it: values in words, None where there is none.

    Args:
        is_kept: whether the values are still there; by the end of their time they are deleted.
    """

    row: ProposedCorrection
    names: Names
    is_kept: bool
    old: str | None = of(default=None, repr=False)
    new: str | None = of(default=None, repr=False)
    reason: str = of(default="", repr=False)
    statement: str = of(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many corrections of a request came to what."""

    corrected: int = 0
    stated: int = 0
    rejected: int = 0
    undecided: int = 0
    unwritten: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.corrected + self.stated + self.rejected + self.undecided + self.unwritten

    @property
    def is_all_rejected(self) -> bool:
        """Whether everything is decided on, and nothing was done of it."""
        return self.rejected == self.total > 0


class Seals:
    """Seals and opens what a request's corrections hold; each text for its own column alone."""

    def __init__(self, request: SubjectRequest) -> None:
        self._key: DataKey = open_key(request.key_id)

    def seal(self, column: str, text: str | None) -> str:
        """Seal a text; None is nothing."""
        return "" if text is None else self._key.seal_text(text, f"correction {column}")

    def open(self, row: ProposedCorrection, column: str) -> str | None:
        """Open what stands in a column.

        Raises:
            DamagedArtefact: it was altered.
        """
        sealed = getattr(row, column)
        return self._key.open_text(sealed, f"correction {column}") if sealed else None

    def correction(self, row: ProposedCorrection) -> Correction:
        """Give what is to be written.

        Raises:
            DamagedArtefact: it was altered.
        """
        key = orjson.loads(self.open(row, "record_key") or "{}")
        return Correction(row.collection, key, row.field, self.open(row, "old"), self.open(row, "new"))

    def record_hash(self, source_id: int, collection: str, record_key: str) -> str:
        """Name a record so that nobody without the key learns which."""
        return KeyedHash(self._key, RECORD).of(f"{source_id}\0{collection}\0{record_key}")


def record_key(key: Mapping[str, str]) -> str:
    """Write the key of a record the one way it is sealed and hashed."""
    return orjson.dumps(dict(key), option=orjson.OPT_SORT_KEYS).decode()


def fingerprint(rows: Iterable[ProposedCorrection]) -> str:
    """Give the SHA-256 of what exactly corrections would write: another once any of it changes."""
    known = [[row.pk, row.source_id, row.collection, row.field, row.record_key, row.old, row.new] for row in rows]
    return hashlib.sha256(orjson.dumps(known)).hexdigest()


def lines(request: SubjectRequest, rows: Iterable[ProposedCorrection], language: str = "") -> list[Line]:
    """Open corrections, to be read by whoever may."""
    seals = None if request.pseudonymised_at else Seals(request)
    return [_line(row, seals, language or request.language) for row in rows]


def of_request(request: SubjectRequest) -> list[ProposedCorrection]:
    """Give the corrections of a request, in the order they came."""
    rows = request.corrections.select_related("source__current_map", "decided_by", "proposed_by", "change")
    return list(rows.prefetch_related("evidence").order_by("pk"))


def counts(request: SubjectRequest) -> Counts:
    """Count what became of the corrections of a request."""
    if request.right != Right.RECTIFICATION or not request.pk:
        return Counts()
    found = Counter(request.corrections.order_by().values_list("state", flat=True))
    return Counts(
        corrected=found[State.WRITTEN],
        stated=found[State.STATED],
        rejected=found[State.REJECTED],
        undecided=found[State.PROPOSED],
        unwritten=found[State.APPROVED],
    )


def names_of(row: ProposedCorrection, language: str) -> Names:
    """Name the field of a correction as the data map does."""
    version = row.source.current_map
    data_map = _map(version.text, language) if version else None
    part = data_map.collections.get(row.collection) if data_map else None
    described = part.fields.get(row.field) if part else None
    return Names(
        (data_map.label if data_map else None) or row.source.label,
        (part.label if part else None) or words(row.collection),
        (described.label if described else None) or words(row.field),
        described.codes if described else {},
    )


def _line(row: ProposedCorrection, seals: Seals | None, language: str) -> Line:
    names = names_of(row, language)
    if seals is None or not row.record_key:
        return Line(row, names, is_kept=False)
    return Line(
        row,
        names,
        is_kept=True,
        old=_in_words(seals.open(row, "old"), names),
        new=_in_words(seals.open(row, "new"), names),
        reason=seals.open(row, "reason") or "",
        statement=seals.open(row, "statement") or "",
    )


def _in_words(value: str | None, names: Names) -> str | None:
    return None if value is None else names.codes.get(value, value)


@lru_cache(maxsize=16)
def _map(text: str, language: str) -> DataMap | None:
    data_map, _ = parse(text, language)
    return data_map
