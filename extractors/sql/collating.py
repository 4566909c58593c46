"""Comparisons on MariaDB and MySQL, which take `1abc` for 1 and, by the collation of a column, `a` for `Á` and `A `.

What is looked up stands first, as the column's own collation compares, so that its index serves; an exact comparison
behind it keeps out what is not the same. Only where a link joins two columns of one collation are they compared as a
foreign key between them would be.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.ext.compiler import compiles

from extractors.sql.comparing import (
    MOMENTS,
    NUMBER,
    UUID_SQL,
    WHOLE_NUMBER_SQL,
    Comparing,
    folds_case,
    is_uuid,
    written,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.sql.compiler import SQLCompiler
    from sqlalchemy.types import TypeEngine

    from extractors.datamap.parts import Scalar

    Column = sa.ColumnElement[Any]
    Type = TypeEngine[Any]

GROUPS: tuple[tuple[tuple[type[Any], ...], str], ...] = (
    ((sa.Integer, sa.Numeric, sa.Float), "number"),
    ((sa.String,), "text"),
    ((sa.types._Binary,), "binary"),  # what all types of bytes derive from
    ((sa.Uuid,), "uuid"),
    ((sa.Date, sa.DateTime), "moment"),
)
DIGITS = re.compile(r"-?[0-9]{1,20}")
WHOLE = range(-(2**63), 2**64)
# How wide a value of a circle of links may be, where its column sets no limit; a longer one links nothing.
LONGEST_LINK = 512
SHOWN_LENGTH = 64  # of a type that is compared as text: UUIDs, networks, times
# What the server's older character sets hold; a value outside of them is in no such column.
CODECS = {"latin1": "cp1252", "ascii": "ascii", "latin2": "iso8859_2", "cp1250": "cp1250", "cp1251": "cp1251"}


class Exact(sa.sql.functions.FunctionElement[str]):
    """A text compared character by character, trailing spaces too, whatever the collation of its column."""

    inherit_cache = True
    type = sa.Text()


@compiles(Exact, "mysql", "mariadb")
def _compile_exact(element: Exact, compiler: SQLCompiler, **options: Any) -> str:
    collation = "utf8mb4_nopad_bin" if compiler.dialect.is_mariadb else "utf8mb4_0900_bin"  # type: ignore[attr-defined]
    return f"(CONVERT({compiler.process(element.clauses, **options)} USING utf8mb4) COLLATE {collation})"


class Adapted(sa.sql.functions.FunctionElement[str]):
    """A text in a column's character set and collation, for its index to serve.

    Args:
        type_: the column's.
    """

    inherit_cache = False
    type = sa.Text()

    def __init__(self, value: Column, type_: Any) -> None:
        super().__init__(value)
        self.charset, self.collation = type_.charset, type_.collation


@compiles(Adapted, "mysql", "mariadb")
def _compile_adapted(element: Adapted, compiler: SQLCompiler, **options: Any) -> str:
    quote = compiler.preparer.quote
    value = compiler.process(element.clauses, **options)
    return f"(CONVERT({value} USING {quote(element.charset)}) COLLATE {quote(element.collation)})"


class ToldApart(sa.Text):
    """The type of values told apart exactly, that come from a column of the type `of`."""

    def __init__(self, of: Type) -> None:
        super().__init__()
        self.of = of


def group(type_: Type) -> str:
    """Name the group of types that the server compares with one another without loss."""
    named = next((name for types, name in GROUPS if isinstance(type_, types)), type_.__class__.__name__.lower())
    return str(getattr(type_, "name", named)) if named == "unusual" else named


class CollatedComparing(Comparing):
    """MariaDB and MySQL: everything is converted, and texts are equal as their collation has it."""

    is_strict = True

    def _holds_email(self, column: Column, spellings: Iterable[str]) -> Column | None:
        text = column if group(column.type) == "text" else sa.cast(column, sa.Text)
        values = [self.binds(value, sa.Text()) for value in _storable(spellings, text.type)]
        if not values:
            return None
        lower = [sa.func.lower(value) for value in values]
        looked_up = text.in_(values) if folds_case(text.type) else sa.func.lower(text).in_(lower)
        return sa.and_(looked_up, sa.func.lower(Exact(text)).in_(lower))

    def _holds_one_of(self, column: Column, spellings: Iterable[str]) -> Column | None:
        name = group(column.type)
        if name == "number":
            values = [self.binds(value, sa.BigInteger()) for value in spellings if _is_whole(value)]
            return column.in_(values) if values else None
        if name == "uuid":
            spellings = [value for value in spellings if is_uuid(value)]
        return self._holds_text(column, list(spellings))

    def _holds_text(self, column: Column, texts: Sequence[str]) -> Column | None:
        name = group(column.type)
        values = [self.binds(text, sa.Text()) for text in _storable(texts, column.type)]
        if not values:
            return None
        if name == "text":
            return sa.and_(column.in_(values), Exact(column).in_(values))
        if name == "uuid":
            return column.in_(values)
        return Exact(sa.cast(column, sa.Text)).in_(values)

    def _holds_constant(self, column: Column, constants: list[Scalar]) -> Column:
        name, texts = group(column.type), [written(value, column.type) for value in constants]
        if name == "number":
            _refuse(texts, NUMBER.fullmatch, "numbers")
            return column.in_([self.binds(text, _number_type(text)) for text in texts])
        if name == "moment":
            _refuse(texts, lambda text: MOMENTS[0](text) and "infinity" not in text, MOMENTS[1])
            return column.in_([self.binds(_moment(text), sa.Text()) for text in texts])
        if name == "uuid":
            _refuse(texts, is_uuid, "UUIDs")
        if isinstance(column.type, sa.Enum):
            _refuse(texts, column.type.enums.__contains__, f"one of {', '.join(column.type.enums)}")
        condition = self._holds_text(column, texts)
        return sa.false() if condition is None else condition

    def equals(self, column: Column, value: Column) -> Column:
        """See `Comparing.equals`."""
        left, right = group(column.type), group(value.type)
        if left == right == "text":
            return _same_text(column, value)
        if left == right != "json":
            return column == value
        if left == "text":
            text = sa.cast(value, sa.Text)
            return sa.and_(column == _adapted(text, column.type), Exact(column) == Exact(text))
        if (left, right) == ("number", "text") and isinstance(column.type, sa.Integer):
            number = sa.cast(value, sa.Numeric(20, 0))
            read = sa.case((Exact(value).regexp_match(sa.literal_column(f"'{WHOLE_NUMBER_SQL}'")), number))
            return sa.and_(column == read, Exact(_as_text(column)) == Exact(value))
        if (left, right) == ("uuid", "text"):
            return column == sa.case((Exact(value).regexp_match(sa.literal_column(f"'{UUID_SQL}'")), value))
        return Exact(_as_text(column)) == Exact(_as_text(value))

    def may_repeat(self, column: Column, value: Column) -> bool:
        """See `Comparing.may_repeat`: values told apart exactly may be the same to a collation."""
        left, right = group(column.type), group(value.type)
        if left == right == "text":
            return isinstance(value.type, ToldApart) and _is_same_collation(column.type, value.type.of)
        return left != right and left == "uuid"

    def distinguished(self, column: Column) -> Column:
        """See `Comparing.distinguished`."""
        if group(column.type) != "text" or isinstance(column.type, ToldApart):
            return column
        return sa.type_coerce(Exact(column), ToldApart(column.type))

    def slot(self, column: Column, *, is_filled: bool) -> Column:
        """See `Comparing.slot`: the first term decides how much all others can hold."""
        value = column if is_filled else sa.null()
        name, type_ = group(column.type), column.type
        if name == "text":
            of = getattr(type_, "of", type_)
            size = getattr(of, "length", None) or LONGEST_LINK
            whole = sa.case((sa.func.char_length(value) <= sa.literal_column(str(size)), value)) if is_filled else value
            return sa.type_coerce(Exact(sa.cast(whole, sa.String(size))), ToldApart(of))
        if isinstance(type_, sa.Float):
            return sa.type_coerce(value * sa.literal_column("1e0"), type_)
        if isinstance(type_, sa.Numeric):
            return sa.cast(value, sa.Numeric(type_.precision, type_.scale))
        if name == "number":
            is_unsigned = getattr(type_, "unsigned", False)
            return sa.type_coerce(sa.cast(value, mysql.BIGINT(unsigned=is_unsigned)), type_)
        if name in ("moment", "binary"):
            return sa.type_coerce(sa.cast(value, mysql.DATETIME(fsp=6) if name == "moment" else sa.BINARY()), type_)
        return sa.cast(value, sa.String(SHOWN_LENGTH))


def _same_text(column: Column, value: Column) -> Column:
    of = getattr(value.type, "of", value.type)
    if _is_same_collation(column.type, of):
        return column == (_adapted(value, column.type) if of is not value.type else value)
    return sa.and_(column == _adapted(value, column.type), Exact(column) == Exact(value))


def _is_same_collation(left: Any, right: Any) -> bool:
    collation = getattr(left, "collation", None)
    return collation is not None and collation == getattr(right, "collation", None)


def _adapted(value: Column, type_: Any) -> Column:
    return Adapted(value, type_) if getattr(type_, "collation", None) else value


def _as_text(column: Column) -> Column:
    """Write a value as text; a number without the zeros it may be shown with."""
    if group(column.type) == "text":
        return column
    is_padded = getattr(column.type, "zerofill", False)
    return sa.cast(column + sa.literal_column("0") if is_padded else column, sa.Text)


def _storable(texts: Iterable[str], type_: Type) -> list[str]:
    codec = CODECS.get(getattr(type_, "charset", None) or "")
    return [text for text in texts if codec is None or _is_encodable(text, codec)]


def _is_encodable(text: str, codec: str) -> bool:
    try:
        text.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def _is_whole(text: str) -> bool:
    """Whether a text is a whole number in its usual form, of 64 bits with a sign or without."""
    return bool(DIGITS.fullmatch(text)) and str(int(text)) == text and int(text) in WHOLE


def _number_type(text: str) -> Type:
    return sa.BigInteger() if _is_whole(text) else sa.Numeric()


def _refuse(texts: list[str], is_fit: Any, what: str) -> None:
    if not all(map(is_fit, texts)):
        raise ValueError(f"the column holds {what}")


def _moment(text: str) -> str:
    """Write a moment as the server does, instants in UTC."""
    moment = datetime.fromisoformat(text)
    return (moment.astimezone(UTC) if moment.tzinfo else moment).strftime("%Y-%m-%d %H:%M:%S.%f")
