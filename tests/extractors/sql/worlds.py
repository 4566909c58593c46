"""Random worlds: tables with rows, a data map over them, a person; and who owns which rows, found the plain way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from hypothesis import strategies as st

from extractors.datamap import DataMap

Value: TypeAlias = int | str | None
Row: TypeAlias = tuple[Value, ...]
Pools: TypeAlias = dict[str, list[int | str]]

UUIDS = ("0a0b0c0d-0000-4000-8000-00000000000a", "ffffffff-ffff-4fff-bfff-ffffffffffff")
EMAILS = ("ann@x.org", "ANN@x.org", "aNN@X.org", "joann@x.org", "ann+1@x.org", "ann_x.org", "ann@x.org ")
PHONES = ("+491512345678", "00491512345678", "491512345678", "1512345678")
POOLS: dict[str, tuple[int | str, ...]] = {
    "integer": (0, 1, 2, 3, -1, 491512345678),
    "text": ("0", "1", "2", "x", "X", "%", "", *EMAILS, *PHONES, *UUIDS),
    "uuid": UUIDS,
    "loose": ("0", "1", "x", "ann@x.org", *UUIDS),
}
# SQLite stores a number written as text in a STRING column as a number; its UUID is no type at all.
TYPES = {
    "sqlite": {
        "integer": ("INTEGER", "BIGINT", ""),
        "text": ("TEXT", "VARCHAR(99)", ""),
        "uuid": ("UUID", "TEXT"),
        "loose": ("STRING",),
    },
    "postgresql": {
        "integer": ("bigint", "numeric", "integer_domain"),
        "text": ("text", "varchar(99)"),
        "uuid": ("uuid", "uuid_domain"),
        "loose": ("text_domain",),
    },
    "mariadb": {
        "integer": ("bigint", "decimal(20, 0)", "bigint"),
        "text": (
            "varchar(99) COLLATE utf8mb4_nopad_bin",
            "varchar(99) COLLATE utf8mb4_general_ci",
            "varchar(99) CHARACTER SET latin1 COLLATE latin1_swedish_ci",
        ),
        "uuid": ("uuid", "char(36) COLLATE utf8mb4_general_ci"),
        "loose": (
            "varchar(99) COLLATE utf8mb4_nopad_bin",
            "varchar(99) CHARACTER SET latin1 COLLATE latin1_bin",
            "text COLLATE utf8mb4_general_ci",
        ),
    },
}
# What collations of MariaDB take for the same; two columns of one collation are linked as a foreign key would.
FOLDING: dict[str, Callable[[str], str]] = {
    "utf8mb4_general_ci": lambda text: text.rstrip(" ").casefold(),
    "latin1_swedish_ci": lambda text: text.rstrip(" ").casefold(),
    "latin1_bin": lambda text: text.rstrip(" "),
}
DOMAINS = """
    CREATE DOMAIN integer_domain AS bigint; CREATE DOMAIN uuid_domain AS uuid;
    CREATE DOMAIN text_domain AS varchar(99) COLLATE "C";
