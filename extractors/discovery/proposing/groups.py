"""Finds what people are members of, work for or buy at: nobody's own, and shown to all who belong to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from extractors.discovery.proposing.roles import Role, words_of
from extractors.discovery.proposing.words import PLACES

if TYPE_CHECKING:
    from extractors.discovery.model import SeenLink, TableId
    from extractors.discovery.proposing.references import People
    from extractors.discovery.proposing.survey import Survey

A_MAJORITY = 0.5
MEMBERS_OF_A_GROUP = 3.0


def find_groups(survey: Survey, people: People) -> frozenset[TableId]:
    """Find the tables of companies, classes, teams and the like."""
    groups = _Groups(survey, people)
    return frozenset(table for table in survey.tables if groups.has(table))


@dataclass(frozen=True, slots=True)
class _Groups:
    survey: Survey
    people: People

    def has(self, table: TableId) -> bool:
        if table in self.people.kind_of:
            return False
        is_named_so = bool(set(words_of(table)) & PLACES)
        is_home = any(self._is_home(link) for link in self.survey.links_to(table))
        kinds = {each.kind.root for each in self.people.owning(table) if each.role >= Role.PARTY}
        has_members = any(self._is_membership(link, kinds, is_named_so) for link in self.survey.links_to(table))
        if not self.people.owning(table) and not self.people.own_addresses(table):
            return is_named_so and (is_home or has_members)
        return has_members or (is_home and is_named_so)

    def _is_home(self, link: SeenLink) -> bool:
        """Whether many people of a kind point at the same few rows."""
        if link.table not in self.people.kind_of or len(link.columns) > 1:
            return False
        sampled = self.survey.tables[link.table].column(link.columns[0]).sampled
        return sampled.seen >= 10 and sampled.distinct < A_MAJORITY * sampled.seen

    def _is_membership(self, link: SeenLink, owners: set[TableId], is_named_so: bool) -> bool:
        """Whether a table puts many people into each row of the one it points at, whose owner is not one of them."""
        table = self.survey.tables[link.table]
        people = [each for each in self.people.owning(link.table) if each.role >= Role.PARTY]
        if not people or self.survey.size(link.table) < MEMBERS_OF_A_GROUP * self.survey.size(link.to_table):
            return False
        joined = {column for each in people for column in each.link.columns} | set(link.columns)
        is_join = any(set(key) <= joined and len(key) > 1 for key in table.unique)
        pointed = any(self._is_home(other) for other in self.survey.links_to(link.to_table))
        return is_join and (is_named_so or pointed or not owners & {each.kind.root for each in people})
