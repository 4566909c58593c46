"""Certificates as documents, as other programs read them."""

from __future__ import annotations

import hashlib
import json
import subprocess
from dataclasses import replace
from io import BytesIO

import pikepdf
import pytest
import segno
from PIL import Image

from exporters.certificate.documents import issued
from exporters.certificate.records import ErasureRecord, Heading
from exporters.letter import Controller
from tests.exporters.certificate.samples import (
    AT,
    CALLS,
    CONTROLLER,
    ERASURE,
    HANDLING,
    HEADING,
    ISSUER,
    NUMBER,
    ORDERS,
    PAGE,
    SHOP,
)


@pytest.fixture(scope="module")
def erasure():
    return issued(HEADING, ERASURE, CONTROLLER, is_signed=True)


@pytest.fixture(scope="module")
def handling():
    return issued(HEADING, HANDLING, CONTROLLER)


def text(pdf: bytes, *options: str) -> str:
    command = ["pdftotext", "-layout", *options, "-", "-"]
    return subprocess.run(command, input=pdf, capture_output=True, check=True).stdout.decode()


def words(pdf: bytes) -> str:
    return " ".join(text(pdf).split())


def modules(pdf: bytes, page: int, count: int) -> list[list[bool]]:
    """Read the modules of the QR code off the page as it is printed; nothing else on it is quite black."""
    command = ["pdftoppm", "-r", "300", "-f", str(page), "-l", str(page), "-gray", "-"]
    shown = Image.open(BytesIO(subprocess.run(command, input=pdf, capture_output=True, check=True).stdout))
    left, top, right, bottom = shown.point(lambda grey: 255 if grey < 8 else 0).getbbox()
    wide, high = (right - left) / count, (bottom - top) / count
    return [
        [shown.getpixel((int(left + (x + 0.5) * wide), int(top + (y + 0.5) * high))) < 128 for x in range(count)]
        for y in range(count)
    ]


def test_a_certificate_is_archival_tagged_and_holds_its_record_as_data(erasure):
    pdf = pikepdf.open(BytesIO(erasure.pdf))
    xmp = pdf.open_metadata()
    assert (xmp["pdfaid:part"], xmp["pdfaid:conformance"], pdf.is_encrypted) == ("3", "A", False)
    assert xmp["dc:title"] == f"Certificate of erasure {NUMBER}"
    assert pdf.Root.StructTreeRoot.K
    (file,) = pdf.Root.AF
    assert (str(file.UF), str(file.AFRelationship)) == ("record.json", "/Data")
    assert pdf.attachments["record.json"].get_file().read_bytes() == erasure.record


def test_the_hash_of_the_record_stands_on_the_page(erasure, handling):
    for made in (erasure, handling):
        digest = hashlib.sha256(made.record).hexdigest()
        assert made.record_sha256 == digest
        assert digest in text(made.pdf).replace(" ", "")


def test_the_qr_code_is_that_of_the_public_page(erasure, handling):
    wanted = [
        [bool(module) for module in row] for row in segno.make(PAGE, error="m", micro=False, boost_error=False).matrix
    ]
    assert modules(handling.pdf, 1, len(wanted)) == wanted
    assert modules(erasure.pdf, len(pikepdf.open(BytesIO(erasure.pdf)).pages), len(wanted)) == wanted


def test_an_erasure_says_what_was_done_by_whom_and_what_is_kept_until_when(erasure):
    said = words(erasure.pdf)
    for told in (
        "Upon the request DSR-2026-7F3KQ9 of 3 November 2026",
        "1,252 1,237 15 0",
        "prepared by Jonas Weber (Processor), approved by Rita Lindqvist (Reviewer) on 20 November 2026",
        "by the data map version 4 (cdcdcdcdcdcd…); with 1 record that had come since the approval",
        "Orders 14 0 0 0 14 14",
        "Together 18 2 1 0 15 15",
        "2 November 2036, the first of",
        "GDPR Art. 17(3)(b): tax records",
        "Fax archive: it could not be reached",
        "Dr. Helene Voss",
        f"No. {NUMBER}",
        "Hash of seal 1,842",
        "signed electronically",
    ):
        assert told in said, told


