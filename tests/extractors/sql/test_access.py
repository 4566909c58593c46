"""Reading takes SELECT rights only, sees one moment, changes nothing, is lazy and lets go of the source."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from extractors.base import Scope
from extractors.errors import FaultyDataMap, SourceUnavailable
from tests.extractors.sql.sources import ANN, records, run, source
from tests.servers import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from extractors.base import Extractor
    from tests.servers import PostgresServer

BOTH = {
    "parent": {"identifiers": {"user_id": "u", "email": "e"}},
    "child": {"links": [{"column": "parent_id", "to": "parent.id"}, {"column": "id", "to": "child.other_id"}]},
    "bare": {"identifiers": {"user_id": "u"}, "links": [{"column": "u", "to": "parent.id"}]},
}


def filled(url: str, children: int = 3) -> str:
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {children}) "
    run(
        url,
        "CREATE TABLE parent (id int PRIMARY KEY, u int, e text)",
        "CREATE TABLE child (id int PRIMARY KEY, parent_id int, other_id int, filling text)",
        "CREATE TABLE bare (u int)",
        "INSERT INTO parent VALUES (1, 1, 'a@x.org'), (2, 2, 'b@x.org')",
        f"INSERT INTO child {numbers} SELECT i, 1, NULL, 'filling ' || i FROM n",
        "INSERT INTO bare VALUES (1), (1)",
    )
    return url


@pytest.fixture
def filled_url(database_url: str) -> str:
    return filled(database_url)


def test_the_right_to_select_suffices_on_mariadb(mariadb_database: Callable[[str], str]) -> None:
    url = filled(mariadb_database("rights"))
    name = url.split("@localhost/")[1].split("?")[0]
    run(
        url,
        "CREATE VIEW seen AS SELECT * FROM child",
        "CREATE OR REPLACE USER reader@localhost",
        *(f"GRANT SELECT ON {name}.{table} TO reader@localhost" for table in ("parent", "child", "bare", "seen")),
    )
    extractor = source(url.replace("root@", "reader@"), **BOTH, seen={"links": BOTH["child"]["links"]})
    counts = {"parent": 1, "child": 3, "bare": 2, "seen": 3}
    assert extractor.search(ANN) == counts
    assert {name: len(rows) for name, rows in records(extractor).items()} == counts
    assert {warning.path.split(".")[1] for warning in extractor.check()} >= {"parent", "seen"}
    beyond = source(url.replace("root@", "reader@"), t={"table": "mysql.user", "identifiers": {"user_id": "User"}})
    with pytest.raises((SourceUnavailable, FaultyDataMap)):
        beyond.search(ANN)


def test_the_right_to_select_suffices(postgres_database: Callable[[str], str]) -> None:
    url = filled(postgres_database("rights"))
    name = url.split("/")[3].split("?")[0]
    run(
        url,
        "DROP ROLE IF EXISTS reader",
        "CREATE ROLE reader LOGIN",
        f"REVOKE ALL ON DATABASE {name} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {name} TO reader",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        "GRANT USAGE ON SCHEMA public TO reader",
        "GRANT SELECT ON parent, child, bare TO reader",
    )
    extractor = source(url.replace("postgres@", "reader@"), **BOTH)
    extractor.check()
    assert extractor.search(ANN) == {"parent": 1, "child": 3, "bare": 2}
    assert [len(rows) for rows in records(extractor).values()] == [1, 3, 2]


def test_a_table_without_the_right_to_select_is_named_as_such(postgres_database: Callable[[str], str]) -> None:
    url = filled(postgres_database("rights"))
    run(url, "DROP ROLE IF EXISTS nobody", "CREATE ROLE nobody LOGIN")
    for read in (lambda extractor: extractor.search(ANN), records):
        with pytest.raises(SourceUnavailable, match="does not let this user read") as raised:
            read(source(url.replace("postgres@", "nobody@"), **BOTH))
        assert raised.value.permanent


def test_reading_twice_gives_the_same(filled_url: str) -> None:
    extractor = source(filled_url, **BOTH)
    assert records(extractor) == records(extractor) == records(source(filled_url, **BOTH))


@pytest.mark.parametrize("scope", list(Scope))
def test_rows_that_come_while_it_is_read_are_not_seen(filled_url: str, scope: Scope) -> None:
    given = {name: {**part, "provided": True, "basis": "contract"} for name, part in BOTH.items()}
    if filled_url.startswith("sqlite"):
        run(filled_url, "PRAGMA journal_mode = WAL")
    counts = {}
    for extract in source(filled_url, **given).extract(ANN, scope):
        counts[extract.collection.name] = sum(batch.rows.num_rows for batch in extract.batches)
        run(
            filled_url,
            "INSERT INTO bare VALUES (1)",
            f"INSERT INTO child VALUES ({100 + len(counts)}, 1, NULL, 'late')",
        )
    assert counts == {"parent": 1, "child": 3, "bare": 2}


def test_without_a_snapshot_rows_that_come_are_seen(postgres_database: Callable[[str], str]) -> None:
    url = filled(postgres_database("live"))
    extractor = source(url, **BOTH)
    extractor.data_map = extractor.data_map.model_copy(update={"snapshot": False})
    counts = {}
    for extract in extractor.extract(ANN, Scope.ALL):
        counts[extract.collection.name] = sum(batch.rows.num_rows for batch in extract.batches)
        run(url, "INSERT INTO bare VALUES (1)")
    assert counts["bare"] == 4


def test_nothing_is_read_before_it_is_asked_for(filled_url: str) -> None:
    extracts = source(filled_url, **BOTH).extract(ANN, Scope.ALL)
    run(filled_url, "INSERT INTO child VALUES (50, 1, NULL, 'early enough')")
    assert [sum(batch.rows.num_rows for batch in extract.batches) for extract in extracts] == [1, 4, 2]


def test_batches_are_read_one_at_a_time(filled_url: str) -> None:
    numbers = "WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 30000) "
    run(filled_url, f"INSERT INTO child {numbers} SELECT i, 1, NULL, '{'x' * 500}' FROM n")
    extracts = source(filled_url, **BOTH).extract(ANN, Scope.ALL)
    next(extracts)
    sizes = [batch.rows.num_rows for batch in next(extracts).batches]
    assert sum(sizes) == 3 + 29901
    assert max(sizes) < 25_000
    assert len(sizes) > 2
    extracts.close()


def other_connections(server: PostgresServer, url: str) -> int:
    name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
    with psycopg.connect(server.url()) as connection:
        (count,) = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = %s", (name,)
        ).fetchone() or (0,)
    return int(count)


def read_nothing(_: Extractor) -> None:
    pass


def read_one_batch(extractor: Extractor) -> None:
    extracts = extractor.extract(ANN, Scope.ALL)
    next(extracts)
    batches = next(extracts).batches
    next(batches)
    batches.close()
    extracts.close()


def forget_the_batches(extractor: Extractor) -> None:
    extracts = extractor.extract(ANN, Scope.ALL)
    next(extracts)
    next(next(extracts).batches)
    extracts.close()


@pytest.mark.parametrize("read", [read_nothing, read_one_batch, forget_the_batches, records])
def test_the_source_is_let_go_of(
    postgres_server: PostgresServer, postgres_database: Callable[[str], str], read: Callable[[Extractor], object]
) -> None:
    url = filled(postgres_database("released"), children=60_000)
    extractor = source(url, **BOTH)
    extractor.check()
    extractor.search(ANN)
    read(extractor)
    wait_until(lambda: other_connections(postgres_server, url) == 0, 5)


def test_an_sqlite_file_is_let_go_of_and_not_changed(sqlite_url: str) -> None:
    from pathlib import Path

    path = Path(filled(sqlite_url).removeprefix("sqlite:///"))
    before = path.read_bytes()
    for read in (read_one_batch, forget_the_batches, records):
        read(source(sqlite_url, **BOTH))
    run(sqlite_url, "BEGIN EXCLUSIVE", "ROLLBACK")
    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]
