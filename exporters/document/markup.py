"""The documents as markup, made for paper."""

from __future__ import annotations

from datetime import UTC
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from exporters.document.parts import Piece, Streams
from exporters.information import information_of
from exporters.markup import attribute, content
from exporters.report.front import omission_lines, told
from exporters.report.records import PAPER, name_of, records
from extractors.batches import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from exporters.base import Answer, CollectionAnswer, SourceAnswer


def documents(answer: Answer, planned: Sequence[Sequence[Piece]]) -> Iterator[bytes]:
    """Write each document as a whole page of markup, reading its records when it is asked for."""
    streams = Streams()
    for number, pieces in enumerate(planned, 1):
        yield b"".join(_document(answer, planned, number, pieces, streams))


def _document(
    answer: Answer, planned: Sequence[Sequence[Piece]], number: int, pieces: Sequence[Piece], streams: Streams
) -> Iterator[bytes]:
    title = f"Your data at {answer.system}" + (f", part {number}" if number > 1 else "")
    part = f"Part {number} of {len(planned)}" if len(planned) > 1 else ""
    yield (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{content(title)}</title>'
        f'<meta name="author"{attribute("content", answer.system)}><style>{_style()}</style></head><body>\n'
        f"{_cover(answer, title, part)}"
    ).encode()
    if number == 1:
        yield _information(answer).encode()
        yield _contents(answer, planned).encode()
    for piece in pieces:
        yield from _piece(piece, streams)
    yield b"</body></html>"


def _cover(answer: Answer, title: str, part: str) -> str:
    when = f"{answer.exported_at.astimezone(UTC):%d %B %Y, %H:%M} UTC".lstrip("0")
    known = "".join(
        f"<dt>{content(kind.replace('_', ' ').capitalize())}</dt><dd>{content(value)}</dd>"
        for kind, value in answer.requester.items()
    )
    held = counted(answer.records, "record")
    sentence = (
        f"We searched our systems and found {held} about you."
        if answer.records
        else "We searched our systems. We hold no data about you."
    )
    return (
        f'<section class="cover"><div class="band"><h1>{content(title)}</h1>'
        f'<p class="system-name">{content(answer.system)}</p><p class="part">{part}</p></div>'
        f'<dl class="facts"><dt>Request</dt><dd class="reference">{content(answer.reference)}</dd>'
        f"<dt>Collected on</dt><dd>{when}</dd>{known}</dl><p>{sentence}</p></section>\n"
    )


def _information(answer: Answer) -> str:
    """Write what Art. 15(1)-(2) GDPR wants told, once where collections share it, and what is missing."""
    blocks = "".join(_shared(source) for source in answer.sources)
    missing = omission_lines(answer)
    omitted = f'<div class="notice"><h3>Not included</h3><ul class="plain">{missing}</ul></div>' if missing else ""
    if not (blocks or omitted):
        return ""
    return f'<section class="chapter"><h2>How your data is used</h2>{omitted}{"".join(blocks)}</section>\n'


def _shared(source: SourceAnswer) -> str:
    groups: dict[str, list[str]] = {}
    for item in source.collections:
        groups.setdefault(told(information_of(item.collection)), []).append(_label(item))
    label = content(source.source.label)
    return "".join(
        f'<h3>{label}</h3><p class="quiet">{content(", ".join(labels))}</p><dl>{text}</dl>'
        for text, labels in groups.items()
        if text
    )


def _contents(answer: Answer, planned: Sequence[Sequence[Piece]]) -> str:
    """List the collections with their pages, or the part they stand in."""
    places = {
        piece.number: number
        for number, pieces in reversed(list(enumerate(planned, 1)))
        for piece in pieces
        if piece.first == 1
    }
    lines, number = [], 0
    for source in answer.sources:
        lines.append(f'<li class="system">{content(source.source.label)}</li>')
        for item in source.collections:
            number += 1
            label = f'{content(_label(item))} <span class="count">{counted(item.count, "record")}</span>'
            part = places[number]
            linked = f'<a href="#c{number}">{label}</a>' if part == 1 else f"{label} (part {part})"
            lines.append(f"<li>{linked}</li>")
    if not lines:
        return ""
    return f'<section class="chapter"><h2>Contents</h2><ul class="contents">{"".join(lines)}</ul></section>\n'


def _label(item: CollectionAnswer) -> str:
    return item.collection.label or item.collection.name


def _piece(piece: Piece, streams: Streams) -> Iterator[bytes]:
    item, collection = piece.item, piece.item.collection
    again = "" if piece.first == 1 else ", continued"
    anchor = f' id="c{piece.number}"' if piece.first == 1 else ""
    chapter = ' class="chapter"' if piece.number == 1 or piece.first > 1 else ""
    yield (
        f"<section{chapter}><h2{anchor}>{content(_label(item))}{again} "
        f'<span class="count">{counted(item.count, "record")}, {content(collection.source.label)}</span></h2>\n'
    ).encode()
    if piece.first == 1:
        yield _meanings(item).encode()
    if piece.records:
        rows = streams.of(piece).take(piece.records)
        yield from records(collection, rows, first=piece.first, count=item.count, medium=PAPER)
    else:
        yield b'<p class="quiet">Nothing is held here.</p>'
    if piece.is_last and item.count > piece.shown:
        shown = f"Shown are the first {piece.shown:,} of {item.count:,} records."
        yield f'<p class="notice">{shown} All of them are in the other files of your answer.</p>'.encode()
    yield b"</section>\n"


def _meanings(item: CollectionAnswer) -> str:
    helped = "".join(
        f"<dt>{content(name_of(field))}</dt><dd>{content(field.help)}</dd>"
        for field in item.collection.fields
        if field.help
    )
    context = (
        '<p class="quiet">Not about you: given so that the rest can be understood.</p>'
        if item.collection.context
        else ""
    )
    return context + (f"<dl>{helped}</dl>" if helped else "")


@cache
def _style() -> str:
    return files(__package__).joinpath("document.css").read_text(encoding="utf-8")
