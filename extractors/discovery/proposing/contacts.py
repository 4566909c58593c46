"""Finds the addresses of people that stand in a table of their own: e-mail and telephone beside the person's key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from extractors.discovery.model import Concept, Content
from extractors.discovery.proposing.roles import Role, names_a_person, role_of, words_of
from extractors.discovery.proposing.words import PLACES, STAFF, SUBJECTS

if TYPE_CHECKING:
    from extractors.discovery.model import SeenLink, TableId
    from extractors.discovery.proposing.survey import Survey

ALL_BUT_SOME = 0.9
FEW_NAMES = 60
ADDRESSES_OF_ONE = 2.5
FEWEST_ADDRESSED = 0.3
SEEN_IN_VALUES = 0.02
NAMING = (Concept.FULL_NAME, Concept.GIVEN_NAME, Concept.FAMILY_NAME, Concept.BIRTH_DATE, Concept.USER_NAME)


def find_contacts(survey: Survey, table: TableId, key: str) -> list[SeenLink]:
    """Find the links to a table of people by which tables with their addresses point at it.

    Returns:
        None where the table holds addresses itself, or where nothing says that its rows are people.
    """
    if survey.has(table, Concept.EMAIL) or not _is_of_people(survey, table):
        return []
    links = [link for link in survey.links_to(table) if link.to_columns == (key,) and not link.where]
    return [link for link in links if is_contact(survey, link)]


def is_contact(survey: Survey, link: SeenLink) -> bool:
    """Whether the rows that point by a link hold an address of whom they point at, one person's each."""
    if len(link.columns) > 1 or survey.filled(link.table, link.columns[0]) < ALL_BUT_SOME:
        return False
    if role_of(link.columns[0], link.to_table) < Role.PARTY or _is_busier(survey, link):
        return False
    return any(_is_one_persons(survey, link, name) for name in contact_columns(survey, link.table))


def contact_columns(survey: Survey, table: TableId) -> list[str]:
    """The columns of a table that hold addresses, those among other values included."""
    named = survey.columns(table, Concept.EMAIL, Concept.PHONE)
    return [*named, *(name for name in columns_of_values(survey, table) if name not in named)]


def columns_of_values(survey: Survey, table: TableId) -> list[str]:
    """The columns that hold e-mail addresses among other values, as another column says of each row."""
    if not any(_is_naming_values(survey, table, column.name) for column in survey.tables[table].columns):
        return []
    return [
        column.name
        for column in survey.tables[table].columns
        if column.type == "text"
        and SEEN_IN_VALUES <= survey.share(table, column.name, Content.EMAIL) < ALL_BUT_SOME
        and not survey.finding(table, column.name).is_other_person
    ]


def _is_naming_values(survey: Survey, table: TableId, name: str) -> bool:
    """Whether a column holds but few different things, over and over."""
    column = survey.tables[table].column(name)
    sampled = column.sampled
    is_few = 2 <= sampled.distinct <= min(FEW_NAMES, 0.5 * sampled.seen)
    return column.type in ("text", "integer") and is_few and name not in survey.tables[table].primary_key


def _is_of_people(survey: Survey, table: TableId) -> bool:
    """Whether a table's name, its columns or those that point at it say that its rows are people."""
    words = set(words_of(table))
    if words & PLACES:
        return False
    extending = [link.table for link in survey.links_to(table) if survey.is_one_to_one(link)]
    if words & (SUBJECTS | STAFF) or any(survey.has(each, *NAMING) for each in (table, *extending)):
        return True
    pointing = survey.links_to(table)
    called = {link.table for link in pointing if names_a_person(link.columns[0])}
    return len(called) >= 2 and 2 * len(called) >= len({link.table for link in pointing})


def _is_busier(survey: Survey, link: SeenLink) -> bool:
    """Whether more tables point at the rows with an address than at those they point at."""
    pointing = {each.table for each in survey.links_to(link.table)}
    pointed = {each.table for each in survey.links_to(link.to_table)}
    return len(pointing) >= len(pointed)


def _is_one_persons(survey: Survey, link: SeenLink, name: str) -> bool:
    """Whether there are about as many different addresses as people pointed at, a few each at most."""
    if name in columns_of_values(survey, link.table):
        found = survey.share(link.table, name, Content.EMAIL) * survey.size(link.table)
        return FEWEST_ADDRESSED <= found / max(1, survey.size(link.to_table)) <= ADDRESSES_OF_ONE
    table = survey.tables[link.table]
    address, person = table.column(name).sampled, table.column(link.columns[0]).sampled
    if not address.seen or survey.filled(link.table, name) < ALL_BUT_SOME:
        return False
    is_person = survey.has(link.table, *NAMING) and not survey.is_one_to_one(link)
    per_person = address.distinct / max(1, person.distinct)
    return ALL_BUT_SOME <= per_person <= (1.1 if is_person else ADDRESSES_OF_ONE)
