"""What columns are set to when rows are erased: computed by the database, which also says afterwards that it is so."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from extractors.datamap.parts import Hashed, Masked, YearOnly
from extractors.sql.changing.fixing import MARIADB
from extractors.sql.changing.forms import key_text
from extractors.sql.changing.hashing import DIGITS, KeyedHash
from extractors.sql.comparing import base_type, family, written

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.sql.compiler import SQLCompiler

    from extractors.datamap.parts import CollectionPart, EraseValue, Scalar
    from extractors.sql.changing.shapes import Shape
    from extractors.sql.schema import SourceTable

    Column = sa.ColumnElement[Any]

MASKED_DOMAIN = "@erased.invalid"  # RFC 2606 §2: no mail ever goes there
MASKED_PREFIX = "erased-"
MASK_DIGITS, FEWEST_MASK_DIGITS = 20, 8
SUFFIX_DIGITS = 12
FEWEST_HASH_DIGITS = 16
ISO_DATE_LENGTH = 10
SINGLE_PRECISION = 1e-6
FIRST_INSTANT = "1970-01-01 00:00:01"  # that a TIMESTAMP of MariaDB can hold
TEXTS = frozenset({"text", "citext"})
DATES = frozenset({"date", "timestamp", "datetime"})


@dataclass(frozen=True, slots=True)
class Setting:
    """One column's new value, and the condition that the column holds it."""

    value: Column
    holds: Column


@dataclass(frozen=True, slots=True)
class Values:
    """Builds what the columns of one collection are set to.

    Args:
        hash_keys: for `{hash: sha256}`, padded.
        row_keys: of this erasure alone, padded: what makes masks and constants differ from row to row tells nothing.
    """

    part: CollectionPart
    source: SourceTable
    shape: Shape
    dialect: str
    hash_keys: tuple[str, str]
    row_keys: tuple[str, str]

    def settings(self, assigned: Mapping[str, EraseValue]) -> dict[str, Setting]:
        """Give the settings for the columns that a map names."""
        return {name: self._setting(self.source.table.c[name], value) for name, value in assigned.items()}

    def archived(self) -> dict[str, Setting]:
        """Give the setting that marks a row as deleted; a mark that stands there already stays."""
        deleted = self.part.deleted
        if deleted is None:
            return {}
        column = self.source.table.c[deleted.column]
        mark = next((value for value in deleted.equals or () if value is not None), None)
        if mark is not None:
            return {column.name: self._constant(column, mark)}
        if family(column.type) == "boolean":
            return {column.name: self._constant(column, value=True)}
        if isinstance(base_type(column.type), sa.Integer):
            kept = sa.case((column != sa.literal_column("0"), column), else_=sa.literal_column("1"))
            return {column.name: Setting(kept, column != sa.literal_column("0"))}
        now: Column = sa.func.current_date() if family(column.type) == "date" else sa.func.now()
        moment = sa.cast(now, sa.Text) if family(column.type) == "text" else now
        return {column.name: Setting(sa.func.coalesce(column, moment), column.is_not(None))}

    def _setting(self, column: sa.Column[Any], value: EraseValue) -> Setting:
        if value is None:
            return Setting(sa.null(), column.is_(None))
        if isinstance(value, Masked):
            return self._masked(column)
        if isinstance(value, Hashed):
            return self._hashed(column)
        if isinstance(value, YearOnly):
            return self._year(column)
        is_text = family(column.type) in TEXTS and not self._is_json(column)
        if is_text and self.shape.is_in_unique(column.name):
            return self._unique_constant(column, written(value, column.type))
        return self._constant(column, value)

    def _masked(self, column: sa.Column[Any]) -> Setting:
        """Leave NULL as it is: there is nothing to mask."""
        prefix, digits = mask_form(self._length(column))
        mask = _text(prefix) + sa.func.substr(self._row_hash(), sa.literal_column("1"), _number(digits))
        masked = sa.case((column.is_not(None), mask + _text(MASKED_DOMAIN)))
        return Setting(masked, sa.or_(column.is_(None), column.like(_text(f"%{MASKED_DOMAIN}"))))

    def _hashed(self, column: sa.Column[Any]) -> Setting:
        digits = min(DIGITS, self._length(column) or DIGITS)
        text = sa.cast(column, sa.Text)
        value = sa.func.substr(KeyedHash(text, self.hash_keys), sa.literal_column("1"), _number(digits))
        return Setting(value, sa.or_(column.is_(None), sa.func.length(column) == _number(digits)))

    def _year(self, column: sa.Column[Any]) -> Setting:
        empty = sa.null() if column.nullable else sa.literal_column("''", sa.Text())
        value: Column = YearStart(column) if family(column.type) not in TEXTS else IsoYearStart(column, empty)
        if self.dialect == "sqlite":
            value = IsoYearStart(column, empty)
        return Setting(value, sa.or_(column.is_(None), column == value))

    def _unique_constant(self, column: sa.Column[Any], text: str) -> Setting:
        """Make a constant differ from row to row, within the column's length."""
        length = self._length(column)
        start = text[: length - SUFFIX_DIGITS - 1] + "-" if length else text + "-"
        digits = sa.func.substr(self._row_hash(), sa.literal_column("1"), _number(SUFFIX_DIGITS))
        beginning = sa.func.substr(column, sa.literal_column("1"), _number(len(start)))
        return Setting(_text(start) + digits, beginning == _text(start))

    def _constant(self, column: sa.Column[Any], value: Scalar) -> Setting:
        if self._is_json(column):
            text = json_text(value)
            bound = sa.cast(_text(text), column.type) if self.dialect == "postgresql" else _text(text)
            return Setting(bound, sa.cast(column, sa.Text).is_not(None))
        bound = self._bound(column, value)
        if self.dialect in MARIADB and family(column.type) == "number":
            return Setting(bound, holds_rounded(column, value))
        return Setting(bound, column == bound)

    def _bound(self, column: sa.Column[Any], value: Scalar) -> Column:
        """Bind a constant in the column's type; only PostgreSQL asks for that."""
        if self.dialect != "postgresql":
            return sa.literal(value)
        text = written(value, column.type)
        if family(column.type) in TEXTS or isinstance(column.type, sa.types.NullType):
            return sa.bindparam(None, text, sa.types.NullType(), unique=True)
        return sa.cast(_text(text), column.type)

    def _row_hash(self) -> Column:
        parts = [key_text(self.source.table.c[name], self.dialect) for name in self.source.identity]
        return KeyedHash(reduce(lambda left, right: left + _text("|") + right, parts), self.row_keys)

    def _length(self, column: sa.Column[Any]) -> int | None:
        return self.shape.lengths.get(column.name)

    def _is_json(self, column: sa.Column[Any]) -> bool:
        return is_json(self.part, column)


