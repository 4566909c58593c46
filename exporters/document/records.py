"""The documents that hold nothing but records, as data for `records.typ`."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import orjson

from exporters.about import holder_of
from exporters.document.cells import cells, showable
from exporters.opening.colours import colour_of
from exporters.opening.phrases import reads_leftwards
from exporters.opening.title import facts
from exporters.report.records import PAPER, WIDE_PAPER, is_table, name_of
from exporters.report.values import NUMBERS
from exporters.report.widths import widths
from extractors.batches import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from exporters.base import Answer, CollectionAnswer
    from exporters.document.cells import Cell
    from exporters.document.parts import Piece, Streams
    from exporters.report.records import Medium

NOT_ABOUT_YOU = "Not about you: given so that the rest can be understood."
ELSEWHERE = (
    "All records are in the other files of your answer. If this document is all that you have, ask for another "
    "format on the page of your request: that needs no new search."
)
_FEWEST_TURNED = 8  # records that are worth turning the page for
_CARD_ROOM = 60  # letters beside the name of a field
_CJK = {"ja": "JP", "ko": "KR", "zh-TW": "TC", "zh-HK": "TC", "zh-Hant": "TC"}


def record_document(answer: Answer, number: int, of: int, pieces: Sequence[Piece], streams: Streams) -> bytes:
    """Write one document's data as JSON, reading its records.

    Args:
        number: of the document, among so many.
    """
    sender = answer.letter.controller.name if answer.letter else answer.system
    told = {
        "title": f"Your data at {holder_of(answer)}, part {number}",
        "part": f"Part {number} of {of}",
        "sender": sender,
        "system": answer.system,
        "reference": answer.reference,
        "language": answer.language.partition("-")[0].lower() or "en",
        "is_leftwards": reads_leftwards(answer.language),
        "accent": colour_of(answer),
        "fonts": _fonts(answer.language),
        "facts": list(facts(answer).items()),
        "collections": list(_collections(pieces, streams)),
    }
    return orjson.dumps(told)


def medium_of(item: CollectionAnswer) -> Medium:
    """Turn the page for a longer table that is too wide for an upright one."""
    is_upright = is_table(item.collection, item.count, PAPER) or item.count < _FEWEST_TURNED
    return PAPER if is_upright else WIDE_PAPER


def _fonts(language: str) -> list[str]:
    region = _CJK.get(language) or _CJK.get(language.partition("-")[0], "SC")
    scripts = ("Hebrew", "Arabic", "Devanagari", f"CJK {region}", "Symbols2")
    return ["Noto Sans", *(f"Noto Sans {script}" for script in scripts), "DejaVu Sans"]


def _collections(pieces: Sequence[Piece], streams: Streams) -> Iterator[dict[str, object]]:
    last = ""
    for piece in pieces:
        source = piece.item.collection.source
        chapter = None if source.slug == last else showable(source.label or source.slug)
        yield {"chapter": chapter} | _collection(piece, streams)
        last = source.slug


def _collection(piece: Piece, streams: Streams) -> dict[str, object]:
    item, collection = piece.item, piece.item.collection
    medium = medium_of(item)
    has_table = is_table(collection, item.count, medium)
    batches = list(streams.of(piece).take(piece.records)) if piece.records else []
    room = medium.room if has_table else 0
    names = [name_of(field) for field in collection.fields]
    shares = widths(collection.fields, names, batches[0], room) if room and batches else [1.0] * len(names)
    is_cut = piece.is_last and item.count > piece.shown
    return {
        "label": showable(collection.label or collection.name),
        "is_continued": piece.first > 1,
        "counted": counted(item.count, "record"),
        "context": NOT_ABOUT_YOU if collection.context and piece.first == 1 else "",
        "meanings": _meanings(piece),
        "is_table": has_table,
        "is_wide": has_table and medium is WIDE_PAPER,
        "first": piece.first,
        "columns": [
            {"name": showable(name), "share": share, "is_number": field.kind in NUMBERS}
            for field, name, share in zip(collection.fields, names, shares, strict=True)
        ],
        "rows": list(chain.from_iterable(_rows(piece, rows, shares if room else ()) for rows in batches)),
        "shortened": f"Shown are the first {piece.shown:,} of {item.count:,} records. {ELSEWHERE}" if is_cut else "",
    }


def _rows(piece: Piece, rows: pa.RecordBatch, shares: Sequence[float]) -> Iterator[tuple[Cell, ...]]:
    """Give records as rows of cells.

    Args:
        shares: how wide each column is, in characters; none for cards.
    """
    fields = piece.item.collection.fields
    longest = WIDE_PAPER.longest or 0
    rooms = [max(int(share) - 2, 4) for share in shares] or [_CARD_ROOM] * len(fields)
    columns = [cells(rows, place, field, longest, rooms[place]) for place, field in enumerate(fields)]
    return zip(*columns, strict=True)


def _meanings(piece: Piece) -> list[tuple[str, str]]:
    if piece.first > 1:
        return []
    return [(showable(name_of(field)), showable(field.help)) for field in piece.item.collection.fields if field.help]
