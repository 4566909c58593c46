"""What a certificate records: counts, days and decisions, never a value that came from a source.

The record is written as JSON in the one way that RFC 8785 leaves, so that its SHA-256 can be computed by anybody.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

Plain: TypeAlias = "str | int | bool | list[Plain] | dict[str, Plain] | None"
SCHEMA_ID = "dsr-certificate-1"


class Kind(StrEnum):
    """What is certified."""

    ERASURE = "erasure"
    HANDLING = "handling"


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Somebody of the team, by name and role."""

    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Who prepared and who approved what was done (four eyes); nobody prepared what the portal made by itself."""

    prepared_by: StaffMember | None
    approved_by: StaffMember
    approved_at: datetime


@dataclass(frozen=True, slots=True)
class Retained:
    """Rows that are kept on a ground of the data map.

    Args:
        rows: that are still kept when the certificate is issued.
        first_on: the day on which the first of them are to be erased, `last_on` the last; None where no day is set.
    """

    ground: str
    rows: int
    years: int | None = None
    first_on: date | None = None
    last_on: date | None = None


@dataclass(frozen=True, slots=True)
class ErasedCollection:
    """What became of the rows of one collection; each row counts once.

    Args:
        before: rows found.
        kept: rows kept on a ground; `shared` ones are also another person's, `referenced` ones held by other rows.
        after: rows that a search would still find: those three, and what is `left`.
        left: rows that the search afterwards found and that should be gone.
        reasons: why rows stay, in words.
    """

    name: str
    label: str
    before: int
    deleted: int = 0
    anonymised: int = 0
    archived: int = 0
    kept: int = 0
    shared: int = 0
    referenced: int = 0
    after: int = 0
    left: int = 0
    reasons: tuple[str, ...] = ()
    retained: Retained | None = None

    @property
    def staying(self) -> int:
        """The rows that stay, each for a reason."""
        return self.kept + self.shared + self.referenced


@dataclass(frozen=True, slots=True)
class ErasedSource:
    """What was done in one source, at once.

    Args:
        map_version: the version of the data map, `map_sha256` the hash of its text; None outside a portal.
        came_since: rows erased that had come since what was approved was shown.
        is_proven: whether the search afterwards found nothing but what was kept and named.
        audit_entries: the numbers of the entries in the audit trail that say the same.
    """

    source: str
    label: str
    erased_at: datetime
    is_proven: bool
    collections: tuple[ErasedCollection, ...]
    map_sha256: str
    map_version: int | None = None
    decision: Decision | None = None
    came_since: int = 0
    audit_entries: tuple[int, ...] = ()

    def total(self, number: str) -> int:
        """Add one number of the collections up."""
        return sum(getattr(item, number) for item in self.collections)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A source that nothing was erased from, and why."""

    source: str
    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """The request that it is about; `person` is named only where that was asked for."""

    reference: str
    right: str
    article: str
    received_at: datetime
    person: str | None = None


@dataclass(frozen=True, slots=True)
class ErasureRecord:
    """What was erased for one request; without one, by an operator's own command."""

    request: RequestFacts | None
    sources: tuple[ErasedSource, ...]
    left_out: tuple[LeftOut, ...] = ()

    def total(self, number: str) -> int:
        """Add one number of all collections up."""
        return sum(source.total(number) for source in self.sources)

    @property
    def erased_at(self) -> datetime:
        """When the last of it was erased."""
        return max(source.erased_at for source in self.sources)


@dataclass(frozen=True, slots=True)
class DeadlineLine:
    """One step in the computation of a deadline, and the rule it follows."""

    on: date
    what: str
    source: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """One way in which the answer reached the person, or was offered to them.

    Args:
        way: `mail` or `download`.
        is_complete: whether all of it was taken; None where nobody can tell.
    """

    at: datetime
    way: str
    what: str
    bytes: int | None = None
    is_complete: bool | None = None


@dataclass(frozen=True, slots=True)
class RefusalFacts:
    """What was refused, by whom: the articles of the grounds, and what was withheld by category."""

    grounds: tuple[str, ...]
    withheld: tuple[str, ...]
    prepared_by: StaffMember
    approved_by: StaffMember
    approved_at: datetime


@dataclass(frozen=True, slots=True)
class HandlingRecord:
    """That a request was received, its mailbox proven, and answered in its time.

    Args:
        mailbox_proven_at: when somebody opened the mail sent to the address; None where that was not asked.
        due_on: the last day of the period, `deadline` how it was computed.
        ended: how the request ended: `completed`, `rejected` or `withdrawn`.
        outcome: `full`, `partial`, `none_held`, `refused`, or empty.
        is_in_time: None where no answer was owed.
        refusal: of all of the request, or of a part of its answer; None where nothing was refused.
        audit_entries: the numbers of the entries in the audit trail that say the same.
    """

    request: RequestFacts
    mailbox_proven_at: datetime | None
    due_on: date | None
    deadline: tuple[DeadlineLine, ...]
    ended_at: datetime
    ended: str
    outcome: str
    is_in_time: bool | None
    delivered: tuple[Delivered, ...] = ()
    refusal: RefusalFacts | None = None
    audit_entries: tuple[int, ...] = ()


Record: TypeAlias = ErasureRecord | HandlingRecord


@dataclass(frozen=True, slots=True)
class Issuer:
    """The controller, who certifies."""

    name: str
    address: tuple[str, ...] = ()
    country: str = ""


@dataclass(frozen=True, slots=True)
class AuditHead:
    """The last seal of the audit trail when the certificate was issued: number and hash."""

    seal: int
    hash: str


@dataclass(frozen=True, slots=True)
class Heading:
    """What identifies a certificate.

    Args:
        number: None where no portal issued it; then `public_page` and `audit` are None too.
        public_page: where anybody may ask whether it is genuine.
    """

    issued_at: datetime
    issuer: Issuer
    system: str
    number: str | None = None
    public_page: str | None = None
    audit: AuditHead | None = None


def kind_of(record: Record) -> Kind:
    """Say what a record certifies."""
    return Kind.ERASURE if isinstance(record, ErasureRecord) else Kind.HANDLING


def as_json(heading: Heading, record: Record) -> bytes:
    """Write the machine-readable record, which the certificate carries inside."""
    kind = kind_of(record)
    identified = {item.name: _plain(getattr(heading, item.name)) for item in fields(heading)}
    return canonical({"schema": SCHEMA_ID, "kind": str(kind), **identified, str(kind): _plain(record)})


def content_hash(issuer: Issuer, record: Record) -> str:
    """Give the SHA-256 of what is certified by whom, whenever and under whatever number."""
    return sha256(canonical({"issuer": _plain(issuer), str(kind_of(record)): _plain(record)}))


def canonical(document: Mapping[str, Plain]) -> bytes:
    """Write JSON canonically; keys are ASCII and numbers whole, so that sorting them and no spaces is all of it.

    Source: RFC 8785 §3.2.
    """
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def sha256(content: bytes) -> str:
    """Give the hash that people compare, in small hexadecimal letters."""
    return hashlib.sha256(content).hexdigest()


def _plain(value: object) -> Plain:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case tuple():
            return [_plain(item) for item in value]
        case None | str() | int():
            return value
        case _ if is_dataclass(value):
            return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    raise TypeError(f"A record holds no {type(value).__name__}.")
