"""Answers full of what formats and the programs that read them stumble over, each a case of its own."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from extractors.batches import Kind
from tests.exporters.factories import EVERY_KIND, a_collection_answer, a_source, an_answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exporters.base import Answer

FORMULAS = [
    *("=1+1", "=cmd|' /C calc'!A0", '=HYPERLINK("http://127.0.0.1:9/")', "+1+1", "-1+1", "@SUM(A1)", "'=1+1", "''=1+1"),
    *(
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        "＝1+1",
        "＋1",
        "－1",
        "＠SUM(1)",
        '=DDE("a";"b";"c")',
        "{=1+1}",
        '"=1+1"',
        " =1+1",
    ),
    *("007", "1E5", "1/2", "2024-02-29", "TRUE", "12345678901234567890", "-", "+", "=", "@", "'", "''"),
]
MARKUP = [
    *("<script>alert(1)</script>", "<img src=x onerror=alert(2)>", "]]>", "<!--", "-->", "&amp;", "&#0;", "&lt;b&gt;"),
    *("</value></record>", "</td></tr></table>", '" onload="alert(3)', "{{ 7*7 }}", "{% x %}", "${x}", "%s", "_x0041_"),
    *("<?xml version='1.0'?>", "<!DOCTYPE x [<!ENTITY y 'z'>]>", "javascript:alert(4)", "_x005F_x0041_", "\\u0041"),
    *(
        "<a href=http://127.0.0.1:9/>x</a>",
        "<style>*{display:none}</style>",
        '"',
        '""',
        "'",
        ",",
        ";",
        "a,b;c\td",
        "\\",
    ),
]
CONTROLS = [f"a{chr(code)}b" for code in (*range(1, 0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF)]
LINES = ["one\ntwo", "one\r\ntwo", "one\rtwo", "\nfirst", "last\n", "  two  spaces  ", "\ttab", "", "\r\n\r\n"]
NULS = ["\0", "a\0b", "\0\0", "\0=1+1", "=\0", "before\0", "_x0000_", "_x005F_x0000_", "_x0041_\0", "_x\0_x0000_"]
SCRIPTS = [
    *(
        "𝄞 𠜎 \U0010fffd",
        "🏳️‍🌈 👩🏽‍🚀",
        "שלום עולם",
        "مرحبا بالعالم",
        "abc שלום 123",
        "\u202etxt.exe",
        "\u2067rtl\u2069",
    ),
    *(
        "e\u0301\u0327",
        "Z\u0351\u036b\u0343",
        "नमस्ते",
        "ไทย",
        "한국어",
        "日本語",
        "Straße",
        "İıŞş",
        "ﷺ",
        "\u200bzero\u200dwidth",
    ),
]
DEEP = 400
WIDE = 300


def kinds() -> Answer:
    """Hold every kind at its edges."""
    longest = max(map(len, EVERY_KIND.values()))
    columns = {kind.value: (kind, values + [None] * (longest - len(values))) for kind, values in EVERY_KIND.items()}
    return an_answer(a_collection_answer({"id": (Kind.INTEGER, range(longest))} | columns))


def ordinary() -> Answer:
    """Hold what most databases hold, which a spreadsheet keeps as numbers, days and moments."""
    columns = {
        "id": (Kind.INTEGER, [1, -20, 10**14, 10**15, None]),
        "price": (Kind.DECIMAL, ["1.50", "-0.01", "1234567890123.99", "12345678901234.56", None]),
        "score": (Kind.FLOAT, [0.1, -2.5, 0.333333333333333, 123456.789, None]),
        "flag": (Kind.BOOLEAN, [True, False, True, None, None]),
        "on": (Kind.DATE, ["2024-02-29", "1900-03-01", "1899-12-31", "9999-12-31", None]),
        "clock": (Kind.TIME, ["00:00:00", "12:34:56", "23:59:59", "24:00:00", None]),
        "at": (
            Kind.TIMESTAMP,
            ["2024-02-29T12:30:00Z", "1969-12-31T23:59:59Z", "2024-02-29T12:30:00.123456Z", None, None],
        ),
        "fine": (
            Kind.TIMESTAMP,
            ["2024-02-29T12:30:00.25Z", "2024-02-29T23:59:59.999Z", "2024-03-31T01:59:59Z", None, None],
        ),
        "local": (
            Kind.TIMESTAMP,
            ["2024-02-29T12:30:00", "2024-02-29T12:30:00.001", "0001-01-01T00:00:00", None, None],
        ),
        "name": (Kind.TEXT, ["Ann Example", "O'Neill", "two\nlines", "100 %", "x"]),
    }
    return an_answer(a_collection_answer(columns, batch_rows=2))


def texts(values: Sequence[str]) -> Answer:
    """Hold texts as texts, as what claims to be something else, within JSON, and beside an ordinary column."""
    columns = {
        "id": (Kind.INTEGER, range(len(values))),
        "text": (Kind.TEXT, values),
        "moment": (Kind.TIMESTAMP, values),
        "amount": (Kind.DECIMAL, values),
        "held": (Kind.JSON, [json.dumps({"said": [value]}) for value in values]),
    }
    return an_answer(a_collection_answer(columns))


def names() -> Answer:
    """Hold hostile texts as names of fields, collections and sources."""
    texts = [*FORMULAS[:8], *MARKUP[:8], "a\0b", "a\x07b", "שלום", "𝄞", "", "x" * 200, "line\nbreak"]
    columns = {text: (Kind.TEXT, [text, "x"]) for text in texts}
    items = [a_collection_answer(columns)] + [
        a_collection_answer({"id": (Kind.INTEGER, [number])}, source=a_source(f"other{number}", text), name=text)
        for number, text in enumerate(texts)
    ]
    return an_answer(*items)


def large() -> Answer:
    """Hold cells of a megabyte."""
    values = ["=" + '"\n,𝄞' * 120_000, "word " * 200_000, "x" * 1_000_000, "", None]
    return an_answer(a_collection_answer({"id": (Kind.INTEGER, range(5)), "text": (Kind.TEXT, values)}))


def deep() -> Answer:
    """Hold JSON nested deeply, and wide JSON."""
    values = [
        "[" * DEEP + "]" * DEEP,
        '{"a":' * DEEP + "1.50" + "}" * DEEP,
        json.dumps({f"key {number}": [number, None, True, "=1"] for number in range(1_100)}),
        "12345678901234567890.123456789012345678901234567890",
        "null",
        None,
    ]
    return an_answer(a_collection_answer({"id": (Kind.INTEGER, range(6)), "held": (Kind.JSON, values)}))


def wide() -> Answer:
    """Hold three hundred columns."""
    columns = {f"column_{number}": (Kind.TEXT, [f"={number}", None, "x"]) for number in range(WIDE)}
    return an_answer(a_collection_answer(columns))


def empty() -> Answer:
    """Hold collections without a record."""
    columns = {"id": (Kind.INTEGER, []), "text": (Kind.TEXT, [])}
    named = [a_collection_answer(columns, name=name, label=name.title()) for name in ("orders", "visits")]
    return an_answer(*named, a_collection_answer({}, name="nothing", label="Nothing"))


CASES = {
    "ordinary values": ordinary,
    "every kind": kinds,
    "formulas": lambda: texts(FORMULAS),
    "markup": lambda: texts(MARKUP),
    "control characters": lambda: texts(CONTROLS),
    "line breaks": lambda: texts(LINES),
    "nul": lambda: texts(NULS),
    "scripts": lambda: texts(SCRIPTS),
    "scripts for people of another language": lambda: replace(texts(SCRIPTS), language="ar"),
    "names": names,
    "cells of a megabyte": large,
    "deep JSON": deep,
    "300 columns": wide,
    "empty collections": empty,
    "no data at all": an_answer,
}
