"""Comparisons between columns and values of types that need not be the same.

A value is turned into the type of the column it is compared with, never the other way round where that can be
helped, so that the column's index serves.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Protocol
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy.types import TypeEngine

    from extractors.datamap.parts import Scalar

    Column = sa.ColumnElement[Any]
    Type = TypeEngine[Any]

WHOLE_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,18}")
NUMBER = re.compile(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?\s*")
WHOLE_NUMBER_SQL = "^(0|-?[1-9][0-9]{0,18})$"
UUID_SQL = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:|$)")
BIGINT = range(-(2**63), 2**63)


class Binds(Protocol):
    """Turns a value into an expression of a statement that never holds the value itself."""

    def __call__(self, value: str, type_: Type) -> Column:
        """Bind `value`, written as text, as an expression of type `type_`."""


def bound(value: str, type_: Type) -> Column:
    """Bind a value as an ordinary parameter of the statement."""
    text = sa.bindparam(None, value, sa.Text(), unique=True)
    return text if isinstance(type_, sa.Text) else sa.cast(text, type_)


def typed_parameter(value: str, type_: Type) -> Column:
    """Bind a value as a parameter of its own type, numbers as numbers."""
    if isinstance(type_, sa.Integer):
        return sa.bindparam(None, int(value), sa.BigInteger(), unique=True)
    if isinstance(type_, sa.Numeric):
        return sa.bindparam(None, Decimal(value), sa.Numeric(), unique=True)
    return sa.bindparam(None, value, sa.Text(), unique=True)


def base_type(type_: Type) -> Type:
    """Give the type a domain stands for, any other type as it is."""
    return base_type(type_.data_type) if isinstance(type_, postgresql.DOMAIN) else type_


def family(type_: Type) -> str:
    """Name the family of types that a database compares with one another as they are."""
    base = base_type(type_)
    if isinstance(base, sa.Enum):
        return f"enum {base.name}"
    return next((name for types, name in FAMILIES if isinstance(base, types)), base.__class__.__name__.lower())


FAMILIES: tuple[tuple[tuple[type[Any], ...], str], ...] = (
    ((postgresql.CITEXT,), "citext"),
    ((sa.Boolean,), "boolean"),
    ((sa.Integer, sa.Numeric, sa.Float), "number"),
    ((sa.String,), "text"),
    ((sa.Uuid,), "uuid"),
)


class Comparing(ABC):
    """Builds comparisons for one kind of database."""

    is_strict: ClassVar[bool]
    """Whether the database's columns hold values of their declared type alone."""

    def __init__(self, binds: Binds) -> None:
        self.binds = binds

    def identifies(self, column: Column, kind: str, spellings: Iterable[str]) -> Column | None:
        """Build the condition that a column holds one of an identifier's spellings.

        Returns:
            None when the column's type can hold none of them.
        """
        if kind == "email" and family(column.type) != "citext":
            return self._holds_email(column, spellings)
        return self._holds_one_of(column, spellings)

    def _holds_email(self, column: Column, spellings: Iterable[str]) -> Column | None:
        text = column if isinstance(column.type, sa.String) else sa.cast(column, sa.Text)
        return sa.func.lower(text).in_([sa.func.lower(self.binds(value, sa.Text())) for value in spellings])

    @abstractmethod
    def _holds_one_of(self, column: Column, spellings: Iterable[str]) -> Column | None: ...

    def equals_one_of(self, column: Column, values: Iterable[Scalar]) -> Column:
        """Build the condition that a column holds one of some constants; None among them stands for NULL.

        Raises:
            ValueError: a constant that the column's type cannot hold.
        """
        constants = list(values)
        present: list[Scalar] = [value for value in constants if value is not None]
        conditions = [self._holds_constant(column, present)] if present else []
        if None in constants:
            conditions.append(column.is_(None))
        return sa.or_(*conditions)

    @abstractmethod
    def _holds_constant(self, column: Column, constants: list[Scalar]) -> Column: ...

    @abstractmethod
    def equals(self, column: Column, value: Column) -> Column:
        """Build the condition that a column equals a value of another column, whatever their types."""

    @abstractmethod
    def may_repeat(self, column: Column, value: Column) -> bool:
        """Whether a column may equal several values that differ from one another, as `a` and `A` become one UUID."""

    def distinguished(self, column: Column) -> Column:
        """Read a column whose values are told apart (DISTINCT, UNION) wherever a link may tell them apart."""
        return column

    def slot(self, column: Column, *, is_filled: bool) -> Column:
        """Give a column, or NULL in its place, the one type that all terms of a recursive expression need."""
        value = column if is_filled else sa.null()
        collation = getattr(column.type, "collation", None)
        cast = sa.cast(value, _common_type(column))
        return sa.collate(cast, "default") if collation else cast


