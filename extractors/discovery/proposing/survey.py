"""What is known of a source, arranged for asking: tables, the links kept, what columns mean."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from extractors.discovery.model import Concept, Content, Finding, Inventory, SeenColumn
from extractors.discovery.proposing.roles import ID_WORDS, words_of
from extractors.discovery.proposing.words import TYPE_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from extractors.discovery.model import Compared, Comparison, Findings, SeenLink, SeenTable, TableId

LEAST_CONFIDENCE = 0.5
MANY = 5
UNLIKE_KEYS = frozenset(
    {
        Concept.EMAIL,
        Concept.PHONE,
        Concept.GIVEN_NAME,
        Concept.FAMILY_NAME,
        Concept.FULL_NAME,
        Concept.CITY,
        Concept.STREET,
        Concept.POSTAL_CODE,
        Concept.BIRTH_DATE,
        Concept.IP,
        Concept.SECRET,
        Concept.FREE_TEXT,
        Concept.AMOUNT,
        Concept.CREATED,
        Concept.CHANGED,
        Concept.DELETED,
        Concept.ORDERING,
    }
)
_NOTHING = Finding(Concept.OTHER, 0.0, "")


@dataclass(frozen=True)
class Survey:
    """An inventory with what was concluded from it.

    Args:
        answers: of the source, to the questions asked of it; empty before they were.
        whole: tables that are not told apart by what their rows point at, as they say themselves whose they are.
    """

    inventory: Inventory
    findings: Findings
    answers: Mapping[Comparison, Compared] = field(default_factory=dict)
    whole: frozenset[TableId] = frozenset()

    @cached_property
    def tables(self) -> dict[TableId, SeenTable]:
        """The tables that may be proposed; views repeat what tables hold, unless there are hardly any tables.

        A table whose rows point at one table or another, as a column of it says, stands here once for each.
        """
        real = [table for table in self.inventory.tables if not table.is_view]
        found = {table.id: table for table in real or self.inventory.tables}
        for id_, (table, _) in self.sections.items():
            found[id_] = replace(self.inventory.table(table), id=id_)
        return found

    @cached_property
    def sections(self) -> dict[TableId, tuple[TableId, dict[str, str]]]:
        """The tables told apart by what a column holds: what such a part is called here, its table, and the value."""
        return {
            _section(link): (link.table, dict(link.where))
            for link in self.inventory.links
            if link.where and link.confidence >= LEAST_CONFIDENCE and link.table not in self.whole
        }

    def table_of(self, id_: TableId) -> TableId:
        """The table itself, of a part told apart too."""
        return self.sections[id_][0] if id_ in self.sections else id_

    @cached_property
    def links(self) -> tuple[SeenLink, ...]:
        """The links worth following: between tables, likely enough, one target each unless a type tells them apart."""
        usable = [
            self._to_base(replace(link, table=_section(link))) for link in self.inventory.links if self._is_usable(link)
        ]
        best: dict[object, SeenLink] = {}
        for link in sorted(usable, key=lambda link: (-link.is_declared, -link.confidence, link.to_table)):
            best.setdefault((link.table, link.columns, tuple(sorted(link.where.items()))), link)
        return tuple(link for link in best.values() if not any(_covers(other, link) for other in best.values()))

    def _to_base(self, link: SeenLink) -> SeenLink:
        """Lead a link that was found to the table that another one extends row by row: both have the same keys."""
        seen = {link.to_table}
        while not link.is_declared and (base := self._bases.get((link.to_table, link.to_columns))):
            if base.to_table in seen or base.to_table == link.table:
                break
            seen.add(base.to_table)
            link = replace(link, to_table=base.to_table, to_columns=base.to_columns)
        return link

    @cached_property
    def _bases(self) -> dict[tuple[TableId, tuple[str, ...]], SeenLink]:
        return {
            (link.table, link.columns): link
            for link in self.inventory.links
            if self._is_usable(link)
            and not link.where
            and link.columns == self.tables[link.table].primary_key
            and link.table != link.to_table
        }

    def _is_usable(self, link: SeenLink) -> bool:
        if link.table not in self.tables or link.to_table not in self.tables:
            return False
        if link.where and link.table in self.whole:
            return False
        if link.is_declared:
            return True
        if not link.where and (self._is_told_by_type(link) or self._is_constant(link)):
            return False
        return link.confidence >= LEAST_CONFIDENCE and not any(self._is_of_people(link, name) for name in link.columns)

    def _is_of_people(self, link: SeenLink, name: str) -> bool:
        """Whether a column holds what people share by chance: a town, a name; whole numbers are only called so."""
        is_key_like = self.tables[link.table].column(name).type in ("integer", "uuid")
        return not is_key_like and self.finding(link.table, name).concept in UNLIKE_KEYS

    def _is_constant(self, link: SeenLink) -> bool:
        """Whether all that speaks for a link is a single value, of another type than the key's or by no key's rule."""
        column, to_table = self.tables[link.table].column(link.columns[0]), self.tables[link.to_table]
        if column.sampled.distinct != 1 or column.sampled.seen < MANY:
            return False
        is_other_type = column.type == "number" and to_table.column(link.to_columns[0]).type != "number"
        return is_other_type or (column.type == "text" and link.to_columns not in to_table.unique)

    def _is_told_by_type(self, link: SeenLink) -> bool:
        """Whether another column says which table this one points at: `owner_type` beside `owner_id`."""
        stem = [word for word in words_of(link.columns[0]) if word not in ID_WORDS]
        others = [words_of(column.name) for column in self.tables[link.table].columns if column.type == "text"]
        return bool(stem) and any(set(stem) <= set(words) and set(words) & TYPE_WORDS - set(stem) for words in others)

    @cached_property
    def _from(self) -> dict[TableId, list[SeenLink]]:
        grouped: defaultdict[TableId, list[SeenLink]] = defaultdict(list)
        for link in self.links:
            grouped[link.table].append(link)
        return grouped

    @cached_property
    def _to(self) -> dict[TableId, list[SeenLink]]:
        grouped: defaultdict[TableId, list[SeenLink]] = defaultdict(list)
        for link in self.links:
            grouped[link.to_table].append(link)
        return grouped

    def links_from(self, table: TableId) -> list[SeenLink]:
        """The links by which rows of a table point at others."""
        return self._from.get(table, [])

    def links_to(self, table: TableId) -> list[SeenLink]:
        """The links that point at a table, its own aside."""
        return [link for link in self._to.get(table, []) if link.table != table]

    def finding(self, table: TableId, column: str) -> Finding:
        """What a column means."""
        return self.findings.get((self.table_of(table), column), _NOTHING)

    def columns(self, table: TableId, *concepts: Concept, others: bool = False) -> list[str]:
        """The columns of a table that mean one of these, about somebody else only where `others`."""
        return [
            column.name
            for column in self.tables[table].columns
            if (finding := self.finding(table, column.name)).concept in concepts
            and (others or not finding.is_other_person)
        ]

    def has(self, table: TableId, *concepts: Concept) -> bool:
        """Whether a table has such a column."""
        return bool(self.columns(table, *concepts))

    def size(self, table: TableId) -> int:
        """About how many rows a table has; at least as many as were seen."""
        seen = self.tables[table]
        return max(seen.rows or 0, *(column.sampled.seen for column in seen.columns), 0)

    def variety(self, table: TableId, columns: Iterable[str]) -> float:
        """The share of different values among those seen, of the most varied of the columns; 0 where none were seen."""
        sampled = [self.tables[table].column(name).sampled for name in columns]
        return max((each.distinct / each.seen for each in sampled if each.seen), default=0.0)

    def filled(self, table: TableId, column: str) -> float:
        """The share of rows seen in which a column holds something."""
        seen = self.tables[table]
        most = max((each.sampled.seen for each in seen.columns), default=0)
        return seen.column(column).sampled.seen / most if most else 1.0

    def is_one_to_one(self, link: SeenLink) -> bool:
        """Whether at most one row points at each: by a key, or as far as many samples show."""
        if any(set(key) <= set(link.columns) for key in self.tables[link.table].unique):
            return True
        if len(link.columns) > 1:
            return False
        sampled = self.tables[link.table].column(link.columns[0]).sampled
        return sampled.seen >= 30 and sampled.is_unique

    def share(self, table: TableId, column: str, content: Content) -> float:
        """The share of a column's values that look so."""
        return self.tables[table].column(column).sampled.shares.get(content, 0.0)

    def each_column(self, table: TableId) -> Iterator[tuple[SeenColumn, Finding]]:
        """Yield the columns of a table with what they mean."""
        for column in self.tables[table].columns:
            yield column, self.finding(table, column.name)


def _section(link: SeenLink) -> TableId:
    told = ", ".join(f"{column} {value}" for column, value in sorted(link.where.items()))
    return f"{link.table} ({told})" if told else link.table


def _covers(wider: SeenLink, link: SeenLink) -> bool:
    """Whether a link over several columns says more than one over some of them."""
    return wider.to_table == link.to_table and wider.table == link.table and set(wider.columns) > set(link.columns)
