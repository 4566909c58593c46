"""Random worlds to erase in: tables that point at one another, a map with rules; and what must be left in the end."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any, TypeAlias

from hypothesis import strategies as st

from extractors.changes import Fate
from extractors.datamap import DataMap

Row: TypeAlias = dict[str, Any]
Place: TypeAlias = tuple[str, int]
"""A row, by its table and its place in it."""

ME, ACTIONS = 1, {"delete": Fate.DELETED, "anonymise": Fate.ANONYMISED, "keep": Fate.KEPT}
REACTIONS = ("", " ON DELETE CASCADE", " ON DELETE SET NULL")


@dataclass(frozen=True)
class Table:
    """`id` (its key, or not), `owner`, `v`, and columns `r0` … that point at the `id` of other tables."""

    name: str
    is_keyed: bool
    targets: tuple[str, ...]
    rows: tuple[Row, ...]

    def creation(self, keys: dict[tuple[str, str], str]) -> str:
        columns = ["id int NOT NULL", "owner int", "v varchar(20)", *(f"r{i} int" for i in range(len(self.targets)))]
        if self.is_keyed:
            columns.append("PRIMARY KEY (id)")
        columns += keys.values()
        return f"CREATE TABLE {self.name} ({', '.join(columns)})"


@dataclass(frozen=True)
class World:
    """`keys` are the columns with a declared foreign key, and what it does when a row is deleted."""

    tables: dict[str, Table]
    keys: dict[tuple[str, str], str]
    parts: dict[str, dict[str, Any]]

    def data_map(self) -> DataMap:
        return DataMap.model_validate({"version": 1, "source": "world", "collections": self.parts})

    def statements(self, dialect: str) -> list[str]:
        """Declare foreign keys last, as tables may point at one another; SQLite checks none."""
        clauses = {
            (t, c): f"FOREIGN KEY ({c}) REFERENCES {self.target(t, c)} (id){k}" for (t, c), k in self.keys.items()
        }
        is_early = dialect == "sqlite"
        made = [
            table.creation({key: text for key, text in clauses.items() if is_early and key[0] == name})
            for name, table in self.tables.items()
        ]
        for name, table in self.tables.items():
            rows = ", ".join(f"({', '.join(map(literal, row.values()))})" for row in table.rows)
            made += [f"INSERT INTO {name} VALUES {rows}"] if rows else []
        return made + [f"ALTER TABLE {t} ADD {text}" for (t, _), text in clauses.items() if not is_early]

    def target(self, table: str, column: str) -> str:
        return self.tables[table].targets[int(column[1:])]

    def row(self, place: Place) -> Row:
        return self.tables[place[0]].rows[place[1]]

    def places(self, table: str) -> list[Place]:
        return [(table, index) for index in range(len(self.tables[table].rows))]

    def links(self, name: str) -> list[tuple[str, str, str]]:
        """Own column, the other collection, its column."""
        return [(link["column"], *link["to"].split(".")) for link in self.parts[name].get("links", [])]

    def is_up(self, name: str, link: tuple[str, str, str]) -> bool:
        is_key = link[0] == "id" and self.tables[name].is_keyed
        return is_key and not (link[2] == "id" and self.tables[link[1]].is_keyed)


def literal(value: Any) -> str:
    return "NULL" if value is None else repr(value)


class Plain:
    """Erases in memory, row by row."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.found = self._reached(lambda _: True)
        self.stays: dict[Place, Fate] = {}
        self._share()
        self._hold()

    def _reached(self, may_lead: Any) -> set[Place]:
        """The least set of rows that identifiers and links from rows in it lead to."""
        found: set[Place] = set()
        while True:
            more = {
                place
                for name in self.world.parts
                for place in self.world.places(name)
                if may_lead(place) and (self._identified(place) or self._led_to(place, found, self.world.links(name)))
            }
            if more <= found:
                return found
            found |= more

    def _identified(self, place: Place) -> bool:
        return "identifiers" in self.world.parts[place[0]] and self.world.row(place)["owner"] == ME

    def _led_to(self, place: Place, found: set[Place], links: list[tuple[str, str, str]]) -> bool:
        row = self.world.row(place)
        return any(
            row[column] is not None and row[column] == self.world.row(other)[to]
            for column, name, to in links
            for other in found
            if other[0] == name
        )

    def _references(self, name: str, *, only_up: bool) -> set[tuple[str, str, str]]:
        """Table and column that point, column pointed at."""
        declared = {(t, c, "id") for t, c in self.world.keys if self.world.target(t, c) == name}
        linked = set()
        for other, part in self.world.parts.items():
            for link in self.world.links(other):
                if self.world.is_up(other, link):
                    linked |= {(link[1], link[2], link[0])} if other == name else set()
                elif not only_up and link[1] == name:
                    is_key = link[2] == "id" and self.world.tables[name].is_keyed
                    linked |= {(other, link[0], link[2])} if is_key or not part.get("context") else set()
        return declared | linked

    def _pointing(self, place: Place, *, only_up: bool) -> list[tuple[Place, str]]:
        row = self.world.row(place)
        return [
            (other, column)
            for table, column, to in self._references(place[0], only_up=only_up)
            for other in self.world.places(table)
            if row[to] is not None and self.world.row(other)[column] == row[to]
        ]

    def _share(self) -> None:
        shared = {place for place in self.found if self._is_shared(place)}
        if shared:
            kept = self._reached(lambda place: place in self.found and place not in shared)
            self.stays = dict.fromkeys(self.found - kept, Fate.SHARED)

    def _is_shared(self, place: Place) -> bool:
        links = self.world.links(place[0])
        down = [link for link in links if not self.world.is_up(place[0], link)]
        if down == links or self._identified(place) or self._led_to(place, self.found, down):
            return False
        theirs = (other for other, _ in self._pointing(place, only_up=True))
        return any(other not in self.found or self._is_context(other) for other in theirs)

    def _is_context(self, place: Place) -> bool:
        return bool(self.world.parts.get(place[0], {}).get("context"))

    def fate(self, place: Place) -> Fate | None:
        """What becomes of a row; None of one that is not the person's, or context."""
        if place not in self.found or self._is_context(place):
            return None
        return self.stays.get(place) or ACTIONS[self.world.parts[place[0]]["erase"]["action"]]

    def assigned(self, place: Place) -> dict[str, Any]:
        erase = self.world.parts[place[0]]["erase"]
        is_set = self.fate(place) in (Fate.ANONYMISED, Fate.KEPT)
        return erase.get("anonymise", erase.get("fields", {})) if is_set else {}

    def _hold(self) -> None:
        while True:
            held = {
                place
                for place in self.found
                if self.fate(place) is Fate.DELETED
                and any(self._holds(other, column) for other, column in self._pointing(place, only_up=False))
            }
            if not held:
                return
            self.stays |= dict.fromkeys(held, Fate.REFERENCED)

    def _holds(self, place: Place, column: str) -> bool:
        fate = self.fate(place)
        return fate is None or (fate is not Fate.DELETED and column not in self.assigned(place))

    def fates(self) -> dict[str, dict[Fate, int]]:
        counted: defaultdict[str, Counter[Fate]] = defaultdict(Counter)
        for place in self.found:
            counted[place[0]][self.fate(place) or Fate.KEPT] += 1
        return {name: dict(counted[name]) for name in self.world.parts}

    def left(self) -> dict[str, Counter[tuple[Any, ...]]]:
        """Every table as it must be afterwards."""
        return {
            name: Counter(
                tuple((row | (self.assigned((name, i)) if self.fate((name, i)) else {})).values())
                for i, row in enumerate(table.rows)
                if self.fate((name, i)) is not Fate.DELETED
            )
            for name, table in self.world.tables.items()
        }


