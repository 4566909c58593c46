"""No value of a source lies in clear outside it while all formats of an answer are made, by real processes."""

from __future__ import annotations

import base64
import io
import json
import os
import secrets
import sqlite3
import subprocess
import zipfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.live.clear_text import PACKED, Arrivals, Needles, Watch, now, watching
from tests.live.moments import WAIT
from tests.live.portal import Portal, running_portal
from tests.live.steps import LATEST, add_member, confirm, do, is_completed, is_ready, package_of, release, sweep_until
from tests.servers import PostgresServer, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

IS_WHOLE = os.environ.get("DSR_TEST_ALL") == "1"
FORMATS = ("json", "csv", "xml", "xlsx", "html", "pdf")
PLAIN, PROTECTED = "ann@example.test", "bob@example.test"
PASSPHRASE = "correct-Horse-battery-7-staple"
ROWS = 60
MAP = """
version: 1
source: marked
label: Marked
collections:
  records:
    identifiers: {email: email}
    fields:
      doc: {json: true}
"""
TABLE = """
CREATE TABLE records (id integer PRIMARY KEY, email text, name text, note text, doc text, photo blob, price text,
    serial integer, happened text);
CREATE INDEX records_email ON records (email);
"""


@pytest.fixture
def values() -> dict[str, str]:
    """A value of each column that stands nowhere else in the world."""
    token = secrets.token_hex(5)
    marked = {name: f"Xq{name}{token}Heron" for name in ("name", "note", "doc", "photo")}
    digits = {name: str(secrets.randbelow(9 * 10**17) + 10**17) for name in ("price", "serial")}
    return marked | digits | {"happened": f"rumoured-{token}-day"}


@pytest.fixture
def source(tmp_path: Path, values: dict[str, str]) -> Path:
    file = tmp_path / "source" / "marked.sqlite3"
    file.parent.mkdir()
    with closing(sqlite3.connect(file)) as database, database:
        database.executescript(TABLE)
        for email in (PLAIN, PROTECTED):
            row = (
                *(email, values["name"], f"{values['note']} " * 200, json.dumps({"said": [values["doc"]]})),
                *(values["photo"].encode() * 500, f"{values['price']}.50", int(values["serial"]), values["happened"]),
            )
            database.executemany(
                "INSERT INTO records (email, name, note, doc, photo, price, serial, happened) VALUES (?,?,?,?,?,?,?,?)",
                [row] * ROWS,
            )
    return file


def register(portal: Portal, source: Path) -> None:
    portal.shell(
        "from requests_app import sources\nfrom requests_app.models import DataSource\n"
        f"sources.save(DataSource(slug='marked', label='Marked'), 'sqlite:///{source}', {MAP!r}, None)"
    )


def ask_for_everything(portal: Portal, email: str) -> int:
    submission = f"intake.Submission(name='Somebody', email={email!r}, right=Right.ACCESS, formats={FORMATS!r})"
    find = f"{LATEST}.filter(email={email!r}).first().pk"
    return int(str(do(portal, f"intake.submit({submission}, address=None)\nresult = {find}")))


def protect(portal: Portal, request: int) -> None:
    asked = f"passphrases.set_passphrase(SubjectRequest.objects.get(pk={request}), {PASSPHRASE!r}, audit.SYSTEM)"
    do(portal, f"from requests_app import passphrases\n{asked}\nresult = None")


def answered(portal: Portal, request: int, look: Callable[[], None]) -> bytes:
    """Answer a request, and look around while the work stands still in the middle; returns the package."""
    for task, begin in (("collect_source", confirm), ("render_export", release)):
        portal.set_moment(task, "_finish.call", WAIT)
        begun = begin(portal, request)
        wait_until(lambda task=task: portal.reached(task), 180)
        look()
        portal.go_on(task)
        if task == "collect_source":
            sweep_until(portal, lambda: is_ready(portal, request))
    sweep_until(portal, lambda: is_completed(portal, request))
    return package_of(portal, begun)


def told_by(package: bytes, needles: Needles) -> dict[str, set[str]]:
    """Name the values that stand in the files of a package, by their format."""
    found: dict[str, set[str]] = {}
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        for path in archive.namelist():
            content = archive.read(path)
            if path.endswith(".xlsx"):
                with zipfile.ZipFile(io.BytesIO(content)) as workbook:
                    content = b"".join(map(workbook.read, workbook.namelist()))
            elif path.endswith(".pdf"):
                told = subprocess.run(["pdftotext", "-raw", "-", "-"], input=content, capture_output=True, check=True)
                content = b"".join(told.stdout.split())
            found.setdefault(path.partition("/")[0], set()).update(needles.names_in(content))
    return found


