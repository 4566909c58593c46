"""Proposes a data map from what was seen of a source: which tables are about whom, and what to do with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from extractors.discovery.model import Proposal
from extractors.discovery.proposing.documents import Document
from extractors.discovery.proposing.implied import implied_questions, with_implied_links
from extractors.discovery.proposing.ownership import Ownership
from extractors.discovery.proposing.people import find_people
from extractors.discovery.proposing.references import People
from extractors.discovery.proposing.survey import Survey

if TYPE_CHECKING:
    from collections.abc import Mapping

    from extractors.discovery.model import Compared, Comparison, Findings, Inventory, TableId

__all__ = ["propose", "questions"]


def questions(inventory: Inventory, findings: Findings) -> tuple[Comparison, ...]:
    """List what a source has to be asked before a map can be proposed for it; see `Extractor.compared`."""
    survey = _survey(inventory, findings, {})
    people = People(survey, find_people(survey))
    asked = [*people.email_questions(), *Ownership(survey, people).questions(), *implied_questions(survey)]
    return tuple(dict.fromkeys(asked))


def propose(inventory: Inventory, findings: Findings, answers: Mapping[Comparison, Compared] | None = None) -> Proposal:
    """Propose a data map.

    Args:
        answers: to `questions`; what is not answered is judged by names.

    Returns:
        A proposal whose document is a valid data map, unless nobody was found in the source at all: then it has no
        collections.
    """
    answers = answers or {}
    whole = with_implied_links(_survey(inventory, findings, {}), answers)
    survey = _survey(whole, findings, answers)
    people = People(survey, find_people(survey))
    holdings = Ownership(survey, people).decide()
    document = Document(survey, people, holdings)
    built = document.build()
    return Proposal(built, whole, findings, tuple(document.reasons), _left_out(survey, set(holdings)))


def _survey(inventory: Inventory, findings: Findings, answers: Mapping[Comparison, Compared]) -> Survey:
    """Arrange what is known; only rows that name nobody themselves are told apart by what they point at."""
    unparted = Survey(inventory, findings, answers, frozenset(table.id for table in inventory.tables))
    people = People(unparted, find_people(unparted))
    named = frozenset(table for table in unparted.tables if people.owning(table) or table in people.kind_of)
    return Survey(inventory, findings, answers, named)


def _left_out(survey: Survey, held: set[TableId]) -> dict[TableId, str]:
    """Say of every table that is in no collection why."""
    used = {survey.table_of(table) for table in held}
    return {table.id: _why_not(survey, table.id) for table in survey.inventory.tables if table.id not in used}


def _why_not(survey: Survey, table: TableId) -> str:
    if table not in survey.tables:
        return "a view: the tables behind it are looked at instead"
    if any(link.to_table != table for link in survey.links_from(table)):
        return "no row of a person leads to it"
    return "nothing about people was found in it, and it points at nobody"