def test_a_handling_says_when_and_by_which_rule_and_fits_one_page(handling):
    assert len(pikepdf.open(BytesIO(handling.pdf)).pages) == 1
    said = words(handling.pdf)
    for told in ("within its period", "14 31 Yes", "5 November 2026 One month later the period ends", "182,733 bytes"):
        assert told in said, told
    assert "signed electronically" not in said


def test_what_was_late_or_is_not_proven_is_not_glossed_over():
    late = words(issued(HEADING, replace(HANDLING, is_in_time=False), CONTROLLER).pdf)
    assert "after its period" in late
    shop = replace(SHOP, is_proven=False, collections=(replace(CALLS, left=2, after=2),))
    left = words(issued(HEADING, ErasureRecord(None, (shop,)), CONTROLLER).pdf)
    assert "still found records that should be gone" in left
    assert "1,234 1,234 0 2" in left


def test_without_a_portal_there_is_no_number_no_code_and_no_page():
    heading = Heading(AT, ISSUER, "Privacy Portal")
    made = issued(heading, ErasureRecord(None, (replace(SHOP, decision=None, map_version=None),)), Controller("Shop"))
    said = words(made.pdf)
    assert "so no page confirms it" in said
    assert "No. " not in said
    pdf = pikepdf.open(BytesIO(made.pdf))
    assert not any(annotation for page in pdf.pages for annotation in page.get("/Annots", []))
    assert len(pdf.pages) == 1


def test_long_tables_repeat_their_heads_and_no_row_is_cut():
    many = tuple(
        replace(ORDERS, name=f"orders_{n}", label=f"Orders of branch {n:02}", reasons=("Why. " * 30,))
        for n in range(60)
    )
    made = issued(HEADING, replace(ERASURE, sources=(replace(SHOP, collections=many),)), CONTROLLER)
    pages = text(made.pdf).split("\f")[:-1]
    assert len(pages) > 5
    assert all("Records" in page for page in pages[:-1])
    assert all(f"Page {number} of {len(pages)}" in page for number, page in enumerate(pages, 1))
    joined = "\n".join(pages)
    assert all(joined.count(f"Orders of branch {n:02}") == 2 for n in range(60))
    reasons = [page.count("Why.") for page in pages if "Ground" in page]
    assert sum(reasons) == 60 * 30
    assert all(count % 30 == 0 for count in reasons)


def test_hostile_words_stay_words():
    label = '</style><script>alert(1)</script>"><img src=x>\u202e\ufffe{{ 1 }}'
    source = replace(SHOP, label=label, collections=(replace(ORDERS, label=label, reasons=(label,)),))
    controller = replace(CONTROLLER, name=label, colour="red;} body {display: none")
    made = issued(HEADING, replace(ERASURE, sources=(source,)), controller)
    assert "alert(1)" in words(made.pdf)
    assert json.loads(made.record)["erasure"]["sources"][0]["label"] == label


def test_the_headings_and_table_heads_are_tagged(erasure):
    found: list[str] = []

    def walk(node: pikepdf.Object) -> None:
        if isinstance(node, pikepdf.Dictionary):
            found.append(str(node.get("/S", "")))
            walk(node.get("/K", None))
        elif isinstance(node, pikepdf.Array):
            for child in node:
                walk(child)

    pdf = pikepdf.open(BytesIO(erasure.pdf))
    walk(pdf.Root.StructTreeRoot.K)
    assert found.count("/H1") == 1
    assert {"/H2", "/Table", "/TH", "/TD", "/Figure", "/Link"} <= set(found)


def test_the_same_record_gives_the_same_document(handling):
    assert issued(HEADING, HANDLING, CONTROLLER).pdf == handling.pdf
