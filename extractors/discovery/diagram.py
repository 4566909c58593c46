"""Draws the tables of a source and what was found in them, as one SVG without scripts, styles or outside parts.

It stands in a page or alone: its ink is the text's own colour, its ground the page's. What a colour says, a letter
says too. Every element has a class, so that a page may dress it otherwise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from extractors.discovery.drawing import clipped, element, number, text, titled
from extractors.discovery.layout import Box, Layout, Line, Place, arrange
from extractors.discovery.model import Findings, Inventory, Proposal, SeenLink, TableId
from extractors.discovery.shown import MOST_STACKED, Card, Mark, Row, Shown, choose

BESIDE = 48.0
WIDTH, HEAD, LINE, FOOT = 236.0, 34.0, 21.0, 8.0
BETWEEN, MARGIN, LEGEND_LINE = 96.0, 20.0, 24.0
NAME_LETTERS, COLUMN_LETTERS = 25, 27
SMALL, NORMAL = 12, 13
PEOPLE = "#1d4ed8"
FEWEST_ACROSS = 3
NAMED_REST = 6
NOTHING = "in which nothing about people was found"
FONT = "system-ui, 'Segoe UI', 'Noto Sans', Roboto, Helvetica, Arial, sans-serif"


def svg(inventory: Inventory, findings: Findings, proposal: Proposal | None = None) -> str:
    """Draw a source; the same source gives the same drawing.

    Args:
        proposal: tables that its data map leaves out are drawn with a broken border.
    """
    shown = choose(inventory, findings, proposal)
    heights = {id_: _height(card) for id_, card in shown.cards.items()}
    linked = _linked(shown, heights)
    apart = _grid(shown, heights, linked)
    places = {**linked.places, **apart}
    width = max([WIDTH * FEWEST_ACROSS + BETWEEN, *(place.x + place.width + BESIDE for place in places.values())])
    bottom = max([linked.height, *(place.y + place.height for place in places.values())])
    legend = list(_legend(shown, width))
    top = MARGIN + len(legend) * LEGEND_LINE + MARGIN / 2
    body = [*_lines(shown, linked, places), *(_card(card, places[id_]) for id_, card in shown.cards.items())]
    for words, tables in (("that are further from people", shown.further), (NOTHING, shown.rest)):
        if tables:
            bottom += MARGIN if bottom else 0.0
            body.append(_rest(words, tables, bottom, width))
            bottom += HEAD + LINE
    return _document(inventory, shown, legend, body, (width + 2 * MARGIN, top + bottom + MARGIN, top))


def _document(
    inventory: Inventory,
    shown: Shown,
    legend: Sequence[str],
    body: Sequence[str],
    size: tuple[float, float, float],
) -> str:
    width, height, top = size
    rows = (
        element("g", line, transform=f"translate({number(MARGIN)} {number(MARGIN + index * LEGEND_LINE)})")
        for index, line in enumerate(legend)
    )
    return element(
        "svg",
        element("title", text(f"Tables of {inventory.source}"), id="dsr-diagram-title"),
        element("desc", text(_told(inventory, shown)), id="dsr-diagram-told"),
        element("g", *rows, class_="dsr-legend"),
        element("g", *body, transform=f"translate({number(MARGIN)} {number(top)})"),
        xmlns="http://www.w3.org/2000/svg",
        class_="dsr-diagram",
        role="img",
        aria_labelledby="dsr-diagram-title dsr-diagram-told",
        width=number(width),
        height=number(height),
        viewBox=f"0 0 {number(width)} {number(height)}",
        font_family=FONT,
        font_size=NORMAL,
        fill="currentColor",
    )


def _told(inventory: Inventory, shown: Shown) -> str:
    """Say in words what the drawing shows, for those who do not see it."""
    people = [card.id for card in shown.cards.values() if card.is_of_people]
    counts = Counter(row.mark for card in shown.cards.values() for row in card.rows if row.mark)
    found = ", ".join(f"{mark.words.lower()}: {counts[mark]}" for mark in Mark if counts[mark])
    parts = [
        f"{len(inventory.tables)} tables, {len(shown.cards)} of them shown",
        f"tables of people: {', '.join(people) or 'none found'}",
        f"columns by what was found: {found or 'none'}",
        "links: " + ("; ".join(_told_link(link) for link in shown.links) or "none"),
    ]
    return ". ".join(parts) + "."


def _told_link(link: SeenLink) -> str:
    sure = "" if link.is_declared else f" ({_percent(link)} sure)"
    return f"{link.table}.{', '.join(link.columns)} points at {link.to_table}{sure}"


def _percent(link: SeenLink) -> str:
    return f"{link.confidence:.0%}".replace("%", " %")


def _height(card: Card) -> float:
    return HEAD + LINE * (len(card.rows) + bool(card.more)) + FOOT


def _linked(shown: Shown, heights: Mapping[TableId, float]) -> Layout:
    """Lay the linked tables out; a column that would be too tall is parted into several."""
    columns = _parted(shown, heights)
    boxes = [Box(id_, WIDTH, heights[id_], column) for id_, column in columns.items()]
    lines = [
        Line(
            index,
            link.table,
            link.to_table,
            _port(shown, link.table, link.columns),
            _port(shown, link.to_table, link.to_columns),
        )
        for index, link in enumerate(shown.links)
        if link.table in columns and link.to_table in columns
    ]
    return arrange(boxes, lines, BETWEEN)


def _parted(shown: Shown, heights: Mapping[TableId, float]) -> dict[TableId, int]:
    """Part tall columns: what has more behind it stands nearest to that, what has nothing nearest to the people."""
    parted: dict[TableId, int] = {}
    shift = 0
    for column in sorted(set(shown.columns.values())):
        tables = [table for table in shown.columns if shown.columns[table] == column]
        tables.sort(key=lambda table: (_has_behind(shown, table, column), table))
        total = sum(heights[table] for table in tables)
        parts = max(1, round(total / MOST_STACKED))
        filled = 0.0
        for table in tables:
            parted[table] = column + shift + min(parts - 1, int(filled / total * parts))
            filled += heights[table]
        shift += parts - 1
    return parted


def _has_behind(shown: Shown, table: TableId, column: int) -> bool:
    ends = [
        link.to_table if link.table == table else link.table
        for link in shown.links
        if table in (link.table, link.to_table)
    ]
    return any(shown.columns.get(end, column) > column for end in ends)


def _grid(shown: Shown, heights: Mapping[TableId, float], linked: Layout) -> dict[TableId, Place]:
    """Place the tables that nothing is linked with in rows below the others."""
    across = max(FEWEST_ACROSS, int((linked.width + MARGIN) // (WIDTH + MARGIN)))
    top = linked.height + (MARGIN + LINE if linked.places and shown.apart else 0.0)
    places: dict[TableId, Place] = {}
    for start in range(0, len(shown.apart), across):
        row = shown.apart[start : start + across]
        for index, table in enumerate(row):
            places[table] = Place(index * (WIDTH + MARGIN), top, WIDTH, heights[table])
        top += max(heights[table] for table in row) + MARGIN
    return places


def _port(shown: Shown, table: TableId, columns: Sequence[str]) -> float:
    """Say how far below a card's top the line to one of its columns ends."""
    names = [row.name for row in shown.cards[table].rows]
    known = [names.index(column) for column in columns if column in names]
    return HEAD + LINE * (known[0] + 0.5) if known else HEAD / 2


