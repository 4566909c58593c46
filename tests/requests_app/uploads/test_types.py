"""Files are told by their content and their name together; what is not on the list is not taken."""

from __future__ import annotations

import pytest

from requests_app.models import Upload
from requests_app.uploads import UnusableFile, examine
from tests.requests_app.uploads.files import docx, handed, heic, odt, pdf, picture, zipped

Kind = Upload.Kind
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
TAKEN = {
    "letter.pdf": (pdf(), "application/pdf"),
    "Scan.PDF": (pdf(), "application/pdf"),
    "photo.jpg": (picture("JPEG"), "image/jpeg"),
    "photo.jpeg": (picture("JPEG"), "image/jpeg"),
    "photo.png": (picture("PNG"), "image/png"),
    "photo.webp": (picture("WEBP"), "image/webp"),
    "scan.tiff": (picture("TIFF"), "image/tiff"),
    "phone.heic": (heic(), "image/heic"),
    "note.txt": ("Grüße 🙂\r\nBye".encode(), "text/plain"),
    "old.txt": ("Sehr geehrte Damen und Herren, schöne Grüße aus Köln".encode("cp1252"), "text/plain"),
    "windows.txt": ("Notepad once wrote this".encode("utf-16"), "text/plain"),
    "text.docx": (docx(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "text.odt": (odt(), "application/vnd.oasis.opendocument.text"),
}
REFUSED = {
    "page.html": b"<!doctype html><script>alert(1)</script>",
    "drawing.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "program.exe": b"MZ" + bytes(600),
    "macro.docm": docx(**{"word/vbaProject.bin": b"x"}),
    "old.doc": OLE,
    "book.xlsx": zipped({"[Content_Types].xml": b"", "xl/workbook.xml": b""}),
    "more.zip": zipped({"a.txt": b"x"}),
    "list.csv": b"name,email\r\nAnn,ann@example.test\r\n",
    "without": pdf(),
    "letter.pdf.exe": pdf(),
    "moving.gif": picture("GIF"),
}
LYING = {
    "page-called.pdf": b"<!doctype html><script>alert(1)</script>",
    "page-called.txt": b"  <!DOCTYPE html><script>alert(1)</script>",
    "drawing-called.txt": b"\xef\xbb\xbf<svg onload='alert(1)'/>",
    "mail-called.txt": b"MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<script>",
    "script-called.txt": b"#!/bin/sh\nrm -rf ~\n",
    "program-called.pdf": b"MZ" + bytes(600),
    "program-called.txt": b"MZ\x90\x00" + bytes(600),
    "program-called.jpg": b"\x7fELF" + bytes(600),
    "drawing-called.png": b"<svg onload='alert(1)'/>",
    "picture-called.pdf": picture("PNG"),
    "pdf-called.png": pdf(),
    "pdf-later.pdf": b"<script>alert(1)</script>" + pdf(),
    "zip-called.docx": zipped({"a.txt": b"x"}),
    "sheet-called.docx": zipped({"[Content_Types].xml": b"", "xl/workbook.xml": b""}),
    "docx-called.odt": docx(),
    "odt-called.docx": odt(),
    "old-called.docx": OLE,
    "page-before.docx": b"<script>alert(1)</script>" + docx(),
    "broken.docx": docx()[:-30],
}
MACROS = {
    "a.docx": docx(**{"word/vbaProject.bin": b"x"}),
    "b.docx": docx(**{"WORD/VBAPROJECT.BIN": b"x"}),
    "c.docx": docx(**{"word/activeX/activeX1.xml": b"x"}),
    "d.odt": odt(**{"Basic/Standard/Module1.xml": b"x"}),
    "e.odt": odt(**{"Scripts/python/run.py": b"x"}),
}


@pytest.mark.parametrize("name", TAKEN)
def test_what_people_usually_send_is_taken_as_what_it_is(name):
    content, media_type = TAKEN[name]
    examined = examine(handed(name, content), Kind.MESSAGE)
    assert (examined.name, examined.media_type, examined.content) == (name, media_type, content)


@pytest.mark.parametrize("name", REFUSED)
def test_other_files_are_refused_with_a_list_of_what_is_taken(name):
    with pytest.raises(
        UnusableFile, match=r"not taken\. Please hand in PDF, JPEG, PNG, HEIC, WebP, TIFF, DOCX, ODT or"
    ):
        examine(handed(name, REFUSED[name]), Kind.MESSAGE)


@pytest.mark.parametrize("name", LYING)
def test_a_file_that_is_not_what_its_name_says_is_refused(name):
    with pytest.raises(UnusableFile, match="that its name says") as refusal:
        examine(handed(name, LYING[name]), Kind.MESSAGE)
    assert name not in str(refusal.value)


@pytest.mark.parametrize("name", MACROS)
def test_a_document_with_macros_is_refused_whatever_it_is_called(name):
    with pytest.raises(UnusableFile, match="contains macros"):
        examine(handed(name, MACROS[name]), Kind.MESSAGE)


def test_a_proof_of_identity_is_a_picture_and_a_list_to_import_is_text():
    with pytest.raises(UnusableFile, match="Please hand in PDF, JPEG, PNG, HEIC, WebP or TIFF"):
        examine(handed("passport.docx", docx()), Kind.IDENTITY)
    with pytest.raises(UnusableFile, match=r"Please hand in CSV or plain text\."):
        examine(handed("list.pdf", pdf()), Kind.IMPORT)
    for name, media_type in (("list.csv", "text/csv"), ("list.tsv", "text/csv"), ("list.txt", "text/plain")):
        assert examine(handed(name, b"name,email\nAnn,a@b.test\n"), Kind.IMPORT).media_type == media_type


def test_an_archive_that_swells_is_listed_and_never_unpacked():
    bomb = docx(**{"word/media/image1.png": bytes(200_000_000)})
    assert len(bomb) < 1_000_000
    assert examine(handed("bomb.docx", bomb), Kind.MESSAGE).content == bomb
    with pytest.raises(UnusableFile, match="too many parts"):
        examine(handed("parts.docx", docx(**{f"word/{n}.xml": b"" for n in range(6_000)})), Kind.MESSAGE)


def test_empty_and_too_large_files_are_refused_with_the_size_that_goes(settings):
    settings.DSR_UPLOAD_BYTES = 200
    with pytest.raises(UnusableFile, match="The file is empty"):
        examine(handed("a.pdf", b""), Kind.MESSAGE)
    with pytest.raises(UnusableFile, match="larger than 200 bytes"):
        examine(handed("a.pdf", pdf() + bytes(200)), Kind.MESSAGE)