@st.composite
def worlds(draw: st.DrawFn, *, is_keyed: bool = False) -> World:
    names = [f"t{number}" for number in range(draw(st.integers(2, 5)))]
    tables = {name: draw(_tables(name, names, is_keyed)) for name in names}
    columns = [(n, f"r{i}") for n, table in tables.items() for i in range(len(table.targets))]
    mapped = ["t0", *(name for name in names[1:] if draw(st.integers(0, 4)))]
    parts: dict[str, dict[str, Any]] = {"t0": {"identifiers": {"user_id": "owner"}}}
    for name in mapped:
        part = parts.setdefault(name, {})
        ways = _ways(name, mapped, tables, columns)
        chosen = draw(st.lists(st.sampled_from(ways), max_size=3, unique=True)) if ways else []
        if chosen:
            part["links"] = [{"column": column, "to": to} for column, to in chosen]
        if not chosen or not draw(st.integers(0, 5)):
            part["identifiers"] = {"user_id": "owner"}
        part |= draw(_rules(tables[name]))
    world = World(tables, {}, parts)
    keyed = [key for key in columns if tables[world.target(*key)].is_keyed]
    declared = {key: draw(st.sampled_from(REACTIONS)) for key in keyed if draw(st.booleans())}
    return World(tables, declared, parts)


def _ways(
    name: str, mapped: list[str], tables: dict[str, Table], columns: list[tuple[str, str]]
) -> list[tuple[str, str]]:
    down = [(f"r{i}", f"{target}.id") for i, target in enumerate(tables[name].targets) if target in mapped]
    up = [("id", f"{t}.{c}") for t, c in columns if t in mapped and tables[t].targets[int(c[1:])] == name]
    return down + up


@st.composite
def _tables(draw: st.DrawFn, name: str, names: list[str], is_keyed: bool) -> Table:
    targets = tuple(draw(st.lists(st.sampled_from(names), max_size=2)))
    keyed = is_keyed or bool(draw(st.integers(0, 4)))
    number = draw(st.integers(1, 5))
    ids = list(range(1, 6)) if keyed else draw(st.lists(st.integers(1, 5), min_size=5, max_size=5))
    # Every table has the rows 1 to 5, or foreign keys would lead to nowhere.
    rows = tuple(
        {
            "id": id_,
            "owner": draw(st.sampled_from([ME, 2, 2, 3])),
            "v": f"{name} {index}",
            **{f"r{i}": draw(st.sampled_from([None, *range(1, number + 1)])) for i in range(len(targets))},
        }
        for index, id_ in enumerate(ids)
    )
    return Table(name, keyed, targets, rows)


@st.composite
def _rules(draw: st.DrawFn, table: Table) -> dict[str, Any]:
    action = draw(st.sampled_from(["delete", "delete", "anonymise", "keep", "context"]))
    if action == "context":
        return {"context": True}
    if action == "delete":
        return {"erase": {"action": "delete"}}
    nulled = draw(st.lists(st.sampled_from([f"r{i}" for i in range(len(table.targets))] or ["v"]), unique=True))
    fields = dict.fromkeys(nulled) | {"v": "[erased]"}
    if action == "anonymise":
        return {"erase": {"action": "anonymise", "fields": fields}}
    return {"erase": {"action": "keep", "ground": "tax"} | ({"anonymise": fields} if draw(st.booleans()) else {})}
