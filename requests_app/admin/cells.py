"""How one value of a record is shown to a reviewer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson
from django.template.defaultfilters import filesizeformat

from extractors.batches import Kind

if TYPE_CHECKING:
    from extractors.batches import Field

LONGEST_LINE = 80


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as text; `start` is its beginning where it is too long or too structured for a line.

    Args:
        note: words in the place of a value that has no text, such as a picture.
        ground: why it is withheld, empty where it is given.
        mark: why it may be about somebody else, empty where nothing says so.
    """

    text: str = ""
    start: str = ""
    note: str = ""
    ground: str = ""
    mark: str = ""


def cell(value: object, field: Field, ground: str, mark: str = "") -> Cell:
    """Put a value into the form that suits its kind; nothing is left out of the text."""
    if value is None:
        return Cell(note="empty", ground=ground, mark=mark)
    if isinstance(value, bytes | memoryview):
        return Cell(note=f"{filesizeformat(len(value))} of binary data", ground=ground, mark=mark)
    text = _json(str(value)) if field.kind is Kind.JSON else _words(value, field)
    if not text:
        return Cell(note="empty text", ground=ground, mark=mark)
    is_long = len(text) > LONGEST_LINE or "\n" in text
    start = " ".join(text[: LONGEST_LINE * 2].split())[:LONGEST_LINE] + " …" if is_long else ""
    return Cell(text, start, ground=ground, mark=mark)


def _words(value: object, field: Field) -> str:
    text = ("yes" if value else "no") if isinstance(value, bool) else str(value)
    word = field.codes.get(str(value).lower() if isinstance(value, bool) else str(value))
    return f"{word} ({text})" if word else text


def _json(text: str) -> str:
    try:
        line = orjson.dumps(value := orjson.loads(text)).decode()
        return line if len(line) <= LONGEST_LINE else orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    except ValueError:  # shown as it is: numbers or nesting beyond what the parser takes
        return text
