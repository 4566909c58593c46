"""What discovery sees of a source and what it concludes; shapes, counts and reasons, never a value.

Inventory (what is there) → findings (what each column means) → links → proposal (a data map with reasons).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

TableId: TypeAlias = str
"""A table's name as a data map would write it: `schema.table`, or `table` in the connection's default schema."""

ColumnId: TypeAlias = tuple[TableId, str]


@dataclass(frozen=True, slots=True)
class Sampling:
    """How much of a source discovery may read.

    Args:
        rows: of each table, most rows looked at.
        seconds: for the whole source; what was not looked at by then is judged by its names and types alone.
        statement_seconds: for one statement.
        schemas: the schemas looked at; none for the default one and every other that is not the database's own.
        trusts_foreign_keys: whether declared links are taken as they are; else all are found by comparing.
    """

    rows: int = 500
    seconds: float = 60
    statement_seconds: float = 5
    schemas: tuple[str, ...] = ()
    trusts_foreign_keys: bool = True


class Content(StrEnum):
    """What a value looks like; told from the value alone, each by a rule a value rarely fulfils by accident."""

    EMAIL = "email"
    PHONE = "phone"
    IBAN = "iban"
    CARD = "card"  # with its Luhn digit
    NATIONAL_ID = "national_id"  # with its check digit, python-stdnum
    IP = "ip"
    URL = "url"
    UUID = "uuid"
    HASH = "hash"  # a password hash or a digest: bcrypt, argon2, crypt, PHPass, long hexadecimal
    TOKEN = "token"  # long, of high entropy, no words; JWT, API keys by their known beginnings  # noqa: S105
    JSON = "json"
    SERIALISED = "serialised"  # PHP
    BIRTH_DATE = "birth_date"
    DATE = "date"
    NAME = "name"  # of a person: one to four capitalised words, known given names among them
    STREET = "street"  # a house number beside words, streets' names among them
    FREE_TEXT = "free_text"  # sentences
    CODE = "code"  # few different short values
    NUMBER = "number"
    BOOLEAN = "boolean"


@dataclass(frozen=True, slots=True)
class Sampled:
    """What the sample of one column looks like.

    Args:
        seen: values looked at that are neither NULL nor empty.
        shares: the share of them, 0 to 1, that each kind of content fits; only those that some fit.
        distinct: different values among them.
        mentions: the share of longer texts that hold an e-mail address or a telephone number within.
        secret_paths: where JSON holds what is called like a secret, as a data map's `drop` takes it; `$` for anywhere.
    """

    seen: int = 0
    shares: Mapping[Content, float] = field(default_factory=dict)
    distinct: int = 0
    mentions: float = 0.0
    secret_paths: tuple[str, ...] = ()

    @property
    def is_unique(self) -> bool:
        """Whether no value was seen twice."""
        return self.seen > 0 and self.distinct == self.seen


@dataclass(frozen=True, slots=True)
class SeenColumn:
    """A column of a table.

    Args:
        type: the family of its type: integer, number, text, date, timestamp, boolean, uuid, json, binary, other.
        length: the most characters it takes, None where there is no limit or no text.
        values: of an enumerated type.
    """

    name: str
    type: str
    is_nullable: bool = True
    length: int | None = None
    values: tuple[str, ...] = ()
    comment: str = ""
    sampled: Sampled = field(default_factory=Sampled)


@dataclass(frozen=True, slots=True)
class SeenLink:
    """Columns of a table whose values are those of other columns.

    Args:
        is_declared: by a foreign key of the database.
        contained: the share of sampled values found there, 0 to 1; None where it was not looked at.
        confidence: 0 to 1.
        reason: in words.
        where: what other columns of `table` hold in the rows linked so: `commentable_type` is `Post`.
    """

    table: TableId
    columns: tuple[str, ...]
    to_table: TableId
    to_columns: tuple[str, ...]
    is_declared: bool
    confidence: float = 1.0
    contained: float | None = None
    reason: str = "foreign key"
    where: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SeenTable:
    """A table or view.

    Args:
        rows: about how many, None where the database does not know.
        unique: sets of columns that no two rows share, the primary key first.
        indexed: the first columns of its indexes.
        is_sampled: whether its rows were looked at at all.
    """

    id: TableId
    columns: tuple[SeenColumn, ...]
    primary_key: tuple[str, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    indexed: frozenset[str] = frozenset()
    rows: int | None = None
    is_view: bool = False
    is_sampled: bool = False
    comment: str = ""

    def column(self, name: str) -> SeenColumn:
        """Give a column by its name."""
        return next(column for column in self.columns if column.name == name)


@dataclass(frozen=True, slots=True)
class Inventory:
    """Everything seen of a source.

    Args:
        links: declared ones, and those found by comparing names, types and sampled values.
        notes: what was not looked at, in words (time was up, no right to read a table).
    """

    source: str
    tables: tuple[SeenTable, ...]
    links: tuple[SeenLink, ...] = ()
    notes: tuple[str, ...] = ()

    def table(self, id_: TableId) -> SeenTable:
        """Give a table by its name."""
        return next(table for table in self.tables if table.id == id_)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A question to the source: does `column` hold what `to_column` holds in the row that `columns` point at?

    So an order's e-mail address is told from a friend's, and a comment on a post from a run of a workflow.
    """

    table: TableId
    columns: tuple[str, ...]
    to_table: TableId
    to_columns: tuple[str, ...]
    column: str
    to_column: str


