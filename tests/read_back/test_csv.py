from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from zipfile import ZipFile

import pytest

from exporters.base import Answer
from exporters.registry import find
from tests.exporters.factories import truth, written
from tests.exporters.formats.test_csv import unguarded, value
from tests.read_back.hostile import CASES, FORMULAS
from tests.read_back.programs import ALL_TEXT, AS_CSV, LIKE_DEFAULT, convert, needs_office

MOST_UNITS = 65_535  # of UTF-16, that LibreOffice takes of a cell of CSV; a workbook holds such texts whole
Records = dict[tuple[str, str], list[list[object]]]


@pytest.fixture(autouse=True)
def any_length_of_cells():
    before = csv.field_size_limit(2**30)
    yield
    csv.field_size_limit(before)


@pytest.mark.parametrize("case", CASES)
def test_pythons_reader_finds_every_value(case: str):
    answer = CASES[case]()
    files = written(find("csv"), answer)
    assert records_in(answer, {path: parsed(content) for path, content in files.items()}) == without_nulls(
        truth(answer)
    )


def parsed(content: bytes) -> list[list[str]]:
    # A text of a single null is a blank line, which this reader takes for a row without cells.
    return [row or [""] for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)]


def records_in(answer: Answer, files: dict[str, list[list[str]]]) -> Records:
    """Find each collection by the list of all, and undo the guard against formulas."""
    (listed,) = (rows for rows in files.values() if {"records", "file"} <= set(rows[0]))
    lines = [dict(zip(listed[0], map(unguarded, row), strict=True)) for row in listed[1:]]
    places = {(line["source"], line["collection"]): line["file"] for line in lines if line["file"]}
    found = {}
    for item in answer.collections:
        collection = item.collection
        names, *records = files[places[collection.source.slug, collection.name]]
        assert [unguarded(name) for name in names] == ([field.name for field in collection.fields] or [""])
        kinds = [field.kind for field in collection.fields]
        found[collection.source.slug, collection.name] = [
            [value(cell, kind) if cell else None for cell, kind in zip(record, kinds, strict=True)]
            for record in records
        ]
    return found


def without_nulls(records: Records) -> Records:
    """Take empty text for null, as readers do that do not tell a quoted empty cell from a bare one."""
    return {
        key: [[None if cell in ("", b"") else cell for cell in row] for row in rows] for key, rows in records.items()
    }


def as_office_keeps(records: Records) -> Records:
    """Give records as LibreOffice has them: one kind of line break, and of a cell no more than it takes from CSV."""
    return {key: [[kept(cell) for cell in row] for row in rows] for key, rows in without_nulls(records).items()}


def kept(cell: object) -> object:
    if not isinstance(cell, str):
        return cell
    octets = re.sub("\r\n?", "\n", cell).encode("utf-16-le")[: 2 * MOST_UNITS]
    return octets.decode("utf-16-le", errors="ignore")


@pytest.fixture(scope="module")
def answers() -> dict[str, Answer]:
    return {case: make() for case, make in CASES.items()}


@pytest.fixture(scope="module")
def by_office(answers: dict[str, Answer], tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Path]]:
    """Every file of every case, opened by LibreOffice with all columns as text and saved again."""
    folder = tmp_path_factory.mktemp("office")
    placed = {case: laid_out(folder / f"{n}", answers[case]) for n, case in enumerate(answers)}
    made = convert(folder, [file for files in placed.values() for file in files.values()], AS_CSV, by=ALL_TEXT)
    return {case: {path: made / file.name for path, file in files.items()} for case, files in placed.items()}


def laid_out(folder: Path, answer: Answer) -> dict[str, Path]:
    """Write the files of a case under names that no other case has."""
    folder.mkdir()
    placed = {}
    for number, (path, content) in enumerate(written(find("csv"), answer).items()):
        placed[path] = folder / f"case-{folder.name}-{number}.csv"
        placed[path].write_bytes(content)
    return placed


@needs_office
@pytest.mark.parametrize("case", CASES)
def test_libreoffice_finds_every_value(case: str, answers: dict[str, Answer], by_office: dict[str, dict[str, Path]]):
    files = {path: parsed(file.read_bytes()) for path, file in by_office[case].items()}
    found = records_in(answers[case], files)
    assert found == as_office_keeps(truth(answers[case]))


@needs_office
def test_libreoffice_runs_nothing_however_a_file_is_opened(answers: dict[str, Answer], tmp_path: Path):
    (tmp_path / "office").mkdir()
    placed = [
        file for number, case in enumerate(answers) for file in laid_out(tmp_path / f"{number}", answers[case]).values()
    ]
    made = convert(tmp_path / "office", [*placed, with_formula(tmp_path)], "xlsx", by=LIKE_DEFAULT)
    files_with_formulas = {file.name for file in made.iterdir() if holds_formula(file)}
    assert len(list(made.iterdir())) == len(placed) + 1
    assert files_with_formulas == {"control.xlsx"}


def holds_formula(file: Path) -> bool:
    with ZipFile(file) as archive:
        sheets = [archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/")]
    assert sheets
    return any(re.search(rb"<f[ >]", sheet) for sheet in sheets)


def with_formula(folder: Path) -> Path:
    """Write what LibreOffice does run, since a test that finds no formulas anywhere would prove nothing."""
    file = folder / "control.csv"
    file.write_text("\r\n".join(FORMULAS))
    return file
