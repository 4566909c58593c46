"""A private MariaDB."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from tests.servers.processes import die_with_parent, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

# Where Debian keeps servers, which is not on everybody's path.
PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin"
FAST = (
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-flush-method=nosync",
    "--innodb-doublewrite=0",
    "--innodb-log-file-size=64M",
    "--max-allowed-packet=64M",
)
# Not the pinned time zone, and a collation that takes `a`, `Á` and `A ` for the same: what most servers have.
USUAL = (
    "--skip-networking",
    "--default-time-zone=+05:45",
    "--character-set-server=utf8mb4",
    "--collation-server=utf8mb4_general_ci",
)


class MariadbServer:
    """A running MariaDB, reached through `socket` as the user `root`, who needs no password."""

    def __init__(self, folder: Path, process: subprocess.Popen[bytes]) -> None:
        self.folder = folder
        self.socket = folder / "socket"
        self.process = process
        self._numbers = itertools.count(1)

    def url(self, database: str = "", user: str = "root") -> str:
        """Return the SQLAlchemy-style URL of a database."""
        return f"mariadb://{quote(user, safe=':')}@localhost/{quote(database)}?unix_socket={quote(str(self.socket))}"

    def client(self, *options: str) -> list[str]:
        """Give the command line of the client `mariadb`, connected to this server."""
        return [program("mariadb"), "--no-defaults", f"--socket={self.socket}", "--user=root", *options]

    def execute(self, statement: str) -> None:
        """Run statements of the administrator's."""
        subprocess.run(self.client("-e", statement), check=True, capture_output=True)

    def create_database(self, name_hint: str) -> str:
        """Create an empty database with a name of its own and return its URL."""
        name = f"{name_hint}_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE `{name}`")
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Drop a database of `create_database`."""
        name = url.split("@localhost/")[1].split("?")[0]
        self.execute(f"DROP DATABASE IF EXISTS `{unquote(name)}`")

    def kill(self) -> None:
        """End the server at once with all its connections, as a crash or a power cut would."""
        self.process.kill()
        self.process.wait()

    def answers(self) -> bool:
        """Tell whether the server takes connections; raises when it has ended instead."""
        if self.process.poll() is not None:
            raise RuntimeError((self.folder / "log").read_text())
        return not subprocess.run(self.client("-e", "DO 0"), check=False, capture_output=True).returncode


@contextmanager
def running_mariadb() -> Iterator[MariadbServer]:
    """Start a private server, and stop and delete it whatever happens meanwhile."""
    # Directly below the temporary folder: the path of a socket must not exceed 103 characters.
    folder = Path(tempfile.mkdtemp(prefix="dsr-my-"))
    try:
        server = _start(folder)
        try:
            wait_until(server.answers)
            yield server
        finally:
            server.kill()
    finally:
        shutil.rmtree(folder)


def _start(folder: Path) -> MariadbServer:
    # The server refuses to be root's unless told so; changing its user later would lose the parent's death signal.
    as_root = ("--user=root",) if os.geteuid() == 0 else ()
    # At its start a server deletes the temporary tables in its folder for them, another's too.
    own = (f"--datadir={folder / 'data'}", f"--tmpdir={folder / 'temporary'}")
    (folder / "temporary").mkdir()
    common = ("--no-defaults", *own, *as_root, *FAST)
    with (folder / "log").open("wb") as log:
        install = [program("mariadb-install-db"), *common, "--auth-root-authentication-method=normal", "--skip-test-db"]
        subprocess.run(install, stdout=log, stderr=log, check=True)
        process = subprocess.Popen(
            [program("mariadbd"), *common, *USUAL, f"--socket={folder / 'socket'}", f"--pid-file={folder / 'pid'}"],
            stdout=log,
            stderr=log,
            preexec_fn=die_with_parent(signal.SIGKILL),
            start_new_session=True,
        )
    return MariadbServer(folder, process)


def program(name: str) -> str:
    """Find a program of MariaDB's.

    Raises:
        FileNotFoundError: MariaDB is not installed.
    """
    found = shutil.which(name, path=PATH)
    if found is None:
        raise FileNotFoundError(f"The tests need {name}, of MariaDB (`make servers` installs it).")
    return found
