"""Chooses what a diagram of a source shows: which tables, which of their columns, where, and what as."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from extractors.discovery.meanings import CONCEPTS, SPECIAL
from extractors.discovery.model import (
    Concept,
    Finding,
    Findings,
    Inventory,
    Proposal,
    SeenColumn,
    SeenLink,
    SeenTable,
    TableId,
)
from extractors.discovery.names import languages
from extractors.discovery.neighbours import person_tables

OF_PEOPLE = 0.6
LEAST_CONFIDENCE = 0.3
MOST_ROWS = 16
MOST_CARDS = 120
MOST_STACKED = 1100.0
MOST_BEHIND = 3


class Mark(Enum):
    """What a column was found to be, with the letter and the words that tell it beside its colour."""

    SPECIAL = ("9", "#b00058", "Special category (GDPR Art. 9, 10)")
    SECRET = ("K", "#52525b", "Secret, never given out")
    OTHERS = ("O", "#b45309", "Somebody else")
    IDENTIFIER = ("I", "#1d4ed8", "Identifies a person")
    CONTACT = ("C", "#047857", "Contact")
    PERSON = ("P", "#0e7490", "About the person")
    MONEY = ("M", "#86620a", "Money")
    TECHNICAL = ("N", "#4b5b76", "Network and device")
    TEXT = ("T", "#7c3aed", "Free text or structured data")

    def __init__(self, letter: str, colour: str, words: str) -> None:
        self.letter = letter
        self.colour = colour
        self.words = words


_MARKS: dict[Concept, Mark] = {
    **dict.fromkeys(SPECIAL, Mark.SPECIAL),
    Concept.SECRET: Mark.SECRET,
    Concept.OTHER_PERSON: Mark.OTHERS,
    **dict.fromkeys((Concept.PERSON_ID, Concept.USER_NAME, Concept.NATIONAL_ID, Concept.TAX_ID), Mark.IDENTIFIER),
    **dict.fromkeys((Concept.EMAIL, Concept.PHONE, Concept.STREET, Concept.POSTAL_CODE, Concept.CITY), Mark.CONTACT),
    **dict.fromkeys((Concept.REGION, Concept.COUNTRY), Mark.CONTACT),
    **dict.fromkeys((Concept.GIVEN_NAME, Concept.FAMILY_NAME, Concept.FULL_NAME, Concept.BIRTH_DATE), Mark.PERSON),
    **dict.fromkeys((Concept.GENDER, Concept.NATIONALITY, Concept.PHOTO, Concept.JOB), Mark.PERSON),
    **dict.fromkeys((Concept.CONSENT, Concept.MARKETING, Concept.ANALYTICS, Concept.RESTRICTED), Mark.PERSON),
    **dict.fromkeys((Concept.IBAN, Concept.CARD), Mark.MONEY),
    **dict.fromkeys((Concept.IP, Concept.USER_AGENT, Concept.DEVICE, Concept.LOCATION), Mark.TECHNICAL),
    **dict.fromkeys((Concept.FREE_TEXT, Concept.JSON), Mark.TEXT),
}
# Which columns are shown where there are too many; links begin and end at those without a mark.
_FIRST = (Mark.IDENTIFIER, None, Mark.SPECIAL, Mark.OTHERS, Mark.CONTACT, Mark.SECRET)
_ORDER = {mark: order for order, mark in enumerate((*_FIRST, *(mark for mark in Mark if mark not in _FIRST)))}
# What a table of things has as well: a description, a town, a price. Alone it makes no table personal.
_SHARED = frozenset({Mark.TEXT, Mark.MONEY})
_PLACES = frozenset({Concept.CITY, Concept.REGION, Concept.COUNTRY, Concept.JOB, Concept.LOCATION, Concept.PHOTO})


@dataclass(frozen=True, slots=True)
class Row:
    """A column as it is shown; without a mark it is there because a link begins or ends at it."""

    name: str
    mark: Mark | None
    told: str


@dataclass(frozen=True, slots=True)
class Card:
    """A table as it is shown.

    Args:
        more: how many of its columns that tell something are not shown.
        is_in_map: whether the proposed data map has it; None where none was proposed.
    """

    id: TableId
    rows: tuple[Row, ...]
    more: int
    columns: int
    count: int | None
    is_of_people: bool
    is_view: bool
    is_in_map: bool | None


@dataclass(frozen=True, slots=True)
class Shown:
    """What a diagram shows.

    Args:
        columns: where each linked table stands: 0 for people, to the right what hangs on them, to the left context.
        apart: tables that hold something about people and that nothing is linked with.
        rest: the tables that hold nothing about people and are not shown.
        further: those that do and are not shown either, because there are too many.
    """

    cards: Mapping[TableId, Card]
    links: tuple[SeenLink, ...]
    columns: Mapping[TableId, int]
    apart: tuple[TableId, ...]
    rest: tuple[TableId, ...]
    further: tuple[TableId, ...] = ()


def mark_of(finding: Finding) -> Mark | None:
    """Say what a column is shown as; somebody else's data before everything but secrets and special categories."""
    if finding.confidence < LEAST_CONFIDENCE:
        return None
    mark = _MARKS.get(finding.concept)
    if finding.is_other_person and mark not in (Mark.SECRET, Mark.SPECIAL):
        return Mark.OTHERS
    return mark


