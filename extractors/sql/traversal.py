"""Compiles a data map into SELECTs: the whole chain of links runs inside the database.

A row is the person's when a column of it equals one of their identifiers, or when a link leads to it from a
row already theirs: the least fixpoint of the map's links. Each way in is a branch. The values a link compares
with are a derived table; used twice it is a common table expression, and links in a circle become one recursive
expression. Never OR between ways in, never IN over a UNION: both keep databases from using their indexes.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from extractors.datamap.reading import reachable
from extractors.sql.carrying import fitting, listed_one_by_one, listed_type
from extractors.sql.walking import Recursion, one_term

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from extractors.datamap.parts import DataMap
    from extractors.identifiers import ForeignNode, Identifiers, Node
    from extractors.sql.carrying import Row
    from extractors.sql.comparing import Binds, Comparing, Type
    from extractors.sql.schema import SourceTable

    Column = sa.ColumnElement[Any]
    Select = sa.Select[Any]
    Listing = Callable[[Sequence[Row], Sequence[Type], Binds], sa.SelectBase]


@dataclass(frozen=True, slots=True)
class Branch:
    """One way in: `select` reads columns of the rows it finds, `holds` says of a row whether it is among them.

    Args:
        may_repeat: whether `select` may read a row more than once.
    """

    select: Callable[[Iterable[Column]], Select]
    holds: Callable[[], Column]
    may_repeat: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """The person's rows of one collection, each once: `columns` to choose from, by name, and what selects them."""

    columns: Mapping[str, Column]
    select: Callable[[Iterable[Column]], Select]


class Traversal:
    """The person's rows in one source.

    Args:
        tables: the reflected table of every collection of the map.
        recursion: how a recursive expression may name itself.
        listed: how a statement is given the values that were carried over from other sources.
    """

    def __init__(
        self,
        data_map: DataMap,
        tables: Mapping[str, SourceTable],
        identifiers: Identifiers,
        comparing: Comparing,
        *,
        recursion: Recursion,
        listed: Listing = listed_one_by_one,
    ) -> None:
        self.data_map = data_map
        self.tables = tables
        self.identifiers = identifiers
        self.comparing = comparing
        self.recursion = recursion
        self.listed = listed
        self.stem = "found"  # of the names that statements give to what they build
        self.reachable = reachable(data_map, identifiers.kinds, {n for n, v in identifiers.carried.items() if v})
        self._listings: dict[tuple[ForeignNode, str], sa.SelectBase | None] = {}

    def found(self, name: str) -> Found | None:
        """Describe the person's rows of a collection.

        Returns:
            None when no identifier the person is known by leads there.
        """
        return _Statement(self, name).found() if name in self.reachable else None

    def values(self, node: Node) -> Select | None:
        """Select the values of some columns in the person's rows, each combination once, no NULL in them.

        Returns:
            None when no identifier the person is known by leads there.
        """
        if node[0] not in self.reachable:
            return None
        values = _Statement(self, node[0], node).values()
        return None if values is None else sa.select(*values.c)

    def told_apart(self, column: Column) -> Column:
        """Read a column so that a DISTINCT or UNION leaves all values which a link tells apart."""
        told = self.comparing.distinguished(column)
        return column if told is column else told.label(None)  # a link may name a column twice

    def filters(self, name: str) -> list[Column]:
        """The conditions every row of a collection fulfils, whichever way it is reached."""
        part, columns = self.data_map.collections[name], self.tables[name].table.c
        kept = [self.comparing.equals_one_of(columns[key], values) for key, values in part.where.items()]
        left_out = [_not(self.comparing.equals_one_of(columns[key], values)) for key, values in part.exclude.items()]
        return kept + left_out

    def links(self, name: str) -> Iterator[tuple[tuple[str, ...], Node]]:
        """Yield the links by which rows of a collection are reached: its own columns, and whose values they equal."""
        for link in self.data_map.collections[name].links:
            target = self.data_map.target(link)
            if target and target[0] in self.reachable:
                yield link.column, target

    def foreign_links(self, name: str) -> Iterator[tuple[tuple[str, ...], ForeignNode]]:
        """Yield the links by which values of other sources reach rows of a collection."""
        for link in self.data_map.collections[name].links:
            target = self.data_map.foreign_target(link)
            if target and self.identifiers.carried.get(target):
                yield link.column, target

    def listing(self, columns: Sequence[Column], node: ForeignNode) -> sa.SelectBase | None:
        """Select what another source's node holds that these columns can hold; None where that is nothing.

        The values are bound once, however many statements compare with them.
        """
        is_strict = self.comparing.is_strict
        types = [column.type for column in columns]
        listed_types = [listed_type(type_, is_strict=is_strict) for type_ in types]
        key = (node, " ".join(map(repr, listed_types)))
        if key not in self._listings:
            rows = fitting(self.identifiers.carried[node], types, is_strict=is_strict)
            self._listings[key] = self.listed(rows, listed_types, self.comparing.binds) if rows else None
        return self._listings[key]

    def identifying(self, name: str) -> Iterator[Column]:
        """Yield the conditions by which identifiers reach rows of a collection."""
        part, columns = self.data_map.collections[name], self.tables[name].table.c
        for kind, names in part.identifiers.items():
            spellings = self.identifiers.of_kind(kind)
            conditions = (self.comparing.identifies(columns[column], kind, spellings) for column in names if spellings)
            yield from (condition for condition in conditions if condition is not None)


