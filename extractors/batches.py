"""Collections and batches: the only types that cross the borders between stages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    import pyarrow as pa


class Kind(StrEnum):
    """What a field's values mean; the Arrow type that carries each is beside it.

    Kinds carried as text hold one canonical form, exact in every format:
    `DECIMAL` the digits the database prints (also `NaN`, `Infinity`, `-Infinity`), `DATE`, `TIME` and `TIMESTAMP`
    ISO 8601 with `T` and, where the value is an instant, `Z` (also `infinity`, `-infinity`), `JSON` valid
    JSON text, everything a database knows and we do not (ranges, networks, geometry) its own text as `TEXT`.
    """

    INTEGER = "integer"  # int16, int32, int64, uint64
    FLOAT = "float"  # float, double
    BOOLEAN = "boolean"  # bool
    TEXT = "text"  # string
    DECIMAL = "decimal"  # string
    DATE = "date"  # string
    TIME = "time"  # string
    TIMESTAMP = "timestamp"  # string
    JSON = "json"  # string
    UUID = "uuid"  # string
    BINARY = "binary"  # binary


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a collection, with what a person or a reviewer is told about it.

    Args:
        codes: plain words for coded values, keyed by the value as text.
        third_party: whether its values are about somebody else (GDPR Art. 15(4)); withheld unless released.
    """

    name: str
    kind: Kind
    label: str | None = None
    help: str | None = None
    category: str | None = None
    codes: Mapping[str, str] = field(default_factory=dict)
    third_party: bool = False


@dataclass(frozen=True, slots=True)
class Information:
    """What Art. 15(1)-(2) GDPR wants told about a collection; None or empty where nothing is recorded."""

    purposes: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    retention: str | None = None
    origin: str | None = None
    transfers: str | None = None
    automated_decisions: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """The data source a collection belongs to, with the information its collections share."""

    slug: str
    label: str
    information: Information = field(default_factory=Information)


class Cause(StrEnum):
    """Why an answer leaves something out."""

    SECRET = "secret"  # noqa: S105 - credentials, which never leave the source
    THIRD_PARTY = "third_party"  # about other people (GDPR Art. 15(4))
    WITHHELD = "withheld"  # by a reviewer's decision, on a ground
    FORBIDDEN = "forbidden"  # held, and by law never given out (11 CCR § 7024(d))
    DELETED = "deleted"  # soft-deleted, left out of what is not an access answer
    LIMIT = "limit"  # only the newest, in what is not an access answer
    NOT_PORTABLE = "not_portable"  # not given by the person by consent or contract, in what they take elsewhere
    UNREACHED = "unreached"  # could not be searched


@dataclass(frozen=True, slots=True)
class Omission:
    """Something found or held that the answer leaves out, and why, in words for the person.

    Args:
        collection: None where it concerns a whole source.
        cut: whether rows or whole collections are missing (a limit, a failure), which makes an answer
            incomplete; a secret or a third party's field withheld by law does not.
        cause: None in what was stored before causes were told apart.
        label: what the collection is called, where it is left out whole, so that the answer does not hold it.
    """

    source: str
    collection: str | None
    reason: str
    cut: bool = False
    cause: Cause | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Collection:
    """A set of records of one shape within a source (a table, an endpoint, a file).

    Args:
        key: the names of the fields that identify a record; empty where nothing does.
        fields: the fields in the order of the batches' columns; secrets are not among them.
        context: whether the records are not personal and only there to make others understood.
    """

    source: Source
    name: str
    label: str
    key: tuple[str, ...]
    fields: tuple[Field, ...]
    information: Information = field(default_factory=Information)
    context: bool = False


class Concern(StrEnum):
    """Why something found may be about somebody else, whose rights an answer must not harm (GDPR Art. 15(4))."""

    SHARED = "shared"  # a record reached only through something that several people share
    EMAIL = "email"  # an e-mail address that is not the person's
    PHONE = "phone"  # a telephone number that is not the person's


@dataclass(frozen=True, slots=True)
class Batch:
    """Some records of a collection; `rows` has one column per field, in the fields' order and under their names.

    Args:
        marks: what a reviewer should look at, None where there is nothing: the columns `row` (uint32, counted from 0
            within the batch, ascending), `field` (string, empty for the whole record) and `concern` (string).
    """

    collection: Collection
    rows: pa.RecordBatch
    marks: pa.RecordBatch | None = None


@dataclass(frozen=True, slots=True)
class Extract:
    """Everything found of one collection: omissions known beforehand, then the batches, read once as they come."""

    collection: Collection
    omissions: tuple[Omission, ...]
    batches: Generator[Batch]

    @property
    def is_left_out(self) -> bool:
        """Whether the collection is no part of what was asked for, so that it was not read."""
        return is_left_out(self.collection, self.omissions)


def is_left_out(collection: Collection, omissions: Iterable[Omission]) -> bool:
    """Whether nothing of a collection is given, as none of it may be taken elsewhere (GDPR Art. 20(1))."""
    return not collection.fields and any(omission.cause is Cause.NOT_PORTABLE for omission in omissions)


def counted(count: int, noun: str) -> str:
    """Write a number of things: `1 record`, `1,234 records`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def words(name: str) -> str:
    """Turn a technical name into words: `created_at` becomes "Created at"."""
    spaced = " ".join(name.replace("_", " ").replace("-", " ").split())
    return spaced[:1].upper() + spaced[1:] if spaced else name
