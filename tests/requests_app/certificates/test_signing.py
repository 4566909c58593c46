"""Signed certificates, as another reader of signatures sees them."""

from __future__ import annotations

from io import BytesIO

import pikepdf
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from requests_app import storage
from requests_app.certificates import signing
from requests_app.certificates.signing import UnusableSigning
from requests_app.models import Certificate
from tests.requests_app.certificates.keys import PASSPHRASE
from tests.requests_app.certificates.steps import ERASURE, embedded, issued, pdf_of, record_of, words
from tests.requests_app.changing.shops import an_erasure, erased

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_done(sqlite_shop):
    request = an_erasure()
    erased(request)
    return request


def status_of(pdf: bytes):
    (signature,) = PdfFileReader(BytesIO(pdf)).embedded_signatures
    context = ValidationContext(trust_roots=[signature.signer_cert], allow_fetching=False)
    return signature, validate_pdf_signature(signature, context)


def test_a_signed_certificate_holds_in_another_reader_and_stays_archival(request_done, signs):
    signs()
    certificate = issued(request_done, ERASURE)
    pdf = pdf_of(certificate)
    signature, status = status_of(pdf)
    assert (status.intact, status.valid, status.trusted) == (True, True, True)
    assert status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    assert str(signature.sig_object["/SubFilter"]) == "/ETSI.CAdES.detached"
    assert signature.signer_cert.subject.native["common_name"] == "Meridian Foundation"
    assert certificate.is_signed
    assert "This file is signed electronically" in words(pdf)
    with pikepdf.open(BytesIO(pdf)) as opened:
        xmp = opened.open_metadata()
        assert (xmp["pdfaid:part"], xmp["pdfaid:conformance"], opened.is_encrypted) == ("3", "A", False)
        assert opened.Root.AF[0].AFRelationship == "/Data"
        (field,) = opened.Root.AcroForm.Fields
        assert int(field.F) & 4  # printed: PDF/A refuses annotations that hide
    assert record_of(pdf)["number"] == certificate.number


def test_a_change_breaks_the_signature(request_done, signs):
    signs()
    pdf = pdf_of(issued(request_done, ERASURE))
    place = pdf.index(b"endstream") - 20
    changed = pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :]
    assert not status_of(changed)[1].intact


def test_what_was_issued_unsigned_is_issued_anew_once_it_is_signed(request_done, signs):
    first = issued(request_done, ERASURE)
    signs()
    second = issued(request_done, ERASURE)
    first.refresh_from_db()
    assert (first.is_signed, second.is_signed, first.replaced_by) == (False, True, second)
    assert embedded(pdf_of(first)) != embedded(pdf_of(second))


@pytest.mark.parametrize(
    ("differing", "told"),
    [
        ({"valid_from_days": -3, "valid_days": 2}, "was valid until"),
        ({"valid_from_days": 2}, "is valid from"),
        ({"passphrase": "another-passphrase"}, "DSR_SIGNING_PASSPHRASE is not its passphrase"),
    ],
)
def test_none_is_issued_unsigned_where_it_should_be_signed(request_done, signs, differing, told):
    signs(**differing)
    with pytest.raises(UnusableSigning, match=told) as refused:
        issued(request_done, ERASURE)
    assert PASSPHRASE not in str(refused.value)
    assert not Certificate.objects.exists()
    assert not [name for name, _ in storage.names() if name.startswith("certificate")]


def test_a_file_that_is_missing_or_no_key_is_a_plain_error(settings, tmp_path):
    settings.DSR_SIGNING_FILE = tmp_path / "nowhere.p12"
    with pytest.raises(UnusableSigning, match="cannot be read: No such file"):
        signing.check()
    settings.DSR_SIGNING_FILE.write_bytes(b"no key at all")
    with pytest.raises(UnusableSigning, match="no PKCS#12 file"):
        signing.check()


def test_a_time_stamp_server_that_does_not_answer_is_a_plain_error(settings, request_done, signs):
    signs()
    settings.DSR_SIGNING_TSA = "http://127.0.0.1:9/tsa"
    with pytest.raises(UnusableSigning, match="time-stamp server of DSR_SIGNING_TSA"):
        issued(request_done, ERASURE)
    assert not Certificate.objects.exists()
