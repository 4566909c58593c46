"""An erasure that is ended half way leaves everything as it was, and says when it did not."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from extractors.errors import SourceUnavailable
from extractors.identifiers import Identifiers
from extractors.sql.changing.proving import Proof
from tests.extractors.sql.changing.databases import contents, engine
from tests.extractors.sql.changing.test_erasing import Seen
from tests.extractors.sql.sources import ANN, run, source
from tests.servers import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable


CHILDREN = 30_000
PEOPLE: dict[str, Any] = {
    "identifiers": {"user_id": "id"},
    "erase": {"action": "anonymise", "fields": {"name": "[erased]"}},
}
NOTES: dict[str, Any] = {"links": [{"column": "person", "to": "people.id"}], "erase": {"action": "delete"}}


@pytest.fixture
def url(database_url: str) -> str:
    rows = ", ".join(f"({number}, 1)" for number in range(CHILDREN))
    run(
        database_url,
        "CREATE TABLE people (id int PRIMARY KEY, name varchar(20))",
        "CREATE TABLE notes (id int PRIMARY KEY, person int)",
        "INSERT INTO people VALUES (1, 'Ann'), (2, 'Bob')",
        f"INSERT INTO notes VALUES {rows}",
    )
    return database_url


def end_others(url: str) -> int:
    """End every other connection to the database, as an administrator or a failing network would."""
    with engine(url).connect() as connection:
        if url.startswith("postgresql"):
            ended = connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            return len(ended.all())
        ids = connection.exec_driver_sql(
            "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()"
        ).scalars()
        return len([connection.exec_driver_sql(f"KILL {number}") for number in ids.all()])


class Ending(Seen):
    """Ends the connection at the last moment before the first change."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url

    def all_fixed(self) -> None:
        assert end_others(self.url)


def test_a_connection_ended_before_the_first_change_leaves_all_as_it_was(url: str) -> None:
    if url.startswith("sqlite"):
        pytest.skip("has no connection that another can end")
    before = contents(url)
    shop = source(url, people=PEOPLE, notes=NOTES)
    with pytest.raises(SourceUnavailable) as raised:
        shop.erase(ANN, apply=True, witness=Ending(url))
    assert "changed as asked" not in str(raised.value)
    assert contents(url) == before


def test_a_connection_ended_between_two_changes_leaves_all_as_it_was(url: str) -> None:
    """The second change waits for a row that another holds, and is ended there."""
    if url.startswith("sqlite"):
        pytest.skip("has no connection that another can end")
    before = contents(url)
    shop = source(url, people=PEOPLE, notes=NOTES)
    failures: list[SourceUnavailable] = []

    def erase() -> None:
        try:
            shop.erase(ANN, apply=True)
        except SourceUnavailable as error:
            failures.append(error)

    with engine(url).connect() as holding:
        holding.exec_driver_sql("SELECT * FROM notes WHERE id = 7 FOR UPDATE")
        erasing = threading.Thread(target=erase)
        erasing.start()
        wait_until(lambda: is_waiting(url))
        end_waiting(url)
        erasing.join(30)
        holding.rollback()
    assert len(failures) == 1
    assert contents(url) == before


WAITING = {
    "postgresql": "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
    "mariadb": "SELECT trx_mysql_thread_id FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'",
}
END = {"postgresql": "SELECT pg_terminate_backend({})", "mariadb": "KILL {}"}


def is_waiting(url: str) -> list[int]:
    time.sleep(0.15)  # InnoDB shows what it last showed to whoever asks again within a tenth of a second
    with engine(url).connect() as connection:
        return list(connection.exec_driver_sql(WAITING[url.split(":")[0]]).scalars())


def end_waiting(url: str) -> None:
    with engine(url).connect() as connection:
        for number in is_waiting(url):
            connection.exec_driver_sql(END[url.split(":")[0]].format(number))


ERASE_AND_DIE = """
import os, signal, sys
from tests.extractors.sql.changing.test_interruption import ANN, NOTES, PEOPLE, source
from extractors.sql.changing.fixing import Fixing

delete = Fixing.delete
def die(self, *rows):
    delete(self, *rows)
    os.kill(os.getpid(), signal.SIGKILL)
Fixing.delete = die
source(sys.argv[1], people=PEOPLE, notes=NOTES).erase(ANN, apply=True)
"""


def test_a_process_killed_after_the_last_change_leaves_all_as_it_was(url: str) -> None:
    before = contents(url)
    died = subprocess.run([sys.executable, "-c", ERASE_AND_DIE, url], check=False)
    assert died.returncode == -signal.SIGKILL
    assert contents(url) == before


