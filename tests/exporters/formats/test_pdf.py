from __future__ import annotations

import io
import subprocess
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import islice, pairwise
from pathlib import Path

import pikepdf
import pytest

from exporters.base import Answer
from exporters.document.parts import parts
from exporters.document.printing import UnprintableDocument, printed
from exporters.document.typesetting import typeset
from exporters.letter import Controller, Image, Letter
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


def elements(node: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """Walk the structure of a document in reading order."""
    if isinstance(node, pikepdf.Array):
        for child in node:
            yield from elements(child)
    elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
        yield node
        yield from elements(node.get("/K", pikepdf.Array()))


def test_headings_follow_one_another_cells_know_their_headers_and_pictures_have_words():
    picture = b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    )
    logo = Image(
        "image/svg+xml", b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9v9z"/></svg>'
    )
    controller = Controller("Example Ltd", logo=logo, signature=Image("image/png", picture))
    columns = {"id": (Kind.INTEGER, range(5)), "photo": (Kind.BINARY, [picture] * 5)}
    few = a_collection_answer({"id": (Kind.INTEGER, [1])}, name="few", source=a_source(purposes=("Shipping",)))
    letter = Letter(controller, None, "access", "Ann Example", date(2024, 4, 30))
    (content,) = written(find("pdf"), replace(an_answer(a_collection_answer(columns), few), letter=letter)).values()
    with pikepdf.open(io.BytesIO(content)) as document:
        found = list(elements(document.Root.StructTreeRoot.K))
        levels = [int(str(one.S)[2:]) for one in found if str(one.S) in {"/H1", "/H2", "/H3", "/H4"}]
        assert levels[0] == 1
        assert set(levels) == {1, 2, 3, 4}
        assert all(after <= before + 1 for before, after in pairwise(levels))
        cells = [one for one in found if one.S == "/TD"]
        headers = {bytes(one.ID) for one in found if one.S == "/TH"}
        assert cells
        assert all({bytes(name) for name in cell.A.Headers} <= headers and cell.A.Headers for cell in cells)
        figures = [str(one.Alt) for one in found if one.S == "/Figure"]
        assert figures[:2] == ["Example Ltd", "Signature"]
        assert len(figures) == 7


def test_scripts_of_the_world_and_the_meaning_of_codes_are_written():
    texts = ["مرحبا بك", "שלום עולם", "日本語の文章", "简体中文", "नमस्ते", "👍"]
    fields = (Field("text", Kind.TEXT), Field("group", Kind.TEXT, codes={"B": "new"}))
    columns = {"text": (Kind.TEXT, texts), "group": (Kind.TEXT, ["B"] * 6)}
    answer = an_answer(a_collection_answer(columns, fields=fields))
    for language in ("en", "ar", "he", "ja", "zh-TW"):
        text = document(replace(answer, language=language))
        assert "日本語の文章" in text
        assert "简体中文" in text
        assert "👍" in text
        assert "B (new)" in text.replace("(new) B", "B (new)")


def test_an_answer_without_data_is_a_proper_document():
    assert "Nothing held We searched, and hold no data about you." in document(an_answer())