"""
UNUSABLE = (None, "", "ann@x.org ")
PERSONS = {
    "email": ("ann@x.org", "Ann@X.ORG", "joann@x.org"),
    "phone": ("+491512345678",),
    "user_id": ("0", "1", "2", "x", "%", *UUIDS),
}


@dataclass(frozen=True)
class Table:
    name: str
    columns: tuple[str, ...]
    kinds: tuple[str, ...]
    key: tuple[int, ...]
    rows: tuple[Row, ...]
    type_choice: int
    is_indexed: bool

    def type(self, column: str, dialect: str) -> str:
        """The declared type; a key of MariaDB must not fold, for the rows were made without."""
        index = self.columns.index(column)
        types = TYPES[dialect][self.kinds[index]]
        return types[0 if dialect == "mariadb" and index in self.key else self.type_choice % len(types)]

    def statements(self, dialect: str) -> list[str]:
        written = [f"{column} {self.type(column, dialect)}" for column in self.columns]
        not_null = [text + (" NOT NULL" if index in self.key else "") for index, text in enumerate(written)]
        key = [f"PRIMARY KEY ({', '.join(self.columns[index] for index in self.key)})"] if self.key else []
        made = [f"CREATE TABLE {self.name} ({', '.join(not_null + key)})"]
        rows = [f"({', '.join(map(literal, row))})" for row in self.rows]
        if rows:
            made.append(f"INSERT INTO {self.name} VALUES {', '.join(rows)}")
        if self.is_indexed and not self.type(self.columns[0], dialect).startswith("text COLLATE"):
            made.append(f"CREATE INDEX i_{self.name} ON {self.name} ({self.columns[0]})")
        return made


@dataclass(frozen=True)
class World:
    """`collections` names the table of each collection; a collection of another name than its table is a view."""

    tables: dict[str, Table]
    collections: dict[str, str]
    parts: dict[str, dict[str, Any]]
    person: tuple[tuple[str, str], ...]

    def script(self, dialect: str) -> str:
        views = [f"CREATE VIEW {n} AS SELECT * FROM {t}" for n, t in self.collections.items() if n != t]
        return ";\n".join([s for table in self.tables.values() for s in table.statements(dialect)] + views)

    def data_map(self, schema: str = "") -> DataMap:
        parts = {name: {"table": schema + name, **part} for name, part in self.parts.items()}
        return DataMap.model_validate({"version": 1, "source": "world", "collections": parts})

    def expected(self, dialect: str = "") -> dict[str, Counter[Row]]:
        """The least fixpoint, row by row, in memory."""
        mine: dict[str, set[int]] = {name: set() for name in self.collections}
        while True:
            more = {name: {i for i in self._eligible(name) if self._is_mine(name, i, mine, dialect)} for name in mine}
            if more == mine:
                break
            mine = more
        return {n: Counter(as_text(self.rows(n)[i]) for i in found) for n, found in mine.items()}

    def rows(self, name: str) -> tuple[Row, ...]:
        return self.tables[self.collections[name]].rows

    def values(self, name: str, row: Row, columns: list[str]) -> Row:
        names = self.tables[self.collections[name]].columns
        return as_text(tuple(row[names.index(column)] for column in columns))

    def _eligible(self, name: str) -> list[int]:
        part = self.parts[name]
        return [
            index
            for index, row in enumerate(self.rows(name))
            if all(self.values(name, row, [c])[0] in as_text(tuple(v)) for c, v in part.get("where", {}).items())
            and not any(self.values(name, row, [c])[0] in as_text(tuple(v)) for c, v in part.get("exclude", {}).items())
        ]

    def _is_mine(self, name: str, index: int, mine: dict[str, set[int]], dialect: str) -> bool:
        row, part = self.rows(name)[index], self.parts[name]
        for kind, columns in part.get("identifiers", {}).items():
            if any(_identifies(kind, v, self.person) for v in self.values(name, row, columns) if v is not None):
                return True
        for link in part.get("links", []):
            here = self.values(name, row, link["column"])
            target, there = link["to"][0].split(".")[0], [to.split(".")[1] for to in link["to"]]
            fold = self._folding(name, link["column"], target, there, dialect)
            theirs = (fold(self.values(target, self.rows(target)[other], there)) for other in mine[target])
            if None not in here and fold(here) in theirs:
                return True
        return False

    def _folding(
        self, name: str, here: list[str], target: str, there: list[str], dialect: str
    ) -> Callable[[Row], tuple[Value, ...]]:
        """How a link compares: exactly, unless both columns have one collation that folds."""
        if dialect != "mariadb":
            return as_text
        mine, theirs = self.tables[self.collections[name]], self.tables[self.collections[target]]
        collations = [
            (mine.type(m, dialect).rpartition("COLLATE ")[2], theirs.type(t, dialect).rpartition("COLLATE ")[2])
            for m, t in zip(here, there, strict=True)
        ]
        folds = [FOLDING.get(one, str) if one == other else str for one, other in collations]
        return lambda row: tuple(
            None if value is None else fold(str(value)) for fold, value in zip(folds, row, strict=True)
        )


def _identifies(kind: str, value: Value, person: tuple[tuple[str, str], ...]) -> bool:
    given = [typed for known, typed in person if known == kind]
    if kind == "email":
        return str(value).lower() in [typed.lower() for typed in given]
    if kind == "phone":
        return bool(given) and value in PHONES[:3]
    return value in given


def literal(value: Value) -> str:
    return "NULL" if value is None else str(value) if isinstance(value, int) else f"'{value}'"


def as_text(row: Row) -> Row:
    return tuple(None if value is None else str(value) for value in row)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Small pools of values, many links and a person known by one of the values: otherwise nothing would be found."""
    pools = {k: draw(st.lists(st.sampled_from(v), min_size=2, max_size=4, unique=True)) for k, v in POOLS.items()}
    tables = {name: draw(_tables(name, pools)) for name in [f"t{number}" for number in range(draw(st.integers(1, 6)))]}
    viewed = draw(st.lists(st.sampled_from(sorted(tables)), max_size=2, unique=True))
    collections = {name: name for name in tables} | {f"v_{name}": name for name in viewed}
    names = sorted(collections)
    parts: dict[str, dict[str, Any]] = {name: draw(_parts(tables[collections[name]], pools)) for name in names}
    parts[names[0]].setdefault("identifiers", {})["user_id"] = list(tables[names[0]].columns)
    at_hand = {str(value) for row in tables[names[0]].rows for value in row if value not in UNUSABLE}
    person = draw(st.lists(st.sampled_from(_known()), max_size=3, unique=True))
    if at_hand:
        values = draw(st.lists(st.sampled_from(sorted(at_hand)), min_size=1, max_size=2))
        person += [("user_id", value) for value in values]
    ways = [(name, draw(st.sampled_from(names[:index]))) for index, name in enumerate(names) if index]
    ways += draw(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names)), max_size=len(names)))
    for of, to in ways:
        link = draw(_links(tables[collections[of]], tables[collections[to]], to))
        parts[of].setdefault("links", []).append(link)
    return World(tables, collections, parts, tuple(person))


