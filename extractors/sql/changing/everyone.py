"""Streams the identifiers of everyone in a source: to find whose erasure a restored backup has undone."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from extractors.identifiers import link_kind, link_text
from extractors.sql.carrying import read_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from extractors.sql.traversal import Traversal

VALUES_AT_ONCE = 5_000


def everyones_identifiers(connection: sa.Connection, traversal: Traversal) -> Generator[tuple[str, list[str]]]:
    """Read one identifier column after the other, of the rows of each collection; no NULL, perhaps some twice."""
    for name, part in traversal.data_map.collections.items():
        table = traversal.tables[name].table
        for kind, columns in part.identifiers.items():
            for column in columns:
                select = sa.select(sa.cast(table.c[column], sa.Text)).where(
                    table.c[column].is_not(None), *traversal.filters(name)
                )
                yield from ((kind, values) for values in _values(connection, select))


def everyones_links(
    connection: sa.Connection, traversal: Traversal, read: Callable[[sa.ColumnElement[Any]], sa.ColumnElement[Any]]
) -> Generator[tuple[str, list[str]]]:
    """Read the columns of one link to another source after the other: rows that only another source leads to.

    Args:
        read: how a column that links compare with is read exactly.
    """
    for name, part in traversal.data_map.collections.items():
        table = traversal.tables[name].table
        for link in part.links:
            if target := traversal.data_map.foreign_target(link):
                columns = [table.c[column] for column in link.column]
                select = sa.select(*columns).where(*(c.is_not(None) for c in columns), *traversal.filters(name))
                texts = map(link_text, read_texts(connection, select, read))
                while values := list(islice(texts, VALUES_AT_ONCE)):
                    yield link_kind(target), values


def _values(connection: sa.Connection, select: sa.Select[Any]) -> Generator[list[str]]:
    result = connection.execute(select, execution_options={"yield_per": VALUES_AT_ONCE})
    yield from ([str(value) for (value,) in rows] for rows in result.partitions(VALUES_AT_ONCE))
