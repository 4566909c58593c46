"""What the team does with certificates, and how other programs read them."""

from __future__ import annotations

import json
import subprocess
from io import BytesIO
from typing import Any

import jsonschema
import pikepdf

from exporters.certificate.schema import schema_text
from requests_app import certificates
from requests_app.models import Certificate, SubjectRequest
from tests.requests_app.changing.shops import team

ERASURE, HANDLING = Certificate.Kind.ERASURE, Certificate.Kind.HANDLING


def processor():
    """Give a member of the team who works on requests."""
    return team()[0]


def issued(request: SubjectRequest, kind: Certificate.Kind, **options: bool) -> Certificate:
    """Issue a certificate."""
    return certificates.issue(request, kind, user=processor(), **options)


def pdf_of(certificate: Certificate) -> bytes:
    """Take the document out of the storage."""
    return certificates.document(certificate, user=processor())


def record_of(pdf: bytes) -> dict[str, Any]:
    """Read the record inside, which has to fit its schema."""
    record = json.loads(embedded(pdf))
    jsonschema.Draft202012Validator(json.loads(schema_text())).validate(record)
    return record


def embedded(pdf: bytes) -> bytes:
    """Take the record out of the document as it is."""
    with pikepdf.open(BytesIO(pdf)) as opened:
        return opened.attachments["record.json"].get_file().read_bytes()


def words(pdf: bytes) -> str:
    """Read what stands on the pages."""
    command = ["pdftotext", "-layout", "-", "-"]
    return " ".join(subprocess.run(command, input=pdf, capture_output=True, check=True).stdout.decode().split())
