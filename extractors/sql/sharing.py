"""Tells rows that are reached only through something shared: those of a neighbour by the common address.

A link leads down to rows that point at the person's, or up to a row that the person's point at. What hangs below a row
reached only upwards may be anybody's. So the map is split: rows that are the person's by identifiers and by going
down, and, apart from them, what these point at, from which nothing leads down. Rows of the whole map that neither
part finds are reached by way of something shared.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from extractors.batches import Kind
from extractors.datamap.reading import reachable
from extractors.sql.output import Reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from extractors.datamap.parts import CollectionPart, DataMap, LinkPart
    from extractors.sql.schema import SourceTable
    from extractors.sql.traversal import Found, Traversal

    Column = sa.ColumnElement[Any]
    Select = sa.Select[Any]

ABOVE = "\x1fabove"  # no collection of a map can be called so
IS_SHARED = "\x1fshared"


class Sharing:
    """Finds out which rows are reached only through something shared."""

    def __init__(self, traversal: Traversal) -> None:
        self._whole = traversal
        self._apart = _apart(traversal)
        self.names = frozenset(_may_be_shared(traversal, self._apart.reachable))

    def told(self, name: str, found: Found) -> Told | None:
        """Give what tells the rows in question apart; None where no row of the collection can be one."""
        if name not in self.names:
            return None
        part, source = self._whole.data_map.collections[name], self._whole.tables[name]
        keys = list(source.identity or sorted(_deciding(part)))
        variants = [variant for variant in (name, name + ABOVE) if variant in self._apart.tables]
        ways = [self._named(number).found(variant) for number, variant in enumerate(variants)]
        selects = [way.select(_keys(way, keys)) for way in ways if way]
        if not selects:
            return Told(found, None, ())
        once = selects[0] if source.identity else selects[0].distinct()
        own = (sa.union(*selects) if len(selects) > 1 else once).subquery("own_rows")
        return Told(found, own, tuple(keys), is_exact=bool(source.identity))

    def _named(self, number: int) -> Traversal:
        """Let each part of a statement name what it builds by itself."""
        named = copy.copy(self._apart)
        named.stem = f"{self._whole.stem}_own{number}_"
        return named


def _keys(found: Found, keys: Iterable[str]) -> list[Column]:
    one: Column = sa.literal_column("1", sa.Integer())
    return [one.label("is_own"), *(found.columns[name].label(f"k{index}") for index, name in enumerate(keys))]


@dataclass(frozen=True, slots=True)
class Told:
    """Extends a statement that reads found rows by a last column: 1 where a row is reached only by something shared.

    Args:
        own: the keys of the other rows; None where there are none.
        is_exact: whether no two rows share a key, and none has a NULL in it.
    """

    found: Found
    own: sa.Subquery | None
    keys: tuple[str, ...]
    is_exact: bool = True

    def added(self, select: Select) -> Select:
        """Extend the statement."""
        if self.own is None:
            return select.add_columns(sa.literal_column("1", sa.Integer()).label("is_shared"))
        same = sa.and_(*(self._same(name, self.own.c[f"k{index}"]) for index, name in enumerate(self.keys)))
        is_shared = sa.case((self.own.c.is_own.is_(None), sa.literal_column("1")), else_=sa.literal_column("0"))
        return select.outerjoin(self.own, same).add_columns(is_shared.label("is_shared"))

    def _same(self, name: str, key: Column) -> Column:
        column = self.found.columns[name]
        return column == key if self.is_exact else column.is_not_distinct_from(key)

    def counts(self) -> Select | None:
        """Select how many rows are found, and how many of them are own; None where keys do not tell."""
        if self.own is None or not self.is_exact:
            return None
        one: Column = sa.literal_column("1", sa.Integer())
        found = self.found.select([one.label("one")]).subquery("found_rows")
        both = (sa.select(sa.func.count()).select_from(rows).scalar_subquery() for rows in (found, self.own))
        return sa.select(*both)

    @property
    def reading(self) -> Reading:
        """How the column is read."""
        return Reading(IS_SHARED, Kind.INTEGER, sa.literal_column("1", sa.Integer()))


def _apart(traversal: Traversal) -> Traversal:
    data_map, tables = traversal.data_map, dict(traversal.tables)
    parts: dict[str, CollectionPart] = {}
    for name, part in data_map.collections.items():
        up = [link for link in part.links if _leads_up(data_map, tables, name, link)]
        down = tuple(link for link in part.links if link not in up)
        parts[name] = part.model_copy(update={"links": down})
        if up:
            links = tuple(same for link in up for same in _from_both(data_map, link))
            parts[name + ABOVE] = part.model_copy(update={"identifiers": {}, "links": links})
            tables[name + ABOVE] = tables[name]
    known = {name: _without_links_to_nowhere(part, parts, data_map) for name, part in parts.items()}
    apart = copy.copy(traversal)
    apart.data_map, apart.tables = data_map.model_copy(update={"collections": known}), tables
    carried = {node for node, rows in traversal.identifiers.carried.items() if rows}
    apart.reachable = reachable(apart.data_map, traversal.identifiers.kinds, carried)
    return apart


def _leads_up(data_map: DataMap, tables: Mapping[str, SourceTable], name: str, link: LinkPart) -> bool:
    """Whether a link leads to the one row that the others point at; what is one on both sides belongs together."""
    target = data_map.target(link)
    if target is None:
        return False
    is_one = _is_key(data_map.collections[name], tables[name], link.column)
    return is_one and not _is_key(data_map.collections[target[0]], tables[target[0]], target[1])


def _is_key(part: CollectionPart, source: SourceTable, names: Iterable[str]) -> bool:
    return source.is_unique(names) or bool(part.key and set(names).issuperset(part.key))


def _from_both(data_map: DataMap, link: LinkPart) -> Iterator[LinkPart]:
    """Lead on from rows that are the person's, and from those above them."""
    target = data_map.target(link)
    if target:
        for name in (target[0], target[0] + ABOVE):
            yield link.model_copy(update={"to": tuple(f"{name}.{column}" for column in target[1])})


def _without_links_to_nowhere(
    part: CollectionPart, parts: Mapping[str, CollectionPart], data_map: DataMap
) -> CollectionPart:
    kept = tuple(link for link in part.links if not _is_nowhere(link, parts))
    return part.model_copy(update={"links": kept})


def _is_nowhere(link: LinkPart, parts: Mapping[str, CollectionPart]) -> bool:
    name = link.to[0].split(".", 1)[0]
    return name.endswith(ABOVE) and name not in parts


def _may_be_shared(traversal: Traversal, apart: set[str]) -> set[str]:
    """The collections that a way leads to which goes up and then down."""
    shared: set[str] = set()
    while True:
        more = {
            name
            for name, part in traversal.data_map.collections.items()
            if name in traversal.reachable - shared
            for link in part.links
            if _comes_by_shared(traversal, name, link, shared, apart)
        }
        if not more:
            return shared
        shared |= more


def _comes_by_shared(traversal: Traversal, name: str, link: LinkPart, shared: set[str], apart: set[str]) -> bool:
    target = traversal.data_map.target(link)
    if target is None:
        return False
    is_down = not _leads_up(traversal.data_map, traversal.tables, name, link)
    return target[0] in shared or (is_down and target[0] + ABOVE in apart)


def _deciding(part: CollectionPart) -> set[str]:
    """The columns that decide whether a row is the person's: rows equal in them are so both or neither."""
    identifiers = {name for names in part.identifiers.values() for name in names}
    return identifiers | {name for link in part.links for name in link.column} | {*part.where, *part.exclude}
