"""Everything a database holds, to compare before and after."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any, TypeAlias
from uuid import UUID

import sqlalchemy as sa

Contents: TypeAlias = dict[str, Counter[tuple[Any, ...]]]


def engine(url: str) -> sa.Engine:
    drivers = {"postgresql": "postgresql+psycopg", "mariadb": "mysql+pymysql"}
    parsed = sa.make_url(url)
    return sa.create_engine(
        parsed.set(drivername=drivers.get(parsed.drivername, parsed.drivername)), poolclass=sa.NullPool
    )


def contents(url: str, schema: str | None = None) -> Contents:
    """Count the rows of every table."""
    with engine(url).connect() as connection:
        names = sa.inspect(connection).get_table_names(schema)
        tables = {name: sa.table(name, sa.column("*", is_literal=True), schema=schema) for name in names}
        return {
            name: Counter(
                tuple(map(plain, row)) for row in connection.execute(sa.select(sa.text("*")).select_from(table))
            )
            for name, table in tables.items()
        }


def plain(value: Any) -> Any:
    if isinstance(value, list | dict | UUID):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def changed(before: Contents, after: Contents) -> dict[str, set[tuple[Any, ...]]]:
    """The rows, per table, that are no more as they were, or new."""
    differing = {name: (before[name] - after[name]) + (after[name] - before[name]) for name in before}
    return {name: set(rows) for name, rows in differing.items() if rows}
