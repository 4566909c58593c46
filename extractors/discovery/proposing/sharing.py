"""Tells what many people's rows point at: nobody's own, so neither a part of a person nor to be erased for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from extractors.discovery.model import Concept
from extractors.discovery.proposing.roles import Role

if TYPE_CHECKING:
    from extractors.discovery.model import SeenLink, TableId
    from extractors.discovery.proposing.references import People
    from extractors.discovery.proposing.survey import Survey

ENOUGH = 30
ENOUGH_TO_DOUBT = 5
A_HALF = 0.5
ALL_BUT_SOME = 0.9
VARIED = 0.3
BARELY_VARIED = 0.15


def is_shared(survey: Survey, people: People, table: TableId) -> bool:
    """Whether rows of a table are pointed at by rows of more people than one each, as far as the samples show."""
    return any(is_sharing(survey, people, link) for link in survey.links_to(table))


def is_sharing(survey: Survey, people: People, link: SeenLink) -> bool:
    """Whether many people's rows point at few by a link."""
    if len(link.columns) > 1:
        return False
    sampled = survey.tables[link.table].column(link.columns[0]).sampled
    if sampled.seen < ENOUGH:
        return False
    if link.table in people.kind_of:
        return sampled.distinct < VARIED * sampled.seen
    whose = _people_seen(survey, people, link.table)
    if whose:
        return sampled.distinct < A_HALF * whose
    return sampled.distinct < BARELY_VARIED * sampled.seen


def is_repeating(survey: Survey, link: SeenLink) -> bool:
    """Whether several rows point at the same one, more than by way of exception."""
    sampled = survey.tables[link.table].column(link.columns[0]).sampled
    return sampled.seen >= ENOUGH and sampled.distinct < ALL_BUT_SOME * sampled.seen


def is_doubted(survey: Survey, table: TableId, name: str) -> bool:
    """Whether a column is called like something of people's but the values seen do not look so."""
    finding = survey.finding(table, name)
    seen = survey.tables[table].column(name).sampled.seen
    return finding.confidence < A_HALF and seen >= ENOUGH_TO_DOUBT and finding.concept is not Concept.OTHER


def _people_seen(survey: Survey, people: People, table: TableId) -> int:
    """Count the different people that the rows seen of a table say they are of; 0 where they do not say."""
    columns = [each.column for each in people.owning(table) if each.role >= Role.PARTY]
    columns += people.own_addresses(table)
    return max((survey.tables[table].column(name).sampled.distinct for name in columns), default=0)
