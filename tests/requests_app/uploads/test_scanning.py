"""A virus scanner looks at every file; what it finds, and what it cannot look at, is not taken."""

from __future__ import annotations

import logging

import pytest

from requests_app import audit, storage
from requests_app.models import EncryptionKey, Upload
from requests_app.uploads import HarmfulFile, ScannerUnavailable, UnusableFile, examine, take
from tests.requests_app.portal import a_request, acts
from tests.requests_app.uploads.files import handed, pdf
from tests.servers.clamd import EICAR, MOST_BYTES, running_clamd

Kind = Upload.Kind


@pytest.fixture(params=["port", "socket"])
def clamd(request, settings, tmp_path):
    with running_clamd(tmp_path / "clamd.ctl" if request.param == "socket" else None) as running:
        settings.DSR_SCANNER = running.address
        yield running


def test_every_byte_of_a_file_is_shown_to_the_scanner_which_finds_nothing(clamd):
    content = pdf() + bytes(300_000)
    assert examine(handed("a.pdf", content), Kind.MESSAGE).scan == Upload.Scan.CLEAN
    assert clamd.seen == [len(content)]


@pytest.mark.django_db
def test_nothing_is_kept_of_a_file_in_which_the_scanner_finds_something(clamd, storage_folder, caplog):
    row = a_request()
    before = EncryptionKey.objects.count()
    with caplog.at_level(logging.INFO), pytest.raises(HarmfulFile, match="something harmful"):
        take(handed("ann-secret.txt", EICAR), Kind.MESSAGE, actor=audit.SUBJECT, request=row)
    assert (list(storage.names()), EncryptionKey.objects.count(), acts(row.pk)) == ([], before, [])
    assert [record.message for record in caplog.records] == ["upload.harmful"]
    assert "ann-secret" not in caplog.text


def test_what_is_no_file_of_the_list_is_refused_before_the_scanner_sees_it(clamd):
    with pytest.raises(UnusableFile, match="not taken"):
        examine(handed("a.exe", EICAR), Kind.MESSAGE)
    assert clamd.seen == []


@pytest.mark.parametrize("content", [b"a scanner fails here", b"%PDF-" + bytes(MOST_BYTES)], ids=["error", "limit"])
def test_a_scanner_that_does_not_say_lets_nothing_through(clamd, content):
    name = "a.pdf" if content.startswith(b"%PDF") else "a.txt"
    with pytest.raises(ScannerUnavailable, match=r"none is taken\. Please try again later"):
        examine(handed(name, content), Kind.MESSAGE)


@pytest.mark.parametrize("address", ["clamd://127.0.0.1:9", "clamd+unix:///nowhere/clamd.ctl"])
def test_a_scanner_that_cannot_be_reached_lets_nothing_through(settings, caplog, address):
    settings.DSR_SCANNER = address
    with caplog.at_level(logging.INFO), pytest.raises(ScannerUnavailable, match="Please try again later"):
        examine(handed("a.pdf", pdf()), Kind.MESSAGE)
    assert [record.message for record in caplog.records] == ["scanner.unavailable"]


def test_without_a_scanner_it_is_said_that_nobody_looked(settings):
    settings.DSR_SCANNER = ""
    assert examine(handed("a.txt", EICAR), Kind.MESSAGE).scan == Upload.Scan.NONE
