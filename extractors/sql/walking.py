"""How databases let a recursive expression name itself, which is how links in a circle are walked."""

from __future__ import annotations

from collections import defaultdict
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.sql.util import ClauseAdapter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from extractors.identifiers import Node
    from extractors.sql.comparing import Comparing

Column: TypeAlias = sa.ColumnElement[Any]
Slots: TypeAlias = "Mapping[tuple[Node, int], str]"


class Recursion(StrEnum):
    """What a database takes where several links lead on in a circle."""

    TERMS = "terms"  # a term for each, which names the walk itself (SQLite)
    NESTED = "nested"  # terms over one nested expression that names it (PostgreSQL)
    JOINED = "joined"  # one term; MariaDB takes several, in thrice the time and memory for each more


def one_term(
    walk: sa.CTE,
    steps: Sequence[tuple[Node, list[Column]]],
    tables: Mapping[str, sa.Table],
    slots: Slots,
    comparing: Comparing,
    aliases: Iterator[str],
) -> sa.Select[Any]:
    """Take all steps of a walk in one SELECT: for each row as many as there are steps, each to its own table.

    Args:
        steps: the node each leads to, and the conditions that its table's rows and the walk's fulfil.
        slots: where the values of a node stand in the walk.
    """
    numbers: list[sa.Select[Any]] = [
        sa.select(sa.literal_column(str(number)).label("step")) for number in range(len(steps))
    ]
    step = sa.union_all(*numbers).subquery(next(aliases))
    rows: sa.FromClause = sa.join(walk, step, sa.true())
    reached: defaultdict[Node, list[sa.FromClause]] = defaultdict(list)
    for number, (node, conditions) in enumerate(steps):
        table = tables[node[0]].alias(next(aliases))
        there = [ClauseAdapter(table).traverse(condition) for condition in conditions]
        rows = rows.outerjoin(table, sa.and_(step.c.step == sa.literal_column(str(number)), *there))
        reached[node].append(table)
    columns = []
    for (node, index), slot in slots.items():
        name = node[1][index]
        found = [table.c[name] for table in reached[node]]
        value: Column = tables[node[0]].c[name]
        if found:
            value = found[0] if len(found) == 1 else sa.type_coerce(sa.func.coalesce(*found), value.type)
        columns.append(comparing.slot(value, is_filled=bool(found)).label(slot))
    # In this order: each table is looked up for a row of the walk.
    return sa.select(*columns).select_from(rows).prefix_with("STRAIGHT_JOIN", dialect="mysql")
