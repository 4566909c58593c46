"""The processes of the demonstration: web, the two kinds of worker, and the commands that set it up."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from extractors.errors import DsrError

if TYPE_CHECKING:
    from collections.abc import Mapping

MANAGE = Path(__file__).resolve().parents[2] / "manage.py"
PATIENCE_SECONDS = 60
STOP_SECONDS = 15


class FailedStart(DsrError):
    """Say that a part of the demonstration did not start, and where it says why."""


class Server(Protocol):
    """A PostgreSQL that gives databases."""

    def create_database(self, name_hint: str) -> str:
        """Create an empty database and return its URL."""


class Processes:
    """Starts and stops what the demonstration consists of, all of it in one folder."""

    def __init__(self, folder: Path, url: str, server: Server | None, *, fresh: bool) -> None:
        self._folder = folder
        self._made = folder / "made"
        if fresh or (folder.exists() and not self._made.exists()):
            shutil.rmtree(folder, ignore_errors=True)
        for part in ("log", "mails", "storage"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        self._environment = {**_without_ours(os.environ), **self._settings(url, server)}
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def is_new(self) -> bool:
        """Whether the demonstration has still to be made."""
        return not self._made.exists()

    def note_made(self) -> None:
        """Remember that it was made whole."""
        self._made.touch()

    def manage(self, *arguments: str) -> None:
        """Run a command of the portal to its end.

        Raises:
            FailedStart: it failed.
        """
        command = [sys.executable, str(MANAGE), *arguments]
        file = self._folder / "log" / "setup"
        with file.open("ab") as log:
            done = subprocess.run(command, env=self._environment, stderr=log, check=False)  # noqa: S603 - our own
        if done.returncode:
            raise FailedStart(f"{arguments[0]} failed; {file} says why.")

    def start(self, port: int) -> None:
        """Start web and workers, and wait until they are ready.

        Raises:
            FailedStart: one of them ended, or none answered in time.
        """
        bind = ["--bind", f"127.0.0.1:{port}", "--workers", "1", "--config", "python:dsr_portal.gunicorn"]
        self._spawn("web", [sys.executable, "-m", "gunicorn", *bind, "dsr_portal.wsgi"])
        for queue in ("quick", "heavy"):
            self._spawn(queue, [sys.executable, str(MANAGE), "qcluster"], Q_CLUSTER_NAME=queue)
        end = time.monotonic() + PATIENCE_SECONDS
        while not _answers(f"http://127.0.0.1:{port}/readyz"):
            ended = self._ended()
            if ended or time.monotonic() > end:
                raise FailedStart(f"{ended or 'web'} did not start; {self._folder / 'log'} says why.")
            time.sleep(0.1)

    def wait(self) -> str:
        """Wait until one of the processes ends by itself, which none should; gives its name."""
        while not (ended := self._ended()):
            time.sleep(0.5)
        return ended

    def stop(self) -> None:
        """End what was started, politely first."""
        for process in self._running.values():
            process.terminate()
        end = time.monotonic() + STOP_SECONDS
        for process in self._running.values():
            try:
                process.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            # What it started itself is in its group, and stays behind where it was stopped while it started.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        self._running.clear()

    def _spawn(self, name: str, command: list[str], **more: str) -> None:
        with (self._folder / "log" / name).open("ab") as log:
            # A group of its own: Ctrl-C is for us alone, who then end the others in order.
            self._running[name] = subprocess.Popen(  # noqa: S603 - our own programs
                command,
                env=self._environment | more,
                cwd=MANAGE.parent,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _ended(self) -> str:
        return next((name for name, process in self._running.items() if process.poll() is not None), "")

    def _settings(self, url: str, server: Server | None) -> dict[str, str]:
        folder = self._folder
        made: dict[str, str] = {
            "DSR_DEBUG": "false",
            "DSR_HTTPS": "false",
            "DSR_PUBLIC_URL": url,
            "DSR_SYSTEM_NAME": "Example Group Privacy Portal",
            "DSR_CONTACT_EMAIL": "privacy@example.test",
            "DSR_PRIVACY_URL": "https://example.test/privacy",
            "DSR_EMAIL_FROM": "Example Group <privacy@example.test>",
            "DSR_EMAIL_URL": f"file://{folder / 'mails'}",
            "DSR_MAIL_SINK": str(folder / "mails"),
            "DSR_SMS_URL": f"file://{folder / 'texts'}",
            "DSR_STORAGE_DIR": str(folder / "storage"),
            "DSR_LOG_FORMAT": "text",
            "DEMO_FOLDER": str(folder),
        }
        made["DSR_DATABASE_URL"] = (
            server.create_database("portal") if server else f"sqlite:///{folder / 'portal.sqlite3'}"
        )
        if server:
            made |= {f"DEMO_{name.upper()}_URL": server.create_database(name) for name in ("saas", "grants")}
        return made | self._secrets()

    def _secrets(self) -> dict[str, str]:
        """Keep the secrets beside what they encrypt: this is a demonstration."""
        file = self._folder / "secrets"
        if not file.exists():
            command = [sys.executable, "-m", "dsr_portal.secret_values"]
            made = subprocess.run(command, cwd=MANAGE.parent, capture_output=True, check=True)  # noqa: S603 - our own
            file.touch(mode=0o600)
            file.write_bytes(made.stdout)
        return dict(line.split("=", 1) for line in file.read_text(encoding="utf-8").splitlines())


def is_free(port: int) -> bool:
    """Tell whether nothing listens on a port of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310 - our own server
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _without_ours(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if not name.startswith("DSR_")}
