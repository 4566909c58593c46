"""`dsr_demo`: the portal with a demonstration company, on this machine, until Ctrl-C."""

from __future__ import annotations

import sys
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extractors.errors import DsrError
from requests_app.demonstration.processes import Processes, is_free
from requests_app.management.headless import PROBLEM, HeadlessCommand

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "var" / "demo"
PASSWORD = "demo-demo-demo"  # noqa: S105 - of the demonstration, printed to whoever starts it
WELCOME = """
The portal is running. Stop it with Ctrl-C; what you did stays in {folder}.

  Ask for data      {url}/
                    as ann@example.test, whom both companies know
  Read its mails    {url}/mail-sink/
  Its text messages {folder}/texts
  Work as the team  {url}/console/
                    manager, reviewer, processor or viewer, password {password}
"""


class PortInUse(DsrError):
    """Say that something else listens already."""


class Command(HeadlessCommand):
    """Sets the demonstration up where it is not yet, starts web and workers, and stops them."""

    help = "Run the portal with a demonstration company on this machine."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say where, on which database, and whether anew; there is no source to name."""
        parser.add_argument("--port", type=int, default=8000, help="the port on 127.0.0.1 (%(default)s)")
        parser.add_argument("--folder", type=Path, default=FOLDER, help="where everything is kept")
        parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL that lives as long as this runs")
        parser.add_argument("--fresh", action="store_true", help="throw away what an earlier run left")

    def run(self, **options: Any) -> int | None:
        """Set up, start, wait, stop."""
        folder, url = options["folder"].resolve(), f"http://localhost:{options['port']}"
        if not is_free(options["port"]):
            raise PortInUse(f"Port {options['port']} is in use; choose another: make demo PORT=8001.")
        with _postgres() if options["postgres"] else nullcontext() as server:
            processes = Processes(folder, url, server, fresh=options["fresh"] or options["postgres"])
            try:
                self._start(processes, options["port"])
                self.stdout.write(WELCOME.format(folder=_shown(folder), url=url, password=PASSWORD))
                self.stdout.flush()
                name = processes.wait()
                self.fail(PROBLEM, f"{name} ended by itself; {_shown(folder / 'log' / name)} says why.")
            except KeyboardInterrupt:
                self._say("Stopping …")
            finally:
                processes.stop()
        return None

    def _start(self, processes: Processes, port: int) -> None:
        if processes.is_new:
            self._say("Making the portal's database …")
            processes.manage("migrate", "--verbosity", "0")
            self._say("Making two companies' databases, the team, and requests in every state …")
            processes.manage("dsr_demo_fill", "--password", PASSWORD)
            processes.note_made()
        else:
            self._say("Taking up what the last run left …")
            processes.manage("migrate", "--verbosity", "0")
        self._say("Starting web and workers …")
        processes.start(port)

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


@contextmanager
def _postgres() -> Iterator[Any]:
    """Start the PostgreSQL that the tests use, which comes along with the development packages."""
    sys.path.insert(0, str(ROOT))
    from tests.servers import running_postgres

    with running_postgres() as server:
        yield server


def _shown(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
