"""Measures a proposed map against a truth, as it is written: load, search, compare."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from extractors.datamap import load
from extractors.identifiers import Identifiers
from extractors.registry import open_source
from extractors.sql.comparing import bound
from extractors.sql.extractor import SqlExtractor
from tests.extractors.discovery.databases.world import told_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import sqlalchemy as sa

    from extractors.sql.traversal import Found
    from tests.extractors.discovery.databases.world import World

Rows = dict[str, set[str]]


@dataclass(frozen=True)
class Expected:
    """A person to search for: whose rows there are, by table, and what else may be given to them."""

    key: str
    identifiers: list[tuple[str, str]]
    rows: Mapping[str, set[str]]
    tolerated: Mapping[str, set[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Truth:
    """Whose rows are whose.

    Args:
        keys: the columns that tell the rows of each table apart.
        owned: every row that is somebody's.
    """

    people: list[Expected]
    keys: Mapping[str, tuple[str, ...]]
    owned: Mapping[str, set[str]]


@dataclass
class Figures:
    """What a proposed map finds.

    Args:
        strangers: rows found that are somebody else's and not the person's: (person, table, key).
        missing: rows not found.
        nobodys: rows found that are nobody's, by table; context, mostly.
    """

    recalls: dict[str, float] = field(default_factory=dict)
    strangers: list[tuple[str, str, str]] = field(default_factory=list)
    missing: list[tuple[str, str, str]] = field(default_factory=list)
    nobodys: dict[str, int] = field(default_factory=dict)
    links: int = 0
    collections: int = 0

    @property
    def least_recall(self) -> float:
        return min(self.recalls.values(), default=0.0)

    @property
    def mean_recall(self) -> float:
        return sum(self.recalls.values()) / len(self.recalls)

    @property
    def below(self) -> list[str]:
        """The people of whom less than 98 % was found."""
        return [person for person, recall in self.recalls.items() if recall < 0.98]


def truth_of(world: World) -> Truth:
    """The truth of a database of our own: everybody is searched for by e-mail, else by number."""
    people = []
    for number, subject in enumerate(world.people):
        pairs = [pair for pair in subject.identifiers if pair[0] == "email"] or subject.identifiers
        people.append(Expected(f"{number} {subject.name}", pairs, subject.rows, subject.tolerated))
    owned: defaultdict[str, set[str]] = defaultdict(set)
    for table, key in world.owners:
        owned[table].add(key)
    return Truth(people, world.keys, owned)


def measure(url: str, text: str, truth: Truth, people: Iterable[Expected] | None = None) -> Figures:
    """Search for people by a written map and compare with whose rows they are."""
    data_map = load(text)
    source = open_source(url, data_map)
    source.check()
    assert isinstance(source, SqlExtractor)
    figures = Figures(collections=len(data_map.collections))
    figures.links = sum(len(part.links) for part in data_map.collections.values())
    with source.connection() as connection:
        tables = source._tables(connection)
        for person in truth.people if people is None else people:
            traversal = source._traversal(tables, Identifiers.of(person.identifiers), bound)
            found: defaultdict[str, set[str]] = defaultdict(set)
            for name, table in tables.items():
                found[table.table.name] |= _keys(connection, traversal.found(name), truth.keys[table.table.name])
            _count(figures, person, found, truth)
    return figures


def _keys(connection: sa.Connection, found: Found | None, names: tuple[str, ...]) -> set[str]:
    """Read the keys of a person's rows alone: a whole extract of everybody takes minutes."""
    if found is None:
        return set()
    rows = connection.execute(found.select([found.columns[name] for name in names]))
    return {told_key(tuple(row)) for row in rows}


def _count(figures: Figures, person: Expected, found: Rows, truth: Truth) -> None:
    wanted = [(table, key) for table, keys in person.rows.items() for key in keys]
    missing = [(table, key) for table, key in wanted if _plain(key) not in set(map(_plain, found.get(table, ())))]
    figures.missing += [(person.key, table, key) for table, key in missing]
    if wanted:
        figures.recalls[person.key] = 1 - len(missing) / len(wanted)
    for table, keys in found.items():
        own = set(map(_plain, person.rows.get(table, ()))) | set(map(_plain, person.tolerated.get(table, ())))
        others = set(map(_plain, truth.owned.get(table, ()))) - own
        surplus = {_plain(key) for key in keys} - own
        figures.strangers += [(person.key, table, key) for key in sorted(surplus & others)]
        if nobodys := surplus - others:
            figures.nobodys[table] = figures.nobodys.get(table, 0) + len(nobodys)


def _plain(key: str) -> str:
    """Write keys alike: a moment with or without its midnight, in whatever form a source gives it."""
    return re.sub(r"[T ]00:00:00(\.0+)?(Z|\+00:00)?", "", key)
