"""Workers that die with -9 while protected files replace those before: one set of files stays, and it opens."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.crash.test_killed_workers import SHORT, answered, left_over
from tests.live.portal import running_portal
from tests.live.smtp import running_mail_server
from tests.live.sources import register, sqlite_companies
from tests.live.steps import add_member, confirm, do, package_of, submit, sweep_until

PERSON, PASSPHRASE = "ann@example.test", "Correct horse 4711"
# Before the work is claimed, with the files written, and in the one transaction, in which those before are taken away.
MOMENTS = ["claim.call", "_finish.call", "finish.return", "_take_away_earlier.return"]
FURTHER = "from requests_app.rendering import further\n"


@pytest.fixture(scope="module")
def mails():
    with running_mail_server() as server:
        yield server


@pytest.fixture(scope="module")
def portal(tmp_path_factory, mails):
    folder = tmp_path_factory.mktemp("portal")
    url = f"sqlite:///{folder / 'portal.sqlite3'}"
    programs = ("quick", "heavy")
    with running_portal(folder, url, email_url=mails.url, leased=SHORT, programs=programs) as portal:
        register(portal, sqlite_companies(folder))
        add_member(portal, "Reviewer")
        yield portal


def opened(package, passphrase, folder):
    path = folder / "export.zip"
    path.write_bytes(package)
    seven = shutil.which("7zz") or shutil.which("7z")
    command = [seven, "t", f"-p{passphrase}", str(path)]
    return subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL).returncode == 0


def test_protected_files_replace_the_others_once_whenever_workers_die(portal, mails, tmp_path):
    request = submit(portal, PERSON)
    confirm(portal, request)
    (first,) = answered(portal, request)
    found = f"SubjectRequest.objects.get(pk={request})"
    for moment in MOMENTS:
        portal.set_moment("render_export", moment)
    protect = f"further.protect({found}, {PASSPHRASE!r}, actor=audit.SUBJECT)"
    export = do(portal, f"{FURTHER}result = {protect}.pk")
    unsent = "OutboxMail.objects.exclude(state='done').exists()"
    sweep_until(
        portal, lambda: do(portal, f"result = Export.objects.get(pk={export}).state == 'done' and not {unsent}")
    )
    assert len(portal.reached("render_export")) == len(MOMENTS)
    assert do(portal, f"{FURTHER}result = [each.pk for each in further.downloadable({found})]") == [export]
    package = package_of(portal, export)
    assert opened(package, PASSPHRASE, tmp_path)
    assert not opened(package, "Another horse 4711", tmp_path)
    replaced = "AuditEntry.objects.filter(action='export.replaced').values_list('target', flat=True)"
    assert do(portal, f"result = list({replaced})") == [f"export {first}"]
    ready = [mail for mail in mails.mails if mail["To"] == PERSON and "ready" in mail["Subject"]]
    assert len(ready) == 2
    assert not [mail for mail in mails.mails if PASSPHRASE in mail.as_string()]
    assert left_over(portal) == [[""], -1]  # what was replaced has an empty name, and neither file nor key
