"""A whole portal for a test: web server, quick and heavy workers, each as real processes on a database of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import HTTPError, URLError

from dsr_portal.secret_values import generate_secret_values
from tests.live.moments import KILL, write
from tests.live.processes import ROOT, Program
from tests.servers import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import psutil

QUICK, HEAVY = "quick", "heavy"
START_SECONDS = 60
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "VIRTUAL_ENV")
MIGRATED: list[bytes] = []  # an SQLite database that has everything the portal needs, and nothing in it
HELPERS = 2  # of a cluster, beside its leader and its workers: monitor and pusher; their parent is the sentinel


class FailedCommand(AssertionError):
    """Say what a command of the portal printed before it failed."""


@dataclass
class Portal:
    """A running portal.

    Args:
        folder: holds its files, its logs and its temporary folder.
        workers: how many each cluster has.
        is_watched: whether workers count their steps, take moments and run on changed constants.
    """

    url: str
    environment: dict[str, str] = field(repr=False)
    folder: Path
    database_url: str
    workers: Mapping[str, int]
    is_watched: bool
    programs: dict[str, Program] = field(default_factory=dict)
    shells: list[Shell] = field(default_factory=list)
    victims: set[int] = field(default_factory=set)

    @property
    def storage(self) -> Path:
        """Where the encrypted files lie."""
        return self.folder / "storage"

    @property
    def moments(self) -> Path:
        """See `tests.live.moments`."""
        return self.folder / "moments"

    def manage(self, *arguments: str) -> str:
        """Run a management command and return what it printed."""
        command = [sys.executable, "manage.py", *arguments]
        ended = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False, timeout=120
        )
        if ended.returncode:
            raise FailedCommand(f"{arguments[0]} ended with {ended.returncode}:\n{ended.stdout}{ended.stderr}")
        return ended.stdout

    def shell(self, code: str) -> str:
        """Run Python with Django set up, and return what it printed."""
        return self._shells(1)[0].run(code)

    def ask(self, expression: str, imports: str = "from requests_app.models import *") -> object:
        """Return the value of an expression that JSON can carry."""
        return json.loads(self.shell(f"import json\n{imports}\nprint(json.dumps({expression}, default=str))"))

    def at_once(self, *codes: str) -> list[str]:
        """Run pieces of Python in processes of their own that begin at the same moment; returns what each printed."""
        shells = self._shells(len(codes))
        begin = time.time() + 0.1
        for shell, code in zip(shells, codes, strict=True):
            shell.begin(code, begin)
        return [shell.answer() for shell in shells]

    def start(self, *names: str) -> None:
        """Start the web server (`web`) or clusters (`quick`, `heavy`) and wait until they are ready."""
        for name in names:
            if name == "web":
                self._start_web()
            else:
                self._start_cluster(name)
        for name in names:
            self._await_start(name)

    def busy_workers(self) -> dict[int, str]:
        """What is being done just now: process ids and the names of tasks."""
        busy: dict[int, str] = {}
        for file in (self.moments / "busy").glob("*"):
            with suppress(FileNotFoundError):
                if Path(f"/proc/{file.name}").exists():
                    busy[int(file.name)] = file.read_text()
        return busy

    def kill_worker(self, cluster: str, seconds: float = 10) -> int:
        """Send SIGKILL to a worker of a cluster that is at work, as soon as there is one; returns its id."""
        victims: list[int] = []

        def is_one_busy() -> bool:
            members = {process.pid for process in self.programs[cluster].processes()} - self.victims
            victims[:] = [pid for pid in self.busy_workers() if pid in members]
            return bool(victims)

        wait_until(is_one_busy, seconds)
        self.victims.add(victims[0])
        os.kill(victims[0], signal.SIGKILL)
        return victims[0]

    def set_moment(self, task: str, moment: str | int, act: str = KILL) -> None:
        """Let one worker that does the task die, or stand still, at a step or at `function.call` or `.return`."""
        name = f"{moment:09}" if isinstance(moment, int) else moment
        write(self.moments / "set" / task / name, act)

    def forget_moments(self, task: str) -> None:
        """Let workers live."""
        for file in (self.moments / "set" / task).glob("[!.]*"):
            file.unlink()

    def reached(self, task: str) -> list[Path]:
        """List the moments that have come, in the order of their names."""
        return sorted((self.moments / "reached" / task).glob("[!.]*"))

    def go_on(self, task: str) -> None:
        """Let those who stand still work on, and forget the moments that have come."""
        for file in self.reached(task):
            file.unlink()

    def steps_of(self, task: str) -> int:
        """How many steps the task took at most; one that finds nothing to do takes few."""
        file = self.moments / "steps" / task
        return max(map(int, file.read_text().split())) if file.exists() else 0

    def logs(self) -> str:
        """Everything that any of the programs wrote."""
        return "\n".join(file.read_text(errors="replace") for file in sorted(self.folder.glob("*.log")))

    def processes(self) -> list[psutil.Process]:
        """All processes of the portal; measure `memory_full_info().pss`."""
        return [process for program in self.programs.values() for process in program.processes()]

    def stop(self) -> list[str]:
        """End the portal's processes, none others; returns the names of programs that had to be killed."""
        for shell in self.shells:
            shell.close()
        self.shells.clear()
        for program in self.programs.values():
            program.ask_to_end()
        stubborn = [name for name, program in self.programs.items() if not program.end()]
        assert self.processes() == []
        self.programs.clear()
        return stubborn

    def _start_web(self) -> None:
        shape = ["--config", "python:dsr_portal.gunicorn", "--workers", "1"]
        command = [sys.executable, "-m", "gunicorn", *shape, "--bind", self.url.removeprefix("http://")]
        self.programs["web"] = Program("web", command, self.environment, self.folder / "web.log")

    def _start_cluster(self, name: str) -> None:
        environment = self.environment | {"Q_CLUSTER_NAME": name, "LIVE_WORKERS": str(self.workers[name])}
        command = ["-m", "tests.live.cluster"] if self.is_watched else ["manage.py", "qcluster"]
        self.programs[name] = Program(name, [sys.executable, *command], environment, self.folder / f"{name}.log")

    def _await_start(self, name: str) -> None:
        program = self.programs[name]

        def is_ready() -> bool:
            if not program.is_alive:
                raise FailedCommand(f"{name} ended at its start:\n{program.log.read_text(errors='replace')}")
            if name == "web":
                return answers(f"{self.url}/console/login/")
            return len(program.processes()) >= 2 + self.workers[name] + HELPERS

        wait_until(is_ready, START_SECONDS)

    def _shells(self, count: int) -> list[Shell]:
        for number in range(len(self.shells), count):
            self.shells.append(Shell(self.environment, self.folder / f"shell-{number}.log"))
            self.shells[-1].run("from requests_app import tasks")  # what it imports late would make it late
        return self.shells[:count]


