"""Marking sets just the columns named, in just the person's rows; unmarking gives back what was there."""

from __future__ import annotations

import io
import sqlite3
import subprocess
import sys
import textwrap
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.changes import Marked, Purpose, UnchangeableSource
from extractors.datamap import DataMap
from extractors.errors import FaultyDataMap, SourceUnavailable
from extractors.identifiers import Identifiers
from extractors.registry import open_source
from tests.extractors.sql.changing.databases import changed, contents, engine
from tests.extractors.sql.sources import ANN, run, source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from extractors.base import Extractor

MAP: dict[str, dict[str, Any]] = {
    "people": {
        "identifiers": {"user_id": "id", "email": "email"},
        "restrict": {"set": {"locked": True, "state %s": "restricted'; --"}},
        "object": {"marketing": {"set": {"opt_in": False}}, "all": {"set": {"opt_in": None, "score": 0}}},
    },
    "orders": {
        "table": "or ders",
        "links": [{"column": "person", "to": "people.id"}],
        "restrict": {"set": {"select": "no"}},
        "key": ["day", "no"],
    },
    "products": {
        "links": [{"column": "id", "to": "orders.product"}],
        "context": True,
        "restrict": {"set": {"name": "gone"}},
    },
}


@dataclass
class Kept:
    """Keeps marks as a file would hold them."""

    files: list[tuple[str, tuple[str, ...], bytes]] = field(default_factory=list)
    fails: bool = False

    def keep(self, marked: Marked) -> None:
        if self.fails:
            raise SourceUnavailable("The disk is full", permanent=False)
        assert all(pa.types.is_string(column.type) for column in marked.rows.columns)
        sink = io.BytesIO()
        with pa.ipc.new_stream(sink, marked.rows.schema) as stream:
            stream.write_batch(marked.rows)
        self.files.append((marked.collection, marked.key, sink.getvalue()))

    def all_kept(self) -> None:
        """Keep nothing more."""

    def kept(self) -> Iterator[Marked]:
        for collection, key, content in self.files:
            for rows in pa.ipc.open_stream(content):
                yield Marked(collection, key, rows)

    @property
    def rows(self) -> int:
        return sum(marked.rows.num_rows for marked in self.kept())


@pytest.fixture
def url(database_url: str) -> str:
    boolean = "boolean"
    run(
        database_url,
        f'CREATE TABLE people (id int PRIMARY KEY, email varchar(99), locked {boolean}, "state %s" varchar(40),'
        f" opt_in {boolean}, score numeric(6, 2))",
        'CREATE TABLE "or ders" (day date NOT NULL, no int NOT NULL, person int, product int, "select" varchar(9),'
        " PRIMARY KEY (day, no))",
        "CREATE TABLE products (id int PRIMARY KEY, name varchar(9))",
        "INSERT INTO people VALUES (1, 'ann@x.org', false, 'new', true, 1.50), (2, 'bob@x.org', false, 'new', true, 2),"
        " (3, 'ann@x.org', NULL, NULL, NULL, NULL), (4, 'ann@x.org', true, 'restricted''; --', false, 0)",
        "INSERT INTO \"or ders\" VALUES ('2024-01-02', 1, 1, 7, 'yes'), ('2024-01-02', 2, 1, 7, NULL),"
        " ('2024-01-03', 1, 1, 7, 'no'), ('2024-01-03', 2, 2, 7, 'yes')",
        "INSERT INTO products VALUES (7, 'Lamp')",
    )
    return database_url


PERSON = Identifiers.of([("email", "Ann@x.org")])


def rows_of(url: str, statement: str) -> list[tuple[Any, ...]]:
    with engine(url).connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(statement)]


def test_marking_sets_the_columns_of_the_persons_rows_alone(url: str) -> None:
    before, marks = contents(url), Kept()
    assert source(url, **MAP).mark(PERSON, Purpose.RESTRICTION, marks) == {"people": 2, "orders": 2}
    after = rows_of(url, "SELECT id, locked, email FROM people ORDER BY id")
    assert [(key, bool(locked)) for key, locked, _ in after] == [(1, True), (2, False), (3, True), (4, True)]
    assert {key for key, *_ in changed(before, contents(url))["people"]} == {1, 3}
    assert marks.rows == 4
    assert set(changed(before, contents(url))) == {"people", "or ders"}


