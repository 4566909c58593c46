"""Holds a data map against what discovery sees and would propose today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from extractors.discovery.drift import Drift, Severity, drift

if TYPE_CHECKING:
    from collections.abc import Iterator

    from extractors.datamap import DataMap
    from extractors.discovery.model import Proposal


def against(data_map: DataMap, proposal: Proposal) -> list[Drift]:
    """Tell where a map does not fit its source any more, the gravest first, then what it has nothing about."""
    return [*drift(data_map, None, proposal.inventory, proposal.findings), *_unmapped(data_map, proposal)]


def _unmapped(data_map: DataMap, proposal: Proposal) -> Iterator[Drift]:
    mapped = {_bare(part.table or name) for name, part in data_map.collections.items()}
    proposed = proposal.document["collections"]
    for table in dict.fromkeys(part.get("table", name) for name, part in proposed.items() if not part.get("context")):
        if _bare(table) not in mapped:
            yield Drift(
                Severity.WARNING, table, f"The map has no collection for {table}, which seems to hold people's rows."
            )


def _bare(table: str) -> str:
    """A table's name without its schema, which one of the two may leave out."""
    return table.rsplit(".", 1)[-1].lower()
