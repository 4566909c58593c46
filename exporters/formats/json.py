"""JSON: one indented document with everything in it, as the portal's contracts describe it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC
from typing import TYPE_CHECKING, ClassVar

from exporters.base import Answer, CollectionAnswer, Exporter, Member, SourceAnswer
from exporters.information import information_of
from exporters.json_records import records_text
from exporters.rows import rows_of
from exporters.schemas import JSON_SCHEMA, schema_text

if TYPE_CHECKING:
    from extractors.batches import Collection, Field

SCHEMA = "dsr-export-1"

# The document is written once around this mark, then cut at it. No text in it can hold the mark: its quotes would be
# escaped there.
_RECORDS = '"records": NaN'
_MARGIN = " " * 12


class JsonExporter(Exporter):
    """Writes `export.json`, laid out as `json.dumps(…, indent=2)` would, every value exact, and its schema.

    Source: RFC 8259.
    """

    slug: ClassVar[str] = "json"
    media_type: ClassVar[str] = "application/json"
    extension: ClassVar[str] = "json"

    def members(self, answer: Answer) -> Iterator[Member]:
        """Yield the document, then its schema."""
        yield Member("export.json", _chunks(answer))
        yield Member(JSON_SCHEMA, iter([schema_text(JSON_SCHEMA).encode()]), "application/schema+json")


def _chunks(answer: Answer) -> Iterator[bytes]:
    document = json.dumps(_document(answer), indent=2, ensure_ascii=False)
    opening, *closings = document.split(_RECORDS)
    yield opening.encode()
    for item, closing in zip(answer.collections, closings, strict=True):
        yield b'"records": ['
        yield from _records(item)
        yield f"]{closing}".encode()
    yield b"\n"


def _records(item: CollectionAnswer) -> Iterator[bytes]:
    separator = ""
    for rows in rows_of(item.batches()):
        text = records_text(rows, item.collection.fields, _MARGIN)
        yield text if separator else text[1:]
        separator = ","
    if separator:
        yield b"\n          "


def _document(answer: Answer) -> dict[str, object]:
    return {
        "meta": _meta(answer),
        "data_sources": {item.source.slug: _source(item) for item in answer.sources},
        "not_included": [
            {"source": omission.source, "collection": omission.collection, "reason": omission.reason}
            for omission in answer.omissions
        ],
    }


def _meta(answer: Answer) -> dict[str, object]:
    return {
        "exported_at": answer.exported_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "system": answer.system,
        "schema": SCHEMA,
        "reference": answer.reference,
        "requester": answer.requester,
        "complete": answer.is_complete,
        "totals": {
            "sources": len(answer.sources),
            "collections": sum(1 for _ in answer.collections),
            "records": answer.records,
        },
    }


def _source(item: SourceAnswer) -> dict[str, object]:
    return {
        "label": item.source.label,
        "information": asdict(item.source.information),
        "collections": {answer.collection.name: _collection(answer) for answer in item.collections},
    }


def _collection(item: CollectionAnswer) -> dict[str, object]:
    collection = item.collection
    described: dict[str, object] = {"label": collection.label}
    if collection.context:
        described["context"] = True
    if (information := information_of(collection)) != collection.source.information:
        described["information"] = asdict(information)
    if fields := _described_fields(collection):
        described["fields"] = fields
    return described | {"count": item.count, "records": float("nan")}


def _described_fields(collection: Collection) -> dict[str, dict[str, object]]:
    described = {field.name: _described(field) for field in collection.fields}
    return {name: words for name, words in described.items() if words}


def _described(field: Field) -> dict[str, object]:
    words = {"label": field.label, "help": field.help, "category": field.category, "codes": dict(field.codes)}
    return {name: value for name, value in words.items() if value}
