"""What every test may use: a safe environment, real databases, hypothesis profiles."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

import django
import pytest
from django.db import transaction
from django.db.backends.sqlite3.base import DatabaseOperations
from hypothesis import HealthCheck, settings

from dsr_portal.secret_values import generate_secret_values
from tests.sampling import left_out
from tests.servers import MariadbServer, PostgresServer, running_mariadb, running_postgres
from tests.warm_printers import warm_printers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.live.smtp import MailServer

# Here and not in pyproject.toml, from which pytest-django would load the settings before the environment is safe.
for name in [name for name in os.environ if name.startswith("DSR_") and name != "DSR_TEST_ALL"]:
    del os.environ[name]
os.environ.update(
    generate_secret_values(),
    DSR_DATABASE_URL="sqlite:///:memory:",
    DSR_HTTPS="false",
    DSR_ANYMAIL='{"WEBHOOK_SECRET": "user:a-long-secret-of-the-provider"}',
    DJANGO_SETTINGS_MODULE="dsr_portal.settings",
)

# A busy machine is slow, not wrong: no deadlines. Examples are the same in every run and leave no files.
QUIET = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
settings.register_profile(
    "default", derandomize=True, max_examples=30, deadline=None, database=None, suppress_health_check=QUIET
)
settings.register_profile("all", settings.get_profile("default"), derandomize=False, max_examples=500)
settings.load_profile("all" if os.environ.get("DSR_TEST_ALL") == "1" else "default")


def pytest_configure() -> None:
    """Load Django, and let a polite end (`timeout`, a cancelled job) tear fixtures down as Ctrl-C does."""
    django.setup()
    django.conf.settings.WHITENOISE_AUTOREFRESH = True  # every test client would look through all static files anew
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Sample wide matrices, and begin with what takes longest: so no process waits at the end for another's browser.

    Who names a test or its file gets each of its cases.
    """
    is_named = any("::" in argument or argument.endswith(".py") for argument in config.args)
    if os.environ.get("DSR_TEST_ALL") != "1" and not is_named:
        omitted = set(left_out(items))
        config.hook.pytest_deselected(items=list(omitted))
        items[:] = [item for item in items if item not in omitted]
    slow = ("tests/browser/", "tests/crash/", "tests/live/", "tests/read_back/")
    items.sort(key=lambda item: not item.nodeid.startswith(slow))


@pytest.fixture(scope="session", autouse=True)
def _warm_printers() -> Iterator[None]:
    """Print for all tests of this process by the same few printing processes."""
    with warm_printers():
        yield


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The PostgreSQL all tests share; do not stop it."""
    with running_postgres() as server:
        yield server


@pytest.fixture
def private_postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL of the test's own, to be killed or changed at will."""
    with running_postgres() as server:
        yield server


@pytest.fixture
def postgres_database(postgres_server: PostgresServer) -> Iterator[Callable[[str], str]]:
    """Create databases: `postgres_database("shop")` is the URL of a new one, dropped after the test."""
    urls: list[str] = []

    def create(name_hint: str = "test") -> str:
        urls.append(postgres_server.create_database(name_hint))
        return urls[-1]

    yield create
    for url in urls:
        postgres_server.drop_database(url)


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[MariadbServer]:
    """The MariaDB all tests share; do not stop it."""
    with running_mariadb() as server:
        yield server


@pytest.fixture
def private_mariadb_server() -> Iterator[MariadbServer]:
    """A MariaDB of the test's own, to be killed or changed at will."""
    with running_mariadb() as server:
        yield server


@pytest.fixture
def mariadb_database(mariadb_server: MariadbServer) -> Iterator[Callable[[str], str]]:
    """Create databases: `mariadb_database("shop")` is the URL of a new one, dropped after the test."""
    urls: list[str] = []

    def create(name_hint: str = "test") -> str:
        urls.append(mariadb_server.create_database(name_hint))
        return urls[-1]

    yield create
    for url in urls:
        mariadb_server.drop_database(url)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of an SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'source.sqlite3'}"


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database, once of each kind."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("sqlite_url"))
    server = "postgres" if request.param == "postgresql" else "mariadb"
    return str(request.getfixturevalue(f"{server}_database")("test"))


@pytest.fixture(params=["sqlite", "postgresql"])
def portal_database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database that the portal itself can run on, once of each kind."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_database"
    value = request.getfixturevalue(name)
    return str(value if request.param == "sqlite" else value("test"))


@pytest.fixture(autouse=True, scope="session")
def audit_trail_can_be_flushed() -> Iterator[None]:
    """Lift the audit trail's triggers while Django empties the tables after a test of whole transactions.

    SQLite empties them row by row, which the triggers refuse; PostgreSQL truncates them.
    """
    flush = DatabaseOperations.execute_sql_flush

    def lift_and_flush(operations: DatabaseOperations, statements: list[str]) -> None:
        with transaction.atomic(operations.connection.alias), operations.connection.cursor() as cursor:
            triggers = cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for name, _ in triggers:
                cursor.execute(f'DROP TRIGGER "{name}"')
            flush(operations, statements)
            for _, creation in triggers:
                cursor.execute(creation)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", lift_and_flush)
        yield


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """A mail server of the test's own."""
    from tests.live.smtp import running_mail_server

    with running_mail_server() as server:
        yield server


@pytest.fixture
def page() -> Iterator[Page]:
    """A page of Chromium; any error the browser reports on it fails the test."""
    from tests.live.browser import browser, quiet_page

    with browser() as chromium, quiet_page(chromium) as opened:
        yield opened
