"""The portal around an export: a request of a million rows, beside the headless export of the same."""

from __future__ import annotations

import json
import statistics
from typing import TYPE_CHECKING

from benchmarks import databases
from benchmarks.measuring import manage, run
from benchmarks.report import Figure
from tests.live.portal import running_portal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.live.portal import Portal
    from tests.servers import PostgresServer

USER, EMAIL, ROUNDS = "2", "bench@example.test", 3

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


def measure(server: PostgresServer, folder: Path) -> Iterator[Figure]:
    """Compare the time from the confirmation to the finished export, reviewing not counted."""
    url = databases.make(server, "portal_source", databases.ONE_TABLE)
    data_map = databases.write_map(folder, databases.ONE_TABLE_MAP)
    headless = manage(
        *("dsr_export", "--url", url, "--map", data_map, "--out", str(folder / "out.zip")),
        *("--user-id", USER, "--format", "json,csv", "--all"),
    )
    with running_portal(folder / "portal", server.create_database("portal")) as portal:
        portal.shell(PREPARE.format(url=url, text=databases.ONE_TABLE_MAP))
        run(headless)
        rounds = [(run(headless).seconds, _ask(portal, number)) for number in range(ROUNDS)]
    alone = statistics.median(seconds for seconds, _ in rounds)
    whole = statistics.median(asked["whole"] for _, asked in rounds)
    yield Figure(
        "1,000,000 rows as JSON and CSV through the portal (collect, spool, render, store)",
        f"{whole / alone:.2f} × `dsr_export`",
        "≤ 1.3 ×",
        f"{whole:.2f} s, of which collecting {statistics.median(a['collect'] for _, a in rounds):.2f} s; {alone:.2f} s",
    )


def _ask(portal: Portal, number: int) -> dict[str, float]:
    asked: dict[str, float] = json.loads(portal.shell(ASK.format(email=f"{number}.{EMAIL}", user=USER)))
    return asked
