from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from exporters.document.reply import nothing_held
from exporters.letter import Authority, Controller, Letter, Searched, SearchOutcome
from exporters.start_here import PackedFile, start_here
from extractors.batches import Cause, Kind, Omission
from tests.exporters.factories import HOSTILE_TEXTS, a_collection_answer, a_source, an_answer
from tests.exporters.formats.test_pdf import text_of

if TYPE_CHECKING:
    from playwright.sync_api import Page

FILES = [
    PackedFile("json/export.json", 1_234_567, "ab" * 32, "application/json"),
    PackedFile("html/index.html", 999, "cd" * 32, "text/html"),
]
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def a_letter(**about) -> Letter:
    given = {"controller": Controller("Example Ltd"), "authority": None, "right": "access", "recipient": "Ann Example"}
    return Letter(**(given | {"received_on": date(2024, 4, 30)} | about))


def an_answer_with_letter(**about):
    item = a_collection_answer({"id": (Kind.INTEGER, [1, 2])}, source=a_source(purposes=("Shipping",)))
    return replace(an_answer(item), letter=a_letter(**about))


def words(markup: bytes) -> str:
    shown = re.sub(r"<style>.*?</style>", "", markup.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", shown.replace("<wbr>", "")).split())


def html_of(answer, files=FILES) -> str:
    name, content = start_here(answer, files, is_printed=False)
    assert name == "START-HERE.html"
    return words(content)


def test_it_says_what_each_folder_is_good_for_with_size_and_checksum():
    told = html_of(an_answer_with_letter())
    assert "2 files, 1.2 MB unpacked" in told
    assert told.index("A report to read on a screen") < told.index("For programs")
    assert f"json/export.json 1.2 MB {'ab' * 32}" in told
    assert f"html/index.html 999 bytes {'cd' * 32}" in told


def test_a_folder_of_very_many_files_is_listed_in_part_and_says_so():
    many = [PackedFile(f"csv/{number}.csv", 1, "00" * 32, "text/csv") for number in range(45)]
    told = html_of(an_answer_with_letter(), many)
    assert "csv/39.csv" in told
    assert "csv/40.csv" not in told
    assert "And 5 files more; manifest.json lists all of them." in told


def test_printed_it_holds_the_letter_the_sheet_and_the_statement():
    name, content = start_here(an_answer_with_letter(), FILES, is_printed=True)
    told = text_of(content)
    assert name == "START-HERE.pdf"
    for expected in ("Dear Ann Example", "What is in this package", "What we searched", "Shipping", "Your rights"):
        assert expected in told
    assert "Page 1 of" in told


def test_without_a_printer_it_is_html(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.executable", "/bin/false")
    name, content = start_here(an_answer_with_letter(), FILES, is_printed=True)
    assert name == "START-HERE.html"
    assert b"Content-Security-Policy" in content


def test_an_export_without_a_letter_has_the_rest():
    told = html_of(an_answer(a_collection_answer({"id": (Kind.INTEGER, [1])})))
    assert "Start here: your data at Example Ltd" in told
    assert "Dear" not in told
    assert "What we searched, and what we found" in told


def test_nothing_held_is_a_letter_of_two_pages_with_rights_and_authority():
    authority = Authority("FR", "CNIL", ("3 place de Fontenoy", "75007 Paris"), website="https://www.cnil.fr")
    searched = (Searched("shop", "Web shop", SearchOutcome.EMPTY, an_answer().exported_at, ("email",)),)
    answer = replace(an_answer(), searched=searched, letter=a_letter(authority=authority))
    content = nothing_held(answer)
    told = text_of(content)
    assert "we hold no personal data about you" in told
    for expected in ("Web shop", "Nothing found", "Your rights", "CNIL", "75007 Paris", "Yours sincerely"):
        assert expected in told
    info = subprocess.run(["pdfinfo", "-"], input=content, capture_output=True, check=True).stdout.decode()
    assert re.search(r"Pages:\s+2\n", info)


def test_chromium_runs_nothing_hostile_and_axe_finds_no_fault(page: Page, tmp_path: Path):
    from axe_playwright_python.sync_playwright import Axe

    hostile = f"{HOSTILE}{''.join(HOSTILE_TEXTS)}"
    controller = Controller(
        hostile, (hostile,), website=f"javascript:alert(1)//{HOSTILE}", officer=hostile, colour='red"}</style>'
    )
    answer = an_answer(
        a_collection_answer({"id": (Kind.INTEGER, [1])}, source=a_source(label=hostile), label=hostile),
        omissions=[Omission("shop", "orders", hostile, cause=cause) for cause in (*Cause, None)],
    )
    letter = a_letter(controller=controller, recipient=hostile, decision=hostile, contact_url="javascript:alert(1)")
    answer = replace(answer, letter=letter, language='ar" onload="alert(1)', reference=hostile, system=hostile)
    _, content = start_here(answer, [PackedFile(f"json/{HOSTILE}", 1, "ab", "x")], is_printed=False)
    path = tmp_path / "START-HERE.html"
    path.write_bytes(content)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda _: pytest.fail("a script of the data ran"))
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.goto(path.as_uri())
        violations = Axe().run(page).response["violations"]
        assert [(item["id"], item["nodes"][0]["html"]) for item in violations] == []
    assert all(url.startswith(("file:", "data:")) for url in asked)
    assert page.locator("script, img, a[href^='javascript']").count() == 0
