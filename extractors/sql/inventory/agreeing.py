"""Compares sampled rows with the rows they point at: do both name the same person? Shares come of it, never values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from extractors.discovery.model import Compared
from extractors.sql.inventory.databases import Facts, Refusal
from extractors.sql.inventory.sampling import Clock
from extractors.sql.inventory.taking import DATABASES
from extractors.sql.schema import Reflection, readings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from extractors.discovery.model import Comparison, Inventory, Sampling, TableId
    from extractors.sql.inventory.databases import Database
    from extractors.sql.schema import TableName

    Column = sa.ColumnElement[Any]

ROWS_A_SAMPLE = 4
"""Times the rows of a sample, as many rows hold nothing in one of the columns compared."""


def compare_rows(
    connection: sa.Connection, inventory: Inventory, questions: Iterable[Comparison], sampling: Sampling
) -> Mapping[Comparison, Compared]:
    """Answer what can be answered in the time given, over one connection that only reads.

    Raises:
        sqlalchemy.exc.DBAPIError: the connection was lost.
    """
    database = DATABASES[connection.dialect.name](connection, sampling.statement_seconds)
    asked = list(dict.fromkeys(questions))
    tables = _tables(Reflection(connection), inventory, {id_ for q in asked for id_ in (q.table, q.to_table)})
    comparing = _Comparing(database, sampling, tables)
    connection.rollback()
    database.limit_statements()
    clock = Clock(sampling.seconds)
    answers: dict[Comparison, Compared] = {}
    for question in asked:
        answer = None if clock.is_up else comparing.answer(question)
        if answer:
            answers[question] = answer
    return answers


@dataclass(slots=True)
class _Comparing:
    database: Database
    sampling: Sampling
    tables: Mapping[TableId, sa.Table]
    facts: dict[str | None, dict[TableName, Facts]] = field(default_factory=dict)

    def answer(self, question: Comparison) -> Compared | None:
        found = self.database.rows(self._select(question))
        if isinstance(found, Refusal) or not found or not found[0][0]:
            return None
        counted: tuple[Any, ...] = tuple(found[0])
        return Compared(int(counted[0]), int(counted[1] or 0) / int(counted[0]))

    def _select(self, question: Comparison) -> sa.Select[Any]:
        table, target = self.tables[question.table], self.tables[question.to_table].alias("pointed_at")
        names = (*question.columns, question.column)
        picked = self.database.picked(
            table,
            lambda source: [source.c[name].label(f"c{index}") for index, name in enumerate(names)],
            self.sampling.rows * ROWS_A_SAMPLE,
            self._facts(table),
        ).subquery("picked")
        *links, value = picked.c
        pairs = zip(links, question.to_columns, strict=True)
        joined = picked.join(target, sa.and_(*(_linked(mine, target.c[name]) for mine, name in pairs)))
        ours, theirs = _folded(value), _folded(target.c[question.to_column])
        is_equal = sa.func.sum(sa.case((ours == theirs, 1), else_=0))
        filled = [value.is_not(None), ours != "", target.c[question.to_column].is_not(None), theirs != ""]
        counts: list[Column] = [sa.func.count(), is_equal]
        return sa.select(*counts).select_from(joined).where(*filled)

    def _facts(self, table: sa.Table) -> Facts:
        if table.schema not in self.facts:
            self.facts[table.schema] = self.database.facts(table.schema)
        return self.facts[table.schema].get((table.schema, table.name), Facts())


def _tables(reflection: Reflection, inventory: Inventory, wanted: set[TableId]) -> dict[TableId, sa.Table]:
    options = {id_: list(readings(id_)) for id_ in wanted}
    columns = reflection.columns({option for listed in options.values() for option in listed})
    return {
        id_: _table(next(option for option in listed if option in columns), columns, inventory.table(id_).primary_key)
        for id_, listed in options.items()
    }


def _table(name: TableName, columns: Mapping[TableName, Any], key: tuple[str, ...]) -> sa.Table:
    own = [sa.Column(column["name"], column["type"], primary_key=column["name"] in key) for column in columns[name]]
    return sa.Table(name[1], sa.MetaData(), *own, schema=name[0])


def _linked(mine: Column, theirs: Column) -> Column:
    """Compare a link's columns as they are where their types allow it, so that an index serves."""
    if mine.type._type_affinity is theirs.type._type_affinity:
        return mine == theirs
    return sa.cast(mine, sa.Text) == sa.cast(theirs, sa.Text)


def _folded(column: Column) -> Column:
    return sa.func.lower(sa.cast(column, sa.Text))
