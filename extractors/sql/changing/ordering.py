"""The order to delete in: rows that point before the rows they point at, tables in a circle together."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from extractors.sql.changing.catalogues import ForeignKey
    from extractors.sql.schema import TableName


def in_order(tables: Iterable[TableName], keys: Iterable[ForeignKey]) -> list[list[TableName]]:
    """Group tables so that what points at a group comes before it; a group of several is a circle."""
    names = list(dict.fromkeys(tables))
    pointing = {name: {key.table for key in keys if key.to == name and key.table in names} for name in names}
    before = {name: _all_before(name, pointing) for name in names}
    groups: list[list[TableName]] = []
    for name in sorted(names, key=lambda name: len(before[name] | {name})):
        if not any(name in group for group in groups):
            groups.append(
                [other for other in names if other == name or (other in before[name] and name in before[other])]
            )
    return groups


def is_circle(group: list[TableName], keys: Iterable[ForeignKey]) -> bool:
    """Whether rows of these tables may point at one another."""
    return any(key.table in group and key.to in group for key in keys)


def _all_before(name: TableName, pointing: Mapping[TableName, set[TableName]]) -> set[TableName]:
    found: set[TableName] = set()
    waiting = list(pointing[name])
    while waiting:
        table = waiting.pop()
        if table not in found:
            found.add(table)
            waiting.extend(pointing[table])
    return found
