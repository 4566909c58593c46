"""Answers to write, and the values a reader must find in what was written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

import pyarrow as pa

from exporters.base import Answer, CollectionAnswer, Exporter, SourceAnswer
from extractors.batches import Batch, Collection, Field, Information, Kind, Omission, Source

TYPES_NOT_TEXT = {
    Kind.INTEGER: pa.int64(),
    Kind.FLOAT: pa.float64(),
    Kind.BOOLEAN: pa.bool_(),
    Kind.BINARY: pa.binary(),
}

EVERY_KIND = {
    Kind.INTEGER: [0, -1, 2**63 - 1, -(2**63), None],
    Kind.FLOAT: [
        0.1,
        -0.0,
        1e22,
        5e-324,
        1.7976931348623157e308,
        1e-7,
        float("nan"),
        float("inf"),
        float("-inf"),
        None,
    ],
    Kind.BOOLEAN: [True, False, None],
    Kind.TEXT: ["", "plain", " spaced ", None],
    Kind.DECIMAL: [
        *("0", "-0", "1.50", "-12345678901234567890.123456789012345678901234567890", "1E+3", "1e400", "-7"),
        *("+5", "007", "-00.5", ".5", "-.5", "+.5E1", "1.", "1.e2", "000", "NaN", "Infinity", "-Infinity"),
        *("", ".", "-", "1,5", "=1", "１", None),
    ],
    Kind.DATE: ["2024-02-29", "0044-03-15 BC", "-infinity", "infinity", None],
    Kind.TIME: ["23:59:60", "00:00:00.000001+05:30", None],
    Kind.TIMESTAMP: ["2024-02-29T12:00:00.123456Z", "-infinity", 'not a "time"\n', None],
    Kind.JSON: ['{"a": [1, 2.50, "=x", null, {"b": "\\u0000\\" \\n"}]}', '"text"', "null", "17", "[\n]", None],
    Kind.UUID: ["00000000-0000-4000-8000-000000000000", None],
    Kind.BINARY: [b"", b"\x00\xff", b"\xfb\xef", b"=1+1", bytes(range(256)), None],
}

HOSTILE_TEXTS = [
    *("=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "＝1", "＋1", "－1", "＠x", "'=1", "''''-1", "'", "''", "'x"),
    *('"', '""', '"quoted"', ",", ";", "a,b", "a;b", "\r", "\n", "\r\n", "a\rb", "a\nb", "\\", "\\u0041", '\\\\"'),
    *("<script>alert(1)</script>", "]]>", "&amp;", "{{ 7*7 }}", "{% x %}", "${x}", "%s%n", "null", "NaN", "true", ""),
    *("\x00", "a\x00b", "\x7f", "\x85", "\u2028\u2029", "\ufeffx", "\ufffe", "".join(map(chr, range(0x20)))),
    *(
        "𝄞 🏳️‍🌈 𠜎",
        "\u202etxt.exe",
        "שלום",
        "مرحبا",
        "e\u0301\u0327",
        "Z\u0351\u036b\u0343",
        "\U0010ffff",
        " lead",
        "trail ",
    ),
]

HOSTILE_NAMES = [
    *("../x", "..", "a/b", "a\\b", "CON", "con.txt", "📦", "", " ", "summary", "Straße", "STRASSE", "a", "A", "=cmd"),
    *(
        '"',
        "x" * 300,
        "\x00",
        "line\r\nbreak",
        "\u202efdp",
        ".hidden",
        "नमस्ते",
        "é",
        "e\u0301",
        '"records": NaN',
        "{",
        "*",
    ),
]


def a_source(slug: str = "shop", label: str = "Web shop", **information: object) -> Source:
    return Source(slug, label, Information(**information))


def a_collection_answer(
    columns: dict[str, tuple[Kind, Sequence[object]]],
    *,
    source: Source | None = None,
    name: str = "orders",
    batch_rows: int = 1000,
    **about: object,
) -> CollectionAnswer:
    """Build a collection from its columns, cut into batches of `batch_rows`."""
    fields = tuple(Field(column, kind) for column, (kind, _) in columns.items())
    arrays = [pa.array(values, TYPES_NOT_TEXT.get(kind, pa.string())) for kind, values in columns.values()]
    rows = pa.RecordBatch.from_arrays(arrays, names=list(columns))
    about = {"label": "Orders", "key": (), "fields": fields} | about
    collection = Collection(source=source or a_source(), name=name, **about)

    def batches() -> Iterator[Batch]:
        for start in range(0, rows.num_rows, batch_rows):
            yield Batch(collection, rows.slice(start, batch_rows))

    return CollectionAnswer(collection, lambda: rows.num_rows, batches)


def an_answer(*items: CollectionAnswer, omissions: Sequence[Omission] = ()) -> Answer:
    """Build an answer of collections, put under their sources in the order of first mention."""
    sources = {item.collection.source.slug: item.collection.source for item in items}
    return Answer(
        reference="DSR-2024-0001",
        system="Example Ltd",
        exported_at=datetime(2024, 5, 6, 7, 8, 10, tzinfo=UTC),
        requester={"email": "ann@example.org"},
        sources=tuple(
            SourceAnswer(source, tuple(item for item in items if item.collection.source.slug == slug))
            for slug, source in sources.items()
        ),
        omissions=tuple(omissions),
    )


def written(exporter: Exporter, answer: Answer) -> dict[str, bytes]:
    """Read what an exporter writes, path by path."""
    files: dict[str, bytes] = {}
    for member in exporter.members(answer):
        assert member.path not in files
        files[member.path] = b"".join(member.chunks)
    return files


def truth(answer: Answer) -> dict[tuple[str, str], list[list[object]]]:
    """Give every record of an answer as `comparable` values, by source and collection."""
    return {
        (source.source.slug, item.collection.name): [
            [comparable(value, field.kind) for value, field in zip(row, item.collection.fields, strict=True)]
            for batch in item.batches()
            for row in zip(*(column.to_pylist() for column in batch.rows.columns), strict=True)
        ]
        for source in answer.sources
        for item in source.collections
    }


def comparable(value: object, kind: Kind) -> object:
    """Give a value a form in which two are equal only if nothing was lost, the digits of a decimal included."""
    if value is None:
        return None
    if kind is Kind.FLOAT:
        return repr(float(value))
    if kind is Kind.DECIMAL:
        return decimal_digits(str(value))
    if kind is Kind.JSON and isinstance(value, str):
        return json_value(value)
    return value


def decimal_digits(text: str) -> str:
    try:
        return str(Decimal(text)) if text.isascii() else text
    except InvalidOperation:
        return text


def json_value(text: str) -> object:
    """Parse JSON with exact numbers; its null is the only value that no format need tell from an absent one."""
    value = json.loads(text, parse_float=Decimal)
    return None if value is None else ("json", value)