def queued_and_done(portal: Portal) -> bytes:
    """Write out what the queue's tables hold: arguments and results are packed there."""
    waiting = "[queued.task() for queued in OrmQ.objects.all()]"
    done = "[(task.args, task.kwargs, task.result) for task in Task.objects.all()]"
    return str(do(portal, f"from django_q.models import OrmQ, Task\nresult = repr(({waiting}, {done}))")).encode()


def dumped(database_url: str, server: PostgresServer) -> bytes:
    """Write out a database."""
    if database_url.startswith("sqlite"):
        with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as database:
            return "\n".join(database.iterdump()).encode()
    return subprocess.run([server.programs / "pg_dump", database_url], capture_output=True, check=True).stdout


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"] if IS_WHOLE else ["sqlite"])
def test_no_value_of_a_source_lies_in_clear_while_every_format_is_made(
    kind: str, tmp_path: Path, source: Path, values: dict[str, str], private_postgres_server: PostgresServer
):
    begun, folder, server = now(), tmp_path / "portal", private_postgres_server
    folder.mkdir()
    url = f"sqlite:///{folder / 'portal.sqlite3'}" if kind == "sqlite" else server.create_database("portal")
    watch = Watch(Needles(values), forgiven=[source])
    elsewhere = [Path(place) for place in ("/tmp", "/var/tmp", "/dev/shm", Path.home() / ".cache")]  # noqa: S108

    def look() -> None:
        watch.look_at_folder(folder, packed=PACKED)
        for place in (server.folder, *elsewhere):
            watch.look_at_folder(place, since=begun)

    # Where WeasyPrint finds a compiler, it asks that for libraries, which makes files of its own as it starts.
    with running_portal(folder, url, extra_env={"PATH": str(tmp_path)}) as portal:
        arrivals = Arrivals(folder / "tmp")
        register(portal, source)
        add_member(portal, "Reviewer")
        pids = lambda: [process.pid for process in portal.processes()]  # noqa: E731  # asked anew each time
        with watching(watch, folder, pids):
            plain = answered(portal, ask_for_everything(portal, PLAIN), look)
            other = ask_for_everything(portal, PROTECTED)
            protect(portal, other)
            protected = answered(portal, other, look)
        look()
        assert not watch.needles.names_in(queued_and_done(portal) + dumped(url, server) + portal.logs().encode())
        names = arrivals.names()
        arrivals.close()
    look()
    assert watch.findings == set()
    assert [name for name in names if not name.startswith("wgunicorn-")] == []  # empty, by which it knows who lives
    assert min(watch.looked_at.values()) > 20, watch.looked_at
    told = told_by(plain, watch.needles)
    assert all(told[slug] >= set(values) - {"photo"} for slug in FORMATS), told
    assert not watch.needles.names_in(protected)
    assert_opened_by_the_passphrase_alone(protected, tmp_path / "protected.zip", watch.needles, set(values))


def assert_opened_by_the_passphrase_alone(package: bytes, file: Path, needles: Needles, names: set[str]) -> None:
    file.write_bytes(package)
    command = ["7zz", "e", "-so", file, "json/export.json"]
    opened = subprocess.run([*command, f"-p{PASSPHRASE}"], capture_output=True, check=True)
    assert needles.names_in(opened.stdout) == names
    assert subprocess.run([*command, "-pwrong"], capture_output=True, check=False).returncode != 0


def test_what_lies_in_clear_is_found(tmp_path: Path, values: dict[str, str]):
    watch, arrivals = Watch(Needles(values), forgiven=[]), Arrivals(tmp_path)
    (tmp_path / "text").write_text(values["note"])
    (tmp_path / "base64").write_bytes(base64.b64encode(b"x" + values["photo"].encode() * 2))
    (tmp_path / "packed").write_bytes(b"PK\x03\x04...")
    watch.look_at_folder(tmp_path, packed=PACKED)
    assert watch.findings == {f"{tmp_path}/text: note", f"{tmp_path}/base64: photo", f"{tmp_path}/packed: packed"}
    (tmp_path / "brief").write_text("gone")
    (tmp_path / "brief").unlink()
    assert "brief" in arrivals.names()
    arrivals.close()


def test_what_a_process_shows_or_keeps_open_is_found(tmp_path: Path, values: dict[str, str]):
    watch = Watch(Needles(values), forgiven=[])
    with (tmp_path / "unlinked").open("w+") as file:
        file.write(values["name"])
        file.flush()
        (tmp_path / "unlinked").unlink()
        command = ["sh", "-c", "read line; sleep 30", values["serial"]]
        with subprocess.Popen(command, stdin=file, env={"TOLD": values["price"]}) as shown:
            wait_until(lambda: b"sleep" in Path(f"/proc/{shown.pid}/cmdline").read_bytes())
            watch.look_at_process(shown.pid)
            shown.kill()
    assert {finding.rpartition(": ")[2] for finding in watch.findings} == {"name", "serial", "price"}