class Shell:
    """A process of `tests.live.shell`."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.live.tied", sys.executable, "-m", "tests.live.shell"],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,
            )

    def run(self, code: str) -> str:
        """Run a piece now."""
        self.begin(code, at=0)
        return self.answer()

    def begin(self, code: str, at: float) -> None:
        """Let it run a piece at a moment (seconds since 1970) without waiting for it."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"code": code, "at": at}) + "\n")
        self.process.stdin.flush()

    def answer(self) -> str:
        """Wait for what the piece printed."""
        assert self.process.stdout is not None
        answered = json.loads(self.process.stdout.readline() or '{"error": "The shell has ended; see its log."}')
        if answered["error"]:
            raise FailedCommand(answered["error"])
        return str(answered["printed"])

    def close(self) -> None:
        """End it."""
        with self.process:  # closes its pipes
            self.process.terminate()


@contextmanager
def running_portal(
    folder: Path,
    database_url: str,
    *,
    quick_workers: int = 1,
    heavy_workers: int = 2,
    email_url: str = "",
    leased: Mapping[str, float] | None = None,
    programs: Sequence[str] = ("web", QUICK, HEAVY),
    extra_env: Mapping[str, str] | None = None,
    is_watched: bool = True,
) -> Iterator[Portal]:
    """Start a portal on an empty database, and end it whatever happens meanwhile.

    Args:
        email_url: see `DSR_EMAIL_URL`; without one mails are files in the folder `mails`.
        leased: constants of `requests_app.models.leased` to change, as LEASE_SECONDS.
        programs: which of them run from the start.
        extra_env: more of the environment, or other values.
        is_watched: see `Portal`; without it, everything is as in production, where watching would cost time.
    """
    for name in ("storage", "tmp", "mails", "moments/busy", "moments/steps"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    url = f"http://127.0.0.1:{free_port()}"
    environment = {name: value for name, value in os.environ.items() if name in KEPT} | {
        **generate_secret_values(),
        "DJANGO_SETTINGS_MODULE": "dsr_portal.settings",
        "DSR_DATABASE_URL": database_url,
        "DSR_STORAGE_DIR": str(folder / "storage"),
        "DSR_PUBLIC_URL": url,
        "DSR_HTTPS": "false",
        "DSR_LOG_FORMAT": "json",
        "DSR_EMAIL_URL": email_url or f"file://{folder / 'mails'}",
        "TMPDIR": str(folder / "tmp"),
        "PYTHONUNBUFFERED": "1",
        "LIVE_MOMENTS": str(folder / "moments"),
        "LIVE_LEASED": json.dumps(dict(leased or {})),
        **(extra_env or {}),
    }
    workers = {QUICK: quick_workers, HEAVY: heavy_workers}
    portal = Portal(url, environment, folder, database_url, workers, is_watched)
    _migrate(portal)
    try:
        portal.start(*programs)
        yield portal
    finally:
        portal.stop()


def _migrate(portal: Portal) -> None:
    """Bring the database to what the portal needs; of SQLite once in this process, of which each portal has a copy."""
    kind, _, path = portal.database_url.partition(":///")
    if kind == "sqlite" and MIGRATED:
        Path(path).write_bytes(MIGRATED[0])
        return
    portal.manage("migrate", "--verbosity", "0")
    if kind == "sqlite":
        MIGRATED.append(Path(path).read_bytes())


def free_port() -> int:
    """Find a port of this machine that nobody listens at."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def answers(url: str) -> bool:
    """Tell whether a page is given out."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310  # of our own making
            return int(response.status) == 200
    except HTTPError:
        raise
    except (URLError, OSError):
        return False