def _known() -> list[tuple[str, str]]:
    return [(kind, value) for kind, values in PERSONS.items() for value in values]


@st.composite
def _tables(draw: st.DrawFn, name: str, pools: Pools) -> Table:
    kinds = tuple(draw(st.lists(st.sampled_from(["integer", "text", "uuid", "loose"]), min_size=1, max_size=4)))
    key = tuple(draw(st.lists(st.integers(0, len(kinds) - 1), max_size=2, unique=True)))
    cells = [_cells(pools[kind], is_key=index in key) for index, kind in enumerate(kinds)]
    unique_by = (lambda row: tuple(row[index] for index in key)) if key else None
    rows = tuple(draw(st.lists(st.tuples(*cells), min_size=2, max_size=9, unique_by=unique_by)))
    columns = tuple(f"{kind[0]}{index}" for index, kind in enumerate(kinds))
    return Table(name, columns, kinds, key, rows, draw(st.integers(0, 2)), is_indexed=draw(st.booleans()))


def _cells(pool: list[int | str], *, is_key: bool) -> st.SearchStrategy[Value]:
    return st.sampled_from(pool if is_key else [*pool, *pool, None])


@st.composite
def _parts(draw: st.DrawFn, table: Table, pools: Pools) -> dict[str, Any]:
    part: dict[str, Any] = {}
    if draw(st.integers(0, 3)) == 3:
        columns = st.lists(st.sampled_from(table.columns), min_size=1, max_size=3, unique=True)
        part["identifiers"] = draw(st.dictionaries(st.sampled_from(sorted(PERSONS)), columns, min_size=1, max_size=2))
    for key, rarely in (("where", 7), ("exclude", 5)):
        if draw(st.integers(0, rarely)) == rarely:
            index = draw(st.integers(0, len(table.columns) - 1))
            values = st.one_of(st.sampled_from(pools[table.kinds[index]]), st.none())
            part[key] = {table.columns[index]: draw(st.lists(values, min_size=1, max_size=3))}
    return part


@st.composite
def _links(draw: st.DrawFn, mine: Table, theirs: Table, to: str) -> dict[str, Any]:
    pairs = [(m, t) for m in mine.columns for t in theirs.columns]
    alike = [pair for pair in pairs if pair[0][0] == pair[1][0]] or pairs
    width = draw(st.sampled_from([1, 1, 2]))
    chosen = draw(st.lists(st.sampled_from(alike * 2 + pairs), min_size=1, max_size=width))
    return {"column": [pair[0] for pair in chosen], "to": [f"{to}.{pair[1]}" for pair in chosen]}
