"""Turns the body of a notice into plain text, so that a mail says the same in both of its parts.

It knows the tags that notices are made of, no others: p, br, ul, ol, li, strong, em, a, blockquote, table, hr, h2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

BLOCKS = frozenset({"p", "li", "tr", "h2"})
GROUPS = frozenset({"ul", "ol", "table", "blockquote"})
SIGNATURE = "-- "  # RFC 3676 §4.3: the space belongs to it
_SPACE = re.compile(r"[ \t\r\n\f]+")


def plain_text(markup: str) -> str:
    """Write a notice's body as text: paragraphs apart, facts in two columns, links as addresses on their own lines.

    Args:
        markup: of our own templates, values in it escaped.

    Raises:
        ValueError: a tag stands in it that no text is known for.
    """
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return _joined(reader.blocks)


@dataclass(slots=True)
class _Block:
    """A piece of text of its own, and how near it is to the one before."""

    lines: list[str]
    is_near: bool = False


@dataclass(slots=True)
class _Link:
    address: str
    words: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    """Gathers the text of one block after the other."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[_Block] = []
        self._text: list[str] = []
        self._links: list[_Link] = []
        self._link: _Link | None = None
        self._cells: list[str] = []
        self._rows: list[tuple[str, ...]] = []
        self._lists: list[int | None] = []
        self._is_first_item = self._is_near = False
        self._kind = ""
        self._skipped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if self._skipped or known.get("class") == "copy":
            self._skipped += tag != "br"
            return
        if tag in BLOCKS or tag in GROUPS or tag == "hr":
            self._end_block()
            self._begin(tag, known)
        elif tag == "br":
            self._text.append("\n")
        elif tag == "a":
            self._link = _Link(known.get("href") or "")
        elif tag not in {"strong", "em", "th", "td", "span", "tbody"}:
            raise ValueError(f"No plain text is known for the tag {tag}.")

    def handle_endtag(self, tag: str) -> None:
        if self._skipped:
            self._skipped -= 1
        elif tag == "a":
            self._end_link()
        elif tag in {"th", "td"}:
            self._cells.append(self._taken())
        elif tag == "tr":
            self._rows.append(tuple(self._cells))
            self._cells = []
        elif tag in BLOCKS or tag in GROUPS:
            self._end_block()
            self._end_group(tag)

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            # White space between words is one space; a break that was meant is a line feed by now.
            text = _SPACE.sub(" ", data)
            self._text.append(text)
            if self._link:
                self._link.words.append(text)

    def close(self) -> None:
        super().close()
        self._end_block()

    def _begin(self, tag: str, known: dict[str, str | None]) -> None:
        self._kind = "button" if tag == "p" and known.get("class") == "button" else tag
        if tag in {"ul", "ol"}:
            self._lists.append(1 if tag == "ol" else None)
            self._is_first_item = True
        elif tag == "hr":
            self.blocks.append(_Block([SIGNATURE]))
            self._is_near = True

    def _end_link(self) -> None:
        link, self._link = self._link, None
        if link and link.address and "".join(link.words).strip() != link.address.removeprefix("mailto:"):
            self._links.append(link)

    def _end_group(self, tag: str) -> None:
        if tag == "table":
            self.blocks.append(_Block(_columns(self._rows)))
            self._rows = []
        elif tag in {"ul", "ol"}:
            self._lists.pop()

    def _taken(self) -> str:
        text, self._text = "".join(self._text), []
        return "\n".join(line.strip() for line in text.split("\n")).strip()

    def _end_block(self) -> None:
        text, links, kind = self._taken(), self._links, self._kind
        self._links, self._kind = [], ""
        if not text:
            return
        if kind == "button":
            lines = [f"{text}:", *(link.address for link in links)] if links else [text]
        else:
            lines = [*text.split("\n"), *(f"{_words(link)}: {link.address}" for link in links)]
        is_near = self._is_near
        if kind == "li":
            lines, is_near = self._item(lines), not self._is_first_item
            self._is_first_item = False
        self.blocks.append(_Block(lines, is_near))
        self._is_near = False

    def _item(self, lines: list[str]) -> list[str]:
        number = self._lists[-1] if self._lists else None
        mark = "- " if number is None else f"{number}. "
        if number is not None:
            self._lists[-1] = number + 1
        return [mark + lines[0], *(" " * len(mark) + line for line in lines[1:])]


def _words(link: _Link) -> str:
    return " ".join("".join(link.words).split())


def _columns(rows: list[tuple[str, ...]]) -> list[str]:
    """Put names and values under one another."""
    widest = max((len(row[0]) for row in rows if len(row) > 1), default=0)
    lines: list[str] = []
    for row in rows:
        name, *values = row
        value = ", ".join(part for part in values if part).split("\n")
        lines.append(f"{name}: ".ljust(widest + 2) + value[0])
        lines.extend(" " * (widest + 2) + line for line in value[1:])
    return lines


def _joined(blocks: list[_Block]) -> str:
    parts: list[str] = []
    for block in blocks:
        if parts:
            parts.append("\n" if block.is_near else "\n\n")
        parts.append("\n".join(block.lines))
    return "".join(parts) + "\n"