def choose(inventory: Inventory, findings: Findings, proposal: Proposal | None) -> Shown:
    """Choose the tables that hold something about people, and those linked with them at once."""
    people = {table for table, score in _people(inventory, findings).items() if score >= OF_PEOPLE}
    in_map = _in_map(proposal)
    personal = {t.id for t in inventory.tables if t.id in people or t.id in in_map or _is_personal(t, findings)}
    links = _best(inventory.links)
    near = {link.table for link in links if link.to_table in personal}
    near |= {link.to_table for link in links if link.table in personal}
    tables = [table for table in inventory.tables if table.id in personal | near]
    kept = tuple(link for link in links if {link.table, link.to_table} <= {table.id for table in tables})
    ends = {(link.table, column) for link in kept for column in link.columns}
    ends |= {(link.to_table, column) for link in kept for column in link.to_columns}
    cards = {
        table.id: _card(table, findings, ends, is_of_people=table.id in people, in_map=in_map if proposal else None)
        for table in tables
    }
    columns = _columns(tuple(cards), kept, people)
    rest = tuple(table.id for table in inventory.tables if table.id not in cards)
    return _bounded(Shown(cards, kept, columns, tuple(table for table in cards if table not in columns), rest))


def _bounded(shown: Shown) -> Shown:
    """Leave out what is furthest from people where nobody could read so many tables."""
    if len(shown.cards) <= MOST_CARDS:
        return shown

    def weight(table: TableId) -> tuple[int, int, str]:
        return abs(shown.columns.get(table, MOST_CARDS)), -sum(bool(row.mark) for row in shown.cards[table].rows), table

    kept = set(sorted(shown.cards, key=weight)[:MOST_CARDS])
    return replace(
        shown,
        cards={table: card for table, card in shown.cards.items() if table in kept},
        links=tuple(link for link in shown.links if {link.table, link.to_table} <= kept),
        columns={table: column for table, column in shown.columns.items() if table in kept},
        apart=tuple(table for table in shown.apart if table in kept),
        further=tuple(table for table in shown.cards if table not in kept),
    )


def _people(inventory: Inventory, findings: Findings) -> Mapping[TableId, float]:
    names = [table.id for table in inventory.tables] + [name for _, name in findings]
    return person_tables(inventory, findings, languages(names))


def _in_map(proposal: Proposal | None) -> set[TableId]:
    if proposal is None:
        return set()
    collections = proposal.document.get("collections", {})
    return {part.get("table", name) for name, part in collections.items()}