@pytest.mark.parametrize("purpose", list(Purpose))
def test_marking_and_unmarking_is_as_if_nothing_was_done(url: str, purpose: Purpose) -> None:
    before, marks, extractor = contents(url), Kept(), source(url, **MAP)
    counts = extractor.mark(PERSON, purpose, marks)
    assert (sum(counts.values()) > 0) is (purpose is not Purpose.ANALYTICS)
    assert (contents(url) != before) is (purpose is not Purpose.ANALYTICS)
    assert extractor.unmark(purpose, marks) == counts
    assert contents(url) == before


def test_marking_twice_changes_and_keeps_nothing_more(url: str) -> None:
    extractor, again = source(url, **MAP), Kept()
    extractor.mark(PERSON, Purpose.RESTRICTION, Kept())
    before = contents(url)
    assert extractor.mark(PERSON, Purpose.RESTRICTION, again) == {"people": 0, "orders": 0}
    assert again.rows == 0
    assert contents(url) == before


def test_numbers_that_the_column_rounds_come_back_too(database_url: str) -> None:
    single = "float" if database_url.startswith("mariadb") else "real"
    run(
        database_url,
        f"CREATE TABLE people (id int PRIMARY KEY, height {single}, score numeric(6, 2))",
        "INSERT INTO people VALUES (1, 1.7, 1.5)",
    )
    people = {"identifiers": {"user_id": "id"}, "restrict": {"set": {"height": 0.1, "score": 0.25}}}
    extractor, before, marks = source(database_url, people=people), contents(database_url), Kept()
    assert extractor.mark(ANN, Purpose.RESTRICTION, marks) == {"people": 1}
    assert extractor.mark(ANN, Purpose.RESTRICTION, Kept()) == {"people": 0}
    assert extractor.unmark(Purpose.RESTRICTION, marks) == {"people": 1}
    assert contents(database_url) == before


def test_what_somebody_changed_since_is_left_and_what_is_gone_is_no_fault(url: str) -> None:
    extractor, marks = source(url, **MAP), Kept()
    extractor.mark(PERSON, Purpose.RESTRICTION, marks)
    run(url, "DELETE FROM people WHERE id = 3", "UPDATE people SET locked = NULL WHERE id = 1")
    run(url, 'UPDATE "or ders" SET "select" = \'maybe\' WHERE no = 1 AND person = 1')
    assert extractor.unmark(Purpose.RESTRICTION, marks) == {"people": 1, "orders": 1}
    assert rows_of(url, "SELECT locked FROM people WHERE id = 1") == [(None,)]
    states = [row for row in contents(url)["people"] if row[0] == 1]
    assert "new" in states[0]
    assert rows_of(url, "SELECT count(*) FROM people") == [(3,)]


def test_lifting_goes_by_what_was_set_then_and_not_by_the_map_of_today(url: str) -> None:
    before, marks = contents(url), Kept()
    source(url, **MAP).mark(PERSON, Purpose.RESTRICTION, marks)
    today = MAP | {"people": MAP["people"] | {"restrict": {"set": {"locked": False}}}}
    source(url, **today).unmark(Purpose.RESTRICTION, marks)
    assert contents(url) == before


def test_a_keeper_that_fails_leaves_the_source_as_it_was(url: str) -> None:
    before = contents(url)
    with pytest.raises(SourceUnavailable, match="full"):
        source(url, **MAP).mark(PERSON, Purpose.RESTRICTION, Kept(fails=True))
    assert contents(url) == before


def test_a_constant_the_column_cannot_hold_is_a_fault_of_the_map(url: str) -> None:
    if url.startswith("sqlite"):
        pytest.skip("SQLite's columns hold anything")
    parts = MAP | {"people": MAP["people"] | {"restrict": {"set": {"score": "much"}}}}
    with pytest.raises(FaultyDataMap, match=r"collections.people.restrict.set.score: the column holds numbers"):
        source(url, **parts).mark(PERSON, Purpose.RESTRICTION, Kept())


def test_rows_that_could_not_be_restored_are_not_marked(url: str) -> None:
    run(url, "CREATE TABLE bare (person int, locked int)", "INSERT INTO bare VALUES (1, 0), (1, 0)")
    part = {"links": [{"column": "person", "to": "people.id"}], "restrict": {"set": {"locked": 1}}}
    before = contents(url)
    for key, said in (({}, "no key|cannot be told apart"), ({"key": "person"}, "same key|cannot be told apart")):
        with pytest.raises(UnchangeableSource, match=said):
            source(url, **MAP, bare=part | key).mark(PERSON, Purpose.RESTRICTION, Kept())
    assert contents(url) == before


