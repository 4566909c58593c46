"""HTML: a report for reading, offline: one page where there is little, more where there is much."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import quote

from exporters.base import Answer, CollectionAnswer, Exporter, Member
from exporters.filenames import FileNames
from exporters.markup import attribute, content
from exporters.report import front
from exporters.report.page import page
from exporters.report.records import records
from exporters.rows import RowStream, rows_of
from extractors.batches import counted

INDEX = "index.html"
_MOST_INLINE = 200  # records a collection may have to stand on the first page
_PAGE_RECORDS = 500


class HtmlExporter(Exporter):
    """Writes `index.html`, and pages of 500 records each for collections of more than 200.

    No page needs a script or a network; its own policy forbids it everything but its style, its script and pictures it
    carries itself. Characters HTML lacks are escaped as `exporters.markup` says.

    Source: WHATWG, "HTML Living Standard".
    """

    slug: ClassVar[str] = "html"
    media_type: ClassVar[str] = "text/html"
    extension: ClassVar[str] = "html"

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
    title = f"Your data at {answer.system}"
    is_searchable = any(not item.pages and item.item.count for item in placed)
    return page(title, front.head(answer), _first_content(answer, placed), _foot(answer), is_searchable=is_searchable)


def _first_content(answer: Answer, placed: list[_Placed]) -> Iterator[bytes]:
    yield from front.summary(answer, [item.address for item in placed])
    remaining = iter(placed)
    for source in answer.sources:
        yield f'<h2 class="system">{content(source.source.label or source.source.slug)}</h2>\n'.encode()
        for _ in source.collections:
            yield from _section(next(remaining))


def _section(placed: _Placed) -> Iterator[bytes]:
    item, collection = placed.item, placed.item.collection
    label = content(collection.label or collection.name)
    heading = f'<h3 id="{placed.anchor}">{label} <span class="count">{counted(item.count, "record")}</span></h3>\n'
    yield f'<section aria-labelledby="{placed.anchor}">{heading}{front.about(collection)}'.encode()
    if placed.pages:
        yield f"<p>On {counted(len(placed.pages), 'page')} of their own:</p>{_links(placed.pages, None)}".encode()
    elif item.count:
        yield from records(collection, rows_of(item.batches()), first=1, count=item.count)
    else:
        yield b'<p class="quiet">Nothing is held here.</p>\n'
    yield b"</section>\n"


def _links(pages: tuple[str, ...], current: int | None) -> str:
    entries = "".join(
        f'<li><b aria-current="page">{number}</b></li>'
        if number == current
        else f"<li><a{attribute('href', quote(name))}>{number}</a></li>"
        for number, name in enumerate(pages, 1)
    )
    return f'<nav aria-label="Pages"><ul class="pages">{entries}</ul></nav>\n'


def _pages(answer: Answer, placed: _Placed) -> Iterator[Member]:
    """Write the pages of a collection, reading it once."""
    collection = placed.item.collection
    stream = RowStream(placed.item.batches())
    for number, name in enumerate(placed.pages, 1):
        first = (number - 1) * _PAGE_RECORDS + 1
        label = content(collection.label or collection.name)
        last = min(first + _PAGE_RECORDS - 1, placed.item.count)
        span = f"Records {first:,} to {last:,} of {placed.item.count:,}"
        back = f'<p><a href="{INDEX}#{placed.anchor}">Back to the contents</a></p>'
        head = f"<h1>{label}</h1><p>{span} · request {content(answer.reference)}</p>{back}"
        links = _links(placed.pages, number).encode()
        shown = _page_content(placed, stream, first, links)
        title = f"{collection.label or collection.name}, page {number}"
        yield Member(name, page(title, head, shown, _foot(answer), is_searchable=True))


def _page_content(placed: _Placed, stream: RowStream, first: int, links: bytes) -> Iterator[bytes]:
    collection = placed.item.collection
    yield links
    yield b'<section aria-label="Records">'
    yield front.about(collection).encode()
    yield from records(collection, stream.take(_PAGE_RECORDS), first=first, count=placed.item.count)
    yield b"</section>\n"
    yield links.replace(b'aria-label="Pages"', b'aria-label="Pages, again"')


def _foot(answer: Answer) -> str:
    return f"<p>{content(answer.system)} · request {content(answer.reference)} · this file needs no network</p>"