def _lines(shown: Shown, linked: Layout, places: Mapping[TableId, Place]) -> Iterator[str]:
    """Draw the links, and over all of them how sure those are that no constraint declares."""
    labels = []
    for index, link in enumerate(shown.links):
        if link.table not in linked.places or link.to_table not in linked.places:
            continue
        here, there = places[link.table], places[link.to_table]
        start = here.y + _port(shown, link.table, link.columns)
        end = there.y + _port(shown, link.to_table, link.to_columns)
        side = -1 if there.x < here.x else 1
        first = (here.x + (here.width if side > 0 else 0.0), start)
        if here.x == there.x:
            yield _drawn(link, _beside(first, end, index), (first[0], end), 1)
        else:
            last = (there.x + (0.0 if side > 0 else there.width), end)
            lane = linked.lanes.get(index, ())
            yield _drawn(link, _curve([first, *(lane if side > 0 else reversed(lane)), last]), last, -side)
        if not link.is_declared:
            labels.append(_label(_percent(link), first, side))
    yield from labels


def _curve(points: Sequence[tuple[float, float]]) -> str:
    """Lead a curve through points that is level at each of them."""
    path = f"M{number(points[0][0])} {number(points[0][1])}"
    for (x, y), (to_x, to_y) in pairwise(points):
        bend = (to_x - x) / 2
        path += f"C{number(x + bend)} {number(y)} {number(to_x - bend)} {number(to_y)} {number(to_x)} {number(to_y)}"
    return path


