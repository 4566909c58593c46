"""Real database servers of our own, each in a temporary folder and gone with the tests."""

from __future__ import annotations

from tests.servers.mariadb import MariadbServer, running_mariadb
from tests.servers.postgres import PostgresServer, running_postgres
from tests.servers.processes import wait_until

__all__ = ["MariadbServer", "PostgresServer", "running_mariadb", "running_postgres", "wait_until"]