def _is_personal(table: SeenTable, findings: Findings) -> bool:
    found = [findings[table.id, column.name] for column in table.columns if (table.id, column.name) in findings]
    telling = {mark_of(finding) for finding in found if finding.concept not in _PLACES} - _SHARED - {None}
    return bool(telling)


def _best(links: Iterable[SeenLink]) -> tuple[SeenLink, ...]:
    """Keep the surest of the links that columns are said to have."""
    best: dict[tuple[TableId, tuple[str, ...]], SeenLink] = {}
    for link in links:
        known = best.get((link.table, link.columns))
        if known is None or (known.is_declared, known.confidence) < (link.is_declared, link.confidence):
            best[link.table, link.columns] = link
    return tuple(best.values())


def _card(
    table: SeenTable,
    findings: Findings,
    ends: set[tuple[TableId, str]],
    *,
    is_of_people: bool,
    in_map: set[TableId] | None,
) -> Card:
    rows = [row for column in table.columns if (row := _row(table, column, findings, ends))]
    kept = rows if len(rows) <= MOST_ROWS else sorted(rows, key=lambda row: _ORDER[row.mark])[: MOST_ROWS - 1]
    shown = tuple(row for row in rows if row in kept)
    return Card(
        table.id,
        shown,
        len(rows) - len(shown),
        len(table.columns),
        table.rows,
        is_of_people,
        table.is_view,
        None if in_map is None else table.id in in_map,
    )


def _row(table: SeenTable, column: SeenColumn, findings: Findings, ends: set[tuple[TableId, str]]) -> Row | None:
    finding = findings.get((table.id, column.name))
    mark = mark_of(finding) if finding else None
    if mark is None and (table.id, column.name) not in ends:
        return None
    told = f"{column.name}: {CONCEPTS[finding.concept]}, {finding.confidence:.0%}".replace("%", " %") if finding else ""
    return Row(column.name, mark, f"{told}; {finding.reason}" if finding else column.name)


def _columns(tables: tuple[TableId, ...], links: tuple[SeenLink, ...], people: set[TableId]) -> dict[TableId, int]:
    """Count how far each table is from people: what they only point at to the left, everything else to the right."""
    between = [(link.table, link.to_table) for link in links if link.table != link.to_table]
    linked = [table for table in tables if any(table in pair for pair in between)]
    columns = {table: 0 for table in linked if table in people}
    context: set[TableId] = set()
    while left := [table for table in linked if table not in columns]:
        reached = _reached(between, columns, context)
        # An island nobody is reached from begins with its best linked table.
        columns |= reached or {max(left, key=lambda table: sum(table in pair for pair in between)): 0}
    return _behind(between, columns, context)


def _reached(
    between: list[tuple[TableId, TableId]], columns: Mapping[TableId, int], context: set[TableId]
) -> dict[TableId, int]:
    """Go one link further from every table reached; note what was reached only because a table points at it."""
    reached: dict[TableId, int] = {}
    for child, parent in between:
        if parent in columns and child not in columns:
            side = -1 if columns[parent] < 0 else 1
            reached[child] = columns[parent] + side
    for child, parent in between:
        if child in columns and parent not in columns and parent not in reached:
            side = -1 if columns[child] <= 0 else 1
            reached[parent] = columns[child] + side
            context.add(parent)
    return reached


def _behind(between: list[tuple[str, str]], columns: dict[str, int], context: set[str]) -> dict[TableId, int]:
    """Move a table behind those of its own column that it points at: its line then leads to the left as others do."""
    nearest = dict(columns)
    for _ in range(MOST_BEHIND):
        for child, parent in between:
            moves = columns[child] > 0 and columns[parent] > 0 and not {child, parent} & context
            if moves and columns[child] <= columns[parent] < nearest[child] + MOST_BEHIND:
                columns[child] = columns[parent] + 1
    for child, parent in between:
        if parent in context and columns[parent] > 0:
            columns[parent] = max(columns[parent], columns[child] + 1)
    return columns