def _beside(first: tuple[float, float], end: float, index: int) -> str:
    """Lead a curve out of a column of tables and back into it."""
    right, start = number(first[0]), number(first[1])
    out = number(first[0] + 26 + index % 4 * 9)
    return f"M{right} {start}C{out} {start} {out} {number(end)} {right} {number(end)}"


def _drawn(link: SeenLink, path: str, end: tuple[float, float], side: int) -> str:
    """Draw a link: a line, broken where no constraint declares it, and an arrow where it points."""
    dashes = {} if link.is_declared else {"stroke_dasharray": "5 4"}
    return element(
        "g",
        titled(f"{_told_link(link)}; {link.reason}"),
        element(
            "path", d=path, fill="none", stroke="currentColor", stroke_opacity="0.65", stroke_width="1.4", **dashes
        ),
        element("path", d=f"M{number(end[0])} {number(end[1])}l{number(side * 9)} -5v10z", fill_opacity="0.8"),
        class_="dsr-link",
    )


def _label(words: str, start: tuple[float, float], side: int) -> str:
    """Write beside a line's beginning, with the ground's colour around the letters."""
    halo = {"stroke": "Canvas", "stroke_width": "4", "stroke_linejoin": "round", "paint_order": "stroke"}
    anchor = "start" if side > 0 else "end"
    return _words(words, start[0] + side * 6, start[1] - 4, size=SMALL, anchor=anchor, **halo)


def _card(card: Card, place: Place) -> str:
    """Draw a table: its name, how many rows it has, and its columns that tell something."""
    broken = {"stroke_dasharray": "6 4"} if card.is_in_map is False else {}
    corners = {"width": number(place.width), "height": number(place.height), "rx": "6"}
    ink = PEOPLE if card.is_of_people else "currentColor"
    side = number(HEAD - 6)
    head = f"M0 {number(HEAD)}v-{side}a6 6 0 0 1 6 -6h{number(place.width - 12)}a6 6 0 0 1 6 6v{side}z"
    rows = [_row(row, HEAD + LINE * index) for index, row in enumerate(card.rows)]
    if card.more:
        y = HEAD + LINE * (len(card.rows) + 0.5) + 4
        rows.append(_words(f"and {card.more} more", 34, y, size=SMALL, opacity="0.75"))
    return element(
        "g",
        titled(_told_card(card)),
        element("rect", **corners, fill="Canvas", class_="dsr-ground"),
        element("path", d=head, fill=ink, fill_opacity="1" if card.is_of_people else "0.12"),
        element(
            "rect", **corners, fill="none", stroke=ink, stroke_opacity="1" if card.is_of_people else "0.5", **broken
        ),
        *_heading(card, place.width),
        *rows,
        class_="dsr-table",
        transform=f"translate({number(place.x)} {number(place.y)})",
    )


def _told_card(card: Card) -> str:
    what = "view" if card.is_view else "table"
    said = [f"{what} {card.id}, {card.columns} columns"]
    said += ["of people"] if card.is_of_people else []
    said += ["not in the proposed data map"] if card.is_in_map is False else []
    return ", ".join(said)


def _heading(card: Card, width: float) -> Iterator[str]:
    fill = "#ffffff" if card.is_of_people else "currentColor"
    count = _counted(card.count)
    letters = NAME_LETTERS - (len(count) if count else 0) - 2 * card.is_of_people
    left = 12.0
    if card.is_of_people:
        yield element("circle", cx=17, cy=12.5, r=4, fill=fill)
        yield element("path", d="M9.5 25a7.5 7.5 0 0 1 15 0z", fill=fill)
        left = 32.0
    style = "italic" if card.is_view else "normal"
    yield _words(clipped(card.id, letters), left, HEAD / 2 + 5, weight="600", fill=fill, font_style=style)
    if count:
        yield _words(count, width - 10, HEAD / 2 + 4.5, size=SMALL, anchor="end", fill=fill)


