from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.db import connections
from django.db.utils import ConnectionHandler

from dsr_portal.database import read_database_url

if TYPE_CHECKING:
    from collections.abc import Callable


def open_database(url: str) -> ConnectionHandler:
    return ConnectionHandler({"default": read_database_url(url)})


@pytest.mark.django_db
def test_sqlite_keeps_a_write_ahead_log_and_takes_the_lock_at_the_start(sqlite_url: str) -> None:
    connection = open_database(sqlite_url)["default"]
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.transaction_mode == "IMMEDIATE"
    connection.close()


@pytest.mark.django_db
def test_postgresql_is_reached_through_a_socket_and_its_connection_kept(
    postgres_database: Callable[[str], str],
) -> None:
    connection = open_database(postgres_database("portal"))["default"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        assert cursor.fetchone()[0].startswith("portal_")
    assert connection.settings_dict["CONN_MAX_AGE"] == 600
    connection.close()


def test_every_part_of_a_postgresql_url_is_used() -> None:
    entry = read_database_url("postgresql://a%40b:p%2Fw%3A@db.example.org:6432/por%20tal?sslmode=require")
    assert entry["OPTIONS"] == {"connect_timeout": "10", "sslmode": "require"}
    parts = [entry[name] for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")]
    assert parts == ["a@b", "p/w:", "db.example.org", "6432", "por tal"]


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("sqlite:///var/portal.sqlite3", "/srv/portal/var/portal.sqlite3"),
        ("sqlite:////data/portal.sqlite3", "/data/portal.sqlite3"),
        ("sqlite:///:memory:", ":memory:"),
    ],
)
def test_a_relative_sqlite_path_starts_at_the_project(url: str, name: str) -> None:
    assert read_database_url(url, Path("/srv/portal"))["NAME"] == name


def test_the_tests_of_the_portal_run_in_memory() -> None:
    assert "memory" in str(connections["default"].settings_dict["NAME"])
