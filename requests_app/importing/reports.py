"""What a report says, as a file: the number of each line, what became of it and why; nothing of the line itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exporters.csv_lines import line
from requests_app.importing.columns import FIELDS
from requests_app.models import ImportLine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests_app.models import RequestImport

MARK = b"\xef\xbb\xbf"  # without it, spreadsheets take the file for some older encoding
LINES_AT_ONCE = 2_000


def report_lines(run: RequestImport) -> Iterator[bytes]:
    """Stream the report of a list as CSV, in the order of its rows; cells that a spreadsheet would run are guarded."""
    yield MARK + line(("Row", "Result", "Problem", "Request"))
    lines = ImportLine.objects.filter(run=run).order_by("number")
    found = lines.values_list("number", "state", "problem", "request__reference")
    for number, state, problem, reference in found.iterator(LINES_AT_ONCE):
        yield line((str(number), state, problem, reference))


def template() -> bytes:
    """Give a list to begin with: every column by its label, and an example."""
    return MARK + line(field.label for field in FIELDS) + line(field.example for field in FIELDS)
