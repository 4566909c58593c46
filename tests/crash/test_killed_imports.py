"""Workers that die with -9 while they check a list and take it in: every line becomes one request, none two."""

from __future__ import annotations

import os

import pytest

from tests.live.portal import running_portal
from tests.live.steps import add_member, do, sweep_until

SHORT = {"LEASE_SECONDS": 2, "QUEUED_SECONDS": 6}
ALL = os.environ.get("DSR_TEST_ALL") == "1"
EVENLY = 12 if ALL else 2
# Around the report of a chunk, and the end of the check; before a chunk is taken in, in it, after it, at the end.
OF_CHECKING = ["_keep.call", "_keep.return", "_finish.return"]
OF_TAKING_IN = ["_take_in_chunk.call", "create_keys.return", "record_all.return", "_take_in_chunk.return"]
OF_TAKING_IN += ["remove.call", "finish.return"]
LINES = 230  # two chunks
STEPS = f"""
from django.core.files.uploadedfile import SimpleUploadedFile
from requests_app.importing import runs
from requests_app.uploads import examine
processor = audit.Actor.staff(User.objects.get(username="processor"))
def hand_in(number):
    people = [f"2026-03-02;erasure;Person {{n}};p{{n}}.{{number}}@example.test" for n in range({LINES})]
    lines = ["received;right;name;email", *people, people[0], "2026-03-02;nonsense;X;x@example.test"]
    file = examine(SimpleUploadedFile("list.csv", "\\n".join(lines).encode()), Upload.Kind.IMPORT)
    return runs.hand_in(file, actor=processor).pk
"""


@pytest.fixture(params=["sqlite", "postgresql"] if ALL else ["sqlite"])
def portal(request, tmp_path):
    folder = tmp_path / "portal"
    if request.param == "sqlite":
        url = f"sqlite:///{folder / 'portal.sqlite3'}"
    else:
        url = request.getfixturevalue("postgres_database")("portal")
    with running_portal(folder, url, leased=SHORT, programs=("heavy",)) as portal:
        add_member(portal, "Processor")
        yield portal


def set_moments(portal, named):
    """Let workers die at some functions, and at steps spread over the task."""
    portal.go_on("import_requests")
    steps = portal.steps_of("import_requests") * 9 // 10
    for moment in [*named, *(steps * (2 * number + 1) // (2 * EVENLY) for number in range(EVENLY))]:
        portal.set_moment("import_requests", moment)


def await_all(portal):
    """Sweep until no list is worked on any more."""
    busy = "RequestImport.objects.filter(state__in=('waiting', 'running')).exists()"
    sweep_until(portal, lambda: not do(portal, f"result = {busy}"), 240)


def test_every_line_becomes_one_request_whenever_workers_die(portal):
    lists = max(len(OF_CHECKING), len(OF_TAKING_IN)) + EVENLY
    first = do(portal, f"{STEPS}\nresult = hand_in(0)")
    await_all(portal)
    set_moments(portal, OF_CHECKING)
    rest = do(portal, f"{STEPS}\nresult = [hand_in(number) for number in range(1, {lists})]")
    await_all(portal)
    assert len(portal.reached("import_requests")) == len(OF_CHECKING) + EVENLY
    counted = (
        "list(ImportLine.objects.values_list('run', 'state').annotate(n=models.Count('pk')).order_by('run', 'state'))"
    )
    report = do(portal, f"from django.db import models\nresult = {counted}")
    assert report == [
        [run, state, n] for run in [first, *rest] for state, n in (("double", 1), ("faulty", 1), ("ready", LINES))
    ]
    do(portal, f"{STEPS}\nresult = runs.take_in({first}, sends_mails=True, actor=processor)")
    await_all(portal)
    set_moments(portal, OF_TAKING_IN)
    do(portal, f"{STEPS}\nresult = [runs.take_in(run, sends_mails=True, actor=processor) for run in {rest}]")
    await_all(portal)
    assert len(portal.reached("import_requests")) == len(OF_TAKING_IN) + EVENLY
    assert do(portal, "result = list(RequestImport.objects.order_by('state').values_list('state').distinct())") == [
        ["done"]
    ]
    total = lists * LINES
    counts = {
        "requests": "SubjectRequest.objects.count()",
        "people": "SubjectRequest.objects.values('email').distinct().count()",
        "lines": "ImportLine.objects.filter(state='done').values('request').distinct().count()",
        "mails": "OutboxMail.objects.filter(template='confirm').count()",
        "recorded": "AuditEntry.objects.filter(action='request.recorded').values('request_id').distinct().count()",
        "deadlines": "ComputedDeadline.objects.count()",
        "keys": "EncryptionKey.objects.filter(destroyed_at=None).count()",
    }
    told = do(portal, f"result = {{name: eval(code) for name, code in {counts!r}.items()}}")
    assert told == dict.fromkeys(counts, total)
    assert do(portal, "result = AuditEntry.objects.filter(action='import.done').count()") == lists
    do(portal, "result = retention.remove_stray_files(older_than_seconds=0)")
    assert do(portal, "result = [Upload.objects.filter(removed_at=None).count(), list(storage.names())]") == [0, []]
    assert do(
        portal, "from requests_app.audit import seal, verify\nseal()\nresult = [verify().is_sound, verify().unsealed]"
    ) == [True, 0]
