from __future__ import annotations

import os
import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import pikepdf
import pytest

from exporters.document.typesetting import spelt_out
from exporters.registry import find
from tests.exporters.factories import truth, written
from tests.exporters.formats.test_xml import plain
from tests.read_back.hostile import CASES
from tests.read_back.programs import run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    Printed = Callable[[str, str], list[Path]]

IS_WHOLE = os.environ.get("DSR_TEST_ALL") == "1"
ALONE, IN_PARTS = "alone", "in parts"
SAMPLES = {"scripts", "markup", "nul", "300 columns", "no data at all"}
AS_TABLE = ["formulas", "markup", "control characters", "line breaks", "nul", "scripts"]
HEADINGS = ["Id", "Text", "Moment", "Amount", "Held"]
GONE = ("Zl", "Zp", "Zs", "Cc", "Cf", "Co", "Cn")
UNSHOWN = set("🏳🌈👩🏽🚀\U0010fffd")  # not in the fonts that are set up
VARIANTS = "\ufe0f\u200d"


@dataclass(frozen=True)
class Element:
    """An element of a document's structure, with the text directly in it."""

    name: str
    parts: list[Element] = field(default_factory=list)
    text: str = ""

    def all(self, *names: str) -> list[Element]:
        """List what has one of these names, in the order of reading."""
        found = [self] if self.name in names else []
        return found + [element for part in self.parts for element in part.all(*names)]

    def words(self) -> str:
        return self.text + "".join(part.words() for part in self.parts)


@cache
def structure(file: Path) -> Element:
    """Read a document as assistive technology does, by its tags."""
    root = Element("root")
    opened = [(-1, root)]
    for line in run("pdfinfo", "-struct-text", file).decode().split("\n"):
        margin, said = len(line) - len(line.lstrip(" ")), line.strip(" ")
        while opened[-1][0] >= margin:
            opened.pop()
        quoted = re.fullmatch('"(.*)"', said)
        element = Element("", text=quoted[1]) if quoted else Element(re.split(r"[ :<]", said)[0])
        opened[-1][1].parts.append(element)
        opened.append((margin, element))
    return root


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Printed:
    """Make a case's documents, each case once: letter and records together, or the records by themselves."""

    @cache
    def printed(case: str, way: str) -> list[Path]:
        folder = tmp_path_factory.mktemp("documents")
        files = []
        with pytest.MonkeyPatch.context() as patch:
            if way == IN_PARTS:
                patch.setattr("exporters.document.parts.MOST_VALUES_ALONE", -1)
            for path, content in written(find("pdf"), CASES[case]()).items():
                files.append(folder / path)
                files[-1].write_bytes(content)
        return files

    return printed


def in_both_ways(cases: Iterable[str]) -> list[tuple[str, str]]:
    """Give each case with each way, but for the samples that a quick run takes of the second."""
    known = list(cases)
    return [(case, ALONE) for case in known] + [(case, IN_PARTS) for case in known if IS_WHOLE or case in SAMPLES]


def visible(text: object) -> str:
    """Give the characters of a text that can be seen, in the form that has no other."""
    whole = unicodedata.normalize("NFKC", str(text))
    return "".join(c for c in whole if unicodedata.category(c) not in GONE and c not in VARIANTS)


def is_composed(text: object) -> bool:
    """Tell whether a text has letters of several characters."""
    return any(unicodedata.category(c) in ("Mn", "Mc", "Me", "Cf") for c in unicodedata.normalize("NFKC", str(text)))


def is_turned(text: object) -> bool:
    """Tell whether any of a text runs from right to left: Poppler gives it as it stands on the page."""
    return any(unicodedata.bidirectional(c) in ("R", "AL", "RLO") for c in str(text))


@pytest.mark.parametrize(("case", "way"), in_both_ways(AS_TABLE))
def test_poppler_finds_every_text_in_its_cell(case: str, way: str, documents: Printed):
    *_, file = documents(case, way)
    # Where it goes on on the next page, a table is tagged as another one, with its headings again.
    tables = [table for table in structure(file).all("Table") if [h.words() for h in table.all("TH")] == HEADINGS]
    found = [row.all("TD") for table in tables for row in table.all("TR")[1:]]
    whole = visible(run("pdftotext", "-raw", file, "-").decode())
    (records,) = truth(CASES[case]()).values()
    for row, record in zip(found, records, strict=True):
        for cell, value in zip(row[:2], record[:2], strict=True):
            order = sorted if is_turned(value) else str
            known = (order(visible(value)), order(visible(spelt_out(str(value), UNSHOWN))))
            words = visible(plain(cell.words()))
            # By the tags alone, Poppler repeats or drops what surrounds letters of several characters.
            assert order(words) in known or (is_composed(value) and visible(value) in whole)


@pytest.mark.parametrize(("case", "way"), in_both_ways(CASES))
def test_every_document_is_tagged_titled_and_passive(case: str, way: str, documents: Printed):
    answer = CASES[case]()
    for file in documents(case, way):
        told = facts(file)
        assert told["Tagged"] == "yes"
        assert (told["JavaScript"], told["Form"], told["Encrypted"]) == ("no", "none", "no")
        assert answer.system in told["Title"]
        assert_passive(file)
        with pikepdf.open(file) as document:
            assert document.Root.Lang == "en"  # of our words; those of the data map say theirs where they stand
            assert document.Root.ViewerPreferences.DisplayDocTitle
            assert len(document.pages) == int(told["Pages"])
            assert all(page.Tabs == "/S" for page in document.pages if "/Annots" in page)
            with document.open_metadata() as metadata:
                assert metadata["pdfuaid:part"] == "1"
        fonts = run("pdffonts", file).decode().splitlines()[2:]
        assert fonts
        assert all(re.search(r" yes +yes +(yes|no) +[0-9]+ +[0-9]+$", font) for font in fonts)  # embedded


def facts(file: Path) -> dict[str, str]:
    lines = run("pdfinfo", file).decode().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def assert_passive(file: Path) -> None:
    """Find nothing in a document that acts, and no link out of it."""
    with pikepdf.open(file) as document:
        for item in document.objects:
            if isinstance(item, pikepdf.Dictionary):
                assert not {"/OpenAction", "/AA", "/JS", "/JavaScript", "/AcroForm", "/Launch", "/URI"} & set(
                    item.keys()
                )
                assert item.get("/S") not in ("/URI", "/Launch", "/JavaScript", "/GoToR", "/SubmitForm")


@pytest.mark.parametrize(
    ("case", "way"), in_both_ways([*AS_TABLE, "300 columns", "empty collections", "no data at all"])
)
def test_headings_and_tables_can_be_followed(case: str, way: str, documents: Printed):
    for file in documents(case, way):
        root = structure(file)
        levels = [int(heading.name[1]) for heading in root.all("H1", "H2", "H3", "H4")]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(below <= above + 1 for above, below in pairwise(levels))
        for table in root.all("Table"):
            widths = {len(row.all("TD", "TH")) for row in table.all("TR")}
            assert len(widths) == 1, "a row with fewer cells than headings"
            assert table.all("TH")


def test_a_document_with_a_link_does_not_pass(tmp_path: Path):
    with pikepdf.new() as document:
        document.add_blank_page()
        action = pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String("http://127.0.0.1:9/"))
        document.pages[0].Annots = pikepdf.Array([document.make_indirect(pikepdf.Dictionary(A=action))])
        document.make_indirect(action)
        document.Root.Names = document.make_indirect(action)
        document.save(tmp_path / "control.pdf")
    with pytest.raises(AssertionError):
        assert_passive(tmp_path / "control.pdf")
