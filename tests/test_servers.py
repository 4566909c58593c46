from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import create_engine, make_url, text

from tests.servers import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers import MariadbServer, PostgresServer


def folders() -> set[str]:
    return {path.name for kind in ("pg", "my") for path in Path(tempfile.gettempdir()).glob(f"dsr-{kind}-*")}


def test_an_empty_database_of_each_kind_is_reached_by_its_url(database_url: str) -> None:
    url = make_url(database_url)
    drivers = {"postgresql": "postgresql+psycopg", "mariadb": "mariadb+pymysql"}
    engine = create_engine(url.set(drivername=drivers.get(url.drivername, url.drivername)))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 'ž𝔸'")).scalar_one() == "ž𝔸"
    engine.dispose()


def test_every_database_is_a_new_one(postgres_database: Callable[[str], str]) -> None:
    first, second = postgres_database("shop"), postgres_database("shop")
    with psycopg.connect(first) as connection:
        connection.execute("CREATE TABLE people (id int)")
    with psycopg.connect(second) as connection:
        assert connection.execute("SELECT to_regclass('people')").fetchone() == (None,)


def test_a_user_with_a_password_gets_in_with_this_one_only(private_postgres_server: PostgresServer) -> None:
    private_postgres_server.add_password_user("reader", "s3cret")
    url = private_postgres_server.create_database("shop").replace("postgres@", "reader:{}@")
    psycopg.connect(url.format("s3cret")).close()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url.format("wrong"))


def test_a_killed_server_drops_its_connections(private_postgres_server: PostgresServer) -> None:
    with psycopg.connect(private_postgres_server.url()) as connection:
        private_postgres_server.kill()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(private_postgres_server.url())


def test_a_killed_mariadb_no_longer_answers(private_mariadb_server: MariadbServer) -> None:
    assert private_mariadb_server.answers()
    private_mariadb_server.kill()
    with pytest.raises(RuntimeError):
        private_mariadb_server.answers()


WAIT_WITH_A_SERVER = """
import time
from tests.servers import {running}
with {running}() as server:
    print(server.folder, server.process.pid, flush=True)
    time.sleep(60)
"""


def is_running(pid: int) -> bool:
    # A process that ended stays listed as a zombie where nothing reaps orphans.
    status = Path(f"/proc/{pid}/status")
    return status.exists() and "State:\tZ" not in status.read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="looks processes up in /proc")
@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("running", ["running_postgres", "running_mariadb"])
def test_a_server_ends_with_the_process_that_started_it(running: str, kind: signal.Signals) -> None:
    command = [sys.executable, "-c", WAIT_WITH_A_SERVER.format(running=running)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as owner:
        assert owner.stdout is not None
        folder, pid = owner.stdout.readline().split()
        os.kill(owner.pid, kind)
        owner.wait()
    wait_until(lambda: not is_running(int(pid)))
    if kind == signal.SIGINT:
        assert Path(folder).name not in folders()
    else:
        subprocess.run(["rm", "-r", folder], check=True)