def test_a_map_without_anything_to_set_changes_nothing(url: str) -> None:
    assert source(url, people={"identifiers": {"user_id": "id"}}).mark(ANN, Purpose.ALL, Kept()) == {}


def test_a_collection_that_is_gone_from_the_map_is_told(url: str) -> None:
    marks = Kept()
    source(url, **MAP).mark(PERSON, Purpose.RESTRICTION, marks)
    before = contents(url)
    with pytest.raises(UnchangeableSource, match="no collection orders any more"):
        source(url, people=MAP["people"]).unmark(Purpose.RESTRICTION, marks)
    assert contents(url) == before


TYPES = {
    "postgresql": {
        "text": ["''", "'restricted'", "E'a\\tb\\n\\\\'", "'Zoë 🜁'", "NULL"],
        "double precision": ["0.1", "1e300", "'NaN'", "'-Infinity'", "0.1::float8 + 0.2", "NULL"],
        "real": ["0.1", "1e-30"],
        "numeric": ["1.50", "12345678901234567890.123456789", "'NaN'"],
        "timestamptz": ["'2024-01-02 03:04:05.678901+05'", "'infinity'", "'0044-03-15 BC'"],
        "timestamp": ["'2024-01-02 03:04:05.6'", "NULL"],
        "date": ["'infinity'", "'9999-12-31'"],
        "interval": ["'1 year 2 days 3.5 seconds'"],
        "bytea": ["'\\x00ff'", "''"],
        "jsonb": ["'{\"a\": [1.50, null]}'", "'null'"],
        "text[]": ["'{a,NULL,\"b,c\"}'"],
        "inet": ["'10.0.0.1/8'"],
        "uuid": ["'0a0b0c0d-0000-4000-8000-00000000000a'"],
        "boolean": ["true", "NULL"],
        "char(4)": ["'a'"],
        "int4range": ["'[1,5)'"],
    },
    "sqlite": {
        "": ["1", "1.0", "'1'", "x'00ff'", "NULL", "0.1", "1e999", "-1e999", "9007199254740993", "''", "x''"],
        "TEXT": ["'a'", "x'61'", "NULL"],
        "INTEGER": ["1", "1.5", "'x'", "x'01'"],
        "REAL": ["1", "0.30000000000000004", "'x'"],
        "BOOLEAN": ["1", "'true'", "NULL"],
        "DATE": ["'2024-01-02'", "20240102"],
    },
    "mariadb": {
        "varchar(40)": ["''", "'a\\\\b'", "'Zoë 🜁'", "'a '", "NULL"],
        "double": ["0.1e0", "1e300", "0.1e0 + 0.2e0"],
        "float": ["0.1", "16777216", "1e-30"],
        "decimal(40, 20)": ["1.5", "12345678901234567890.12345678901234567890"],
        "bigint unsigned": ["18446744073709551615"],
        "int(5) zerofill": ["7"],
        "bit(9)": ["b'101'", "b'111111111'"],
        "datetime(6)": ["'2024-01-02 03:04:05.678901'", "'0000-00-00'"],
        "timestamp(3) NULL": ["'2024-01-02 03:04:05.678'", "NULL"],
        "date": ["'0000-00-00'", "'9999-12-31'"],
        "time(6)": ["'-838:59:59'", "'00:00:00.000001'"],
        "year": ["2024"],
        "enum('a', 'B ''')": ["'B '''"],
        "set('a', 'b')": ["'a,b'", "''"],
        "blob": ["x'00ff'", "''"],
        "binary(4)": ["x'00ff'"],
        "json": ["'{\"a\":  [1.50]}'"],
        "uuid": ["'0a0b0c0d-0000-4000-8000-00000000000a'"],
    },
}


OTHERS = 99


def test_every_type_comes_back_as_it_was(database_url: str) -> None:
    kind = database_url.partition(":")[0]
    extractor = typed_source(database_url, kind)
    marks, exact = Kept(), exact_values(database_url, kind)
    assert sum(extractor.mark(ANN, Purpose.RESTRICTION, marks).values()) > 0
    others = [row for rows in exact_values(database_url, kind) for row in rows if row[0] == OTHERS]
    assert others == [row for rows in exact for row in rows if row[0] == OTHERS]
    assert exact_values(database_url, kind) != exact
    extractor.unmark(Purpose.RESTRICTION, marks)
    assert exact_values(database_url, kind) == exact