class StrictComparing(Comparing):
    """PostgreSQL: different types are refused, so that a value is turned into the type of the column."""

    is_strict = True

    def _holds_one_of(self, column: Column, spellings: Iterable[str]) -> Column | None:
        values = [bound for value in spellings for bound in self._as_type(value, column.type)]
        if not values:
            return None
        left = column if family(column.type) in HELD_AS_THEY_ARE else sa.cast(column, sa.Text)
        return left.in_(values)

    def _as_type(self, value: str, type_: Type) -> Iterator[Column]:
        name = family(type_)
        if name == "number":
            if is_whole(value):
                yield self.binds(value, sa.BigInteger())
        elif name == "uuid":
            if is_uuid(value):
                yield self.binds(value, sa.Uuid())
        else:
            yield self.binds(value, type_ if name == "citext" else sa.Text())

    def _holds_constant(self, column: Column, constants: list[Scalar]) -> Column:
        bound = [bound for value in constants for bound in self._constant(value, column.type)]
        return (column if family(column.type) in TOLD_BY_TEXT else sa.cast(column, sa.Text)).in_(bound)

    def _constant(self, value: Scalar, type_: Type) -> Iterator[Column]:
        text, name = written(value, type_), family(type_)
        if name in TOLD_BY_TEXT and not TOLD_BY_TEXT[name][0](text):
            raise ValueError(f"the column holds {TOLD_BY_TEXT[name][1]}")
        if isinstance(base := base_type(type_), sa.Enum) and text not in base.enums:
            raise ValueError(f"the column holds one of {', '.join(base.enums)}")
        if name == "boolean":
            yield sa.true() if BOOLEANS[text] else sa.false()
        elif name == "number":
            yield self.binds(text, sa.BigInteger() if is_whole(text) else sa.Numeric())
        else:
            yield self.binds(text, base if name in TOLD_BY_TEXT and name != "text" else sa.Text())

    def equals(self, column: Column, value: Column) -> Column:
        """See `Comparing.equals`."""
        left, right = family(column.type), family(value.type)
        if left != right:
            column, value = self._comparable(column, left, value, right)
        collation = getattr(column.type, "collation", None)
        if collation and family(value.type) == "text":
            value = sa.collate(value, collation)
        return column == value

    def may_repeat(self, column: Column, value: Column) -> bool:
        """See `Comparing.may_repeat`."""
        left, right = family(column.type), family(value.type)
        return left != right and left in ("citext", "uuid")

    def _comparable(self, column: Column, left: str, value: Column, right: str) -> tuple[Column, Column]:
        if left == "text":
            return column, sa.cast(value, sa.Text)
        if left == "citext":
            return column, sa.cast(value, column.type)
        if (left, right) == ("number", "text") and isinstance(base_type(column.type), sa.Integer):
            number = sa.cast(value, sa.Numeric)
            fits = number.between(sa.literal_column(str(BIGINT[0])), sa.literal_column(str(BIGINT[-1])))
            return column, _guarded(value, WHOLE_NUMBER_SQL, sa.case((fits, sa.cast(value, sa.BigInteger))))
        if (left, right) == ("uuid", "text"):
            return column, _guarded(value, UUID_SQL, sa.cast(value, sa.Uuid()))
        return sa.cast(column, sa.Text), sa.cast(value, sa.Text)


