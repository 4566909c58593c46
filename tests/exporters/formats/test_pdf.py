from __future__ import annotations

import io
import subprocess
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pikepdf
import pytest

from exporters.base import Answer
from exporters.document.printing import UnprintableDocument, printed
from exporters.registry import find
from extractors.batches import Field, Information, Kind, Omission
from tests.exporters.factories import a_collection_answer, a_source, an_answer, written


def read(answer: Answer, files: dict[str, bytes]) -> None:
    """Hold every document against what is promised: tagged, titled, in a language, and every collection named."""
    for content in files.values():
        with pikepdf.open(io.BytesIO(content)) as document:
            assert document.Root.MarkInfo.Marked
            assert str(document.Root.Lang) == "en"
            assert document.Root.ViewerPreferences.DisplayDocTitle
            assert document.Root.StructTreeRoot.K
            with document.open_metadata() as metadata:
                assert metadata["pdfuaid:part"] == "1"
                assert metadata["dc:title"]
            assert not {"/OpenAction", "/AA", "/AcroForm"} & set(document.Root.keys())
            assert "/JavaScript" not in document.Root.get("/Names", {})
    text = "".join(map(text_of, files.values()))
    assert answer.reference in text
    for item in answer.collections:
        assert f"{item.count:,} record" in text


def text_of(content: bytes) -> str:
    ran = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True)
    return " ".join(ran.stdout.decode().split())


def document(answer: Answer) -> str:
    files = written(find("pdf"), answer)
    read(answer, files)
    return text_of(files["export.pdf"])


def test_the_document_has_a_cover_information_contents_and_the_data():
    information = Information(("Shipping",), ("contact",), ("Carrier",), "Ten years", "You")
    field = (Field("name", Kind.TEXT, label="Your name", help="As you gave it"), Field("flag", Kind.BOOLEAN))
    columns = {
        "name": (Kind.TEXT, ["Ann", "שלום", "Жанна", "<b>&amp;</b>"]),
        "flag": (Kind.BOOLEAN, [True, False, None, True]),
    }
    item = a_collection_answer(columns, fields=field, source=a_source(label="Web shop"), information=information)
    text = document(an_answer(item, omissions=[Omission("shop", "orders", "only the newest 5", cut=True)]))
    for expected in ("Your data at Example Ltd", "6 May 2024", "Shipping", "Ten years", "Orders: only the newest 5"):
        assert expected in text
    for expected in ("Your name", "As you gave it", "Жанна", "<b>&amp;</b>", "Yes", "Page 1 of", "Orders 4 records"):
        assert expected in text


def test_an_answer_without_data_is_a_proper_document():
    assert "Nothing held We searched, and hold no data about you." in document(an_answer())


def test_a_long_answer_has_parts_and_says_what_it_does_not_show(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("exporters.document.parts.MOST_RECORDS", 40)
    many = a_collection_answer({"id": (Kind.INTEGER, range(1000, 1090))}, batch_rows=7)
    few = a_collection_answer({"id": (Kind.INTEGER, range(5))}, name="few", label="Few")
    answer = replace(an_answer(many, few), printed_rows=70)
    files = written(find("pdf"), answer)
    read(answer, files)
    assert list(files) == ["export.pdf", "export-part-2.pdf"]
    first, second = (text_of(content).split() for content in files.values())
    assert {str(number) for number in range(1000, 1040)} <= set(first)
    assert {str(number) for number in range(1040, 1070)} <= set(second)
    assert "1070" not in first + second
    assert "first 70 of 90 records" in " ".join(second)
    assert "Shortened in this document" in " ".join(first)
    assert "(part 2)" in " ".join(first)


def test_nothing_is_fetched_and_markup_is_only_text():
    hostile = '<img src="file:///etc/hostname"><script>x</script><link rel=stylesheet href=http://127.0.0.1:9/>'
    assert '<img src="file:///etc/hostname">' in document(an_answer(a_collection_answer({"t": (Kind.TEXT, [hostile])})))


def test_long_values_are_broken_and_cut_with_a_word_on_where_the_rest_is():
    text = document(an_answer(a_collection_answer({"t": (Kind.TEXT, ["x" * 900, "y " * 9_000])})))
    assert "the whole text, 18,000 characters, is in the other files" in text


def test_documents_come_in_their_order_and_are_asked_for_one_ahead():
    asked = []

    def documents():
        for number in range(5):
            asked.append(number)
            yield f'<html lang="en"><title>{number}</title><p>Document {number}</p>'.encode()

    first = list(islice(printed(documents()), 1))
    assert "Document 0" in text_of(first[0])
    assert len(asked) <= 3


def test_it_matters_not_where_the_portal_was_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert "Hello" in text_of(next(iter(printed([b'<html lang="en"><title>x</title><p>Hello']))))


def test_a_printer_that_dies_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(UnprintableDocument, match="could not be made"):
        list(printed([b"<p>x"]))