def is_json(part: CollectionPart, column: sa.Column[Any]) -> bool:
    """Whether a column holds JSON, by its type or by what the map says."""
    described = part.fields.get(column.name)
    return isinstance(base_type(column.type), sa.JSON) or bool(described and described.json_)


def json_text(value: Scalar) -> str:
    """Write a constant as JSON: text that is an object or an array already stays as it is."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            json.loads(value)
        except ValueError:
            return json.dumps(value)
        return value
    return json.dumps(value)


def mask_form(length: int | None) -> tuple[str, int]:
    """Say how a masked address begins, and how many digits follow, so that it fits a column."""
    room = (length or 10_000) - len(MASKED_DOMAIN)
    if room >= len(MASKED_PREFIX) + FEWEST_MASK_DIGITS + 4:
        return MASKED_PREFIX, min(MASK_DIGITS, room - len(MASKED_PREFIX))
    return "", max(0, room)


class YearStart(FunctionElement[Any]):
    """The first moment of a date's or timestamp's year."""

    inherit_cache = True

    def __init__(self, column: sa.Column[Any]) -> None:
        self.type = column.type
        super().__init__(column)


@compiles(YearStart)
def _year_start(element: YearStart, compiler: SQLCompiler, **options: Any) -> str:
    column = compiler.process(element.clauses, **options)
    is_date = family(element.type) == "date"
    return f"CAST(date_trunc('year', {column}) AS DATE)" if is_date else f"date_trunc('year', {column})"


@compiles(YearStart, "mysql", "mariadb")
def _year_start_on_mariadb(element: YearStart, compiler: SQLCompiler, **options: Any) -> str:
    column = compiler.process(element.clauses, **options)
    type_ = "DATE" if family(element.type) == "date" else "DATETIME"
    start = f"CAST(CONCAT(LPAD(YEAR({column}), 4, '0'), '-01-01') AS {type_})"
    return (
        f"GREATEST({start}, CAST('{FIRST_INSTANT}' AS DATETIME))" if isinstance(element.type, sa.TIMESTAMP) else start
    )


class IsoYearStart(FunctionElement[Any]):
    """The first day of the year of a date written as text; the second argument for text that begins with no year."""

    type = sa.Text()
    inherit_cache = True


ISO_YEARS = {
    "postgresql": "CAST({0} AS TEXT) ~ '^[0-9]{{4}}-'",
    "sqlite": "typeof({0}) = 'text' AND {0} GLOB '[0-9][0-9][0-9][0-9]-*'",
}


@compiles(IsoYearStart)
def _iso_year_start(element: IsoYearStart, compiler: SQLCompiler, **options: Any) -> str:
    column, other = (compiler.process(clause, **options) for clause in element.clauses)
    is_iso = ISO_YEARS.get(compiler.dialect.name, "{0} REGEXP '^[0-9]{{4}}-'").format(column)
    joined = "CONCAT(SUBSTR({0}, 1, 4), '-01-01')" if "REGEXP" in is_iso else "substr({0}, 1, 4) || '-01-01'"
    return f"CASE WHEN {column} IS NULL THEN NULL WHEN {is_iso} THEN {joined.format(column)} ELSE {other} END"


def holds_rounded(column: sa.Column[Any], value: Scalar) -> Column:
    """The condition that a column of MariaDB holds a number as it stores it, in fewer digits perhaps."""
    number = float(written(value, column.type))
    return sa.func.abs(column - sa.literal(number)) <= sa.literal(_rounding(column, number))


def _rounding(column: sa.Column[Any], value: float) -> float:
    """Say by how much a number may differ from what MariaDB stores for it."""
    type_ = base_type(column.type)
    decimals = 0 if isinstance(type_, sa.Integer) else getattr(type_, "scale", None)
    return max(abs(value) * SINGLE_PRECISION, 0.0 if decimals is None else 0.51 / 10**decimals)


def _text(value: str) -> Column:
    return sa.bindparam(None, value, sa.Text(), unique=True)


def _number(value: int) -> Column:
    return sa.literal_column(str(value), sa.Integer())