class LooseComparing(Comparing):
    """SQLite: a column may hold anything, and what is converted depends on what was declared."""

    is_strict = False

    def _holds_one_of(self, column: Column, spellings: Iterable[str]) -> Column | None:
        values = [bound for value in spellings for bound in self._as_stored(value, column.type)]
        return column.in_(values) if values else None

    def _as_stored(self, value: str, type_: Type) -> Iterator[Column]:
        """Bind a value as the text and as the number it is, as untyped columns may hold either (`STRING`).

        A number written unusually (`01`) is no other number: it is kept from columns that would take it for one.
        """
        if is_whole(value):
            yield self.binds(value, sa.BigInteger())
        if is_whole(value) or family(type_) in KEPT_AS_WRITTEN or not NUMBER.fullmatch(value):
            yield self.binds(value, sa.Text())

    def _holds_constant(self, column: Column, constants: list[Scalar]) -> Column:
        return column.in_([bound for value in constants for bound in self._constant(value, column.type)])

    def _constant(self, value: Scalar, type_: Type) -> Iterator[Column]:
        text = written(value, type_)
        if family(type_) == "boolean" and text in BOOLEANS:
            yield sa.true() if BOOLEANS[text] else sa.false()
        elif isinstance(value, float):
            yield self.binds(text, sa.Numeric())
        else:
            yield from self._as_stored(text, type_)

    def equals(self, column: Column, value: Column) -> Column:
        """See `Comparing.equals`; says the conversions that SQLite makes for some declared types only."""
        left, right = family(column.type), family(value.type)
        if left == "text" and right != "text":
            return column == sa.cast(value, sa.Text)
        if left in UNTYPED and right not in UNTYPED:
            return sa.cast(column, sa.Text) == sa.cast(value, sa.Text)
        return column == value

    def may_repeat(self, column: Column, value: Column) -> bool:
        """See `Comparing.may_repeat`."""
        return family(column.type) != family(value.type)

    def slot(self, column: Column, *, is_filled: bool) -> Column:
        """See `Comparing.slot`; SQLite's have no type, and a cast would convert."""
        return column if is_filled else sa.null()


class StandardComparing(Comparing):
    """Any other database: numbers and texts as they are, everything else by its text."""

    is_strict = True

    def _holds_one_of(self, column: Column, spellings: Iterable[str]) -> Column | None:
        if family(column.type) == "number":
            values = [self.binds(value, sa.BigInteger()) for value in spellings if is_whole(value)]
        else:
            values = [self.binds(value, sa.Text()) for value in spellings]
        return self._plain(column).in_(values) if values else None

    def _holds_email(self, column: Column, spellings: Iterable[str]) -> Column | None:
        lower = [sa.func.lower(self.binds(value, sa.Text())) for value in spellings]
        return sa.func.lower(self._as_text(column)).in_(lower)

    def _holds_constant(self, column: Column, constants: list[Scalar]) -> Column:
        name, texts = family(column.type), [written(value, column.type) for value in constants]
        if name in TOLD_BY_TEXT and not all(map(TOLD_BY_TEXT[name][0], texts)):
            raise ValueError(f"the column holds {TOLD_BY_TEXT[name][1]}")
        if name == "boolean":
            return sa.or_(*(column == (sa.true() if BOOLEANS[text] else sa.false()) for text in texts))
        if name in ("date", "timestamp", "datetime"):
            return column.in_([sa.cast(self.binds(text, sa.Text()), column.type) for text in texts])
        is_number = name == "number"
        types = [(sa.BigInteger() if is_whole(text) else sa.Numeric()) if is_number else sa.Text() for text in texts]
        return self._plain(column).in_([self.binds(text, type_) for text, type_ in zip(texts, types, strict=True)])

    def equals(self, column: Column, value: Column) -> Column:
        """See `Comparing.equals`."""
        left, right = family(column.type), family(value.type)
        if left == right and left in ("number", "text"):
            collation = getattr(column.type, "collation", None)
            return column == (sa.collate(value, collation) if collation else value)
        return self._as_text(column) == self._as_text(value)

    def may_repeat(self, column: Column, value: Column) -> bool:
        """See `Comparing.may_repeat`: the database may take several texts for the same."""
        return family(column.type) != "number" or family(value.type) != "number"

    def slot(self, column: Column, *, is_filled: bool) -> Column:
        """See `Comparing.slot`."""
        value = column if is_filled else sa.null()
        type_ = base_type(column.type)
        if isinstance(type_, sa.Integer):
            return sa.cast(value, sa.BigInteger())
        if isinstance(type_, sa.Numeric) and not isinstance(type_, sa.Float):
            return sa.cast(value, sa.Numeric(type_.precision, type_.scale))
        text = sa.cast(value, sa.String(LONGEST_SHOWN))
        collation = getattr(type_, "collation", None)
        return sa.collate(text, collation) if collation else text

    def _plain(self, column: Column) -> Column:
        return column if family(column.type) in ("number", "text") else self._as_text(column)

    @staticmethod
    def _as_text(column: Column) -> Column:
        return column if family(column.type) == "text" else sa.cast(column, sa.String(LONGEST_SHOWN))


