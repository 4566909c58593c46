"""Takes the inventory of a source: reflects it, looks at samples within the time given, and forgets the values."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from extractors.discovery.composing import compose_links
from extractors.discovery.contents import sample
from extractors.discovery.json_keys import secret_paths
from extractors.discovery.linking import find_links
from extractors.discovery.model import Inventory, Sampled, SeenTable
from extractors.sql.inventory.databases import Database, Sqlite
from extractors.sql.inventory.lookup import SqlLookup
from extractors.sql.inventory.mariadb import Mariadb
from extractors.sql.inventory.postgresql import Postgresql
from extractors.sql.inventory.reflecting import Reflecting, declared_links
from extractors.sql.inventory.sampling import Clock, Sampler, compared

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import sqlalchemy as sa

    from extractors.discovery.keys import TableValues
    from extractors.discovery.model import Sampling, SeenColumn, TableId
    from extractors.sql.inventory.reflecting import Reflected
    from extractors.sql.inventory.sampling import Rows

DATABASES: Mapping[str, type[Database]] = {
    "sqlite": Sqlite,
    "postgresql": Postgresql,
    "mysql": Mariadb,
    "mariadb": Mariadb,
}
MOST_VALUES = 1_000_000
FEWEST_ROWS = 100
SAMPLING_SHARE = 0.7
"""Of the time for a source, for samples; the rest is for finding links."""


class _Taking:
    """One inventory under way."""

    def __init__(self, database: Database, sampling: Sampling, notes: list[str]) -> None:
        self.sampler = Sampler(database, sampling)
        self.clock = Clock(sampling.seconds * SAMPLING_SHARE)
        self.notes = notes
        self.values: dict[TableId, TableValues] = {}

    def table(self, reflected: Reflected) -> SeenTable:
        if self.clock.is_up:
            self.notes.append(f"{reflected.id} was judged by its names alone: the time was up")
            return _seen(reflected)
        rows = self.sampler.rows(self.sampler.sized(reflected))
        if rows.refusal:
            self.notes.append(f"{reflected.id} was judged by its names alone: {rows.refusal}")
        self.values[reflected.id] = compared(rows)
        return _seen(rows.table, rows)


def take_inventory(connection: sa.Connection, source: str, sampling: Sampling) -> Inventory:
    """Look at everything a source has, over one connection that only reads.

    Raises:
        sqlalchemy.exc.DBAPIError: the connection was lost, or the database refused to describe itself.
    """
    clock = Clock(sampling.seconds)
    database = DATABASES.get(connection.dialect.name, Database)(connection, sampling.statement_seconds)
    reflecting = Reflecting(database, sampling.schemas)
    reflected = reflecting.tables()
    connection.rollback()
    database.limit_statements()
    taking = _Taking(database, _for_all(sampling, reflected), reflecting.notes)
    tables = tuple(taking.table(table) for table in reflected)
    links = list(declared_links(reflected)) if sampling.trusts_foreign_keys else []
    lookup = SqlLookup(database, {table.id: table for table in reflected}, clock)
    links += find_links(tables, taking.values, lookup, links)
    links += compose_links(tables, taking.values, lookup, links)
    return Inventory(source, tables, tuple(links), tuple(taking.notes))


def _for_all(sampling: Sampling, tables: Sequence[Reflected]) -> Sampling:
    """Look at fewer rows of each table where there are very many columns, so that all are looked at in time."""
    columns = sum(len(table.columns) for table in tables)
    rows = max(FEWEST_ROWS, MOST_VALUES // max(1, columns))
    return replace(sampling, rows=min(sampling.rows, rows))


def _seen(reflected: Reflected, rows: Rows | None = None) -> SeenTable:
    return SeenTable(
        id=reflected.id,
        columns=tuple(_sampled(reflected, rows)),
        primary_key=reflected.primary_key,
        unique=reflected.unique,
        indexed=reflected.indexed,
        rows=reflected.facts.rows,
        is_view=reflected.facts.is_view,
        is_sampled=rows is not None and rows.refusal is None,
        comment=reflected.comment,
    )


def _sampled(reflected: Reflected, rows: Rows | None) -> Iterator[SeenColumn]:
    for column in reflected.columns:
        values = rows.values.get(column.name, []) if rows else []
        sampled = replace(sample(values), secret_paths=secret_paths(values)) if values else Sampled()
        yield replace(column, sampled=sampled)
