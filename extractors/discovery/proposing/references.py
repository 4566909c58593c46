"""Which people the rows of a table refer to, and for which of them the rows are theirs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from extractors.discovery.model import Comparison, Concept, Content
from extractors.discovery.proposing.contacts import columns_of_values
from extractors.discovery.proposing.people import email_columns
from extractors.discovery.proposing.roles import Role, is_party, role_of, words_of
from extractors.discovery.proposing.words import LOGINS, SUBJECTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from extractors.discovery.model import SeenLink, TableId
    from extractors.discovery.proposing.people import Kind
    from extractors.discovery.proposing.survey import Survey

MANY_TIMES = 5
ENOUGH_PAIRS = 3
DOUBTFUL = 0.75
SURE = 0.9
MOSTLY = 0.5


@dataclass(frozen=True, slots=True)
class Reference:
    """A column by which rows refer to a person."""

    link: SeenLink
    kind: Kind
    role: Role

    @property
    def column(self) -> str:
        """The column's name."""
        return self.link.columns[0]


@dataclass(frozen=True)
class People:
    """The kinds of people of a source, and everything that refers to them."""

    survey: Survey
    kinds: tuple[Kind, ...]

    @cached_property
    def kind_of(self) -> dict[TableId, Kind]:
        """The kind whose people a table holds, a row each."""
        return {table: kind for kind in self.kinds for table in kind.tables}

    @cached_property
    def _references(self) -> dict[TableId, list[Reference]]:
        return {table: list(self._of(table)) for table in self.survey.tables if table not in self.kind_of}

    def references(self, table: TableId) -> list[Reference]:
        """Every reference of a table to people; none for tables of people."""
        return self._references.get(table, [])

    def _of(self, table: TableId) -> Iterator[Reference]:
        for link in self.survey.links_from(table):
            kind = self.kind_of.get(link.to_table)
            if kind and len(link.columns) == 1:
                yield Reference(link, kind, self._role(link))

    def _role(self, link: SeenLink) -> Role:
        """A reference within a key says whose row it is, unless its name says otherwise."""
        role = role_of(link.columns[0], link.to_table)
        table = self.survey.tables[link.table]
        is_in_key = link.columns[0] in table.primary_key or (link.columns in table.unique)
        return Role.OWNER if is_in_key and role >= Role.PARTY else role

    @cached_property
    def _owning(self) -> dict[TableId, list[Reference]]:
        return {table: self._chosen_for(table, references) for table, references in self._references.items()}

    def _chosen_for(self, table: TableId, references: list[Reference]) -> list[Reference]:
        """A table called after whom an organisation serves is not of the staff who entered them."""
        chosen = self._chosen(references)
        is_of_subjects = bool(set(words_of(table)) & (SUBJECTS - LOGINS))
        is_entered = all(each.role < Role.PARTY for each in chosen)
        return [] if is_of_subjects and is_entered and self.survey.links_to(table) else chosen

    def owning(self, table: TableId) -> list[Reference]:
        """The references to people whose rows they are."""
        return self._owning.get(table, [])

    def _chosen(self, references: list[Reference]) -> list[Reference]:
        kinds = list(dict.fromkeys(reference.kind.root for reference in references))
        chosen = []
        for root in kinds:
            mine = [reference for reference in references if reference.kind.root == root]
            chosen += [each for each in mine if self._is_owning(each, mine, has_others=len(kinds) > 1)]
        return chosen

    def _is_owning(self, reference: Reference, same: list[Reference], *, has_others: bool) -> bool:
        """Whether rows are also those of whom a column refers to; a doubtful link is not followed beside a sure one."""
        if self._is_doubtful(reference):
            return False
        role, rest = self._weighed(reference, same), [self._weighed(each, same) for each in same if each != reference]
        if role is Role.OTHER:
            return False
        if role >= Role.PARTY:
            return True
        if role is Role.CREATOR:
            return Role.OWNER not in rest
        if role is Role.HANDLER:
            is_demoted = role < reference.role and self._through(reference.link.table, reference.kind)
            return not is_demoted and not any(other > Role.HANDLER for other in rest)
        return not has_others and not any(other > Role.EDITOR for other in rest)

    def _is_doubtful(self, reference: Reference) -> bool:
        """Whether another reference is surer; who is named as the owner yields to nobody who is named as less."""
        if reference.link.is_declared:
            return False
        others = [each for each in self._references[reference.link.table] if each != reference]
        surest = max((each.link.confidence for each in others if each.role >= reference.role), default=0.0)
        if reference.link.confidence < DOUBTFUL < surest:
            return True
        is_unnamed = reference.role is Role.PARTY and not is_party(reference.column)
        has_owner = any(each.role is Role.OWNER and each.kind == reference.kind for each in others)
        return is_unnamed and has_owner and reference.link.confidence < SURE

    def _weighed(self, reference: Reference, same: list[Reference]) -> Role:
        """Take a party of whom there are but a few, beside one of whom there are many, for staff who handled it."""
        table = reference.link.table
        through = self._through(table, reference.kind)
        is_told = is_party(reference.column) or reference.column in self.survey.tables[table].primary_key
        if is_told or (reference.role is not Role.PARTY and not (through and reference.role is Role.OWNER)):
            return reference.role
        own = self.survey.variety(table, [reference.column])
        most = max(self.survey.variety(table, [name]) for name in (*(each.column for each in same), *through))
        is_full = self.survey.tables[table].column(reference.column).sampled.seen >= 30
        return Role.HANDLER if is_full and own * MANY_TIMES < most else reference.role

    def _through(self, table: TableId, kind: Kind) -> list[str]:
        """The columns by which rows point at people through a table that extends them row by row."""
        return [
            link.columns[0]
            for link in self.survey.links_from(table)
            if len(link.columns) == 1 and link.to_table not in self.kind_of and self._extends(link.to_table, kind)
        ]

    def _extends(self, table: TableId, kind: Kind) -> bool:
        return any(
            each.kind == kind and each.role is Role.OWNER and self.survey.is_one_to_one(each.link)
            for each in self.references(table)
        )

    def email_questions(self) -> Iterator[Comparison]:
        """Ask whose the e-mail addresses are in tables that also refer to people."""
        for table in self._references:
            for column in self.addresses(table):
                for reference in self.owning(table):
                    yield from self._email_questions(column, reference)

    def _email_questions(self, column: str, reference: Reference) -> Iterator[Comparison]:
        link = reference.link
        for theirs in self.survey.columns(link.to_table, Concept.EMAIL)[:2]:
            yield Comparison(link.table, link.columns, link.to_table, link.to_columns, column, theirs)

    def addresses(self, table: TableId) -> list[str]:
        """The columns that look like e-mail addresses, anybody's."""
        named = self.survey.columns(table, Concept.EMAIL, others=True)
        contents = [
            column.name
            for column in self.survey.tables[table].columns
            if self.survey.share(table, column.name, Content.EMAIL) >= 0.25
        ]
        return list(dict.fromkeys([*named, *contents, *columns_of_values(self.survey, table)]))

    def own_addresses(self, table: TableId) -> dict[str, str]:
        """The columns with e-mail addresses of whom a row is about, each with why."""
        if table in self.kind_of:
            return {
                name: "their e-mail address" for name in email_columns(self.survey, table) if self._is_own(table, name)
            }
        return {name: reason for name in self.addresses(table) if (reason := self._own_address(table, name))}

    def _is_own(self, table: TableId, column: str) -> bool:
        sampled = self.survey.tables[table].column(column).sampled
        others = [name for name in email_columns(self.survey, table) if name != column]
        is_repeated = sampled.seen >= 20 and sampled.distinct < MOSTLY * sampled.seen and bool(others)
        return not is_repeated and role_of(column, "") not in (Role.OTHER, Role.HANDLER)

    def _own_address(self, table: TableId, column: str) -> str:
        """Say why an address is of whom a row is about; nothing where it is somebody else's."""
        finding = self.survey.finding(table, column)
        agreed = [answer for reference in self.owning(table) if (answer := self._agreement(column, reference))]
        if agreed:
            most = max(agreed)
            if most >= MOSTLY:
                return f"equals the address of whom the row refers to in {most:.0%} of the rows looked at"
            if any(not reference.kind.is_staff for reference in self.owning(table)) or self._is_single(table):
                return ""
        is_others = finding.is_other_person or role_of(column, "") in (Role.OTHER, Role.HANDLER)
        return "" if is_others else finding.reason or "looks like an e-mail address"

    def _is_single(self, table: TableId) -> bool:
        return any(self.survey.is_one_to_one(reference.link) for reference in self.owning(table))

    def _agreement(self, column: str, reference: Reference) -> float | None:
        answers = [self.survey.answers.get(question) for question in self._email_questions(column, reference)]
        shares = [answer.equal for answer in answers if answer and answer.seen >= ENOUGH_PAIRS]
        return max(shares) if shares else None