class _Statement:
    """One SELECT under construction: which values it needs, and which of them more than once."""

    def __init__(self, traversal: Traversal, name: str, node: Node | None = None) -> None:
        self.traversal = traversal
        self.name = name
        self.node = node
        self.aliases = _aliases(traversal.tables.values(), traversal.stem)
        self.built: dict[Node, sa.FromClause] = {}
        self.circles: dict[frozenset[Node], sa.CTE] = {}
        self.listings: dict[sa.SelectBase, sa.CTE] = {}

    def values(self) -> sa.FromClause | None:
        """The values of the node the statement is about."""
        return self._values(self.node) if self.node else None

    def found(self) -> Found | None:
        source = self.traversal.tables[self.name]
        branches = list(self._branches(self.name))
        if not branches:
            return None
        if len(branches) == 1 and not branches[0].may_repeat:
            return Found(dict(source.table.c), branches[0].select)
        if source.identity:
            return self._by_identity(source, branches)
        return self._by_exclusion(source, branches)

    def _by_identity(self, source: SourceTable, branches: list[Branch]) -> Found:
        identity = [source.table.c[name] for name in source.identity]
        keys = _distinct([branch.select(identity) for branch in branches]).subquery(next(self.aliases))
        same = sa.and_(*(mine == key for mine, key in zip(identity, keys.c, strict=True)))
        rows = source.table.join(keys, same)
        return Found(dict(source.table.c), lambda columns: sa.select(*columns).select_from(rows))

    def _by_exclusion(self, source: SourceTable, branches: list[Branch]) -> Found:
        """Tell rows that nothing identifies apart by the way they are reached: each branch leaves out the earlier."""
        columns = [column.label(f"c{index}") for index, column in enumerate(source.data_columns)]
        parts = [
            self._once(source, branch, columns).where(*(_not(earlier.holds()) for earlier in branches[:index]))
            for index, branch in enumerate(branches)
        ]
        rows = sa.union_all(*parts).subquery(next(self.aliases))
        named = {column.name: rows.c[f"c{index}"] for index, column in enumerate(source.data_columns)}
        return Found(named, lambda columns: sa.select(*columns).select_from(rows))

    @staticmethod
    def _once(source: SourceTable, branch: Branch, columns: Iterable[Column]) -> Select:
        if branch.may_repeat:
            return sa.select(*columns).select_from(source.table).where(branch.holds())
        return branch.select(columns)

    def _branches(self, name: str, circle: frozenset[Node] = frozenset()) -> Iterator[Branch]:
        """Yield the ways into a collection, but for those out of a circle that is being walked."""
        table, filters = self.traversal.tables[name].table, self.traversal.filters(name)
        for condition in self.traversal.identifying(name):
            yield self._identified(table, condition, filters)
        for columns, node in self.traversal.links(name):
            if node not in circle and (values := self._values(node)) is not None:
                yield self._linked(table, columns, values, filters)
        for columns, foreign in self.traversal.foreign_links(name):
            if (values := self._carried([table.c[column] for column in columns], foreign)) is not None:
                yield self._linked(table, columns, values, filters)

    def _carried(self, columns: list[Column], node: ForeignNode) -> sa.CTE | None:
        listing = self.traversal.listing(columns, node)
        if listing is None:
            return None
        if listing not in self.listings:
            self.listings[listing] = listing.cte(next(self.aliases))
        return self.listings[listing]

    @staticmethod
    def _identified(table: sa.Table, condition: Column, filters: list[Column]) -> Branch:
        return Branch(
            select=lambda columns: sa.select(*columns).select_from(table).where(condition, *filters),
            holds=lambda: sa.and_(condition, *filters),
        )

    def _linked(self, table: sa.Table, names: tuple[str, ...], values: sa.FromClause, filters: list[Column]) -> Branch:
        same = self._same(table, names, values)
        return Branch(
            select=lambda columns: sa.select(*columns).select_from(table.join(values, same)).where(*filters),
            holds=lambda: sa.and_(
                sa.exists(sa.select(sa.literal_column("1")).select_from(values).where(same).correlate(table)), *filters
            ),
            may_repeat=any(
                self.traversal.comparing.may_repeat(table.c[name], value)
                for name, value in zip(names, values.c, strict=True)
            ),
        )

    def _same(self, table: sa.Table, names: tuple[str, ...], values: sa.FromClause) -> Column:
        pairs = zip(names, values.c, strict=True)
        return sa.and_(*(self.traversal.comparing.equals(table.c[name], value) for name, value in pairs))

    def _values(self, node: Node) -> sa.FromClause | None:
        """Select the distinct values of a node; None when nothing leads to its rows."""
        if node not in self.built:
            if (select := self._select_values(node)) is None:
                return None
            name = next(self.aliases)
            self.built[node] = select.cte(name) if self._uses[node] > 1 else select.subquery(name)
        return self.built[node]

    def _select_values(self, node: Node) -> sa.SelectBase | None:
        circle = self._circle(node)
        if circle:
            return self._from_circle(node, circle)
        name, names = node
        source = self.traversal.tables[name]
        columns = [source.table.c[column] for column in names]
        present = [column.is_not(None) for column in columns if column.nullable is not False]
        branches = list(self._branches(name))
        selects = [branch.select(columns).where(*present) for branch in branches]
        if len(selects) == 1 and source.is_unique(names) and not branches[0].may_repeat:
            return selects[0]
        told_apart = [self.traversal.told_apart(column) for column in columns]
        return _distinct([branch.select(told_apart).where(*present) for branch in branches]) if branches else None

    def _from_circle(self, node: Node, circle: frozenset[Node]) -> Select | None:
        if circle not in self.circles:
            walk = self._walk(circle)
            if walk is None:
                return None
            self.circles[circle] = walk
        slots = _slots(circle)
        columns = [self.circles[circle].c[slots[node, index]] for index in range(len(node[1]))]
        # Each value stands there once; DISTINCT keeps PostgreSQL from taking the whole walk for what is read of it.
        return sa.select(*columns).where(*(column.is_not(None) for column in columns)).distinct()

    def _walk(self, circle: frozenset[Node]) -> sa.CTE | None:
        """Walk links that lead in a circle: one row per value, in the slot of its node, all other slots NULL.

        UNION drops what was there before, which is what ends the walk.
        """
        bases = [
            branch.select(self._in_slots(node, circle)).where(*self._present(node))
            for node in sorted(circle)
            for branch in self._branches(node[0], circle)
        ]
        if not bases:
            return None
        walk = bases[0].cte(next(self.aliases), recursive=True)
        if self.traversal.recursion is Recursion.JOINED and len(steps := list(self._steps(circle, walk))) > 1:
            tables = {name: source.table for name, source in self.traversal.tables.items()}
            term = one_term(walk, steps, tables, _slots(circle), self.traversal.comparing, self.aliases)
            return walk.union(*bases[1:], term)
        terms = list(self._terms(circle, walk))
        if self.traversal.recursion is Recursion.NESTED and len(terms) > 1:
            nested = sa.select(walk).cte(next(self.aliases), nesting=True)
            return walk.union(*bases[1:], sa.union_all(*self._terms(circle, nested)))
        return walk.union(*bases[1:], *terms)

    def _terms(self, circle: frozenset[Node], walk: sa.CTE) -> Iterator[Select]:
        for node, conditions in self._steps(circle, walk):
            rows = self.traversal.tables[node[0]].table.join(walk, sa.and_(*conditions))
            yield sa.select(*self._in_slots(node, circle)).select_from(rows)

    def _steps(self, circle: frozenset[Node], walk: sa.CTE) -> Iterator[tuple[Node, list[Column]]]:
        """Yield the ways on: the node each leads to, and which of its table's rows."""
        slots = _slots(circle)
        for node in sorted(circle):
            table, filters = self.traversal.tables[node[0]].table, self.traversal.filters(node[0])
            for names, target in self.traversal.links(node[0]):
                if target in circle:
                    reached = [walk.c[slots[target, index]] for index in range(len(names))]
                    same = [self.traversal.comparing.equals(table.c[n], v) for n, v in zip(names, reached, strict=True)]
                    yield node, [*same, *self._present(node), *filters]

    def _present(self, node: Node) -> list[Column]:
        return [self.traversal.tables[node[0]].table.c[name].is_not(None) for name in node[1]]

    def _in_slots(self, node: Node, circle: frozenset[Node]) -> list[Column]:
        columns: list[Column] = []
        for (owner, index), slot in _slots(circle).items():
            column = self.traversal.tables[owner[0]].table.c[owner[1][index]]
            columns.append(self.traversal.comparing.slot(column, is_filled=owner == node).label(slot))
        return columns

    def _circle(self, node: Node) -> frozenset[Node]:
        """The nodes that depend on this one and on which it depends; empty when it stands in no circle."""
        if node not in self._needs[node]:
            return frozenset()
        return frozenset(other for other in self._needs[node] if node in self._needs[other])

    @cached_property
    def _edges(self) -> dict[Node, list[Node]]:
        """The nodes this statement needs, and what each needs directly."""
        edges: dict[Node, list[Node]] = {}
        waiting = [self.node] if self.node else [node for _, node in self.traversal.links(self.name)]
        while waiting:
            node = waiting.pop()
            if node not in edges:
                edges[node] = [needed for _, needed in self.traversal.links(node[0])]
                waiting.extend(edges[node])
        return edges

    @cached_property
    def _needs(self) -> dict[Node, set[Node]]:
        """What each node needs, directly or through others."""
        needs: dict[Node, set[Node]] = {}
        for node, direct in self._edges.items():
            needs[node], waiting = set(), list(direct)
            while waiting:
                needed = waiting.pop()
                if needed not in needs[node]:
                    needs[node].add(needed)
                    waiting.extend(self._edges[needed])
        return needs

    @cached_property
    def _uses(self) -> Counter[Node]:
        """How often the statement names each node; without an identity every way in is named twice, to exclude it."""
        times = 1 if self.traversal.tables[self.name].identity else 2
        uses: Counter[Node] = Counter()
        for _, node in self.traversal.links(self.name):
            uses[node] += times
        for node, direct in self._edges.items():
            circle = self._circle(node)
            uses.update(needed for needed in direct if needed not in circle)
        return uses


def _aliases(tables: Iterable[SourceTable], stem: str) -> Iterator[str]:
    """Name what a statement builds, other than the tables it reads."""
    while any(source.table.name.lower().startswith(stem) for source in tables):
        stem += "_"
    yield from (f"{stem}{number}" for number in count(1))


def _distinct(selects: list[Select]) -> sa.SelectBase:
    return sa.union(*selects) if len(selects) > 1 else selects[0].distinct()


def _slots(circle: frozenset[Node]) -> dict[tuple[Node, int], str]:
    places = [(node, index) for node in sorted(circle) for index in range(len(node[1]))]
    return {place: f"v{number}" for number, place in enumerate(places)}


def _not(condition: Column) -> Column:
    """Negate so that "unknown" (a NULL compared) counts as not fulfilled."""
    return sa.not_(sa.func.coalesce(condition, sa.false()))
