"""A list as a run reads it: out of its sealed file, by its own options, a few rows at a time."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Self

from requests_app import uploads
from requests_app.importing.columns import recognised
from requests_app.importing.dates import DateOrder
from requests_app.importing.lines import Reading
from requests_app.importing.lists import Row, Shape, look_at, rows
from requests_app.intake.recording import Proof

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from requests_app.models import RequestImport, Upload
    from requests_app.storage import SealedReader

SHOWN_ROWS = 4


@dataclass(frozen=True, slots=True)
class Options:
    """What somebody said about a list.

    Args:
        encoding: the letters it is written in; empty to find out.
        date_order: of dates that may be read two ways.
        has_headings: whether its first row names the columns.
        defaults: what is said for the whole list, by field.
        proof: how it is made sure that people are who they say.
        proof_reason: how the team made sure, where it did.
    """

    encoding: str = ""
    date_order: str = ""
    has_headings: bool = True
    defaults: Mapping[str, str] = field(default_factory=dict)
    proof: str = Proof.CHECKS.value
    proof_reason: str = ""

    @classmethod
    def of(cls, run: RequestImport) -> Self:
        """Read those of a run."""
        return cls(**run.options)

    def as_json(self) -> dict[str, Any]:
        """Write them as they are kept."""
        return asdict(self)


@dataclass(frozen=True, slots=True, repr=False)
class Beginning:
    """The first rows of a list, to be shown while its columns are assigned; `headings` are empty where it has none."""

    shape: Shape
    headings: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def width(self) -> int:
        """How many columns there are."""
        return max(map(len, (self.headings, *(row.cells for row in self.rows))), default=0)


@dataclass(frozen=True, slots=True)
class OpenList:
    """A list that can be read, from its start and as often as wanted."""

    reader: SealedReader
    shape: Shape
    has_headings: bool

    def rows(self) -> Iterator[Row]:
        """Give the rows that are to be requests, which may be called again.

        Raises:
            UnusableList: see `lists.rows`.
        """
        found = rows(self.reader.chunks(), self.shape)
        return islice(found, 1, None) if self.has_headings else found

    def headings(self) -> tuple[str, ...]:
        """Give the names of the columns; none where the list does not name them."""
        first = next(rows(self.reader.chunks(), self.shape), None)
        return first.cells if first and self.has_headings else ()


@contextmanager
def opened(upload: Upload, options: Options) -> Iterator[OpenList]:
    """Open a list.

    Raises:
        UnusableList: see `lists.look_at`.
        RemovedFile, MissingArtefact, UnreadableArtefact, DamagedArtefact: see `uploads.opened`.
    """
    with uploads.opened(upload) as reader:
        shape = look_at(partial(reader.chunks), encoding=options.encoding)
        yield OpenList(reader, shape, options.has_headings)


def beginning_of(upload: Upload, options: Options) -> Beginning:
    """Give the first rows of a list; see `opened`."""
    with opened(upload, options) as found:
        return Beginning(found.shape, found.headings(), tuple(islice(found.rows(), SHOWN_ROWS)))


def reading_of(run: RequestImport, headings: tuple[str, ...]) -> Reading:
    """Say how the rows of a run's list are to be understood."""
    options = Options.of(run)
    return Reading(
        {int(position): name for position, name in run.columns.items()},
        headings,
        options.defaults,
        DateOrder(options.date_order),
        proof=Proof(options.proof),
        proof_reason=options.proof_reason,
    )


def proposed(content: bytes) -> tuple[Options, dict[int, str]]:
    """Propose how a list is to be read: its columns by their headings, where it has any.

    Raises:
        UnusableList: see `lists.look_at`.
    """
    first = next(rows([content], look_at(lambda: [content])), None)
    columns = recognised(first.cells if first else ())
    return Options(has_headings=bool(columns)), columns
