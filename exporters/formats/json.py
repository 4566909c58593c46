"""JSON: one indented document with everything in it, as the portal's contracts describe it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, ClassVar

from exporters.about import instant, label_of, parties, searches_of
from exporters.base import Answer, CollectionAnswer, Exporter, Member, SourceAnswer
from exporters.information import information_of
from exporters.json_records import records_text
from exporters.rows import rows_of
from exporters.schemas import JSON_SCHEMA, schema_text

if TYPE_CHECKING:
    from exporters.letter import Searched
    from extractors.batches import Field

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
            {
                "source": omission.source,
                "collection": omission.collection,
                "reason": omission.reason,
                "cause": omission.cause,
            }
            for omission in answer.omissions
        ],
        "searched": [_searched(search) for search in searches_of(answer)],
    }


def _meta(answer: Answer) -> dict[str, object]:
    return {
        "exported_at": instant(answer.exported_at),
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
        "language": answer.language,
        **parties(answer),
    }


def _searched(search: Searched) -> dict[str, object]:
    return {
        "source": search.source,
        "label": search.label,
        "outcome": search.outcome,
        "at": instant(search.at) if search.at else None,
        "identifiers": search.identifiers,
        "records": search.records,
        "note": search.note or None,
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
    described["fields"] = {field.name: _described(field) for field in collection.fields}
    return described | {"count": item.count, "records": float("nan")}


def _described(field: Field) -> dict[str, object]:
    told = {"help": field.help, "category": field.category, "codes": dict(field.codes)}
    return {"kind": field.kind, "label": label_of(field)} | {name: value for name, value in told.items() if value}