def _counted(count: int | None) -> str:
    return "" if count is None else f"{count:,}"


def _row(row: Row, top: float) -> str:
    parts = [titled(row.told)]
    if row.mark is None:
        parts.append(element("circle", cx=20, cy=number(top + LINE / 2), r=3, fill_opacity="0.55"))
    else:
        parts.append(_badge(row.mark, 11, top + 2))
    opacity = "0.8" if row.mark is None else "1"
    parts.append(_words(clipped(row.name, COLUMN_LETTERS), 36, top + LINE / 2 + 4.5, opacity=opacity))
    return element("g", *parts, class_=f"dsr-{row.mark.name.lower()}" if row.mark else "dsr-column")


def _badge(mark: Mark, x: float, y: float) -> str:
    return element(
        "g",
        element("rect", x=number(x), y=number(y), width=18, height=17, rx=4, fill=mark.colour),
        _words(mark.letter, x + 9, y + 13, size=SMALL, anchor="middle", fill="#ffffff", weight="700"),
    )


def _words(
    words: str,
    x: float,
    y: float,
    *,
    size: int = NORMAL,
    anchor: str = "start",
    fill: str = "currentColor",
    weight: str = "400",
    opacity: str = "1",
    **more: str,
) -> str:
    return element(
        "text",
        text(words),
        x=number(x),
        y=number(y),
        font_size=size,
        text_anchor=anchor,
        fill=fill,
        font_weight=weight,
        fill_opacity=opacity,
        **more,
    )


def _legend(shown: Shown, width: float) -> Iterator[str]:
    """Explain the letters and lines that occur, in as many lines as they need."""
    used = {row.mark for card in shown.cards.values() for row in card.rows}
    entries = [(_badge(mark, 0, 2), mark.words) for mark in Mark if mark in used]
    entries += list(_explained(shown))
    line: list[str] = []
    x = 0.0
    for sign, words in entries:
        wide = 28 + len(words) * 7 + 18
        if line and x + wide > width:
            yield element("g", *line)
            line, x = [], 0.0
        line.append(element("g", sign, _words(words, 28, 15), transform=f"translate({number(x)} 0)"))
        x += wide
    if line:
        yield element("g", *line)


def _explained(shown: Shown) -> Iterator[tuple[str, str]]:
    if any(card.is_of_people for card in shown.cards.values()):
        yield element("rect", y=2, width=18, height=17, rx=4, fill=PEOPLE), "Table of people"
    if any(link.is_declared for link in shown.links):
        yield _sample(None), "Foreign key"
    if any(not link.is_declared for link in shown.links):
        yield _sample("5 4"), "Link inferred, and how surely"
    if any(card.is_in_map is False for card in shown.cards.values()):
        border = element(
            "rect", y=3, width=20, height=15, rx=4, fill="none", stroke="currentColor", stroke_dasharray="6 4"
        )
        yield border, "Not in the proposed data map"


def _sample(dashes: str | None) -> str:
    more = {"stroke_dasharray": dashes} if dashes else {}
    return element("path", d="M0 11h22", stroke="currentColor", stroke_width="1.6", **more)


def _rest(what: str, names: Sequence[TableId], top: float, width: float) -> str:
    """Sum the tables up that are not drawn."""
    words = (f"{len(names):,} further tables" if len(names) > 1 else "1 further table") + f", {what}"
    listed = ", ".join(names[:NAMED_REST]) + (" …" if len(names) > NAMED_REST else "")
    return element(
        "g",
        titled(f"{words}; not drawn"),
        element(
            "rect", width=number(width), height=number(HEAD + LINE), rx=6, fill="currentColor", fill_opacity="0.06"
        ),
        _words(words, 14, 23, weight="600"),
        _words(clipped(listed, int((width - 28) / 6.4)), 14, 43, size=SMALL, opacity="0.8"),
        class_="dsr-rest",
        transform=f"translate(0 {number(top)})",
    )
