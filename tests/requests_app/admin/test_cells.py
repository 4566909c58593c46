from __future__ import annotations

import pytest

from extractors.batches import Field, Kind
from requests_app.admin.cells import cell


def shown(value, kind=Kind.TEXT, **options):
    return cell(value, Field("field", kind, **options), "")


@pytest.mark.parametrize(
    ("value", "kind", "text", "note"),
    [
        ("Lamp", Kind.TEXT, "Lamp", ""),
        ("", Kind.TEXT, "", "empty text"),
        (None, Kind.TEXT, "", "empty"),
        (0, Kind.INTEGER, "0", ""),
        (False, Kind.BOOLEAN, "no", ""),
        (True, Kind.BOOLEAN, "yes", ""),
        (b"\x00" * 2048, Kind.BINARY, "", "2.0\xa0KB of binary data"),
        ("1.10", Kind.DECIMAL, "1.10", ""),
        ('{"a":1}', Kind.JSON, '{"a":1}', ""),
        ("{broken", Kind.JSON, "{broken", ""),
    ],
)
def test_a_value_is_shown_by_its_kind(value, kind, text, note):
    result = shown(value, kind)
    assert (result.text, result.note, result.start) == (text, note, "")


def test_a_code_is_explained_beside_it():
    assert shown("A", codes={"A": "active"}).text == "active (A)"
    assert shown(1, Kind.INTEGER, codes={"1": "one"}).text == "one (1)"
    assert shown("B", codes={"A": "active"}).text == "B"


def test_a_long_value_is_shortened_and_kept_whole_below():
    value = "word " * 100
    result = shown(value)
    assert result.text == value
    assert len(result.start) <= 82
    assert result.start.endswith(" …")


def test_long_json_is_laid_out_in_lines():
    result = shown('{"list":[' + ",".join(["1"] * 60) + "]}", Kind.JSON)
    assert result.text.startswith('{\n  "list": [\n')
    assert "\n" not in result.start
