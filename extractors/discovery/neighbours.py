"""Settles what only a column's neighbours tell: whose name it is, which key, which person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from extractors.discovery.meanings import SPECIAL
from extractors.discovery.model import (
    ColumnId,
    Concept,
    Finding,
    Findings,
    Inventory,
    SeenColumn,
    SeenLink,
    SeenTable,
    TableId,
)
from extractors.discovery.names import Others
from extractors.discovery.roles import Role, table_role, tells_of_others

if TYPE_CHECKING:
    from extractors.discovery.findings import Reading

SURE, LIKELY = 0.6, 0.4
FEWEST_TRAITS = 3
MOST_NAMES = 2
LINKED = 0.6
NAMES = frozenset({Concept.GIVEN_NAME, Concept.FAMILY_NAME, Concept.FULL_NAME})
REACHED_BY = frozenset({Concept.EMAIL, Concept.PHONE, Concept.USER_NAME})
CONTACT = NAMES | REACHED_BY | {Concept.STREET, Concept.CITY, Concept.POSTAL_CODE, Concept.BIRTH_DATE}
KNOWN_BY = NAMES | REACHED_BY | {Concept.BIRTH_DATE, Concept.GENDER, Concept.NATIONAL_ID}
UNKNOWN_PEOPLE = 0.6
TRAITS = (
    REACHED_BY | {Concept.BIRTH_DATE, Concept.GENDER, Concept.NATIONAL_ID, Concept.SECRET, Concept.STREET} | SPECIAL
)
# A reference may take the place of these: their names say little beside what they point at.
REPLACEABLE = frozenset(
    {Concept.OTHER, Concept.CODE, Concept.PERSON_ID, Concept.OTHER_PERSON, Concept.FULL_NAME, Concept.USER_NAME}
    | {Concept.STREET, Concept.CITY, Concept.COUNTRY, Concept.REGION, Concept.ORGANISATION, Concept.JOB, Concept.PHOTO}
    | {Concept.NATIONAL_ID, Concept.FREE_TEXT, Concept.AMOUNT, Concept.DEVICE, Concept.ORDERING}
)


@dataclass(frozen=True, slots=True)
class _Context:
    """What is known around a column.

    Args:
        people: how surely each table is one of people.
        links: by the column that references.
    """

    inventory: Inventory
    read: Mapping[ColumnId, Reading]
    people: Mapping[TableId, float]
    links: Mapping[ColumnId, SeenLink]
    spoken: Mapping[str, float]

    def is_pointed_at(self, table: SeenTable, column: SeenColumn) -> bool:
        """Whether another table's column holds this one's values."""
        end = (table.id, (column.name,))
        return any((link.to_table, link.to_columns) == end for link in self.links.values())


def settled(inventory: Inventory, read: Mapping[ColumnId, Reading], spoken: Mapping[str, float]) -> Findings:
    """Settle every column's finding by its neighbours, its table and its links."""
    people = {table.id: _is_of_people(table, read, spoken) for table in inventory.tables}
    links = {
        (link.table, link.columns[0]): link
        for link in sorted(inventory.links, key=lambda link: link.confidence)
        if len(link.columns) == 1 and link.confidence >= LINKED
    }
    context = _Context(inventory, read, people, links, spoken)
    return {column: finding for table in inventory.tables for column, finding in _of_table(table, context)}


def person_tables(inventory: Inventory, found: Findings, spoken: Mapping[str, float]) -> Mapping[TableId, float]:
    """Say of every table how surely its rows are people, 0 to 1, from its name and what its columns mean."""
    return {
        table.id: _people(table, [found[table.id, c.name] for c in table.columns], spoken) for table in inventory.tables
    }


def _is_of_people(table: SeenTable, read: Mapping[ColumnId, Reading], spoken: Mapping[str, float]) -> float:
    return _people(table, [read[table.id, column.name].finding for column in table.columns], spoken)


def _people(table: SeenTable, found: list[Finding], spoken: Mapping[str, float]) -> float:
    telling = [finding.concept for finding in found if finding.confidence >= LIKELY and not finding.is_other_person]
    own, names = set(telling), sum(concept in NAMES for concept in telling)
    traits = len(own & TRAITS) + min(names, MOST_NAMES) + _has_own_address(table, found)
    role = table_role(table.id, spoken)
    if role.role is Role.UNKNOWN and table.comment:
        role = table_role(table.comment[:60], spoken)
    if role.role is Role.PERSON:
        return role.confidence if own & KNOWN_BY else role.confidence * UNKNOWN_PEOPLE
    if names and traits >= FEWEST_TRAITS and own & (REACHED_BY | {Concept.BIRTH_DATE, Concept.NATIONAL_ID}):
        is_beside = any(_is_reference(finding) for finding in found)
        return (
            0.8 if role.role in (Role.UNKNOWN, Role.TECHNICAL) or (role.role is Role.DETAIL and not is_beside) else 0.3
        )
    return 0.6 if role.role is Role.UNKNOWN and {Concept.EMAIL, Concept.SECRET} <= own else 0.0


def _has_own_address(table: SeenTable, found: list[Finding]) -> bool:
    """Tell whether no two rows share an e-mail address, as orders of one person do."""
    return any(
        finding.concept is Concept.EMAIL and (column.sampled.is_unique or (column.name,) in table.unique)
        for column, finding in zip(table.columns, found, strict=True)
    )