def test_a_source_lost_after_the_commit_is_told_to_have_been_changed(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if url.startswith("sqlite"):
        pytest.skip("has no connection that another can end")
    left = Proof.left

    def lose(*arguments: Any) -> int:
        end_others(url)
        return left(*arguments)

    monkeypatch.setattr(Proof, "left", lose)
    with pytest.raises(SourceUnavailable, match="it was changed as asked") as raised:
        source(url, people=PEOPLE, notes=NOTES).erase(ANN, apply=True)
    assert not raised.value.permanent
    assert sorted(contents(url)["people"]) == [(1, "[erased]"), (2, "Bob")]


def test_a_row_somebody_changes_meanwhile_ends_the_erasure(postgres_database: Callable[[str], str]) -> None:
    url = postgres_database("meanwhile")
    run(url, "CREATE TABLE people (id int PRIMARY KEY, name text)", "INSERT INTO people VALUES (1, 'Ann')")

    class Changing(Seen):
        def all_fixed(self) -> None:
            run(url, "UPDATE people SET name = 'Anna'")

    with pytest.raises(SourceUnavailable) as raised:
        source(url, people=PEOPLE).erase(ANN, apply=True, witness=Changing())
    assert not raised.value.permanent
    assert set(contents(url)["people"]) == {(1, "Anna")}


def test_of_two_who_share_a_row_and_are_erased_at_once_the_last_takes_it(database_url: str) -> None:
    run(
        database_url,
        "CREATE TABLE homes (id int PRIMARY KEY, street varchar(20))",
        "CREATE TABLE people (id int PRIMARY KEY, home int REFERENCES homes (id))",
        "INSERT INTO homes VALUES (1, 'Elm 1'), (2, 'Oak 2')",
        "INSERT INTO people VALUES (1, 1), (2, 1), (3, 2)",
    )
    delete = {"erase": {"action": "delete"}}
    people = {"identifiers": {"user_id": "id"}, **delete}
    homes = {"links": [{"column": "id", "to": "people.home"}], **delete}
    together = threading.Barrier(2)

    class Waiting(Seen):
        def all_fixed(self) -> None:
            with suppress(threading.BrokenBarrierError):  # where one waits for the other, as it should
                together.wait(2)

    def erased(number: str) -> bool:
        shop, person = source(database_url, people=people, homes=homes), Identifiers.of([("user_id", number)])
        for witness in (Waiting(), None):
            try:
                return shop.erase(person, apply=True, witness=witness).is_proven
            except SourceUnavailable as error:
                if error.permanent:
                    raise
        return False

    with ThreadPoolExecutor(2) as both:
        assert list(both.map(erased, "12")) == [True, True]
    assert set(contents(database_url)["people"]) == {(3, 2)}
    assert set(contents(database_url)["homes"]) == {(2, "Oak 2")}


def test_a_row_that_comes_to_point_at_a_deleted_one_is_not_lost(postgres_database: Callable[[str], str]) -> None:
    url = postgres_database("pointing")
    run(
        url,
        "CREATE TABLE people (id int PRIMARY KEY, name text)",
        "CREATE TABLE payments (person int REFERENCES people ON DELETE CASCADE)",
        "INSERT INTO people VALUES (1, 'Ann')",
    )

    class Pointing(Seen):
        def all_fixed(self) -> None:
            run(url, "INSERT INTO payments VALUES (1)")

    deleting = {"identifiers": {"user_id": "id"}, "erase": {"action": "delete"}}
    with pytest.raises(SourceUnavailable):
        source(url, people=deleting).erase(ANN, apply=True, witness=Pointing())
    assert contents(url)["payments"].total() == 1


def test_a_trigger_that_keeps_rows_is_noticed(postgres_database: Callable[[str], str]) -> None:
    from extractors.changes import UnchangeableSource

    url = postgres_database("triggers")
    run(
        url,
        "CREATE TABLE people (id int PRIMARY KEY, name text)",
        "INSERT INTO people VALUES (1, 'Ann')",
        "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "CREATE TRIGGER keep BEFORE DELETE ON people FOR EACH ROW EXECUTE FUNCTION keep()",
    )
    deleting = {"identifiers": {"user_id": "id"}, "erase": {"action": "delete"}}
    with pytest.raises(UnchangeableSource, match="0 of 1 rows of people"):
        source(url, people=deleting).erase(ANN, apply=True)


def test_a_constraint_looked_at_last_undoes_all_and_says_so(postgres_database: Callable[[str], str]) -> None:
    url = postgres_database("deferred")
    run(
        url,
        "CREATE TABLE people (id int PRIMARY KEY, name text)",
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN RAISE EXCEPTION USING ERRCODE = ''check_violation''; END'",
        "CREATE CONSTRAINT TRIGGER late AFTER UPDATE ON people DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
        " EXECUTE FUNCTION refuse()",
        "INSERT INTO people VALUES (1, 'Ann')",
    )
    with pytest.raises(SourceUnavailable, match="a constraint that the change would break") as raised:
        source(url, people=PEOPLE).erase(ANN, apply=True)
    assert "not known" not in str(raised.value)
    assert set(contents(url)["people"]) == {(1, "Ann")}
