"""Printing, as another program reads what came out."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

import pikepdf
import pytest

from exporters.document.printing import Embedded, UnprintableDocument, archival, printed

AT = datetime(2026, 11, 26, 7, 30, tzinfo=UTC)
WRITTEN = "2026-11-26T07:30:00Z"
MARKUP = f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Proof</title>
<meta name="dcterms.created" content="{WRITTEN}"><meta name="dcterms.modified" content="{WRITTEN}"></head>
<body><h1>Proof</h1><p>שלום, 你好 and <b>more</b></p><table><tr><th>a</th></tr><tr><td>1</td></tr></table></body></html>
""".encode()
FILES = [Embedded("record.json", "The record", AT, b'{"a":1}'), Embedded("notes.txt", "Notes", AT, b"\0\r\nany")]


@pytest.fixture(scope="module")
def document() -> bytes:
    return archival(MARKUP, FILES)


def opened(content: bytes) -> pikepdf.Pdf:
    return pikepdf.open(BytesIO(content))


def test_an_archival_document_says_that_it_is_pdf_a_3a_and_has_what_that_needs(document):
    pdf = opened(document)
    xmp = pdf.open_metadata()
    assert (xmp["pdfaid:part"], xmp["pdfaid:conformance"]) == ("3", "A")
    assert (xmp["xmp:CreateDate"], xmp["xmp:ModifyDate"]) == (WRITTEN, WRITTEN)
    assert str(pdf.docinfo["/CreationDate"]) == str(pdf.docinfo["/ModDate"]) == "D:20261126073000Z"
    assert not pdf.is_encrypted
    assert pdf.Root.MarkInfo.Marked
    assert pdf.Root.StructTreeRoot.K
    assert str(pdf.Root.Lang) == "en"
    (intent,) = pdf.Root.OutputIntents
    assert (intent.S, intent.DestOutputProfile.N) == ("/GTS_PDFA1", 3)
    assert "/ID" in pdf.trailer


def test_every_font_of_an_archival_document_is_inside_it_and_can_be_read_back(document):
    pdf = opened(document)
    composite = [font for page in pdf.pages for font in page.resources.Font.values()]
    assert {str(font.Subtype) for font in composite} == {"/Type0"}
    assert len(composite) >= 2
    assert all("/ToUnicode" in font for font in composite)
    assert all({"/FontFile2", "/FontFile3"} & set(font.DescendantFonts[0].FontDescriptor.keys()) for font in composite)


def test_files_are_embedded_whole_each_once_as_data_of_the_document(document):
    pdf = opened(document)
    assert {name: file.get_file().read_bytes() for name, file in pdf.attachments.items()} == {
        item.name: item.content for item in FILES
    }
    assert [str(file.UF) for file in pdf.Root.AF] == ["record.json", "notes.txt"]
    assert {str(file.AFRelationship) for file in pdf.Root.AF} == {"/Data"}
    assert [str(file.EF.F.Subtype) for file in pdf.Root.AF] == ["/application/json", "/text/plain"]
    assert {str(file.EF.F.Params.ModDate) for file in pdf.Root.AF} == {"D:20261126073000Z"}


def test_the_same_markup_and_files_give_the_same_bytes(document):
    assert archival(MARKUP, FILES) == document


def test_documents_to_read_stay_pdf_ua_1_and_come_in_their_order():
    titles = [f"Part {number}" for number in range(3)]
    pages = [MARKUP.replace(b"<title>Proof", f"<title>{title}".encode()) for title in titles]
    metadata = [opened(content).open_metadata() for content in printed(pages)]
    assert [(xmp["pdfuaid:part"], xmp["dc:title"]) for xmp in metadata] == [("1", title) for title in titles]


def test_what_cannot_be_printed_is_a_plain_error():
    with pytest.raises(UnprintableDocument, match="could not be made"):
        archival(b"\xff\xfe no UTF-8 \xff")


def test_a_document_reads_no_file_and_asks_no_address(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("Zanzibar")
    link = f'<link rel="attachment" href="{secret.as_uri()}">'.encode()
    pdf = opened(archival(MARKUP.replace(b"</head>", link + b"</head>")))
    assert not pdf.attachments
    assert "/AF" not in pdf.Root
