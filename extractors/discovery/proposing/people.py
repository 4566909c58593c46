"""Finds the tables that hold a person per row, and which of them is the account that user ids are of."""

from __future__ import annotations

from dataclasses import dataclass
from math import log10
from typing import TYPE_CHECKING

from extractors.discovery.model import Concept, Content
from extractors.discovery.proposing.contacts import find_contacts
from extractors.discovery.proposing.roles import Role, role_of, words_of
from extractors.discovery.proposing.words import LOGINS, PLACES, STAFF, SUBJECTS

if TYPE_CHECKING:
    from extractors.discovery.model import SeenLink, TableId
    from extractors.discovery.proposing.survey import Survey

LEAST_SCORE = 3.5
RARELY_TWICE = 0.8
FEWEST_PEOPLE = 5


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of people a source knows.

    Args:
        root: the table whose key stands for the person.
        key: its column.
        tables: all tables with a row per person of the kind, the root first.
    """

    root: TableId
    key: str
    tables: tuple[TableId, ...]
    score: float
    is_staff: bool = False
    is_main: bool = False
    reason: str = ""


def find_people(survey: Survey) -> tuple[Kind, ...]:
    """Find the kinds of people, the main one first."""
    scores = {table: score for table in survey.tables if (score := _score(survey, table)) >= LEAST_SCORE}
    for table in survey.tables:
        if table not in scores and (score := _score_by_contacts(survey, table)):
            scores[table] = score
    scores = {table: score for table, score in scores.items() if not _is_about_people(survey, table, scores)}
    groups: dict[TableId, list[TableId]] = {}
    for table in sorted(scores, key=lambda table: (-scores[table], table)):
        groups.setdefault(_root(survey, table, scores), []).append(table)
    kinds = [
        _kind(survey, root, tables, max(scores[table] for table in tables))
        for root, tables in groups.items()
        if _key(survey, root)
    ]
    main, *others = _ranked(survey, kinds) or (None,)
    return (main, *(kind for kind in others if _is_findable(survey, kind))) if main else ()


def _is_findable(survey: Survey, kind: Kind) -> bool:
    """Whether anything but a key, which only the main kind is known by, leads to people of a kind."""
    pointing = [link.table for link in survey.links_to(kind.root)]
    return any(survey.has(table, Concept.EMAIL, Concept.PHONE) for table in (*kind.tables, *pointing))


def _score(survey: Survey, table: TableId) -> float:
    """Weigh what speaks for a table holding a person per row."""
    if not _is_identifying(survey, table) or not _key(survey, table) or _is_place(survey, table):
        return 0.0
    emails = survey.columns(table, Concept.EMAIL)
    if emails and not _unseen(survey, table, emails) and survey.variety(table, emails) < RARELY_TWICE:
        return 0.0  # a row each time that somebody did something
    score = 3.0 if emails else 0.0
    score += 2.0 * _is_named(survey, table)
    score += 0.5 * survey.has(table, Concept.PHONE)
    score += 1.5 * survey.has(table, Concept.BIRTH_DATE)
    score += 1.0 * survey.has(table, Concept.USER_NAME)
    score += 1.0 * (survey.has(table, Concept.SECRET) and bool(emails))
    score += 0.5 * min(4, len({link.table for link in survey.links_to(table)}))
    return score + 1.5 * bool((STAFF | SUBJECTS) & set(words_of(table)))


def _score_by_contacts(survey: Survey, table: TableId) -> float:
    """Weigh a table of people whose addresses stand in tables that point at it; 0 where none do."""
    key = _key(survey, table)
    contacts = find_contacts(survey, table, key) if key else []
    if not contacts:
        return 0.0
    score = 3.0 + 2.0 * _is_named(survey, table) + 0.5 * min(4, len({link.table for link in survey.links_to(table)}))
    return score + 1.5 * bool((STAFF | SUBJECTS) & set(words_of(table)))


def _is_identifying(survey: Survey, table: TableId) -> bool:
    told = (Concept.EMAIL, Concept.PHONE, Concept.BIRTH_DATE, Concept.NATIONAL_ID, Concept.USER_NAME)
    return survey.has(table, *told)


def _is_place(survey: Survey, table: TableId) -> bool:
    """Whether a table is called after what people belong to, and nothing in it is of a person alone."""
    words = set(words_of(table))
    is_persons = survey.has(table, Concept.GIVEN_NAME, Concept.FAMILY_NAME, Concept.BIRTH_DATE, Concept.USER_NAME)
    return bool(words & PLACES) and not words & (SUBJECTS | STAFF) and not is_persons


def _is_named(survey: Survey, table: TableId) -> bool:
    return survey.has(table, Concept.FULL_NAME, Concept.GIVEN_NAME, Concept.FAMILY_NAME)


def _unseen(survey: Survey, table: TableId, columns: list[str]) -> bool:
    return bool(columns) and not any(survey.tables[table].column(name).sampled.seen for name in columns)


def _key(survey: Survey, table: TableId) -> str | None:
    key = survey.tables[table].primary_key
    if len(key) == 1:
        return key[0]
    single = [columns[0] for columns in survey.tables[table].unique if len(columns) == 1]
    pointed = [link.to_columns[0] for link in survey.links_to(table) if len(link.to_columns) == 1]
    candidates = [*single, *pointed]
    return candidates[0] if candidates else None


def _is_about_people(survey: Survey, table: TableId, scores: dict[TableId, float]) -> bool:
    """Whether rows of a table belong to people of another one, rather than being people."""
    owners = [
        link
        for link in survey.links_from(table)
        if link.to_table in scores and link.to_table != table and role_of(link.columns[0], link.to_table) >= Role.PARTY
    ]
    is_pointed_at = any(link.to_columns == (_key(survey, table),) for link in survey.links_to(table))
    if not owners or set(words_of(table)) & (STAFF | SUBJECTS):
        return False
    if any(survey.is_one_to_one(link) for link in owners):
        return not is_pointed_at and not _shares_key(survey, table)
    has_own_address = any(survey.variety(table, [name]) >= 0.9 for name in survey.columns(table, Concept.EMAIL))
    has_own_address |= bool(find_contacts(survey, table, _key(survey, table) or ""))
    return not (has_own_address and is_pointed_at and _is_named(survey, table))


def _shares_key(survey: Survey, table: TableId) -> bool:
    key = survey.tables[table].primary_key
    return any(link.columns == key for link in survey.links_from(table))


def _root(survey: Survey, table: TableId, scores: dict[TableId, float]) -> TableId:
    """Follow a table that extends another one row by row (a customer who is a user) to where the person stands."""
    seen = {table}
    while True:
        bases = [
            link.to_table
            for link in survey.links_from(table)
            if link.to_table not in seen
            and len(link.columns) == 1
            and link.to_columns == (_key(survey, link.to_table),)
            and is_extending(survey, link)
            and (link.to_table in scores or link.columns == survey.tables[table].primary_key)
            and survey.size(link.to_table) >= 0.9 * survey.size(table)
        ]
        if not bases:
            return table
        table = max(bases, key=lambda base: (scores.get(base, 0), base))
        seen.add(table)


def is_extending(survey: Survey, link: SeenLink) -> bool:
    """Whether each row of people is at most one of those pointed at; of few people all have to be seen."""
    sampled = survey.tables[link.table].column(link.columns[0]).sampled
    is_all = sampled.seen == survey.tables[link.table].rows and sampled.seen >= FEWEST_PEOPLE
    return survey.is_one_to_one(link) or (is_all and sampled.is_unique)


def _kind(survey: Survey, root: TableId, tables: list[TableId], score: float) -> Kind:
    key = _key(survey, root) or ""
    words = {word for table in (root, *tables) for word in words_of(table)}
    pointing = len({link.table for link in survey.links_to(root)})
    is_staff = bool(words & STAFF) and not words & SUBJECTS
    weight = score + pointing + log10(1 + survey.size(root)) + 3 * bool(words & SUBJECTS) - 4 * is_staff
    members = tuple(dict.fromkeys((root, *tables)))
    return Kind(root, key, members, weight, is_staff, reason=_reason(survey, tables[0], pointing))


def _ranked(survey: Survey, kinds: list[Kind]) -> tuple[Kind, ...]:
    ordered = sorted(kinds, key=lambda kind: (-kind.score, kind.root))
    if not ordered:
        return ()
    main, *rest = ordered
    most = survey.size(main.root)
    staff = [_replaced(kind, is_staff=kind.is_staff or _is_small(survey, kind, most)) for kind in rest]
    return (_replaced(main, is_main=True), *staff)


def _is_small(survey: Survey, kind: Kind, most: int) -> bool:
    """Whether a few people with a login stand beside many without one."""
    is_named_so = bool({word for table in kind.tables for word in words_of(table)} & SUBJECTS - LOGINS)
    return not is_named_so and survey.size(kind.root) <= most / 3 and survey.has(kind.root, Concept.SECRET)


def _replaced(kind: Kind, *, is_staff: bool | None = None, is_main: bool | None = None) -> Kind:
    return Kind(
        kind.root,
        kind.key,
        kind.tables,
        kind.score,
        kind.is_staff if is_staff is None else is_staff,
        kind.is_main if is_main is None else is_main,
        kind.reason,
    )


def _reason(survey: Survey, table: TableId, pointing: int) -> str:
    told = []
    if emails := survey.columns(table, Concept.EMAIL):
        told.append(f"an e-mail address ({emails[0]})")
    if _is_named(survey, table):
        told.append("a name")
    if survey.has(table, Concept.PHONE):
        told.append("a telephone number")
    if survey.has(table, Concept.BIRTH_DATE):
        told.append("a date of birth")
    text = f"holds a person per row: {', '.join(told) or 'a login'}"
    return text + (f"; {pointing} table{'s' * (pointing != 1)} point at it" if pointing else "")


def email_columns(survey: Survey, table: TableId) -> list[str]:
    """The columns that hold e-mail addresses of whom a row is about, mixed ones included."""
    named = survey.columns(table, Concept.EMAIL)
    mixed = [
        column.name
        for column, finding in survey.each_column(table)
        if column.name not in named
        and not finding.is_other_person
        and survey.share(table, column.name, Content.EMAIL) >= 0.25
    ]
    return [*named, *mixed]
