"""What stands around the records may be as hostile as they are, in every format that gives each value back."""

from __future__ import annotations

import io
from dataclasses import replace
from importlib import import_module

import openpyxl
import pytest

from exporters.about import searches_of
from exporters.base import Answer
from exporters.letter import Searched, SearchOutcome
from exporters.registry import find, slugs
from extractors.batches import Cause, Kind, Omission
from tests.exporters.factories import HOSTILE_TEXTS, a_collection_answer, a_source, an_answer, truth, written
from tests.exporters.letters import AUTHORITY, CONTROLLER, LETTER, SEARCHED, a_whole_answer

HOSTILE = "".join(HOSTILE_TEXTS)
EXACT = [slug for slug in slugs() if find(slug).is_exact]


def surrounded(text: str) -> Answer:
    """Build an answer of one record in which whatever is told around it is one text."""
    controller = replace(CONTROLLER, name=text, address=(text, text), officer=text, email=text, website=text)
    authority = replace(AUTHORITY, name=text, address=(text,), complaint_url=text)
    letter = replace(LETTER, controller=controller, authority=authority, recipient=text, decision=text, right=text)
    searched = tuple(Searched(text, text, outcome, None, (text,), 1, text) for outcome in SearchOutcome)
    omissions = [Omission(text, text, text, cause=cause) for cause in (*Cause, None)]
    answer = an_answer(a_collection_answer({"id": (Kind.INTEGER, [1])}), omissions=omissions)
    return replace(answer, letter=letter, searched=searched, requester={text: text}, system=text, reference=text)


@pytest.mark.parametrize("slug", EXACT)
def test_hostile_words_around_the_records_do_no_harm(slug: str):
    read = import_module(f"tests.exporters.formats.test_{slug}").read
    for text in (HOSTILE, *HOSTILE_TEXTS):
        answer = surrounded(text)
        assert read(answer, written(find(slug), answer)) == truth(answer)


@pytest.mark.parametrize("slug", EXACT)
def test_what_stands_around_the_records_is_the_same_each_time(slug: str):
    assert written(find(slug), a_whole_answer()) == written(find(slug), a_whole_answer())


@pytest.mark.parametrize("slug", EXACT)
def test_an_answer_in_which_nothing_was_found_still_tells_what_was_searched(slug: str):
    answer = replace(an_answer(), letter=LETTER, searched=SEARCHED)
    read = import_module(f"tests.exporters.formats.test_{slug}").read
    files = written(find(slug), answer)
    assert read(answer, files) == {}
    if slug != "xlsx":  # is compressed
        assert "Customer file was down." in b"".join(files.values()).decode()


def test_a_program_that_is_not_ours_opens_workbooks_with_hostile_words_around_the_records():
    for text in (HOSTILE, "1 & 2", "&L&9&A", *HOSTILE_TEXTS):
        data = written(find("xlsx"), surrounded(text))["export.xlsx"]
        book = openpyxl.load_workbook(io.BytesIO(data))
        assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_a_source_that_was_searched_is_called_as_in_the_rest_of_the_answer():
    shop = a_source(label="Internetladen")
    answer = an_answer(a_collection_answer({"id": (Kind.INTEGER, [1])}, source=shop))
    labels = [search.label for search in searches_of(replace(answer, searched=SEARCHED, language="de"))]
    assert labels == ["Internetladen", "Customer file", "Help desk", "Old archive"]
