"""Reads lists of columns with what they mean, and measures how many are found out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from extractors.discovery.findings import findings
from extractors.discovery.model import Finding, Inventory, SeenColumn, SeenTable

HERE = Path(__file__).parent
TYPES = {"": "text", "int": "integer", "num": "number", "bool": "boolean", "ts": "timestamp", "bin": "binary"}
NOT_PERSONAL = {"other", "code", "ordering", "created", "changed", "json", "amount"}


@dataclass(frozen=True)
class Listed:
    """A column of a list: the meanings it may have, and whether it is, or may be, somebody else's."""

    database: str
    table: str
    name: str
    type: str
    meanings: frozenset[str]
    is_other: bool
    may_be_other: bool


@dataclass
class Figures:
    """How many columns were found out."""

    columns: int = 0
    right: int = 0
    personal: int = 0
    wrongly_personal: int = 0
    missed: int = 0
    others: int = 0
    others_right: int = 0

    @property
    def accuracy(self) -> float:
        return self.right / self.columns

    @property
    def precision(self) -> float:
        return self.personal / (self.personal + self.wrongly_personal)

    @property
    def recall(self) -> float:
        return self.personal / (self.personal + self.missed)


def read(file: str) -> list[Listed]:
    """Read a list; see columns.txt for its form."""
    listed, database = [], ""
    for line in (HERE / file).read_text("utf-8").splitlines():
        if line.startswith("["):
            database = line.strip("[]")
        elif line and not line.startswith("#"):
            table, _, columns = line.partition(": ")
            listed += [_listed(database, table, column) for column in columns.split(", ")]
    return listed


def _listed(database: str, table: str, text: str) -> Listed:
    left, _, right = text.partition("=")
    name, _, type_ = left.partition(" ")
    meanings = right.split("|")
    others = [meaning.endswith("!") for meaning in meanings]
    plain = frozenset(meaning.rstrip("!") for meaning in meanings)
    return Listed(database, table, name, TYPES.get(type_, type_), plain, all(others), any(others))


def inventories(listed: list[Listed]) -> list[Inventory]:
    """Make databases of the listed tables, as they are seen without a look into any; the first column is the key."""
    databases: dict[str, dict[str, list[Listed]]] = {}
    for one in listed:
        databases.setdefault(one.database, {}).setdefault(one.table, []).append(one)
    return [
        Inventory(
            name,
            tuple(
                SeenTable(table, tuple(SeenColumn(one.name, one.type) for one in columns), (columns[0].name,))
                for table, columns in tables.items()
            ),
        )
        for name, tables in databases.items()
    ]


def measure(file: str) -> Figures:
    """Find out what the columns of a list mean, from names and types alone."""
    listed = read(file)
    found = {
        (inventory.source, table, column): finding
        for inventory in inventories(listed)
        for (table, column), finding in findings(inventory).items()
    }
    figures = Figures()
    for one in listed:
        _count(figures, one, found[one.database, one.table, one.name])
    return figures


def _count(figures: Figures, one: Listed, finding: Finding) -> None:
    concept = "other" if finding.concept == "code" else str(finding.concept)
    figures.columns += 1
    figures.right += concept in one.meanings
    if concept not in NOT_PERSONAL:
        is_right = not one.meanings <= NOT_PERSONAL
        figures.personal += is_right
        figures.wrongly_personal += not is_right
    elif not one.meanings & NOT_PERSONAL:
        figures.missed += 1
    if one.is_other or finding.is_other_person:
        figures.others += 1
        figures.others_right += one.may_be_other and (finding.is_other_person or not one.is_other)
