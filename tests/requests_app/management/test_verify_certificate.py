"""`dsr_verify_certificate` as an operator runs it."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from requests_app import certificates
from tests.requests_app.certificates.steps import ERASURE, issued, pdf_of, processor
from tests.requests_app.changing.shops import a_shop, an_erasure, erased
from tests.requests_app.portal import acts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]


def verify(path, *arguments: str) -> str:
    output = StringIO()
    call_command("dsr_verify_certificate", str(path), *arguments, stdout=output)
    return output.getvalue()


@pytest.fixture
def certificate(sqlite_url):
    a_shop(sqlite_url)
    request = an_erasure()
    erased(request)
    return issued(request, ERASURE)


@pytest.fixture
def file(certificate, tmp_path):
    path = tmp_path / "certificate.pdf"
    path.write_bytes(pdf_of(certificate))
    return path


def test_a_genuine_certificate_is_one_line_and_nothing_is_changed(file, certificate):
    before = acts(certificate.request_id)
    told = verify(file)
    assert told.startswith(f"Certificate {certificate.number} is genuine and stands. File {certificate.sha256};")
    assert told.count("\n") == 1
    assert acts(certificate.request_id) == before


def test_programs_are_told_everything(file, certificate):
    assert json.loads(verify(file, "--json")) == {
        "is_genuine": True,
        "number": certificate.number,
        "sha256": certificate.sha256,
        "record_sha256": certificate.record_sha256,
        "is_known": True,
        "holds_head": True,
        "is_trail_sound": True,
        "signatures": [],
        "faults": [],
    }


def test_a_changed_or_withdrawn_certificate_is_status_1(file, certificate):
    certificates.withdraw(certificate, user=processor())
    file.write_bytes(file.read_bytes() + b" ")
    with pytest.raises(CommandError, match=r"not the one that was issued\. It was withdrawn\."):
        verify(file)


@pytest.mark.parametrize(
    ("content", "told"), [(None, "cannot be read: No such file"), (b"x", "no PDF"), (b"", "no PDF")]
)
def test_a_file_that_is_none_is_a_plain_error(db, tmp_path, content, told):
    if content is not None:
        (tmp_path / "file.pdf").write_bytes(content)
    with pytest.raises(CommandError, match=told):
        verify(tmp_path / "file.pdf")