def _of_table(table: SeenTable, context: _Context) -> Iterator[tuple[ColumnId, Finding]]:
    whose = {column.name: _whose(table, column, context) for column in table.columns}
    references = sum(_is_reference(finding) for finding in whose.values())
    is_about_somebody = context.people[table.id] >= SURE or references > 1
    is_beside = references > 0 and tells_of_others(table.id, context.spoken)
    concepts = {finding.concept for finding in whose.values()}
    for column in table.columns:
        id_ = (table.id, column.name)
        finding = _named(whose[column.name], context.read[id_], concepts, context.people[table.id])
        finding = _others(finding, context.read[id_], column, is_about_somebody=is_about_somebody)
        yield id_, replace(finding, is_other_person=True) if is_beside and finding.concept in CONTACT else finding


def _is_reference(finding: Finding) -> bool:
    return finding.concept in (Concept.PERSON_ID, Concept.OTHER_PERSON)


def _whose(table: SeenTable, column: SeenColumn, context: _Context) -> Finding:
    """Read keys and references by what they are keys of and point at."""
    reading = context.read[table.id, column.name]
    finding = reading.finding
    link = context.links.get((table.id, column.name))
    if finding.concept is Concept.SECRET and reading.is_by_content and (link or context.is_pointed_at(table, column)):
        finding = Finding(Concept.OTHER, 0.5, "its random characters are a key's")
    is_key = table.primary_key == (column.name,)
    is_counted = column.type == "integer" and (is_key or link) and finding.concept not in SPECIAL
    if is_counted and finding.concept in KNOWN_BY | {Concept.CARD, Concept.IBAN, Concept.STREET, Concept.POSTAL_CODE}:
        finding = Finding(Concept.OTHER, 0.5, "is a number that rows are known by")
    if finding.concept not in REPLACEABLE:
        return finding
    if link is not None:
        return _of_link(finding, reading, link, context)
    if is_key:
        return _of_key(finding, context.people[table.id])
    return finding


def _of_link(finding: Finding, reading: Reading, link: SeenLink, context: _Context) -> Finding:
    people = _led_to(link, context)
    if people < LIKELY:
        if finding.confidence >= 0.8 and finding.concept in (Concept.OTHER_PERSON, Concept.PERSON_ID):
            return finding
        return Finding(Concept.OTHER, 0.8, f"points at {link.to_table}")
    reason = f"points at {link.to_table}, a table of people"
    confidence = round(min(0.99, 0.5 + people / 2) * link.confidence, 2)
    is_other = reading.others is Others.ALWAYS or link.table == link.to_table
    concept = Concept.OTHER_PERSON if is_other else Concept.PERSON_ID
    return Finding(concept, confidence, reason)


def _led_to(link: SeenLink, context: _Context) -> float:
    """Say how surely a link leads to people, perhaps over a table that hangs on them by the same key."""
    seen: set[ColumnId] = set()
    best = 0.0
    following: SeenLink | None = link
    while following is not None and len(following.to_columns) == 1:
        best = max(best, context.people.get(following.to_table, 0.0))
        end = (following.to_table, following.to_columns[0])
        following = None if end in seen else context.links.get(end)
        seen.add(end)
    return best


def _of_key(finding: Finding, people: float) -> Finding:
    if people >= LIKELY and finding.concept in (Concept.OTHER, Concept.CODE, Concept.PERSON_ID, Concept.ORDERING):
        return Finding(Concept.PERSON_ID, round(min(0.98, 0.5 + people / 2), 2), "is the key of a table of people")
    return finding


def _named(finding: Finding, reading: Reading, concepts: set[Concept], people: float) -> Finding:
    """Tell the family name from the given one by the other standing beside it, and a person's name by its table."""
    if finding.concept is Concept.FULL_NAME and Concept.GIVEN_NAME in concepts and reading.is_generic:
        return replace(finding, concept=Concept.FAMILY_NAME, confidence=max(finding.confidence, 0.7))
    if finding.concept is Concept.FULL_NAME and Concept.FAMILY_NAME in concepts and reading.is_generic:
        return replace(finding, concept=Concept.GIVEN_NAME, confidence=max(finding.confidence, 0.7))
    if (
        finding.concept is Concept.OTHER
        and reading.is_generic
        and "name of anything" in finding.reason
        and people >= LIKELY
    ):
        return Finding(Concept.FULL_NAME, round(people * 0.8, 2), "is called like a name, in a table of people")
    return finding


def _others(finding: Finding, reading: Reading, column: SeenColumn, *, is_about_somebody: bool) -> Finding:
    """Mark what is about somebody else; who only wrote a row about nobody else is its own person."""
    mentions = finding.concept in (Concept.FREE_TEXT, Concept.JSON) and (
        column.sampled.mentions > 0 or (finding.concept is Concept.FREE_TEXT and column.sampled.seen < 20)
    )
    is_other = reading.others is Others.ALWAYS or finding.concept is Concept.OTHER_PERSON
    if reading.others is Others.ACTING and _is_reference(finding):
        is_other = is_about_somebody
        concept = Concept.OTHER_PERSON if is_other else Concept.PERSON_ID
        finding = replace(finding, concept=concept)
    if finding.concept is Concept.PERSON_ID and is_other:
        finding = replace(finding, concept=Concept.OTHER_PERSON)
    return replace(finding, is_other_person=is_other, mentions_others=mentions)
