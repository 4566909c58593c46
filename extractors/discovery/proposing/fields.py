"""Proposes what a data map says of a table's columns: what is secret, somebody else's, JSON, deleted, newest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from extractors.discovery.json_keys import WHOLE
from extractors.discovery.model import Concept, Content
from extractors.discovery.proposing.ownership import Nature
from extractors.discovery.proposing.roles import Role, role_of, words_of
from extractors.discovery.proposing.words import LOG_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from extractors.discovery.model import Finding, SeenColumn, TableId
    from extractors.discovery.proposing.ownership import Holding
    from extractors.discovery.proposing.references import People
    from extractors.discovery.proposing.survey import Survey

CATEGORIES: dict[Concept, str] = {
    Concept.EMAIL: "contact",
    Concept.PHONE: "contact",
    Concept.STREET: "contact",
    Concept.POSTAL_CODE: "contact",
    Concept.CITY: "contact",
    Concept.REGION: "contact",
    Concept.COUNTRY: "contact",
    Concept.LOCATION: "location",
    Concept.GIVEN_NAME: "identity",
    Concept.FAMILY_NAME: "identity",
    Concept.FULL_NAME: "identity",
    Concept.USER_NAME: "identity",
    Concept.BIRTH_DATE: "identity",
    Concept.GENDER: "identity",
    Concept.NATIONALITY: "identity",
    Concept.NATIONAL_ID: "identity",
    Concept.TAX_ID: "identity",
    Concept.PHOTO: "identity",
    Concept.IBAN: "financial",
    Concept.CARD: "financial",
    Concept.AMOUNT: "financial",
    Concept.IP: "technical",
    Concept.USER_AGENT: "technical",
    Concept.DEVICE: "technical",
    Concept.HEALTH: "health",
    Concept.RELIGION: "religion",
    Concept.ETHNICITY: "ethnic origin",
    Concept.POLITICS: "political opinions",
    Concept.UNION: "trade union membership",
    Concept.SEX_LIFE: "sex life",
    Concept.BIOMETRIC: "biometric",
    Concept.CRIMINAL: "criminal offences",
    Concept.ORGANISATION: "work",
    Concept.JOB: "work",
    Concept.CONSENT: "consent",
    Concept.MARKETING: "consent",
    Concept.ANALYTICS: "consent",
}
RECTIFIABLE = frozenset(
    {
        Concept.EMAIL,
        Concept.PHONE,
        Concept.GIVEN_NAME,
        Concept.FAMILY_NAME,
        Concept.FULL_NAME,
        Concept.STREET,
        Concept.POSTAL_CODE,
        Concept.CITY,
        Concept.REGION,
        Concept.COUNTRY,
        Concept.BIRTH_DATE,
        Concept.GENDER,
    }
)
NAMING = frozenset(
    {Concept.EMAIL, Concept.PHONE, Concept.GIVEN_NAME, Concept.FAMILY_NAME, Concept.FULL_NAME, Concept.USER_NAME}
)
NEWEST = 1000


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of a column, and why.

    Args:
        part: as it stands in the map.
    """

    column: str
    part: dict[str, Any]
    confidence: float
    reason: str


