"""HTML: a report for reading, offline: one page where there is little, more where there is much."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote

from exporters.about import holder_of
from exporters.base import Answer, CollectionAnswer, Exporter, Member
from exporters.filenames import FileNames
from exporters.markup import attribute, content
from exporters.opening.colours import colour_of
from exporters.opening.phrases import direction, said
from exporters.report import front
from exporters.report.page import page
from exporters.report.records import framed, markup
from exporters.rows import PieceStream, rows_of
from extractors.batches import counted

if TYPE_CHECKING:
    import polars as pl

INDEX = "index.html"
_MOST_INLINE = 200  # records a collection may have to stand on the first page
_PAGE_RECORDS = 500
_NEAR = 4  # pages before and after one that it links
_AT_ONCE_BYTES = 1024 * 1024


class HtmlExporter(Exporter):
    """Writes `index.html`, and pages of 500 records each for collections of more than 200.

    No page needs a script or a network; its own policy forbids it everything but its style, its script and pictures it
    carries itself. Characters HTML lacks are escaped as `exporters.markup` says.

    Source: WHATWG, "HTML Living Standard".
    """

    slug: ClassVar[str] = "html"
    media_type: ClassVar[str] = "text/html"
    extension: ClassVar[str] = "html"
    seconds_per_record: ClassVar[float] = 15e-6

    def members(self, answer: Answer) -> Iterator[Member]:
        """Yield the first page, then those of the large collections."""
        placed = _placed(answer)
        yield Member(INDEX, _index(answer, placed))
        for item in placed:
            if item.pages:
                yield from _pages(answer, item)


@dataclass(frozen=True, slots=True)
class _Placed:
    """A collection with where it stands: an anchor of the first page, and its own pages, none where it stands there."""

    item: CollectionAnswer
    anchor: str
    pages: tuple[str, ...]

    @property
    def address(self) -> str:
        """Where links lead."""
        return quote(self.pages[0]) if self.pages else f"#{self.anchor}"


def _placed(answer: Answer) -> list[_Placed]:
    names = FileNames(INDEX)
    return [_Placed(item, f"c{number}", _page_names(item, names)) for number, item in enumerate(answer.collections, 1)]


def _page_names(item: CollectionAnswer, names: FileNames) -> tuple[str, ...]:
    if item.count <= _MOST_INLINE:
        return ()
    pages = -(-item.count // _PAGE_RECORDS)
    return tuple(names.give(f"{item.collection.name}-{number}", ".html") for number in range(1, pages + 1))


def _index(answer: Answer, placed: list[_Placed]) -> Iterator[bytes]:
    title = f"Your data at {holder_of(answer)}"
    is_searchable = any(not item.pages and item.item.count for item in placed)
    shown = _first_content(answer, placed)
    colour = colour_of(answer)
    return page(title, front.head(answer), shown, _foot(answer), colour=colour, is_searchable=is_searchable)


def _first_content(answer: Answer, placed: list[_Placed]) -> Iterator[bytes]:
    yield front.jumps(answer).encode()
    yield from front.summary(answer, [item.address for item in placed])
    remaining = iter(placed)
    for source in answer.sources:
        label = said(source.source.label or source.source.slug, answer.language)
        yield f'<h2 class="system">{label}</h2>\n'.encode()
        for _ in source.collections:
            yield from _section(next(remaining), answer.language)


def _section(placed: _Placed, language: str) -> Iterator[bytes]:
    item, collection = placed.item, placed.item.collection
    label = said(collection.label or collection.name, language)
    heading = f'<h3 id="{placed.anchor}">{label} <span class="count">{counted(item.count, "record")}</span></h3>\n'
    about = front.about(collection, language)
    yield f'<section class="collection" aria-labelledby="{placed.anchor}">{heading}{about}'.encode()
    if placed.pages:
        yield f"<p>On {counted(len(placed.pages), 'page')} of their own:</p>{_links(placed.pages, None)}".encode()
    elif item.count:
        yield from _records(placed, _markup(placed), language)
    else:
        yield b'<p class="quiet">Nothing is held here.</p>\n'
    yield b"</section>\n"


def _markup(placed: _Placed) -> Iterator[pl.Series]:
    """Write the records of many pages at once, which costs no more than those of one."""
    rows = rows_of(placed.item.batches(), _AT_ONCE_BYTES)
    return markup(placed.item.collection, rows, first=1, count=placed.item.count)


def _records(placed: _Placed, written: Iterable[pl.Series], language: str) -> Iterator[bytes]:
    yield f"<div{direction(language)}>".encode()
    yield from framed(placed.item.collection, written, placed.item.count)
    yield b"</div>\n"


def _links(pages: tuple[str, ...], current: int | None) -> str:
    """Link the pages; on one of them only those near it, else many pages would be many times as large."""
    entries = "".join(_link(pages, number, current) for number in _linked(len(pages), current))
    return f'<nav aria-label="Pages"><ul class="pages">{entries}</ul></nav>\n'


def _linked(count: int, current: int | None) -> Iterator[int | None]:
    """Yield the numbers of pages to link, None where some are left out."""
    if current is None:
        yield from range(1, count + 1)
        return
    near = {1, count, *range(max(current - _NEAR, 1), min(current + _NEAR, count) + 1)}
    before = 0
    for number in sorted(near):
        if number > before + 1:
            yield None
        yield number
        before = number


def _link(pages: tuple[str, ...], number: int | None, current: int | None) -> str:
    if number is None:
        return "<li>…</li>"
    if number == current:
        return f'<li><b aria-current="page">{number}</b></li>'
    return f"<li><a{attribute('href', quote(pages[number - 1]))}>{number}</a></li>"


def _pages(answer: Answer, placed: _Placed) -> Iterator[Member]:
    """Write the pages of a collection, reading it once."""
    stream, colour = PieceStream(_markup(placed)), colour_of(answer)
    label = placed.item.collection.label or placed.item.collection.name
    for number, name in enumerate(placed.pages, 1):
        first = (number - 1) * _PAGE_RECORDS + 1
        shown = _page_content(placed, stream.take(_PAGE_RECORDS), number, answer.language)
        head, title = _page_head(answer, placed, first), f"{label}, page {number}"
        yield Member(name, page(title, head, shown, _foot(answer), colour=colour, is_searchable=True))


def _page_head(answer: Answer, placed: _Placed, first: int) -> str:
    collection, count = placed.item.collection, placed.item.count
    label = said(collection.label or collection.name, answer.language)
    span = f"Records {first:,} to {min(first + _PAGE_RECORDS - 1, count):,} of {count:,}"
    back = f'<p><a href="{INDEX}#{placed.anchor}">Back to the contents</a></p>'
    return f"{front.sender(answer)}<h1>{label}</h1><p>{span} · request {content(answer.reference)}</p>{back}"


def _page_content(placed: _Placed, written: Iterable[pl.Series], number: int, language: str) -> Iterator[bytes]:
    links = _links(placed.pages, number).encode()
    yield links
    yield b'<section class="collection" aria-label="Records">'
    yield front.about(placed.item.collection, language).encode()
    yield from _records(placed, written, language)
    yield b"</section>\n"
    yield links.replace(b'aria-label="Pages"', b'aria-label="Pages, again"')


def _foot(answer: Answer) -> str:
    return f"<p>{content(holder_of(answer))} · request {content(answer.reference)} · this file needs no network</p>"
