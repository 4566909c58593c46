"""Decides which rows are whose: the ways into every table, from people down, and up only to what is part of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from functools import cached_property
from typing import TYPE_CHECKING

from extractors.discovery.model import Comparison, Concept, Content
from extractors.discovery.proposing.contacts import is_contact
from extractors.discovery.proposing.groups import find_groups
from extractors.discovery.proposing.people import is_extending
from extractors.discovery.proposing.roles import Role, role_of, words_of
from extractors.discovery.proposing.sharing import is_doubted, is_shared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from extractors.discovery.model import SeenLink, TableId
    from extractors.discovery.proposing.people import Kind
    from extractors.discovery.proposing.references import People, Reference
    from extractors.discovery.proposing.survey import Survey

ALL_BUT_ALWAYS = 0.98
A_MAJORITY = 0.5
EACH_HELD = 0.9
HOLDERS_OF_A_CONTRACT = 2.2
PERSONAL = (
    Concept.STREET,
    Concept.PHONE,
    Concept.EMAIL,
    Concept.IBAN,
    Concept.CARD,
    Concept.GIVEN_NAME,
    Concept.FAMILY_NAME,
    Concept.FULL_NAME,
    Concept.BIRTH_DATE,
    Concept.NATIONAL_ID,
    Concept.TAX_ID,
)


class Nature(Enum):
    """What a table is to the people in it."""

    PERSON = auto()
    OWNED = auto()
    PART = auto()  # theirs, and pointed at by their rows: an address, a way to pay
    CONTEXT = auto()  # not about them, but needed to understand what is


@dataclass(frozen=True, slots=True)
class Way:
    """A link of the data map: rows whose `columns` are among the values of `to_columns` in rows already theirs."""

    columns: tuple[str, ...]
    to_table: TableId
    to_columns: tuple[str, ...]
    reason: str
    confidence: float
    reference: Reference | None = None


@dataclass(slots=True)
class Holding:
    """A table that holds something of people, and the ways into it.

    Args:
        level: how many steps it is from people; what has no further level hangs below what has a lower one.
        closeness: the closest role by which people own it.
    """

    table: TableId
    nature: Nature
    level: int = 0
    closeness: Role = Role.OTHER
    is_of_staff_only: bool = False
    ways: list[Way] = field(default_factory=list)
    handled: list[Way] = field(default_factory=list)
    identifiers: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass
class Ownership:
    """Whose rows a source holds."""

    survey: Survey
    people: People
    holdings: dict[TableId, Holding] = field(default_factory=dict)

    def decide(self) -> dict[TableId, Holding]:
        """Find the ways into every table, people first, context last."""
        for kind in self.people.kinds:
            for table in kind.tables:
                self._person(table)
        for table in self.survey.tables:
            if table not in self.people.kind_of and table not in self.groups:
                self._owned_by_reference(table)
        self._contracts()
        self._descend()
        self._contacts()
        self._parts()
        self._apart()
        self._context()
        return self.holdings

    def questions(self) -> Iterator[Comparison]:
        """Ask, for tables with an author that hang below what somebody owns, whether that is the same person."""
        for table in self.survey.tables:
            for mine in self.people.owning(table):
                for link in self.survey.links_from(table):
                    for theirs in self.people.owning(link.to_table) if link.to_table != table else ():
                        if theirs.link.to_columns == mine.link.to_columns and theirs.kind == mine.kind:
                            yield _question(link, mine, theirs)

    def _person(self, table: TableId) -> None:
        kind = self.people.kind_of[table]
        holding = Holding(table, Nature.PERSON, closeness=Role.OWNER, is_of_staff_only=kind.is_staff)
        if emails := self.people.own_addresses(table):
            holding.identifiers["email"] = emails
        phones = self._phones(table)
        if phones:
            holding.identifiers["phone"] = phones
        if kind.is_main and table == kind.root and self._is_own_key(kind):
            holding.identifiers["user_id"] = {kind.key: "the key that other tables refer to"}
        for link in self.survey.links_from(table):
            if table != kind.root and link.to_table in kind.tables and is_extending(self.survey, link):
                holding.ways.append(_way(link, "extends it row by row"))
        self.holdings[table] = holding

    def _is_own_key(self, kind: Kind) -> bool:
        """Whether a key stands for people: an address does not, nor does what says whose row it is."""
        links = [link for link in self.survey.links_from(kind.root) if link.columns == (kind.key,)]
        is_address = self.survey.finding(kind.root, kind.key).concept in (Concept.EMAIL, Concept.PHONE)
        return not is_address and not links

    def _phones(self, table: TableId) -> dict[str, str]:
        found = self.survey.columns(table, Concept.PHONE)
        mixed = [
            column.name
            for column in self.survey.tables[table].columns
            if column.name not in found
            and column.name in self.people.addresses(table)
            and self.survey.share(table, column.name, Content.PHONE) >= 0.2
        ]
        return dict.fromkeys([*found, *mixed], "their telephone number")

    def _owned_by_reference(self, table: TableId) -> None:
        owning = self.people.owning(table)
        emails = self.people.own_addresses(table)
        if not owning and not emails:
            return
        closeness = max([each.role for each in owning], default=Role.OWNER)
        is_staff = bool(owning) and not emails and all(each.kind.is_staff for each in owning)
        holding = Holding(table, Nature.OWNED, 1, closeness, is_staff)
        holding.ways = [_reference_way(each) for each in owning]
        if emails:
            holding.identifiers["email"] = emails
            if phones := self._phones(table) if len(emails) == 1 and not owning else {}:
                holding.identifiers["phone"] = phones
        loose = [each for each in owning if each.kind.is_main and self._is_loose(each)]
        if loose:
            reason = "no foreign key keeps the account in place: also finds rows of accounts that are gone"
            holding.identifiers["user_id"] = {each.column: reason for each in loose}
        self.holdings[table] = holding

    def _is_loose(self, reference: Reference) -> bool:
        root = reference.kind.root
        is_key = reference.link.to_table == root and reference.link.to_columns == (reference.kind.key,)
        return is_key and reference.role >= Role.PARTY and not reference.link.is_declared

    @cached_property
    def groups(self) -> frozenset[TableId]:
        """The tables of what people are members of, work for or buy at: nobody's own."""
        return find_groups(self.survey, self.people)

    def _descend(self) -> None:
        """Follow links down from what is owned, until nothing more is reached; then choose among the ways."""
        found = True
        while found:
            found = False
            for table in self.survey.tables:
                if table in self.holdings or table in self.groups:
                    continue
                if parents := self._parents(table):
                    chosen = self._closest(table, parents)
                    level = 1 + min(self.holdings[link.to_table].level for link in chosen)
                    self.holdings[table] = self._child(table, chosen, level)
                    found = True
        for holding in self.holdings.values():
            self._second_parents(holding)

    def _parents(self, table: TableId) -> list[SeenLink]:
        """The links to what is owned; to whom a row merely mentions there is none."""
        return [
            link
            for link in self.survey.links_from(table)
            if (parent := self.holdings.get(link.to_table)) and link.to_table != table and parent.nature is Nature.OWNED
        ]

    def _child(self, table: TableId, links: list[SeenLink], level: int) -> Holding:
        parents = [self.holdings[link.to_table] for link in links]
        closeness = max(parent.closeness for parent in parents)
        is_staff = all(parent.is_of_staff_only for parent in parents)
        holding = Holding(table, Nature.OWNED, level, closeness, is_staff)
        holding.ways = [_way(link, "hangs below it") for link in links]
        for link in self.survey.links_from(table):
            if link.to_table == table:
                holding.ways.append(_way(link, "continues another row of the table"))
        return holding

    def _closest(self, table: TableId, links: list[SeenLink]) -> list[SeenLink]:
        """Choose the parents whose people a row is about: not both who ordered and who made the thing ordered."""
        ranks = [self._rank(self.holdings[link.to_table]) for link in links]
        kept = [link for link, rank in zip(links, ranks, strict=True) if rank == max(ranks)]
        always = [
            link for link in kept if all(self.survey.filled(table, name) >= ALL_BUT_ALWAYS for name in link.columns)
        ]
        return [max(always, key=self._belonging)] if len(always) > 1 else always or kept

    def _belonging(self, link: SeenLink) -> tuple[bool, bool, int]:
        """Weigh how much a row is a part of what it points at: called after it, in its key, named first."""
        table = self.survey.tables[link.table]
        is_called_after = role_of("_".join(words_of(link.to_table)), link.table) is Role.OWNER
        position = [column.name for column in table.columns].index(link.columns[0])
        return is_called_after, set(link.columns) <= set(table.primary_key), -position

    @staticmethod
    def _rank(parent: Holding) -> tuple[bool, bool]:
        return not parent.is_of_staff_only, parent.closeness >= Role.PARTY

    def _second_parents(self, holding: Holding) -> None:
        """Rows with an author of their own below somebody else's row: theirs too where both are mostly the same."""
        table = holding.table
        if holding.level != 1 or holding.nature is not Nature.OWNED:
            return
        for link in self._parents(table):
            if any(way.columns == link.columns for way in holding.ways):
                continue
            if reason := self._is_also_of_parent(holding, link):
                holding.ways.append(_way(link, reason))
                holding.is_of_staff_only &= self.holdings[link.to_table].is_of_staff_only

    def _is_also_of_parent(self, holding: Holding, link: SeenLink) -> str:
        """Say why rows are also those of the parent's people; nothing where they say themselves whose they are."""
        parent, owning = self.holdings[link.to_table], self.people.owning(holding.table)
        if owning and all(each.kind.is_staff for each in owning) and not holding.identifiers.get("email"):
            return "" if parent.is_of_staff_only else "written by staff about it"
        shares = [
            answer.equal
            for mine in owning
            for theirs in self.people.owning(link.to_table)
            if (answer := self.survey.answers.get(_question(link, mine, theirs))) and answer.seen >= 5
        ]
        if shares:
            most = 0.0 if holding.closeness is Role.OWNER else max(shares)
            return f"its people and the parent's are the same in {most:.0%} of the rows" if most >= A_MAJORITY else ""
        names = [each.column for each in owning] + list(holding.identifiers.get("email", ()))
        filled = sum(self.survey.filled(holding.table, name) for name in names)
        return "mostly names nobody itself" if filled < A_MAJORITY and parent.closeness >= Role.PARTY else ""

    def _contracts(self) -> None:
        """Take what one or two people hold together through a table of roles (a policy) as theirs."""
        for table in self.survey.tables:
            if table in self.holdings or table in self.groups:
                continue
            for link in self.survey.links_to(table):
                if self._is_holding(link):
                    way = Way(link.to_columns, link.table, link.columns, "held by few people through it", 0.6)
                    holding = Holding(table, Nature.OWNED, 2, Role.PARTY, ways=[way])
                    self.holdings[table] = holding

    def _is_holding(self, link: SeenLink) -> bool:
        holding, table = self.holdings.get(link.table), self.survey.tables[link.table]
        people = [each for each in self.people.owning(link.table) if not each.kind.is_staff]
        if not holding or not people or len(link.columns) > 1:
            return False
        joined = {each.column for each in people} | set(link.columns)
        is_join = any(set(key) <= joined and len(key) > 1 for key in table.unique)
        is_join |= not table.unique and self._is_each_held(link)
        few = self.survey.size(link.table) <= HOLDERS_OF_A_CONTRACT * self.survey.size(link.to_table)
        return is_join and few and self.survey.variety(link.table, link.columns) >= 1 / HOLDERS_OF_A_CONTRACT

    def _is_each_held(self, link: SeenLink) -> bool:
        """Whether, where no key is declared, nearly everything pointed at is somebody's and personal."""
        held = self.survey.tables[link.table].column(link.columns[0]).sampled.distinct
        return held >= EACH_HELD * self.survey.size(link.to_table) and self._is_personal(link.to_table)

    def _contacts(self) -> None:
        """Where addresses stand in a table of their own, go from them up to the person."""
        for kind in self.people.kinds:
            if "email" in self.holdings[kind.root].identifiers:
                continue
            for link in self.survey.links_to(kind.root):
                contact = self.holdings.get(link.table)
                if contact and (link.table in kind.tables or is_contact(self.survey, link)):
                    self._contact(kind, link, contact)

    def _contact(self, kind: Kind, link: SeenLink, contact: Holding) -> None:
        if phones := self._phones(link.table):
            contact.identifiers.setdefault("phone", phones)
        if contact.identifiers.keys() & {"email", "phone"}:
            way = Way(link.to_columns, link.table, link.columns, "whose address stands there", 0.8)
            self.holdings[kind.root].ways.append(way)

    def _parts(self) -> None:
        """Go up to what belongs to a row and is about its person: addresses, ways to pay."""
        for table in self.survey.tables:
            if table in self.holdings or table in self.groups or not self._is_personal(table):
                continue
            links = [link for link in self.survey.links_to(table) if link.table in self.holdings]
            varied = max((self.survey.variety(link.table, link.columns) for link in links), default=0)
            if varied >= 0.3 or (links and not any(self.survey.tables[link.table].is_sampled for link in links)):
                ways = [_up(link, "belongs to it") for link in links]
                self.holdings[table] = Holding(table, Nature.PART, 9, Role.OWNER, ways=ways)

    def _is_personal(self, table: TableId) -> bool:
        """Whether rows say something of one person each, rather than being shared by those that point at them."""
        told = [name for name in self.survey.columns(table, *PERSONAL) if not is_doubted(self.survey, table, name)]
        pointing = [link.table for link in self.survey.links_to(table) if link.table in self.holdings]
        is_below_shared = bool(pointing) and all(is_shared(self.survey, self.people, each) for each in pointing)
        return bool(told) and not is_below_shared and not is_shared(self.survey, self.people, table)

    def _apart(self) -> None:
        """Keep rows that staff handled apart where more hangs on them, which is not the staff's."""
        for holding in self.holdings.values():
            handled = [way for way in holding.ways if way.reference and self._is_handling(way.reference, holding)]
            if handled and self._has_more_behind(holding.table):
                holding.handled = handled
                holding.ways = [way for way in holding.ways if way not in handled]

    def _is_handling(self, reference: Reference, holding: Holding) -> bool:
        """Whether somebody only had to do with a row that is about people of another kind."""
        others = [each for each in self.people.owning(holding.table) if each.kind != reference.kind]
        about = [each for each in others if not each.kind.is_staff and each.role >= Role.PARTY]
        is_aside = reference.kind.is_staff or reference.role < Role.PARTY
        is_below = any(way.reference is None for way in holding.ways)
        return is_aside and bool(about or holding.identifiers.get("email") or is_below)

    def _has_more_behind(self, table: TableId) -> bool:
        return any(way.to_table == table for holding in self.holdings.values() for way in holding.ways)

    def _context(self) -> None:
        """Add, one step up and no further, what rows need to be understood."""
        owned = [table for table, holding in self.holdings.items() if holding.nature is not Nature.PART]
        for table in self.survey.tables:
            if table in self.holdings:
                continue
            links = [link for link in self.survey.links_to(table) if link.table in owned]
            if table in self.groups:
                links = self._of_members(links)
            if table not in self.groups and self._is_somebodys(table):
                continue
            ways = [_up(link, "explains it") for link in links]
            ways += [_reference_way(each) for each in self.people.owning(table) if table in self.groups]
            if ways:
                self.holdings[table] = Holding(table, Nature.CONTEXT, 10, ways=ways)

    def _is_somebodys(self, table: TableId) -> bool:
        """Whether a column is called like an owner's or author's though nothing says whom it refers to."""
        linked = {name for link in self.survey.links_from(table) for name in link.columns}
        return any(
            column.type in ("integer", "uuid")
            and column.name not in linked
            and column.name not in self.survey.tables[table].primary_key
            and role_of(column.name, "") in (Role.OWNER, Role.CREATOR)
            for column in self.survey.tables[table].columns
        )

    def _of_members(self, links: list[SeenLink]) -> list[SeenLink]:
        """A group is shown to its members, not to everybody with a row that has to do with it."""
        members = [
            link
            for link in links
            if link.table in self.people.kind_of
            or any(len(key) > 1 and set(link.columns) < set(key) for key in self.survey.tables[link.table].unique)
        ]
        return members or links


def _question(link: SeenLink, mine: Reference, theirs: Reference) -> Comparison:
    return Comparison(link.table, link.columns, link.to_table, link.to_columns, mine.column, theirs.column)


def _way(link: SeenLink, why: str) -> Way:
    return Way(link.columns, link.to_table, link.to_columns, f"{why} ({link.reason})", link.confidence)


def _up(link: SeenLink, why: str) -> Way:
    return Way(link.to_columns, link.table, link.columns, f"{why} ({link.reason})", link.confidence)


def _reference_way(reference: Reference) -> Way:
    names = {Role.OWNER: "whose row it is", Role.PARTY: "who is a party to it", Role.CREATOR: "who made it"}
    why = names.get(reference.role, "who handled it")
    link = reference.link
    return Way(link.columns, link.to_table, link.to_columns, f"{why} ({link.reason})", link.confidence, reference)
