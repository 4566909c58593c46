"""The portal's own database, of each kind."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command
from django.db import connections, transaction
from django.db.backends.postgresql.base import DatabaseWrapper

from dsr_portal.database import read_database_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_django.fixtures import SettingsWrapper
    from pytest_django.plugin import DjangoDbBlocker

    from tests.servers import PostgresServer

MANAGE = Path(__file__).resolve().parents[2] / "manage.py"


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: PostgresServer, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The URL of a PostgreSQL database with the portal's tables, empty between the tests."""
    url = postgres_server.create_database("portal")
    with django_db_blocker.unblock(), connected_to(url):
        call_command("migrate", verbosity=0)
    yield url
    postgres_server.drop_database(url)


@pytest.fixture
def postgres_portal(migrated_postgres: str, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """Let the models work on PostgreSQL in this test, and commit; gives the database's URL for other processes."""
    with django_db_blocker.unblock(), connected_to(migrated_postgres):
        yield migrated_postgres
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture(params=["sqlite", "postgresql"])
def portal_database(request: pytest.FixtureRequest) -> Iterator[str]:
    """Let the models work on a database of each kind, in a transaction that is rolled back; gives its vendor."""
    if request.param == "sqlite":
        request.getfixturevalue("db")
        yield request.param
        return
    url, blocker = request.getfixturevalue("migrated_postgres"), request.getfixturevalue("django_db_blocker")
    with blocker.unblock(), connected_to(url), transaction.atomic():
        yield request.param
        transaction.set_rollback(True)


@contextmanager
def connected_to(url: str) -> Iterator[None]:
    """Make a PostgreSQL database the one that Django works on in this thread."""
    usual = connections["default"]
    settings = {**usual.settings_dict, **read_database_url(url)}
    connections["default"] = DatabaseWrapper(settings, "default")
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = usual


@pytest.fixture
def start_portal() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start processes of the portal: `start_portal(url, "dsr_verify_audit")` is `manage.py` with its pipes open."""
    processes: list[subprocess.Popen[str]] = []

    def start(url: str, *arguments: str) -> subprocess.Popen[str]:
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        environment = {**os.environ, "DSR_DATABASE_URL": url}
        process = subprocess.Popen([sys.executable, MANAGE, *arguments], text=True, env=environment, **pipes)
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture(autouse=True)
def erasures_begin_at_once(settings: SettingsWrapper) -> None:
    """Let an approved erasure begin without waiting for whoever calls it off; tests of that set their own hours."""
    settings.DSR_ERASURE_UNDO_HOURS = 0


@pytest.fixture
def storage_folder(settings: SettingsWrapper, tmp_path: Path) -> Path:
    """The folder of the encrypted files, of this test alone."""
    settings.DSR_STORAGE_DIR = tmp_path / "storage"
    return tmp_path / "storage"


@pytest.fixture
def at_once(postgres_portal: str) -> Callable[..., list[object]]:
    """Do things in threads that begin together; gives what each returned, or the kind of error it raised."""

    def do(*whats: Callable[[], object]) -> list[object]:
        barrier = Barrier(len(whats))

        def run(what: Callable[[], object]) -> object:
            with connected_to(postgres_portal):
                barrier.wait()
                try:
                    return what()
                except Exception as error:  # noqa: BLE001 - it is what the test is about
                    return type(error)

        with ThreadPoolExecutor(len(whats)) as threads:
            return list(threads.map(run, whats))

    return do
