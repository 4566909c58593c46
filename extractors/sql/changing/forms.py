"""Values of columns as text that gives back exactly the value, its type included, over the same kind of database.

PostgreSQL's own text does, under pinned settings. SQLite's columns hold any type: it stands before the value. MariaDB
writes six digits of a number of single precision, and bytes cannot be text.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from extractors.sql.changing.fixing import MARIADB
from extractors.sql.collating import Exact

if TYPE_CHECKING:
    Column = sa.ColumnElement[Any]

SEPARATOR = ":"
EXACT_DIGITS = "'%!.17g'"


def text_form(column: Column, dialect: str) -> Column:
    """Build the expression that gives a column's value as text; NULL stays NULL."""
    if dialect == "sqlite":
        return _sqlite_form(column)
    if dialect in MARIADB:
        return _mariadb_form(column)
    return sa.cast(column, sa.Text)


def _sqlite_form(column: Column) -> Column:
    """Write texts as their bytes, as they need not be valid UTF-8."""
    column = sa.type_coerce(column, sa.types.NullType())
    stored: Column = sa.func.typeof(column)
    value = sa.case(
        (stored == _literal("integer"), sa.cast(column, sa.Text)),
        (stored == _literal("real"), sa.func.printf(sa.literal_column(EXACT_DIGITS), column)),
        else_=sa.func.hex(sa.cast(column, sa.LargeBinary)),
    )
    return sa.case((column.is_not(None), stored.concat(_literal(SEPARATOR)).concat(value)))


def _mariadb_form(column: Column) -> Column:
    if isinstance(column.type, sa.types._Binary):
        return sa.func.hex(column)
    if isinstance(column.type, mysql.FLOAT):
        return sa.cast(column * sa.literal_column("1e0"), sa.Text)
    if isinstance(column.type, mysql.BIT) or getattr(column.type, "zerofill", False):
        return sa.cast(sa.type_coerce(column, sa.Integer()) + sa.literal_column("0"), sa.Text)
    return sa.cast(column, sa.Text)


def key_text(column: Column, dialect: str) -> Column:
    """Build the text that a key is known by outside: another for every other value, readable where the value is."""
    if dialect == "sqlite":
        untyped = sa.type_coerce(column, sa.types.NullType())
        stored: Column = sa.func.typeof(untyped)
        return sa.case(
            (stored == _literal("real"), sa.func.printf(sa.literal_column(EXACT_DIGITS), untyped)),
            (stored == _literal("blob"), sa.func.quote(untyped)),
            else_=sa.cast(column, sa.Text),
        )
    return _mariadb_form(column) if dialect in MARIADB else sa.cast(column, sa.Text)


def exactly(text: Column, dialect: str) -> Column:
    """Let a text be compared character by character, whatever the collation of its column."""
    if dialect in MARIADB:
        return Exact(text)
    return sa.collate(text, "BINARY") if dialect == "sqlite" else text


def value_of(text: str | None, column: Column, dialect: str) -> object:
    """Read a text form back as what is bound for the column."""
    if text is None:
        return None
    if dialect == "sqlite":
        return _sqlite_value(text)
    if dialect in MARIADB and isinstance(column.type, sa.types._Binary):
        return bytes.fromhex(text)
    if dialect in MARIADB and isinstance(column.type, mysql.BIT):
        return int(text)
    return text


def _sqlite_value(text: str) -> object:
    stored, _, written = text.partition(SEPARATOR)
    if stored == "integer":
        return int(written)
    if stored == "real":
        return float(written)
    value = bytes.fromhex(written)
    with suppress(UnicodeDecodeError):  # bytes that are no text can only be given back as bytes
        return value.decode() if stored == "text" else value
    return value


def bound_text(column: Column, text: str, dialect: str) -> Column:
    """Bind text as a value of a column: PostgreSQL asks for its type, the others convert by themselves."""
    if dialect != "postgresql" or isinstance(column.type, sa.types.NullType):
        return as_it_is(text)
    return sa.cast(sa.bindparam(None, text, sa.Text(), unique=True), column.type)


def as_it_is(value: object) -> Column:
    """Bind a value as the driver takes it, whatever the type of the column it is for."""
    # Within an UPDATE a parameter of no type would be given the column's, and be converted by it.
    return sa.bindparam(None, value, _AsItIs(), unique=True)


class _AsItIs(sa.types.UserDefinedType[object]):
    cache_ok = True


def _literal(text: str) -> Column:
    return sa.literal_column(f"'{text}'", sa.Text())