def test_a_long_answer_has_parts_and_says_what_it_does_not_show(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("exporters.document.parts.MOST_VALUES", 240)
    monkeypatch.setattr("exporters.document.parts.MOST_VALUES_ALONE", 240)
    many = a_collection_answer({"id": (Kind.INTEGER, range(1000, 1090))}, batch_rows=7)
    few = a_collection_answer({"id": (Kind.INTEGER, range(5))}, name="few", label="Few")
    answer = replace(an_answer(many, few), printed_rows=70)
    files = written(find("pdf"), answer)
    read(answer, files)
    assert list(files) == ["export.pdf", "export-part-2.pdf", "export-part-3.pdf"]
    first, second, third = (text_of(content).split() for content in files.values())
    assert {str(number) for number in range(1000, 1048)} <= set(second)
    assert {str(number) for number in range(1048, 1070)} <= set(third)
    assert not {"1000", "1070"} & set(first)
    assert "1070" not in second + third
    assert "first 70 of 90 records" in " ".join(third)
    assert "Shortened in this document" in " ".join(first)
    assert "Orders 90 records (part 2)" in " ".join(first)
    assert "Few 5 records (part 3)" in " ".join(first)
    assert "Orders, continued 90 records" in " ".join(third)


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


def test_records_of_many_fields_make_shorter_documents():
    wide = a_collection_answer({f"field_{number}": (Kind.INTEGER, range(30)) for number in range(300)})
    empty = a_collection_answer({"id": (Kind.INTEGER, [])}, name="empty")
    planned = parts(an_answer(wide, empty), 200)
    assert [[piece.records for piece in pieces] for pieces in planned] == [[], [16], [14, 0]]
    fitting = a_collection_answer({f"field_{number}": (Kind.INTEGER, range(10)) for number in range(300)})
    assert [[piece.records for piece in pieces] for pieces in parts(an_answer(fitting), 200)] == [[10]]
    endless = a_collection_answer({f"field_{number}": (Kind.INTEGER, [1, 2]) for number in range(7_000)})
    assert [[piece.records for piece in pieces] for pieces in parts(an_answer(endless), 200)] == [[], [1], [1]]


@pytest.fixture
def in_parts(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("exporters.document.parts.MOST_VALUES_ALONE", -1)


@pytest.mark.usefixtures("in_parts")
def test_cards_lists_pictures_and_meanings_stand_in_the_parts_too():
    picture = b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    )
    nested = '{"lines": [{"sku": "A1", "count": 2.50}, null], "gift": true}'
    fields = (
        Field("photo", Kind.BINARY),
        Field("order", Kind.JSON, label="Your order", help="As you gave it"),
        Field("group", Kind.TEXT, codes={"B": "new"}),
        *(Field(f"more_{number}", Kind.TEXT) for number in range(12)),
    )
    columns = {
        "photo": (Kind.BINARY, [picture, b"\0\1", None]),
        "order": (Kind.JSON, [nested, "[" * 30 + "]" * 30, None]),
        "group": (Kind.TEXT, ["B", "Z", None]),
        **{f"more_{number}": (Kind.TEXT, ["שלום", "x" * 900, "y " * 9_000]) for number in range(12)},
    }
    item = a_collection_answer(columns, fields=fields, source=a_source(label="Web shop"), context=True)
    answer = an_answer(item)
    files = written(find("pdf"), answer)
    read(answer, files)
    assert list(files) == ["export.pdf", "export-part-2.pdf"]
    text = text_of(files["export-part-2.pdf"])
    for expected in ("Web shop", "Not about you", "Your order: As you gave it", "Record 3", "sku: A1", "count: 2.50"):
        assert expected in text
    for expected in (
        "gift: yes",
        "none",
        "B (new)",
        "Data, 2 bytes, in the other files",
        "the whole text, 18,000",
        "–",
    ):
        assert expected in text
    with pikepdf.open(io.BytesIO(files["export-part-2.pdf"])) as document:
        found = list(elements(document.Root.StructTreeRoot.K))
        assert [str(one.Alt) for one in found if one.S == "/Figure"] == [f"Picture, {len(picture)} bytes"]
        assert {str(one.S) for one in found} >= {"/H1", "/H2", "/H3", "/H4"}


@pytest.mark.usefixtures("in_parts")
def test_letters_that_no_font_has_are_spelt_out_in_the_parts():
    answer = an_answer(a_collection_answer({"t": (Kind.TEXT, ["a \U0010fffd b", "🌈", "plain"])}))
    files = written(find("pdf"), answer)
    read(answer, files)
    text = text_of(files["export-part-2.pdf"])
    assert "a [U+10FFFD] b" in text
    assert "🌈" in text or "[rainbow]" in text


@pytest.mark.usefixtures("in_parts")
def test_a_typesetter_that_dies_is_told(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(UnprintableDocument, match="could not be made"):
        typeset(b"no JSON")
    monkeypatch.setattr("exporters.document.typesetting.LONGEST_SECONDS", 0.01)
    with pytest.raises(UnprintableDocument, match="TimeoutExpired"):
        typeset(b"{}")