@dataclass(frozen=True)
class Fields:
    """Proposes the fields of collections."""

    survey: Survey
    people: People

    def of(self, holding: Holding) -> Iterator[Said]:
        """Yield what is worth saying of a table's columns, in their order."""
        for column, finding in self.survey.each_column(holding.table):
            if said := self._said(holding, column, finding):
                yield said

    def _said(self, holding: Holding, column: SeenColumn, finding: Finding) -> Said | None:
        if finding.concept is Concept.SECRET:
            return Said(column.name, {"secret": True}, finding.confidence, finding.reason)
        part: dict[str, Any] = {}
        if holding.nature is not Nature.CONTEXT and (category := CATEGORIES.get(finding.concept)):
            part["category"] = category
        if reason := self._third_party(holding, column, finding):
            part["third_party"] = True
            confidence = finding.confidence
        else:
            reason, confidence = finding.reason, finding.confidence
            if finding.concept in RECTIFIABLE and holding.nature in (Nature.PERSON, Nature.PART):
                part["rectify"] = True
        if paths := column.sampled.secret_paths:
            return self._with_secrets(column.name, paths, part)
        if self._is_json(column, finding):
            part["json"] = True
        return Said(column.name, part, confidence, reason) if part else None

    @staticmethod
    def _with_secrets(column: str, paths: tuple[str, ...], part: dict[str, Any]) -> Said:
        """Take what is called like a secret out of JSON; all of it where no path leads to that alone."""
        if WHOLE in paths:
            return Said(column, {"secret": True}, 0.7, "keys within its JSON are called like secrets")
        told = "a key within its JSON is" if len(paths) == 1 else f"{len(paths)} keys within its JSON are"
        return Said(column, {**part, "json": True, "drop": list(paths)}, 0.8, f"{told} called like a secret")

    def _third_party(self, holding: Holding, column: SeenColumn, finding: Finding) -> str:
        """Say why a column is about somebody else; nothing where it is not."""
        if column.name in {name for names in holding.identifiers.values() for name in names}:
            return ""
        if reason := self._refers_to_another(holding, column.name):
            return reason
        if holding.nature is Nature.OWNED and column.name in self.people.addresses(holding.table):
            return "an e-mail address that is not that of whom the row is about"
        if finding.is_other_person:
            return finding.reason
        return "may speak of other people" if finding.mentions_others else ""

    def _refers_to_another(self, holding: Holding, column: str) -> str:
        table = holding.table
        owning = self.people.owning(table)
        if holding.nature is Nature.PERSON:
            pointed = [link for link in self.survey.links_from(table) if link.columns == (column,)]
            ways = {way.columns for way in holding.ways}
            is_another = any(link.to_table in self.people.kind_of and link.columns not in ways for link in pointed)
            return "refers to another person" if is_another else ""
        for reference in self.people.references(table):
            if reference.column == column:
                if reference not in owning or holding.nature is Nature.CONTEXT:
                    return "refers to somebody whose row it is not"
                if len(owning) > 1 and reference.role < Role.OWNER:
                    return "refers to one of several people in the row"
        return ""

    def _is_json(self, column: SeenColumn, finding: Finding) -> bool:
        if column.type not in ("json", "text"):
            return False
        looks_so = self.survey.tables and column.sampled.shares.get(Content.JSON, 0.0) >= 0.98
        return column.type == "json" or finding.concept is Concept.JSON or (bool(looks_so) and column.sampled.seen >= 3)

    def deleted(self, table: TableId) -> Said | None:
        """Find how a soft-deleted row is told."""
        for column, finding in self.survey.each_column(table):
            if finding.concept is not Concept.DELETED or finding.confidence < 0.5:
                continue
            if column.type in ("timestamp", "date"):
                return Said(column.name, {"column": column.name}, finding.confidence, finding.reason)
            if column.type == "boolean":
                return Said(column.name, {"column": column.name, "equals": True}, finding.confidence, finding.reason)
        return None

    def order_by(self, table: TableId) -> list[str]:
        """Name the columns that put the newest rows first: when they came to be, then the key."""
        for concept in (Concept.CREATED, Concept.ORDERING, Concept.CHANGED):
            for name in self.survey.columns(table, concept, others=True):
                if self.survey.tables[table].column(name).type in ("timestamp", "date", "text"):
                    key = self.survey.tables[table].primary_key
                    return [f"-{name}", *(f"-{each}" for each in key if len(key) == 1 and each != name)]
        return []

    def is_log(self, table: TableId) -> bool:
        """Whether a table keeps what happened, row by row."""
        technical = self.survey.has(table, Concept.IP, Concept.USER_AGENT)
        return bool(set(words_of(table)) & LOG_WORDS) or (technical and not self.survey.links_to(table))

    def flags(self, table: TableId, concept: Concept, *, value: bool) -> dict[str, bool]:
        """Find the flags that a restriction or an objection sets."""
        return {
            column.name: value
            for column, finding in self.survey.each_column(table)
            if finding.concept is concept and column.type == "boolean" and finding.confidence >= 0.5
        }


def is_named_for_another(column: str) -> bool:
    """Whether a column's name says that it is about somebody mentioned only."""
    return role_of(column, "") in (Role.OTHER, Role.HANDLER)
