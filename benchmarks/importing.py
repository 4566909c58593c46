"""Taking a list of 10,000 requests in, from the button to the last of them, on both kinds of database."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from benchmarks.report import Figure
from tests.live.portal import running_portal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers import PostgresServer

REQUESTS, FEW = 10_000, 1_000

# The work is done in a process of its own, whose memory is its own too.
IMPORT = """
import json, resource, time
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from requests_app import tasks
from requests_app.audit import Actor
from requests_app.importing import runs
from requests_app.models import ImportLine, RequestImport, Upload
from requests_app.uploads import examine

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

user, _ = User.objects.get_or_create(username="bench", is_staff=True)
user.groups.add(Group.objects.get(name="Processor"))
actor = Actor.staff(user)

def import_list(name, count):
    rights = ("access", "erasure", "objection")
    lines = [f"2026-03-02;{rights[n % 3]};Person {n};p{n}.{name}@example.test;letter;DE\\n" for n in range(count)]
    content = ("received;right;name;email;channel;country\\n" + "".join(lines)).encode()
    run = runs.hand_in(examine(SimpleUploadedFile("list.csv", content), Upload.Kind.IMPORT), actor=actor)
    begun = time.monotonic()
    tasks.import_requests(run.pk)
    checked = time.monotonic()
    runs.take_in(run.pk, sends_mails=True, actor=actor)
    tasks.import_requests(run.pk)
    ended = time.monotonic()
    taken = ImportLine.objects.filter(run=run, state="done").count()
    assert taken == count, RequestImport.objects.get(pk=run.pk).last_error
    return checked - begun, ended - checked

import_list("few", FEW)
few = peak()
check, take = import_list("many", REQUESTS)
print(json.dumps({"check": check, "take": take, "few": few, "many": peak()}))
"""


def measure(server: PostgresServer, folder: Path) -> Iterator[Figure]:
    """Measure the check and the taking in; memory beside that of a tenth of the list, taken in before."""
    for kind, url in (
        ("SQLite", f"sqlite:///{folder / 'import-sqlite' / 'portal.sqlite3'}"),
        ("PostgreSQL", server.create_database("importing")),
    ):
        home = folder / f"import-{kind.lower()}"
        home.mkdir()
        with running_portal(home, url, programs=(), is_watched=False) as portal:
            constants = f"REQUESTS, FEW = {REQUESTS}, {FEW}\n"
            took = json.loads(portal.shell(constants + IMPORT))
        seconds = took["check"] + took["take"]
        beside = f"checking {took['check']:.1f} s, taking in {took['take']:.1f} s"
        yield Figure(f"Import of {REQUESTS:,} requests from CSV, {kind}", f"{seconds:.0f} s", "< 60 s", beside)
        more = took["many"] - took["few"]
        yield Figure(
            f"the same: memory above that of {FEW:,} requests, {kind}",
            f"{more:.0f} MB",
            "flat",
            f"{took['few']:.0f} MB and {took['many']:.0f} MB at the most",
        )
