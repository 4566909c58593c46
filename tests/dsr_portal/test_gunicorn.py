"""The web server as a process of its own, with the settings that production uses."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dsr_portal.secret_values import generate_secret_values

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
TOKEN = "kPz3vTqW9xYbR7mN"
PATIENCE_SECONDS = 60


class Server:
    def __init__(self, folder: Path) -> None:
        self.log = folder / "log"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        environment = {
            "PATH": os.environ["PATH"],
            **generate_secret_values(),
            "DSR_DATABASE_URL": f"sqlite:///{folder / 'portal.sqlite3'}",
            "DSR_STORAGE_DIR": str(folder / "storage"),
            "DSR_HTTPS": "false",
        }
        arguments = ["--config", "python:dsr_portal.gunicorn", "--bind", f"127.0.0.1:{self.port}"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", *arguments], cwd=ROOT, env=environment, stdout=log, stderr=log
            )

    def get(self, path: str) -> int:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)) as connection:
            connection.request("GET", path)
            with connection.getresponse() as response:
                return response.status

    def send(self, request: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_SECONDS) as connection:
            connection.sendall(request)
            return connection.recv(100)

    def wait(self) -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            try:
                self.get("/healthz")
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError(self.log.read_text())


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    try:
        server.wait()
        yield server
    finally:
        server.process.kill()
        server.process.wait()


def test_the_server_answers_and_ends_politely_and_its_log_is_lines_of_json_without_tokens(server: Server) -> None:
    assert server.get("/healthz") == 200
    assert server.get("/readyz") == 503  # nothing was migrated
    assert server.get(f"/d/{TOKEN}") == 500
    assert b"400" in server.send(f"{TOKEN}\r\n\r\n".encode())

    server.process.terminate()
    assert server.process.wait(PATIENCE_SECONDS) == 0
    lines = server.log.read_text().splitlines()
    loggers = {json.loads(line)["logger"] for line in lines}
    assert {"gunicorn.error", "django.request"} <= loggers
    assert TOKEN not in "".join(lines)
    assert "OperationalError" in "".join(lines)
