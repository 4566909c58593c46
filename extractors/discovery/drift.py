"""Tells what changed in a source since its data map was made, and what the map says nothing about.

What a source looked like is remembered as its outline: names of tables and columns, their types and what they mean,
never a value.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

from extractors.datamap.json_paths import parse_json_path
from extractors.discovery.json_keys import WHOLE
from extractors.discovery.model import Concept

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from extractors.datamap import CollectionPart, DataMap
    from extractors.datamap.json_paths import JsonPath
    from extractors.discovery.model import Finding, Findings, Inventory, SeenColumn, SeenLink, SeenTable, TableId

Outline: TypeAlias = "Mapping[str, Any]"
"""`{"tables": {table: {column: [type, concept]}}, "links": [[table, columns, table, columns]]}`, as JSON holds it."""

SURE = 0.6
SAYING_NOTHING = frozenset(
    {Concept.OTHER, Concept.CODE, Concept.AMOUNT, Concept.CREATED, Concept.CHANGED, Concept.ORDERING, Concept.JSON}
)


class Severity(StrEnum):
    """What a change asks for."""

    DANGER = "danger"  # a secret would leave the source
    BROKEN = "broken"  # the map names what is not there any more
    WARNING = "warning"  # personal data that the map says nothing about
    NOTICE = "notice"  # something changed, and nothing needs to be done for now


@dataclass(frozen=True, slots=True)
class Drift:
    """One thing that no longer is as the map has it.

    Args:
        where: the table or column, `orders` or `orders.note`.
        text: a sentence.
    """

    severity: Severity
    where: str
    text: str


def outline(inventory: Inventory, findings: Findings) -> dict[str, Any]:
    """Note what a source looks like, as JSON can hold it."""
    return {
        "tables": {
            table.id: {
                column.name: [column.type, _concept(findings, table.id, column.name)] for column in table.columns
            }
            for table in inventory.tables
        },
        "links": sorted(_noted(link) for link in inventory.links if link.is_declared),
    }


def drift(data_map: DataMap, then: Outline | None, inventory: Inventory, findings: Findings) -> list[Drift]:
    """Compare a source as it is with its map, and with what it looked like when the map was made.

    Args:
        then: its outline of that time; without it only secrets that would leave the source, and what is gone, is told.

    Returns:
        The changes, the gravest first.
    """
    comparing = _Comparing(data_map, then, inventory, findings)
    changes = [*comparing.gone(), *comparing.secrets()]
    if then is not None:
        changes += [*comparing.columns(), *comparing.tables(), *comparing.links()]
    order = list(Severity)
    return sorted(dict.fromkeys(changes), key=lambda change: (order.index(change.severity), change.where))


def _is_dropped(path: str, dropped: set[JsonPath]) -> bool:
    """Whether a part of JSON, or what it is in, never leaves the source; the whole of it cannot be dropped."""
    steps = parse_json_path(path) if path != WHOLE else ()
    return any(steps[:end] in dropped for end in range(1, len(steps) + 1))


class _Comparing:
    def __init__(self, data_map: DataMap, then: Outline | None, inventory: Inventory, findings: Findings) -> None:
        self.data_map = data_map
        self.then: Mapping[str, Mapping[str, list[str]]] = then["tables"] if then else {}
        self.then_links = [tuple(map(_frozen, link)) for link in then["links"]] if then else []
        self.inventory = inventory
        self.findings = findings
        self.now = {table.id: table for table in inventory.tables}
        self.mapped: dict[TableId, list[tuple[str, CollectionPart]]] = {}
        self.absent: list[tuple[str, str]] = []
        for name, part in data_map.collections.items():
            table = self._table(part.table or name)
            if table:
                self.mapped.setdefault(table.id, []).append((name, part))
            else:
                self.absent.append((name, part.table or name))

    def _table(self, wanted: str) -> SeenTable | None:
        """Find a table as a map may write it: with its schema though it is the default one, in another case."""
        if wanted in self.now:
            return self.now[wanted]
        folded = wanted.casefold()
        alike = (
            table
            for id_, table in self.now.items()
            if folded == id_.casefold() or folded.endswith(f".{id_.casefold()}")
        )
        return next(alike, None)

    def gone(self) -> Iterator[Drift]:
        """Yield what the map names and is not there."""
        for name, table in self.absent:
            yield Drift(Severity.BROKEN, table, f"The table {table} of the collection {name} is gone.")
        for id_, parts in self.mapped.items():
            names = {column.name.casefold() for column in self.now[id_].columns}
            for name, part in parts:
                for column in sorted(self._named(name, part)):
                    if column.casefold() not in names:
                        text = f"The column {column} of {id_}, which the collection {name} names, is gone."
                        yield Drift(Severity.BROKEN, f"{id_}.{column}", text)

    def _named(self, name: str, part: CollectionPart) -> set[str]:
        """List the columns the map names of a collection, links of others to it included."""
        targets = (self.data_map.target(link) for other in self.data_map.collections.values() for link in other.links)
        linked = {column for target in targets if target and target[0] == name for column in target[1]}
        return {column for _, column in part.columns_named()} | linked

    def secrets(self) -> Iterator[Drift]:
        """Yield columns that look like secrets and would be given out, however long they have been there."""
        for id_, parts in self.mapped.items():
            for column in self.now[id_].columns:
                if self._is_secret(id_, column.name):
                    yield from self._given_out(id_, column.name, parts, self.findings[id_, column.name])
                elif column.sampled.secret_paths:
                    yield from self._given_out_within(id_, column, parts)

    @staticmethod
    def _given_out_within(
        id_: TableId, column: SeenColumn, parts: Iterable[tuple[str, CollectionPart]]
    ) -> Iterator[Drift]:
        """Yield JSON of which a part is called like a secret and is neither dropped nor given a category."""
        for name, part in parts:
            said = part.fields.get(column.name)
            if said and (said.secret or said.category):
                continue
            dropped = set(said.dropped_paths) if said else set()
            left = [path for path in column.sampled.secret_paths if not _is_dropped(path, dropped)]
            if left:
                text = (
                    f"Within the JSON of {id_}.{column.name}, {', '.join(left)} is called like a secret and would be "
                    f"given out with {name}: name it in `drop`, or give the column a category where it is none."
                )
                yield Drift(Severity.DANGER, f"{id_}.{column.name}", text)

    def _is_secret(self, id_: TableId, column: str) -> bool:
        finding = self.findings.get((id_, column))
        return bool(finding and finding.concept is Concept.SECRET and finding.confidence >= SURE)

    def _given_out(
        self, id_: TableId, column: str, parts: Iterable[tuple[str, CollectionPart]], finding: Finding
    ) -> Iterator[Drift]:
        for name, part in parts:
            # Who wrote something about the column has looked at it and decided; one that came later nobody has seen.
            is_decided = column in part.fields and (part.fields[column].secret or not self._is_new(id_, column))
            if not is_decided:
                text = (
                    f"{id_}.{column} looks like a secret ({finding.reason}) and would be given out with {name}: "
                    f"write `fields: {{{column}: {{secret: true}}}}` in the map, or a category where it is none."
                )
                yield Drift(Severity.DANGER, f"{id_}.{column}", text)

    def _is_new(self, id_: TableId, column: str) -> bool:
        return bool(self.then) and column not in self.then.get(id_, {})

    def columns(self) -> Iterator[Drift]:
        """Yield columns that are new or have another type, in tables that were there."""
        for id_, table in self.now.items():
            known = self.then.get(id_)
            if known is None:
                continue
            for column in table.columns:
                if column.name not in known and id_ in self.mapped and self._is_secret(id_, column.name):
                    continue  # told as what it is
                if column.name not in known:
                    yield self._new_column(id_, column.name, is_mapped=id_ in self.mapped)
                elif known[column.name][0] != column.type:
                    is_named = any(column.name in self._named(*part) for part in self.mapped.get(id_, ()))
                    text = f"The type of {id_}.{column.name} was {known[column.name][0]} and is {column.type} now."
                    yield Drift(Severity.WARNING if is_named else Severity.NOTICE, f"{id_}.{column.name}", text)

    def _new_column(self, id_: TableId, column: str, *, is_mapped: bool) -> Drift:
        where, finding = f"{id_}.{column}", self.findings.get((id_, column))
        if not is_mapped:
            return Drift(Severity.NOTICE, where, f"The column {where} is new, in a table that the map leaves out.")
        if finding is None or not _is_personal(finding):
            return Drift(Severity.NOTICE, where, f"The column {where} is new; it is given out, and erasing leaves it.")
        text = (
            f"The column {where} is new and seems personal ({finding.concept.value}: {finding.reason}). "
            "It is given out as it is; say in the map what it is, and what erasing does to it."
        )
        return Drift(Severity.WARNING, where, text)

    def tables(self) -> Iterator[Drift]:
        """Yield tables that are new, and unmapped ones that are gone."""
        for id_, table in self.now.items():
            if id_ not in self.then and id_ not in self.mapped:
                yield self._new_table(table)
        mapped = {table.casefold() for _, table in self.absent}
        for id_ in self.then:
            if id_ not in self.now and not any(
                name == id_.casefold() or name.endswith(f".{id_.casefold()}") for name in mapped
            ):
                yield Drift(Severity.NOTICE, id_, f"The table {id_}, which the map leaves out, is gone.")

    def _new_table(self, table: SeenTable) -> Drift:
        personal = [
            column.name
            for column in table.columns
            if (finding := self.findings.get((table.id, column.name))) and _is_personal(finding)
        ]
        linked = sorted({link.to_table for link in self._leading_to_mapped(table.id)})
        if not personal and not linked:
            return Drift(
                Severity.NOTICE, table.id, f"The table {table.id} is new; nothing about people was seen in it."
            )
        holds = [f"seems to hold personal data ({', '.join(personal)})"] if personal else []
        refers = [f"refers to {', '.join(linked)}"] if linked else []
        text = f"The table {table.id} is new and {' and '.join(holds + refers)}; no collection of the map reads it."
        return Drift(Severity.WARNING, table.id, text)

    def _leading_to_mapped(self, table: TableId) -> Iterator[SeenLink]:
        people = {id_ for id_, parts in self.mapped.items() if any(not part.context for _, part in parts)}
        for link in self.inventory.links:
            if link.table == table and link.to_table in people and link.confidence >= SURE:
                yield link

    def links(self) -> Iterator[Drift]:
        """Yield foreign keys that were declared and are not any more, though their columns are still there."""
        declared = {tuple(map(_frozen, _noted(link))) for link in self.inventory.links if link.is_declared}
        for link in self.then_links:
            table, columns, to_table, to_columns = link
            if link not in declared and self._has(table, columns) and self._has(to_table, to_columns):
                where = f"{table}.{', '.join(columns)}"
                yield Drift(Severity.NOTICE, where, f"The foreign key of {where} to {to_table} is gone.")

    def _has(self, table: TableId, columns: Iterable[str]) -> bool:
        return table in self.now and {column.name for column in self.now[table].columns}.issuperset(columns)


def _is_personal(finding: Finding) -> bool:
    return finding.confidence >= SURE and finding.concept not in SAYING_NOTHING


def _concept(findings: Findings, table: TableId, column: str) -> str:
    finding = findings.get((table, column))
    return finding.concept.value if finding else Concept.OTHER.value


def _noted(link: SeenLink) -> list[Any]:
    return [link.table, list(link.columns), link.to_table, list(link.to_columns)]


def _frozen(part: Any) -> Any:
    return tuple(part) if isinstance(part, list) else part
