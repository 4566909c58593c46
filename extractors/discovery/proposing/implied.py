"""Finds tables whose own key is a person's, though neither names nor values say so: a patient's number is a person's.

Small numbers stand in every key, so a key's values alone prove nothing. But where rows that refer to a person also
refer to rows that refer to a patient, and both always hold the same number, the two keys are one.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from extractors.discovery.model import Comparison, Inventory, SeenLink
from extractors.discovery.proposing.roles import words_of
from extractors.discovery.proposing.words import STAFF, SUBJECTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from extractors.discovery.model import Compared, TableId
    from extractors.discovery.proposing.survey import Survey

MOST_QUESTIONS = 40
ENOUGH_PAIRS = 20
ENOUGH_PEOPLE = 10
ALWAYS = 0.99


def implied_questions(survey: Survey) -> Iterator[Comparison]:
    """Ask whether rows hold the same number for a person as the rows they point at hold for somebody."""
    yield from islice((question for _, question in _pairs(survey)), MOST_QUESTIONS)


def with_implied_links(survey: Survey, answers: Mapping[Comparison, Compared]) -> Inventory:
    """Add the links that follow from the answers."""
    found: dict[TableId, SeenLink] = {}
    for link, question in islice(_pairs(survey), MOST_QUESTIONS):
        answer = answers.get(question)
        if answer and answer.seen >= ENOUGH_PAIRS and answer.equal >= ALWAYS:
            found.setdefault(link.table, link)
    return replace(survey.inventory, links=(*survey.inventory.links, *found.values()))


def _pairs(survey: Survey) -> Iterator[tuple[SeenLink, Comparison]]:
    """Yield the links that would follow, each with the question whose answer decides."""
    for table in survey.tables:
        people = [link for link in survey.links_from(table) if _is_of_people(survey, link)]
        others = [link for link in survey.links_from(table) if not link.where and link.to_table != table]
        for mine in people:
            for over in others:
                for theirs in survey.links_from(over.to_table) if over != mine else ():
                    if _is_of_people(survey, theirs) and _may_extend(survey, theirs, mine):
                        question = (table, over.columns, over.to_table, over.to_columns, mine.columns[0])
                        yield _implied(theirs, mine), Comparison(*question, theirs.columns[0])


def _is_of_people(survey: Survey, link: SeenLink) -> bool:
    """Whether a link leads to a whole-number key of a table called after people."""
    key = survey.tables[link.to_table].primary_key
    is_key = len(link.columns) == 1 and link.to_columns == key
    is_called_so = bool(set(words_of(link.to_table)) & (SUBJECTS | STAFF))
    is_whole = is_key and survey.tables[link.to_table].column(key[0]).type == "integer"
    many = survey.tables[link.table].column(link.columns[0]).sampled.distinct >= ENOUGH_PEOPLE
    return is_whole and is_called_so and many and not link.where


def _may_extend(survey: Survey, theirs: SeenLink, mine: SeenLink) -> bool:
    """Whether a table may repeat the key of another: it has no more rows, and its key points nowhere yet."""
    own = [link for link in survey.links_from(theirs.to_table) if link.columns == theirs.to_columns]
    is_smaller = survey.size(theirs.to_table) <= survey.size(mine.to_table)
    return theirs.to_table != mine.to_table and is_smaller and not own


def _implied(theirs: SeenLink, mine: SeenLink) -> SeenLink:
    reason = f"{mine.table}.{mine.columns[0]} and {theirs.table}.{theirs.columns[0]} always hold the same number"
    return SeenLink(theirs.to_table, theirs.to_columns, mine.to_table, mine.to_columns, False, 0.85, reason=reason)
