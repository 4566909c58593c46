"""The documents as markup, made for paper."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from exporters.about import holder_of
from exporters.document.page import page
from exporters.document.records import ELSEWHERE, NOT_ABOUT_YOU, medium_of
from exporters.markup import attribute
from exporters.opening.information import information, is_told
from exporters.opening.letter import letter
from exporters.opening.phrases import direction, said
from exporters.opening.rights import rights_and_complaint
from exporters.opening.statement import statement
from exporters.opening.title import title_page
from exporters.report.front import helps
from exporters.report.records import WIDE_PAPER, is_table, records
from extractors.batches import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from exporters.base import Answer, CollectionAnswer
    from exporters.document.parts import Piece, Streams

_HOW_TO_READ = (
    "The contents on the next page show where everything is. Each system of ours has a chapter of its own; a dash "
    "stands where nothing is held.",
)


def opening_document(answer: Answer, planned: Sequence[Sequence[Piece]], streams: Streams) -> bytes:
    """Write the first document as a whole page of markup, with the records that it holds."""
    title = f"Your data at {holder_of(answer)}"
    part = f"Part 1 of {len(planned)}" if len(planned) > 1 else ""
    content = chain([_opening(answer, planned, title, part).encode()], _records(planned[0], streams, answer.language))
    return b"".join(page(answer, title, content, part=part))


def _records(pieces: Sequence[Piece], streams: Streams, language: str) -> Iterator[bytes]:
    last = ""
    for piece in pieces:
        slug = piece.item.collection.source.slug
        yield from _piece(piece, streams, language, is_chapter=slug != last)
        last = slug


def _opening(answer: Answer, planned: Sequence[Sequence[Piece]], title: str, part: str) -> str:
    enclosed = ["What we searched, and what we found", "How we use your data, and your rights"]
    enclosed += [f"Your data: {counted(answer.records, 'record')}"] if answer.records else []
    first = letter(answer, answer.letter, enclosed, _HOW_TO_READ) if answer.letter else title_page(answer, title, part)
    return (
        f"{first}{_contents(answer, planned)}{statement(answer, _shortened(planned, answer.language))}"
        f"{information(answer)}{rights_and_complaint(answer)}"
    )


def _contents(answer: Answer, planned: Sequence[Sequence[Piece]]) -> str:
    """List what the document holds with its pages, or the part that it stands in."""
    places = {
        piece.number: number
        for number, pieces in reversed(list(enumerate(planned, 1)))
        for piece in pieces
        if piece.first == 1
    }
    chapters = {"statement": "What we searched, and what we found"}
    chapters |= {"information": "How we use your data"} if is_told(answer) else {}
    chapters |= {"rights": "Your rights", "complaint": "If you disagree"}
    entries = [f'<li><a href="#{anchor}">{told}</a></li>' for anchor, told in chapters.items()]
    number = 0
    for source in answer.sources:
        entries.append(f'<li class="system">{said(source.source.label or source.source.slug, answer.language)}</li>')
        for item in source.collections:
            number += 1
            entries.append(_entry(item, number, places.get(number, 1), answer.language))
    return f'<nav class="chapter"><h2>Contents</h2><ul class="contents">{"".join(entries)}</ul></nav>\n'


def _entry(item: CollectionAnswer, number: int, part: int, language: str) -> str:
    label = f'{said(_label(item), language)} <span class="count">{counted(item.count, "record")}</span>'
    if not item.count:
        return f"<li>{label}</li>"
    return f'<li><a href="#c{number}">{label}</a></li>' if part == 1 else f"<li>{label} (part {part})</li>"


def _label(item: CollectionAnswer) -> str:
    return item.collection.label or item.collection.name


def _shortened(planned: Sequence[Sequence[Piece]], language: str) -> str:
    """Say of which collections the documents show only the first records."""
    cut = {piece.number: piece for pieces in planned for piece in pieces if piece.item.count > piece.shown}
    if not cut:
        return ""
    shown = "".join(
        f"<li>{said(_label(piece.item), language)}: the first {piece.shown:,} of {piece.item.count:,} records</li>"
        for piece in cut.values()
    )
    return f"<h3>Shortened in this document</h3><p>{ELSEWHERE}</p><ul>{shown}</ul>\n"


def _piece(piece: Piece, streams: Streams, language: str, *, is_chapter: bool) -> Iterator[bytes]:
    item = piece.item
    if is_chapter:
        source = item.collection.source
        yield f'<h2 class="chapter">{said(source.label or source.slug, language)}</h2>\n'.encode()
    medium = medium_of(item)
    is_wide = medium is WIDE_PAPER and is_table(item.collection, item.count, medium)
    yield (
        f'<section class="{"wide" if is_wide else "upright"}">{_heading(piece, language)}{_meanings(item, language)}'
    ).encode()
    if piece.records:
        rows = streams.of(piece).take(piece.records)
        yield f"<div{direction(language)}>".encode()
        yield from records(item.collection, rows, first=1, count=item.count, medium=medium)
        yield b"</div>"
    else:
        yield b'<p class="quiet">Nothing is held here.</p>'
    if item.count > piece.shown:
        shown = f"Shown are the first {piece.shown:,} of {item.count:,} records."
        yield f'<p class="notice">{shown} {ELSEWHERE}</p>'.encode()
    yield b"</section>\n"


def _heading(piece: Piece, language: str) -> str:
    count = f'<span class="count">{counted(piece.item.count, "record")}</span>'
    return f"<h3{attribute('id', f'c{piece.number}')}>{said(_label(piece.item), language)} {count}</h3>\n"


def _meanings(item: CollectionAnswer, language: str) -> str:
    helped = helps(item.collection, language)
    context = f'<p class="quiet">{NOT_ABOUT_YOU}</p>' if item.collection.context else ""
    return context + (f'<dl class="meanings">{helped}</dl>' if helped else "")
