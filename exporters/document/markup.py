"""The documents as markup, made for paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exporters.about import holder_of
from exporters.document.page import page
from exporters.document.parts import Piece, Streams
from exporters.markup import attribute
from exporters.opening.information import information, is_told
from exporters.opening.letter import letter
from exporters.opening.phrases import direction, said
from exporters.opening.rights import rights_and_complaint
from exporters.opening.statement import statement
from exporters.opening.title import title_page
from exporters.report.front import helps
from exporters.report.records import PAPER, WIDE_PAPER, Medium, is_table, records
from extractors.batches import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from exporters.base import Answer, CollectionAnswer

_FEWEST_TURNED = 8  # records that are worth turning the page for
_HOW_TO_READ = (
    "The contents on the next page show where everything is. Each system of ours has a chapter of its own; a dash "
    "stands where nothing is held.",
)
_ELSEWHERE = (
    "All records are in the other files of your answer. If this document is all that you have, ask for another "
    "format on the page of your request: that needs no new search."
)


def documents(answer: Answer, planned: Sequence[Sequence[Piece]]) -> Iterator[bytes]:
    """Write each document as a whole page of markup, reading its records when it is asked for."""
    streams = Streams()
    for number, pieces in enumerate(planned, 1):
        yield b"".join(_document(answer, planned, number, pieces, streams))


def _document(
    answer: Answer, planned: Sequence[Sequence[Piece]], number: int, pieces: Sequence[Piece], streams: Streams
) -> Iterator[bytes]:
    title = f"Your data at {holder_of(answer)}" + (f", part {number}" if number > 1 else "")
    part = f"Part {number} of {len(planned)}" if len(planned) > 1 else ""
    return page(answer, title, _content(answer, planned, number, pieces, streams, title, part), part=part)


def _content(  # noqa: PLR0913, RUF100
    answer: Answer,
    planned: Sequence[Sequence[Piece]],
    number: int,
    pieces: Sequence[Piece],
    streams: Streams,
    title: str,
    part: str,
) -> Iterator[bytes]:
    if number == 1:
        yield _opening(answer, planned, title, part).encode()
    else:
        yield title_page(answer, title, part).encode()
    last = ""
    for piece in pieces:
        slug = piece.item.collection.source.slug
        yield from _piece(piece, streams, answer.language, is_chapter=slug != last)
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
    return f"<h3>Shortened in this document</h3><p>{_ELSEWHERE}</p><ul>{shown}</ul>\n"


def _piece(piece: Piece, streams: Streams, language: str, *, is_chapter: bool) -> Iterator[bytes]:
    item = piece.item
    if is_chapter:
        source = item.collection.source
        yield f'<h2 class="chapter">{said(source.label or source.slug, language)}</h2>\n'.encode()
    medium = _medium(item)
    is_wide = medium is WIDE_PAPER and is_table(item.collection, item.count, medium)
    yield (
        f'<section class="{"wide" if is_wide else "upright"}">{_heading(piece, language)}'
        f"{_meanings(item, language) if piece.first == 1 else ''}"
    ).encode()
    if piece.records:
        rows = streams.of(piece).take(piece.records)
        yield f"<div{direction(language)}>".encode()
        yield from records(item.collection, rows, first=piece.first, count=item.count, medium=medium)
        yield b"</div>"
    else:
        yield b'<p class="quiet">Nothing is held here.</p>'
    if piece.is_last and item.count > piece.shown:
        shown = f"Shown are the first {piece.shown:,} of {item.count:,} records."
        yield f'<p class="notice">{shown} {_ELSEWHERE}</p>'.encode()
    yield b"</section>\n"


def _medium(item: CollectionAnswer) -> Medium:
    """Turn the page for a longer table that is too wide for an upright one."""
    is_upright = is_table(item.collection, item.count, PAPER) or item.count < _FEWEST_TURNED
    return PAPER if is_upright else WIDE_PAPER


def _heading(piece: Piece, language: str) -> str:
    again = "" if piece.first == 1 else ", continued"
    anchor = attribute("id", f"c{piece.number}") if piece.first == 1 else ""
    count = f'<span class="count">{counted(piece.item.count, "record")}</span>'
    return f"<h3{anchor}>{said(_label(piece.item), language)}{again} {count}</h3>\n"


def _meanings(item: CollectionAnswer, language: str) -> str:
    helped = helps(item.collection, language)
    context = (
        '<p class="quiet">Not about you: given so that the rest can be understood.</p>'
        if item.collection.context
        else ""
    )
    return context + (f'<dl class="meanings">{helped}</dl>' if helped else "")
