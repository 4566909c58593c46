"""Proposes what erasing does to each table's rows; where law may want them kept, for counsel to check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from extractors.discovery.model import Concept
from extractors.discovery.proposing.fields import CATEGORIES, NAMING
from extractors.discovery.proposing.ownership import Nature
from extractors.discovery.proposing.roles import words_of
from extractors.discovery.proposing.sharing import is_doubted, is_repeating, is_shared
from extractors.discovery.proposing.words import KEPT_WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from extractors.discovery.model import Finding, SeenColumn, TableId
    from extractors.discovery.proposing.ownership import Holding
    from extractors.discovery.proposing.references import People
    from extractors.discovery.proposing.survey import Survey

ERASED = "[erased]"
ERASABLE = frozenset(CATEGORIES) - {Concept.AMOUNT, Concept.CONSENT, Concept.MARKETING, Concept.ANALYTICS}
TEXTS = frozenset({Concept.FREE_TEXT, Concept.JSON, Concept.SECRET})


@dataclass(frozen=True, slots=True)
class Rule:
    """An erase rule and why it is proposed."""

    part: dict[str, Any]
    confidence: float
    reason: str


@dataclass(frozen=True)
class Erasing:
    """Proposes erase rules."""

    survey: Survey
    people: People
    holdings: Mapping[TableId, Holding]

    def rule(self, holding: Holding) -> Rule | None:
        """Propose what becomes of a person's rows in a table; nothing for context."""
        if holding.nature is Nature.CONTEXT:
            return None
        table = holding.table
        if self._is_kept(holding):
            return self._keep(table)
        if self._is_shared(holding):
            part = {"action": "keep", "ground": "the rows are other people's too (check with counsel)"}
            return Rule(part, 0.4, "several people's rows point at one, or it mentions whom staff had to do with")
        if holding.nature is Nature.OWNED and not self.survey.links_to(self.survey.table_of(table)):
            return Rule({"action": "delete"}, 0.7, "nothing points at its rows")
        fields = self._fields(table)
        if fields:
            why = "other rows point at it, so it stays without what names the person"
            return Rule({"action": "anonymise", "fields": fields}, 0.6, why)
        if holding.nature is Nature.OWNED:
            return Rule({"action": "delete"}, 0.4, "holds nothing to make nameless; rows that others point at are kept")
        return None

    def _is_shared(self, holding: Holding) -> bool:
        """Whether several people point at each, or many people's rows at what says itself of nobody whose it is."""
        if holding.nature is Nature.PART:
            links = self.survey.links_to(holding.table)
            return any(is_repeating(self.survey, link) for link in links if link.table in self.people.kind_of)
        if holding.nature is not Nature.OWNED:
            return False
        if holding.is_of_staff_only and any(not each.kind.is_staff for each in self.people.references(holding.table)):
            return True
        if self.people.owning(holding.table):
            return False
        return is_shared(self.survey, self.people, holding.table)

    def _is_kept(self, holding: Holding) -> bool:
        if holding.nature is not Nature.OWNED:
            return False
        is_named_so = bool(set(words_of(holding.table)) & KEPT_WORDS)
        return is_named_so and (self.survey.has(holding.table, Concept.AMOUNT) or self._parent_is_kept(holding))

    def _parent_is_kept(self, holding: Holding) -> bool:
        return any(set(words_of(way.to_table)) & KEPT_WORDS for way in holding.ways)

    def _keep(self, table: TableId) -> Rule:
        part: dict[str, Any] = {"action": "keep", "ground": "17(3)(b): accounting and tax records (check with counsel)"}
        moments = self.survey.columns(table, Concept.CREATED, Concept.ORDERING, others=True)
        dated = [name for name in moments if self.survey.tables[table].column(name).type in ("timestamp", "date")]
        if dated:
            part |= {"years": 10, "from": dated[0]}
        if fields := self._fields(table, only=TEXTS | NAMING | {Concept.IP, Concept.USER_AGENT}):
            part["anonymise"] = fields
        return Rule(part, 0.5, "looks like something the law wants kept: check with counsel")

    def _fields(self, table: TableId, only: frozenset[Concept] | None = None) -> dict[str, Any]:
        wanted = ERASABLE | TEXTS if only is None else only
        seen = self.survey.tables[table]
        in_key = {name for key in seen.unique for name in key} if len(seen.primary_key) > 1 else set(seen.primary_key)
        linked = {name for link in self.survey.links for name in (*self._mine(link, table),)}
        fields: dict[str, Any] = {}
        for column, finding in self.survey.each_column(table):
            is_doubtful = table not in self.people.kind_of and is_doubted(self.survey, table, column.name)
            if finding.concept in wanted and column.name not in in_key | linked and not is_doubtful:
                self._erase(fields, column, finding, is_unique=(column.name,) in seen.unique)
        return fields

    @staticmethod
    def _mine(link: Any, table: TableId) -> tuple[str, ...]:
        own = link.columns if link.table == table else ()
        return own + (link.to_columns if link.to_table == table else ())

    @staticmethod
    def _erase(fields: dict[str, Any], column: SeenColumn, finding: Finding, *, is_unique: bool) -> None:
        if finding.concept is Concept.EMAIL and column.type == "text":
            fields[column.name] = {"mask": "email"}
        elif finding.concept is Concept.BIRTH_DATE and column.type in ("date", "timestamp"):
            fields[column.name] = {"year_only": True}
        elif column.is_nullable:
            fields[column.name] = None
        elif column.type == "text" and not column.values:
            if is_unique:
                fields[column.name] = {"hash": "sha256"}
            elif column.length is None or column.length >= len(ERASED):
                fields[column.name] = ERASED
            else:
                fields[column.name] = ""