def typed_source(url: str, kind: str) -> Extractor:
    """Make a table per type, of which the column and a key of that type are set to NULL."""
    parts = {}
    for number, (type_, values) in enumerate(TYPES[kind].items()):
        rows = ", ".join(f"({index}, 1, {value})" for index, value in enumerate(values))
        run(
            url,
            f"CREATE TABLE t{number} (id int PRIMARY KEY, person int, v {type_})",
            f"INSERT INTO t{number} VALUES {rows}, ({OTHERS}, 2, {values[0]})",
        )
        parts[f"t{number}"] = {"identifiers": {"user_id": "person"}, "restrict": {"set": {"v": None}}}
    return source(url, **parts)


def exact_values(url: str, kind: str) -> list[Any]:
    shown = {"sqlite": "typeof(v), quote(v)", "mariadb": "hex(v), v", "postgresql": "v::text"}[kind]
    return [rows_of(url, f"SELECT id, {shown} FROM t{number} ORDER BY id") for number in range(len(TYPES[kind]))]


def test_keys_of_odd_types_are_found_again(postgres_database: Any) -> None:
    url = postgres_database("keys")
    run(
        url,
        "CREATE TABLE t (at timestamptz, net inet, b bytea, person int, v int, PRIMARY KEY (at, net, b))",
        "INSERT INTO t VALUES ('2024-01-02 03:04:05.678901+05', '10.0.0.1', '\\x00', 1, 5)",
        "INSERT INTO t VALUES ('infinity', '::1', '', 1, 6)",
    )
    extractor = source(url, t={"identifiers": {"user_id": "person"}, "restrict": {"set": {"v": 0}}})
    before, marks = rows_of(url, "SELECT t::text FROM t ORDER BY v"), Kept()
    assert extractor.mark(ANN, Purpose.RESTRICTION, marks) == {"t": 2}
    assert rows_of(url, "SELECT v FROM t") == [(0,), (0,)]
    assert extractor.unmark(Purpose.RESTRICTION, marks) == {"t": 2}
    assert rows_of(url, "SELECT t::text FROM t ORDER BY v") == before


VALUES = st.one_of(
    st.none(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), st.binary(max_size=4), st.text(max_size=4)
)


@given(st.lists(st.tuples(st.integers(1, 2), VALUES, VALUES), max_size=8), st.sampled_from([None, "x", 1, True, 0.5]))
def test_marking_and_unmarking_is_identity_on_any_values_of_sqlite(
    tmp_path: Path, rows: list[tuple[Any, ...]], constant: Any
) -> None:
    path = tmp_path / "values.sqlite3"
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, person, a, b TEXT)")
        storable = [
            (p, *(v.encode("utf-8", "replace").decode() if isinstance(v, str) else v for v in vs)) for p, *vs in rows
        ]
        connection.executemany("INSERT INTO t (person, a, b) VALUES (?, ?, ?)", storable)
    shown = "SELECT id, person, typeof(a), quote(a), typeof(b), quote(b) FROM t ORDER BY id"
    url, marks = f"sqlite:///{path}", Kept()
    before = rows_of(url, shown)
    part = {"identifiers": {"user_id": "person"}, "restrict": {"set": {"a": constant, "b": constant}}}
    data_map = DataMap.model_validate({"version": 1, "source": "s", "collections": {"t": part}})
    extractor = open_source(url, data_map)
    extractor.mark(ANN, Purpose.RESTRICTION, marks)
    after = rows_of(url, shown)
    assert [row for row in after if row[1] != 1] == [row for row in before if row[1] != 1]
    extractor.unmark(Purpose.RESTRICTION, marks)
    assert rows_of(url, shown) == before


KILLED = """
    import os, signal, sys
    from extractors.changes import Purpose
    from extractors.sql.changing.fixing import Fixing
    from tests.extractors.sql.changing.test_marking import MAP, PERSON, Kept
    from tests.extractors.sql.sources import source
    update = Fixing.update
    def updated_and_killed(self, fixed, values, keys=None):
        update(self, fixed, values, keys)
        os.kill(os.getpid(), signal.SIGKILL)
    Fixing.update = updated_and_killed
    source(sys.argv[1], **MAP).mark(PERSON, Purpose.RESTRICTION, Kept())
"""


def test_who_is_killed_half_way_has_changed_nothing(url: str) -> None:
    before = contents(url)
    killed = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), url], cwd=Path(__file__).parents[4], check=False, timeout=120
    )
    assert killed.returncode < 0
    assert contents(url) == before
    assert source(url, **MAP).mark(PERSON, Purpose.RESTRICTION, Kept()) == {"people": 2, "orders": 2}