@dataclass(frozen=True, slots=True)
class Compared:
    """The answer.

    Args:
        seen: pairs of rows looked at that both hold something.
        equal: the share of them that hold the same, whatever its case.
    """

    seen: int
    equal: float


class Concept(StrEnum):
    """What a column means, whatever its name and language."""

    PERSON_ID = "person_id"  # the key of a person, or a reference to one
    EMAIL = "email"
    PHONE = "phone"
    GIVEN_NAME = "given_name"
    FAMILY_NAME = "family_name"
    FULL_NAME = "full_name"
    USER_NAME = "user_name"  # a login
    STREET = "street"
    POSTAL_CODE = "postal_code"
    CITY = "city"
    REGION = "region"
    COUNTRY = "country"
    LOCATION = "location"  # coordinates
    BIRTH_DATE = "birth_date"
    GENDER = "gender"
    NATIONALITY = "nationality"
    NATIONAL_ID = "national_id"
    TAX_ID = "tax_id"
    IBAN = "iban"
    CARD = "card"
    AMOUNT = "amount"
    IP = "ip"
    USER_AGENT = "user_agent"
    DEVICE = "device"
    SECRET = "secret"  # a password hash, token or key: never leaves the source  # noqa: S105
    FREE_TEXT = "free_text"  # notes, messages, comments
    HEALTH = "health"
    RELIGION = "religion"
    ETHNICITY = "ethnicity"
    POLITICS = "politics"
    UNION = "union"  # trade union membership
    SEX_LIFE = "sex_life"
    BIOMETRIC = "biometric"
    CRIMINAL = "criminal"
    PHOTO = "photo"
    ORGANISATION = "organisation"
    JOB = "job"
    CONSENT = "consent"
    MARKETING = "marketing"  # opt-in to marketing
    ANALYTICS = "analytics"
    RESTRICTED = "restricted"  # processing locked
    DELETED = "deleted"  # a soft deletion's mark
    CREATED = "created"  # when a row came to be: newest first
    CHANGED = "changed"
    ORDERING = "ordering"  # any other moment rows can be ordered by
    JSON = "json"
    OTHER_PERSON = "other_person"  # somebody else than whose row it is: invited by, assigned to, emergency contact
    CODE = "code"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a column means.

    Args:
        concept: the likeliest meaning.
        confidence: 0 to 1.
        reason: in words a reviewer understands: "is called like an e-mail address; 98 % of 200 values are".
        is_other_person: whether it is about somebody else than whose row it is.
        mentions_others: whether its texts mention people, as free text may.
    """

    concept: Concept
    confidence: float
    reason: str
    is_other_person: bool = False
    mentions_others: bool = False


Findings: TypeAlias = Mapping[ColumnId, Finding]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a part of a proposed data map stands there.

    Args:
        path: within the map, as in `Fault`: `collections.customers.identifiers.email`.
        confidence: 0 to 1.
        text: in words.
    """

    path: str
    confidence: float
    text: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A data map nobody looked at yet.

    Args:
        document: the map as a plain mapping, in the order it is written; `DataMap` takes it.
        reasons: for every proposed part.
        left_out: tables that hold nothing about people, or that nothing reaches, each with why.
    """

    document: Mapping[str, Any]
    inventory: Inventory
    findings: Findings
    reasons: tuple[Reason, ...]
    left_out: Mapping[TableId, str] = field(default_factory=dict)
