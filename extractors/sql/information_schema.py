"""Table definitions of MariaDB and MySQL, from their information schema.

SQLAlchemy reflects them by `SHOW CREATE TABLE`, which for a view takes a right of its own, and says no collation of a
column that has its table's.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sqlalchemy.types import TypeEngine

    from extractors.sql.schema import TableName

    Type = TypeEngine[Any]

MEMBER = re.compile(r"'((?:[^']|'')*)'")
HERE = "table_schema = COALESCE(:schema, DATABASE()) AND table_name = :name"
COLUMNS = f"""
    SELECT table_name, column_name, data_type, column_type, character_maximum_length AS length, numeric_precision,
           numeric_scale, datetime_precision, character_set_name, collation_name, is_nullable
    FROM information_schema.columns WHERE {HERE} ORDER BY ordinal_position
"""  # noqa: S608  # of our own words
INDEXES = f"""
    SELECT * FROM information_schema.statistics WHERE {HERE} ORDER BY index_name, seq_in_index
"""  # noqa: S608
CHECKS = """
    SELECT constraint_name, check_clause FROM information_schema.check_constraints
    WHERE constraint_schema = COALESCE(:schema, DATABASE()) AND table_name = :name
"""


class Unusual(sa.types.UserDefinedType[str]):
    """A type that SQLAlchemy does not know: networks, geometry, vectors."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: object) -> str:
        """Name the type."""
        return self.name.upper()


class Bits(mysql.BIT, sa.Integer):
    """A number of so many bits, which SQLAlchemy's own type does not let be compared with numbers."""

    unsigned = True


class InformationSchema:
    """Reads definitions over one connection; names differ by their case where the server tells them apart by it."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.types: dict[str, Any] = connection.dialect.ischema_names  # type: ignore[attr-defined]  # MySQL's has it

    def columns(self, names: Iterable[TableName]) -> dict[TableName, list[Any]]:
        """See `Reflection.columns`."""
        found = {name: [self._column(row) for row in self._rows(COLUMNS, name)] for name in names}
        for name, columns in found.items():
            self._tell_json(name, columns)
        return {name: columns for name, columns in found.items() if columns}

    def primary_keys(self, names: Iterable[TableName]) -> dict[TableName, tuple[str, ...]]:
        """See `Reflection.primary_keys`."""
        return {name: tuple(self._indexes(name).get("PRIMARY", ())) for name in names}

    def leading_columns(self, names: Iterable[TableName]) -> dict[TableName, frozenset[str]]:
        """See `Reflection.leading_columns`."""
        return {name: frozenset(index[0] for index in self._indexes(name).values()) for name in names}

    def _rows(self, statement: str, name: TableName) -> Iterator[dict[str, Any]]:
        """Read rows about a table, under the same names on every server; MySQL writes these in capitals."""
        for row in self.connection.execute(sa.text(statement), {"schema": name[0], "name": name[1]}).mappings():
            lower = {key.lower(): value for key, value in row.items()}
            if lower.get("table_name", name[1]) == name[1]:
                yield lower

    def _indexes(self, name: TableName) -> dict[str, list[str]]:
        """The columns of each index; of those on an expression, which MySQL has, its text."""
        indexes: defaultdict[str, list[str]] = defaultdict(list)
        for row in self._rows(INDEXES, name):
            if row["index_type"] == "BTREE" and row.get("ignored", "NO") == "NO" and row.get("is_visible") != "NO":
                indexes[row["index_name"]].append(row["column_name"] or row["expression"])
        return indexes

    def _column(self, row: dict[str, Any]) -> dict[str, Any]:
        is_nullable = row["is_nullable"] == "YES"
        return {"name": row["column_name"], "type": self._type(row), "nullable": is_nullable, "default": None}

    def _type(self, row: dict[str, Any]) -> Type:
        name = row["data_type"].lower()
        if name not in self.types:
            return Unusual(name)
        build = next((build for names, build in BUILDERS.items() if name in names), _plain)
        return build(self.types[name], row)

    def _tell_json(self, name: TableName, columns: list[dict[str, Any]]) -> None:
        """MariaDB's JSON is text with a check."""
        texts = {column["name"]: column for column in columns if isinstance(column["type"], self.types["longtext"])}
        if texts and self.connection.dialect.is_mariadb:  # type: ignore[attr-defined]
            for row in self._rows(CHECKS, name):
                column = row["constraint_name"]
                if column in texts and row["check_clause"].lower() == f"json_valid(`{column.lower()}`)":
                    texts[column]["type"] = self.types["json"]()


def _plain(type_: Callable[..., Type], _: dict[str, Any]) -> Type:
    return type_()


def _text(type_: Callable[..., Type], row: dict[str, Any]) -> Type:
    return type_(charset=row["character_set_name"], collation=row["collation_name"])


def _sized_text(type_: Callable[..., Type], row: dict[str, Any]) -> Type:
    return type_(row["length"], charset=row["character_set_name"], collation=row["collation_name"])


def _members(type_: Callable[..., Type], row: dict[str, Any]) -> Type:
    members = [member.replace("''", "'") for member in MEMBER.findall(row["column_type"])]
    return type_(*members, charset=row["character_set_name"], collation=row["collation_name"])


def _set(_: Callable[..., Type], row: dict[str, Any]) -> Type:
    return mysql.VARCHAR(row["length"], charset=row["character_set_name"], collation=row["collation_name"])


def _whole(type_: Callable[..., Type], row: dict[str, Any]) -> Type:
    written = row["column_type"].lower()
    width = 1 if written.startswith("tinyint(1)") else None
    return type_(display_width=width, unsigned="unsigned" in written, zerofill="zerofill" in written)


def _exact(type_: Callable[..., Type], row: dict[str, Any]) -> Type:
    written, size = row["column_type"].lower(), (row["numeric_precision"], row["numeric_scale"])
    return type_(*size, unsigned="unsigned" in written, zerofill="zerofill" in written)


def _float(type_: Callable[..., Type], row: dict[str, Any]) -> Type:
    written = row["column_type"].lower()
    return type_(unsigned="unsigned" in written, zerofill="zerofill" in written)


def _moment(type_: Callable[..., Type], row: dict[str, Any]) -> Type:
    return type_(fsp=row["datetime_precision"] or None)


BUILDERS: dict[frozenset[str], Callable[[Callable[..., Type], dict[str, Any]], Type]] = {
    frozenset({"char", "varchar"}): _sized_text,
    frozenset({"tinytext", "text", "mediumtext", "longtext"}): _text,
    frozenset({"enum"}): _members,
    frozenset({"set"}): _set,
    frozenset({"tinyint", "smallint", "mediumint", "int", "bigint"}): _whole,
    frozenset({"decimal"}): _exact,
    frozenset({"float", "double"}): _float,
    frozenset({"time", "datetime", "timestamp"}): _moment,
    frozenset({"binary", "varbinary"}): lambda type_, row: type_(row["length"]),
    frozenset({"bit"}): lambda _, row: Bits(row["numeric_precision"]),
    frozenset({"year"}): lambda _, __: sa.SmallInteger(),  # can be compared with numbers, unlike SQLAlchemy's own type
}
