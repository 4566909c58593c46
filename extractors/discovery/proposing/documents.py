"""Puts a proposal together: the data map as it will be written, and the reason for every part of it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from extractors.discovery.model import Concept, Reason
from extractors.discovery.proposing.erasing import Erasing
from extractors.discovery.proposing.fields import NEWEST, Fields
from extractors.discovery.proposing.ownership import Nature

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from extractors.discovery.model import TableId
    from extractors.discovery.proposing.ownership import Holding, Way
    from extractors.discovery.proposing.references import People
    from extractors.discovery.proposing.survey import Survey

ORDER = (Nature.PERSON, Nature.PART, Nature.OWNED, Nature.CONTEXT)


@dataclass
class Document:
    """A data map under construction."""

    survey: Survey
    people: People
    holdings: Mapping[TableId, Holding]
    reasons: list[Reason] = field(default_factory=list)

    def build(self) -> dict[str, Any]:
        """Build the map, in the order it is written."""
        collections: dict[str, Any] = {}
        for holding in self._ordered():
            collections[self.names[holding.table]] = self._collection(holding)
            if holding.handled:
                collections[self._handled_name(holding)] = self._handled(holding)
        return {
            "version": 1,
            "source": slug(self.survey.inventory.source),
            "label": self.survey.inventory.source,
            "collections": collections,
        }

    def _ordered(self) -> list[Holding]:
        main = {table: number for number, kind in enumerate(self.people.kinds) for table in kind.tables}

        def place(holding: Holding) -> tuple[int, int, int, str]:
            return (ORDER.index(holding.nature), main.get(holding.table, 99), holding.level, holding.table)

        return sorted(self.holdings.values(), key=place)

    @cached_property
    def names(self) -> dict[TableId, str]:
        """What the collection of each table is called: like the table, with its schema only where two are called so."""
        plain = {table: collection_name(table) for table in self.holdings}
        bare = {table: collection_name(table.rsplit(".", 1)[-1]) for table in self.holdings}
        often = Counter(bare.values())
        taken: set[str] = set()
        names: dict[TableId, str] = {}
        for table in self.holdings:
            name = bare[table] if often[bare[table]] == 1 else plain[table]
            names[table] = _free(name, taken)
        return names

    def _collection(self, holding: Holding) -> dict[str, Any]:
        name = self.names[holding.table]
        path = f"collections.{name}"
        part = self._head(name, holding)
        self._explain(path, holding)
        if holding.identifiers:
            part["identifiers"] = {kind: list(columns) for kind, columns in holding.identifiers.items()}
            for kind, columns in holding.identifiers.items():
                self._because(
                    f"{path}.identifiers.{kind}",
                    self._sureness(holding, columns),
                    "; ".join(dict.fromkeys(columns.values())),
                )
        if holding.ways:
            part["links"] = self._links(path, holding.ways)
        self._add_fields(path, part, holding)
        if holding.nature is Nature.CONTEXT:
            part["context"] = True
            return part
        self._add_rights(path, part, holding)
        return part

    def _head(self, name: str, holding: Holding) -> dict[str, Any]:
        part: dict[str, Any] = {}
        base = self.survey.table_of(holding.table)
        if base != name:
            part["table"] = base
        seen = self.survey.tables[holding.table]
        if seen.is_view and seen.unique:
            part["key"] = list(seen.unique[0])
        if holding.table in self.survey.sections:
            part["where"] = {column: [value] for column, value in self.survey.sections[holding.table][1].items()}
        return part

    def _explain(self, path: str, holding: Holding) -> None:
        if holding.nature is Nature.PERSON:
            kind = self.people.kind_of[holding.table]
            self._because(path, min(0.95, 0.4 + kind.score / 20), kind.reason)
        elif holding.nature is Nature.PART:
            self._because(path, 0.7, "personal, and pointed at by a person's rows")
        elif holding.nature is Nature.CONTEXT:
            self._because(path, 0.6, "not about a person; explains what is")

    def _sureness(self, holding: Holding, columns: Iterable[str]) -> float:
        return min((self.survey.finding(holding.table, name).confidence or 0.5 for name in columns), default=0.5)

    def _links(self, path: str, ways: Iterable[Way]) -> list[dict[str, Any]]:
        links: list[dict[str, Any]] = []
        for way in ways:
            to = [f"{self.names[way.to_table]}.{name}" for name in way.to_columns]
            link = {"column": _one(list(way.columns)), "to": _one(to)}
            if link not in links:
                self._because(f"{path}.links[{len(links)}]", way.confidence, way.reason)
                links.append(link)
        return links

    def _add_fields(self, path: str, part: dict[str, Any], holding: Holding) -> None:
        fields: dict[str, Any] = {}
        for said in Fields(self.survey, self.people).of(holding):
            fields[said.column] = said.part
            self._because(f"{path}.fields.{said.column}", said.confidence, said.reason)
        if fields:
            part["fields"] = fields

    def _add_rights(self, path: str, part: dict[str, Any], holding: Holding) -> None:
        fields, table = Fields(self.survey, self.people), holding.table
        if not fields.is_log(table) and not holding.is_of_staff_only:
            part["provided"] = True
            part["basis"] = "contract"
            self._because(f"{path}.basis", 0.3, "the usual one; only you know")
        order = fields.order_by(table) if holding.nature is Nature.OWNED else []
        if order:
            part["order_by"] = order
        if order and fields.is_log(table):
            part["limit"] = NEWEST
        if deleted := fields.deleted(table):
            part["deleted"] = deleted.part
            self._because(f"{path}.deleted", deleted.confidence, deleted.reason)
        self._add_flags(part, fields, table)
        if rule := Erasing(self.survey, self.people, self.holdings).rule(holding):
            part["erase"] = rule.part
            self._because(f"{path}.erase", rule.confidence, rule.reason)

    def _add_flags(self, part: dict[str, Any], fields: Fields, table: TableId) -> None:
        if restricted := fields.flags(table, Concept.RESTRICTED, value=True):
            part["restrict"] = {"set": restricted}
        purposes = {
            "marketing": fields.flags(table, Concept.MARKETING, value=False),
            "analytics": fields.flags(table, Concept.ANALYTICS, value=False),
        }
        if objections := {purpose: {"set": columns} for purpose, columns in purposes.items() if columns}:
            part["object"] = objections

    def _handled(self, holding: Holding) -> dict[str, Any]:
        """A second collection of the table, for the staff that handled the rows: what hangs on these is not theirs."""
        name = self._handled_name(holding)
        path = f"collections.{name}"
        part: dict[str, Any] = {**self._head(name, holding), "links": self._links(path, holding.handled)}
        self._because(path, 0.6, "the same rows for the staff that handled them, without what hangs on them")
        self._add_fields(path, part, holding)
        for way in (way for way in holding.ways if way.reference):
            part.setdefault("fields", {}).setdefault(way.columns[0], {})["third_party"] = True
        for column in holding.identifiers.get("email", ()):
            part.setdefault("fields", {}).setdefault(column, {}).pop("rectify", None)
            part["fields"][column]["third_party"] = True
        ground = "the rows are other people's (check with counsel)"
        part["erase"] = {"action": "keep", "ground": ground}
        return part

    def _handled_name(self, holding: Holding) -> str:
        staff = self.names[holding.handled[0].to_table]
        return _free(f"{self.names[holding.table]}_{staff}", set(self.names.values()))

    def _because(self, path: str, confidence: float, text: str) -> None:
        self.reasons.append(Reason(path, round(confidence, 2), text))


def slug(text: str) -> str:
    """Turn a source's name into one a data map takes."""
    plain = re.sub(r"[^a-z0-9_-]+", "-", text.lower()).strip("-_")
    return (plain if plain[:1].isalpha() else f"source-{plain}".rstrip("-"))[:63]


def collection_name(table: str) -> str:
    """Turn a table's name into one a collection may have: no dots, no control characters."""
    return re.sub(r"[\x00-\x1f.]", "_", table)[:255] or "_"


def _free(name: str, taken: set[str]) -> str:
    number, free = 2, name
    while free in taken:
        free = f"{name[:240]}_{number}"
        number += 1
    taken.add(free)
    return free


def _one(items: list[str]) -> str | list[str]:
    return items[0] if len(items) == 1 else items
