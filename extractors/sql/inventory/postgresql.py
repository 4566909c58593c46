"""PostgreSQL as it is looked at: its catalogue knows sizes and rights, and TABLESAMPLE reads pages from all over."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, ClassVar

import sqlalchemy as sa

from extractors.sql.inventory.databases import Database, Facts, Refusal

if TYPE_CHECKING:
    from extractors.sql.inventory.databases import Columns
    from extractors.sql.schema import TableName

    Column = sa.ColumnElement[Any]

FEW_PAGES = 256
SAMPLED_PAGES = 64

# Partitions are sized together; what an extension brought depends on it ('e').
FACTS = sa.text("""
    SELECT c.relname, c.relkind IN ('v', 'f') AS is_view,
           c.relispartition OR EXISTS (
               SELECT FROM pg_depend d
               WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e') AS is_part,
           has_schema_privilege(n.oid, 'USAGE') AND has_any_column_privilege(c.oid, 'SELECT') AS is_readable,
           CASE WHEN c.relkind = 'p'
                THEN (SELECT CASE WHEN min(p.reltuples) >= 0 THEN sum(p.reltuples) END
                      FROM pg_partition_tree(c.oid) t JOIN pg_class p ON p.oid = t.relid WHERE t.isleaf)
                WHEN c.relkind IN ('r', 'm') AND c.reltuples >= 0 AND NOT (c.reltuples = 0 AND c.relpages > 0)
                THEN c.reltuples END AS rows,
           CASE WHEN c.relkind = 'p'
                THEN (SELECT sum(pg_relation_size(t.relid)) FROM pg_partition_tree(c.oid) t WHERE t.isleaf)
                WHEN c.relkind IN ('r', 'm') THEN pg_relation_size(c.oid) END
           / current_setting('block_size')::int AS pages
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname = coalesce(:schema, current_schema())
""")

UNREADABLE = sa.text("""
    SELECT c.relname, a.attname
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE n.nspname = coalesce(:schema, current_schema()) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0
      AND NOT a.attisdropped AND NOT has_table_privilege(c.oid, 'SELECT')
      AND NOT has_column_privilege(c.oid, a.attnum, 'SELECT')
""")


class Postgresql(Database):
    """PostgreSQL 14 and later."""

    own_schemas: ClassVar[frozenset[str]] = frozenset({"information_schema", "pg_catalog", "pg_toast"})

    def limit_statements(self) -> None:
        """See `Database.limit_statements`; random numbers are the same in every run, so that samples are."""
        milliseconds = str(max(1, int(self.statement_seconds * 1000)))
        set_to = sa.text("SELECT set_config('statement_timeout', :milliseconds, false), setseed(0.5)")
        self.connection.execute(set_to, {"milliseconds": milliseconds})
        self.connection.commit()

    def _is_own(self, schema: str) -> bool:
        return super()._is_own(schema) or schema.startswith(("pg_temp_", "pg_toast_temp_", "_timescaledb"))

    def facts(self, schema: str | None) -> dict[TableName, Facts]:
        """See `Database.facts`."""
        rows = self.connection.execute(FACTS, {"schema": schema})
        return {
            (schema, row.relname): Facts(
                rows=None if row.rows is None else int(row.rows),
                pages=int(row.pages or 0),
                is_view=row.is_view,
                is_readable=row.is_readable,
                is_part=row.is_part,
            )
            for row in rows
        }

    def unreadable(self, schema: str | None) -> dict[TableName, frozenset[str]]:
        """See `Database.unreadable`."""
        found: defaultdict[TableName, set[str]] = defaultdict(set)
        for table, column in self.connection.execute(UNREADABLE, {"schema": schema}):
            found[schema, table].add(column)
        return {name: frozenset(columns) for name, columns in found.items()}

    def cut(self, column: Column, family: str) -> Column:
        """See `Database.cut`."""
        if family == "boolean":
            return column
        return super().cut(column, family)

    def estimated(self, table: sa.Table, facts: Facts) -> int | None:
        """See `Database.estimated`: some pages are counted."""
        if not facts.pages:
            return None
        share = min(1.0, SAMPLED_PAGES / facts.pages)
        sample = table.tablesample(_method("system", 100 * share), seed=sa.literal_column("1"))
        counted = self.rows(sa.select(sa.func.count()).select_from(sample))
        return None if isinstance(counted, Refusal) else int(counted[0][0] / share)

    def picked(self, table: sa.Table, columns: Columns, rows: int, facts: Facts) -> sa.Select[Any]:
        """See `Database.picked`: single rows of a small table, and some pages of a large one."""
        if facts.is_view or not facts.pages or not facts.rows or facts.rows <= rows:
            return sa.select(*columns(table)).limit(rows)
        if facts.pages <= FEW_PAGES:
            sample = table.tablesample(_method("bernoulli", 100 * rows / facts.rows), seed=sa.literal_column("1"))
            return sa.select(*columns(sample)).limit(rows)
        a_page = facts.rows / facts.pages
        pages = max(SAMPLED_PAGES, -(-rows // max(1, int(a_page))))
        sample = table.tablesample(_method("system", 100 * pages / facts.pages), seed=sa.literal_column("1"))
        share: Column = sa.literal_column(f"{rows / max(rows, pages * a_page):.6f}")
        return sa.select(*columns(sample)).where(sa.func.random() <= share).limit(rows)


def _method(name: str, percent: float) -> sa.Function[Any]:
    function: sa.Function[Any] = getattr(sa.func, name)(sa.literal_column(f"{min(percent, 100):.9f}"))
    return function
