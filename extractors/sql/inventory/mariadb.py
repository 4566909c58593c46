"""MariaDB and MySQL as they are looked at: their statistics know about how many rows there are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import sqlalchemy as sa

from extractors.sql.inventory.databases import Database, Facts, Refusal

if TYPE_CHECKING:
    from extractors.sql.schema import TableName

    Column = sa.ColumnElement[Any]

TOO_LATE = frozenset({1969, 3024, 1317, 1205})
NO_RIGHTS = frozenset({1142, 1143, 1044, 1045, 1227, 1356, 1370})
ROWS = sa.text("""
    SELECT table_name AS name, table_rows AS number FROM information_schema.tables
    WHERE table_schema = coalesce(:schema, database()) AND table_type = 'BASE TABLE'
""")


class Mariadb(Database):
    """MariaDB 10.5 and MySQL 8 and later."""

    own_schemas: ClassVar[frozenset[str]] = frozenset({"information_schema", "performance_schema", "mysql", "sys"})

    def limit_statements(self) -> None:
        """See `Database.limit_statements`."""
        if getattr(self.connection.dialect, "is_mariadb", False):
            self._set("max_statement_time", f"{self.statement_seconds:.3f}")
        else:
            self._set("max_execution_time", str(max(1, int(self.statement_seconds * 1000))))

    def _set(self, variable: str, number: str) -> None:
        self.connection.exec_driver_sql(f"SET SESSION {variable} = {number}")

    def schemas(self) -> list[str | None]:
        """See `Database.schemas`; other databases of the server are other systems."""
        return [None] if self.inspector.default_schema_name else super().schemas()

    def facts(self, schema: str | None) -> dict[TableName, Facts]:
        """See `Database.facts`."""
        rows = {row.name: row.number for row in self.connection.execute(ROWS, {"schema": schema})}
        return {name: replace(facts, rows=rows.get(name[1])) for name, facts in super().facts(schema).items()}

    def cut(self, column: Column, family: str) -> Column:
        """See `Database.cut`; bits are numbers."""
        return column + sa.literal_column("0") if family in ("integer", "boolean") else super().cut(column, family)

    def _refusal(self, error: sa.exc.DBAPIError) -> Refusal:
        number = error.orig.args[0] if error.orig and error.orig.args else None
        if number in TOO_LATE:
            return Refusal.TIME
        return Refusal.RIGHTS if number in NO_RIGHTS else Refusal.OTHER
