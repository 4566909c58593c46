"""What is found out about a file that is said to be a certificate."""

from __future__ import annotations

from io import BytesIO

import pikepdf
import pytest

from exporters.document.printing import Embedded, archival
from requests_app import audit, certificates
from requests_app.certificates.checking import NoCertificate, check
from requests_app.certificates.finding import MOST_LOOKUPS_AN_HOUR, find, normalised
from requests_app.limits import LimitReached
from requests_app.models import AuditSeal, Certificate
from tests.exporters.document.test_printing import AT, MARKUP
from tests.requests_app.certificates.steps import ERASURE, embedded, issued, pdf_of, processor
from tests.requests_app.changing.shops import an_erasure, erased
from tests.requests_app.test_audit import tamper

pytestmark = pytest.mark.django_db


@pytest.fixture
def certificate(sqlite_shop) -> Certificate:
    request = an_erasure()
    erased(request)
    return issued(request, ERASURE)


def with_record(pdf: bytes, record: bytes) -> bytes:
    """Put another record into a document."""
    written = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as opened:
        opened.Root.AF[0].EF.F.write(record)
        opened.save(written)
    return written.getvalue()


def test_a_genuine_certificate_has_no_faults(certificate):
    found = check(pdf_of(certificate))
    assert (found.faults, found.number, found.known) == ((), certificate.number, certificate)
    assert (found.sha256, found.record_sha256) == (certificate.sha256, certificate.record_sha256)
    assert (found.holds_head, found.is_canonical, found.signatures) == (True, True, ())


def test_a_changed_file_is_found_out(certificate):
    pdf = pdf_of(certificate)
    assert check(pdf + b"\n").faults == ("The file is not the one that was issued.",)


def test_a_changed_record_is_found_out(certificate):
    pdf = pdf_of(certificate)
    assert b'"kept":2' in embedded(pdf)
    forged = with_record(pdf, embedded(pdf).replace(b'"kept":2', b'"kept":0'))
    faults = check(forged).faults
    assert "The file is not the one that was issued." in faults
    assert "Its record is not the one issued." in faults
    spaced = with_record(pdf, embedded(pdf).replace(b'":', b'": ', 1))
    assert "Its record is not written as records are." in check(spaced).faults


def test_a_number_that_nobody_issued_is_found_out(certificate):
    pdf = pdf_of(certificate)
    other = "ABCD-" + certificate.number[5:]
    found = check(with_record(pdf, embedded(pdf).replace(certificate.number.encode(), other.encode())))
    assert found.known is None
    assert found.faults[0] == "No certificate is on record under its number."


def test_a_withdrawn_certificate_says_so(certificate):
    certificates.withdraw(certificate, user=processor())
    assert check(pdf_of(certificate)).faults == ("It was withdrawn.",)


def test_an_audit_trail_that_was_tampered_with_is_found_out(certificate):
    pdf = pdf_of(certificate)
    audit.seal()
    head = AuditSeal.objects.get(hash=certificate.audit_head)
    tamper(f"UPDATE requests_app_auditentry SET action = 'change.undone' WHERE id = {head.entry_ids[-1]}")
    assert check(pdf).faults == (f"The audit trail is broken at seal {head.number}.",)
    tamper(f"DELETE FROM requests_app_auditseal WHERE number >= {head.number}")
    assert check(pdf).faults == ("The audit trail does not hold the seal that it names.",)


def test_signatures_are_looked_at(certificate, signs):
    signs()
    signed = issued(certificate.request, ERASURE)
    pdf = pdf_of(signed)
    found = check(pdf)
    assert found.faults == ()
    (signature,) = found.signatures
    assert (signature.is_intact, signature.covers_all) == (True, True)
    assert "Meridian Foundation" in signature.signer
    assert (
        "Its signature does not hold."
        in check(with_record(pdf, embedded(pdf).replace(b'"kept":2', b'"kept":0'))).faults
    )
    place = pdf.index(b"endstream") - 20
    changed = pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :]
    assert "Its signature does not hold." in check(changed).faults
    for damaged in (b"/Contents <00", b"/Contents <zz"):
        head, _, rest = pdf.rpartition(b"/Contents <")
        assert "Its signature does not hold." in check(head + damaged + rest[2:]).faults


@pytest.mark.parametrize(
    "record",
    [b"[]", b"{", b"[" * 100_000, b'{"schema":"another"}', b"\xff\xfe", b'{"schema":"dsr-certificate-1","number":[1]}'],
)
def test_what_is_no_record_is_no_certificate(record):
    pdf = archival(MARKUP, [Embedded("record.json", "", AT, record)])
    try:
        faults = check(pdf).faults
    except NoCertificate:
        return
    assert faults[0] == "No certificate is on record under its number."


@pytest.mark.parametrize("head", [b'"x"', b'{"hash":1,"seal":"1"}', b'{"hash":"a","seal":99999999999999999999}', b"[]"])
def test_an_odd_head_of_the_audit_trail_is_not_held(head):
    record = b'{"audit":' + head + b',"number":"\\ud800","schema":"dsr-certificate-1"}'
    found = check(archival(MARKUP, [Embedded("record.json", "", AT, record)]))
    assert found.holds_head is False
    assert not found.is_canonical


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 broken", b"PK\3\4", MARKUP, archival(MARKUP)], ids=range(5))
def test_what_is_no_pdf_or_holds_no_record_is_no_certificate(content):
    with pytest.raises(NoCertificate):
        check(content)


def test_numbers_are_found_however_they_are_typed(certificate):
    number = certificate.number
    for typed in (number, number.lower(), number.replace("-", ""), f"  {number.replace('-', ' ')} "):
        assert find(typed, address="203.0.113.9") == certificate
    assert normalised("7F3K-Q9XM-2HVT-8WB") is None
    assert normalised("0OIL-Q9XM-2HVT-8WBC") is None
    assert normalised("7" * 5_000) is None


def test_looking_numbers_up_is_limited_a_network(certificate):
    for _ in range(MOST_LOOKUPS_AN_HOUR):
        find("ABCD", address="203.0.113.9")
    with pytest.raises(LimitReached):
        find(certificate.number, address="203.0.113.9")
    assert find(certificate.number, address="203.0.113.10") == certificate