def folds_case(type_: Type) -> bool:
    """Whether the collation of a column takes upper and lower case for the same, so that its index finds both."""
    collation = getattr(type_, "collation", None) or ""
    return collation.endswith("_ci") or "_ci_" in collation


LONGEST_SHOWN = 1000
HELD_AS_THEY_ARE = frozenset({"number", "text", "citext", "uuid"})
UNTYPED = frozenset({"nulltype", "blob"})
KEPT_AS_WRITTEN = UNTYPED | {"text"}
BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


def written(value: Scalar, type_: Type) -> str:
    """Write a constant as the column would: YAML's `true` is `true` in a text, 1 in a number."""
    if isinstance(value, bool):
        return str(value).lower() if family(type_) == "text" else str(int(value))
    return str(value)


def _common_type(column: Column) -> Type:
    type_, kind = base_type(column.type), family(column.type)
    if kind == "number" and not isinstance(type_, sa.Float):
        return sa.BigInteger() if isinstance(type_, sa.Integer) else sa.Numeric()
    return sa.Text() if kind in ("text", "citext") else type_


def _guarded(value: Column, pattern: str, read: Column) -> Column:
    """Read text only where it is of the type, as a failing cast would end the statement."""
    return sa.case((value.op("~")(sa.literal_column(f"'{pattern}'")), read))


def is_whole(text: str) -> bool:
    """Whether a text is a whole number in its usual form, of 64 bits."""
    return bool(WHOLE_NUMBER.fullmatch(text)) and int(text) in BIGINT


def is_uuid(text: str) -> bool:
    """Whether a text is a UUID in its usual form."""
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def _is_moment(text: str) -> bool:
    try:
        return text in ("infinity", "-infinity") or bool(MOMENT.match(text) and datetime.fromisoformat(text))
    except ValueError:
        return False


MOMENTS = (_is_moment, "moments such as 2020-12-31 or 2020-12-31T23:59:59Z")
TOLD_BY_TEXT: dict[str, tuple[Callable[[str], bool], str]] = {
    "boolean": (BOOLEANS.__contains__, "true or false"),
    "citext": (lambda _: True, "texts"),
    "date": MOMENTS,
    "number": (lambda text: bool(NUMBER.fullmatch(text)), "numbers"),
    "text": (lambda _: True, "texts"),
    "timestamp": MOMENTS,
    "uuid": (is_uuid, "UUIDs"),
}
"""The families of which a text alone tells whether a strict database takes it; others are compared as text."""
