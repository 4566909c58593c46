"""The portal around an export: a million rows beside the headless export of the same; what waits, and what idles."""

from __future__ import annotations

import json
import statistics
import time
from typing import TYPE_CHECKING

from benchmarks import databases
from benchmarks.measuring import manage, run
from benchmarks.report import Figure
from tests.live.portal import running_portal
from tests.live.sources import expected, register, sqlite_companies

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.live.portal import Portal
    from tests.live.sources import Company
    from tests.servers import PostgresServer

USER, EMAIL, ROUNDS = "2", "bench@example.test", 3
DEMONSTRATION_ROWS, PERSON_ROWS = 20_000, 200
IDLE_SECONDS = 5

PREPARE = """
from requests_app import sources
from requests_app.models import DataSource
from django.contrib.auth.models import User
sources.save(DataSource(slug="bench", label="Bench"), {url!r}, {text!r}, None)
User.objects.create_superuser("bench", password="bench")
"""

ASK = """
import json, time
from datetime import timedelta
from django.contrib.auth.models import User
from django.utils import timezone
from requests_app import identity, intake, links, review
from requests_app.audit import Actor
from requests_app.models import Export, Identifier, SecureLink, SourceSearch, SubjectRequest

def wait(rows):
    while rows.open().exists():
        time.sleep(0.02)
    return rows.get()

intake.submit(intake.Submission("Bench", {email!r}, "access"), address=None)
request = SubjectRequest.objects.latest("pk")
Identifier.objects.create(request=request, kind="user_id", value={user!r}, proof="staff", proven_at=timezone.now())
token = links.mint(request, SecureLink.Purpose.CONFIRM, lifetime=timedelta(hours=1))
begun = time.monotonic()
identity.confirm(token, address=None)
search = wait(SourceSearch.objects.filter(request=request))
collected = time.monotonic()
review.release(request.pk, actor=Actor.staff(User.objects.get()))
export = wait(Export.objects.filter(request=request))
ended = time.monotonic()
assert (search.state, export.state) == ("done", "done"), (search.last_error, export.last_error)
print(json.dumps({{"collect": collected - begun, "whole": ended - begun, "records": export.records}}))
"""

CONFIRM = """
import json, time
from datetime import timedelta
from django.utils import timezone
from requests_app import identity, intake, links, planning
from requests_app.models import SecureLink, SubjectRequest

intake.submit(intake.Submission("Bench", {email!r}, "access"), address=None)
request = SubjectRequest.objects.latest("pk")
token = links.mint(request, SecureLink.Purpose.CONFIRM, lifetime=timedelta(hours=1))
begun = time.monotonic()
request = identity.confirm(token, address=None)
while not planning.is_ready_for_review(request):
    time.sleep(0.02)
print(json.dumps(time.monotonic() - begun))
"""


def measure(server: PostgresServer, folder: Path) -> Iterator[Figure]:
    """Measure a large answer on PostgreSQL, and small ones as the demonstration gives them."""
    yield _large(server, folder)
    companies = sqlite_companies(folder, DEMONSTRATION_ROWS)
    database = f"sqlite:///{folder / 'small' / 'portal.sqlite3'}"
    with running_portal(folder / "small", database, is_watched=False) as portal:
        register(portal, companies)
        time.sleep(IDLE_SECONDS)
        yield _memory(portal)
        yield _small(portal, companies)


def _memory(portal: Portal) -> Figure:
    shares = {
        name: sum(process.memory_full_info().pss for process in program.processes()) / 1e6
        for name, program in portal.programs.items()
    }
    parts = ", ".join(f"{name} {share:.0f}" for name, share in shares.items())
    return Figure("idle web and workers: memory (PSS)", f"{sum(shares.values()):.0f} MB", "< 450 MB", parts)


def _small(portal: Portal, companies: list[Company]) -> Figure:
    held = _rows_held(companies)
    nearest = sorted(held, key=lambda email: abs(held[email] - PERSON_ROWS))[:ROUNDS]
    seconds = [json.loads(portal.shell(CONFIRM.format(email=email))) for email in nearest]
    rows = ", ".join(str(held[email]) for email in nearest)
    what = "from “confirm” to “ready for review”, two SQLite sources, about 200 rows"
    return Figure(
        what, f"{statistics.median(seconds):.2f} s", "< 3 s", f"people with {rows} rows; slowest {max(seconds):.2f} s"
    )


def _rows_held(companies: list[Company]) -> dict[str, int]:
    """Count the rows of everybody whom both companies know."""
    known = set.intersection(*({*company.truth.people} for company in companies))
    answers = {email: expected(companies, email).values() for email in known if email.isascii() and "@" in email}
    return {email: sum(len(keys) for tables in each for keys in tables.values()) for email, each in answers.items()}


def _large(server: PostgresServer, folder: Path) -> Figure:
    """Compare the time from the confirmation to the finished export, reviewing not counted."""
    url = databases.make(server, "portal_source", databases.ONE_TABLE)
    data_map = databases.write_map(folder, databases.ONE_TABLE_MAP)
    headless = manage(
        *("dsr_export", "--url", url, "--map", data_map, "--out", str(folder / "out.zip")),
        *("--user-id", USER, "--format", "json,csv", "--all"),
    )
    with running_portal(folder / "portal", server.create_database("portal"), is_watched=False) as portal:
        portal.shell(PREPARE.format(url=url, text=databases.ONE_TABLE_MAP))
        run(headless)
        rounds = [(run(headless).seconds, _ask(portal, number)) for number in range(ROUNDS)]
    alone = statistics.median(seconds for seconds, _ in rounds)
    whole = statistics.median(asked["whole"] for _, asked in rounds)
    return Figure(
        "1,000,000 rows as JSON and CSV through the portal (collect, spool, render, store)",
        f"{whole / alone:.2f} × `dsr_export`",
        "≤ 1.3 ×",
        f"{whole:.2f} s, of which collecting {statistics.median(a['collect'] for _, a in rounds):.2f} s; {alone:.2f} s",
    )


def _ask(portal: Portal, number: int) -> dict[str, float]:
    asked: dict[str, float] = json.loads(portal.shell(ASK.format(email=f"{number}.{EMAIL}", user=USER)))
    return asked
