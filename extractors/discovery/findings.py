"""Combines what a column is called, its type and what its values look like into one meaning."""

from __future__ import annotations

from extractors.discovery.model import Concept, Content, Finding, Findings, Inventory, SeenColumn

_BY_CONTENT = {
    Content.EMAIL: Concept.EMAIL,
    Content.PHONE: Concept.PHONE,
    Content.IBAN: Concept.IBAN,
    Content.CARD: Concept.CARD,
    Content.NATIONAL_ID: Concept.NATIONAL_ID,
    Content.IP: Concept.IP,
    Content.HASH: Concept.SECRET,
    Content.TOKEN: Concept.SECRET,
    Content.NAME: Concept.FULL_NAME,
    Content.BIRTH_DATE: Concept.BIRTH_DATE,
    Content.JSON: Concept.JSON,
    Content.FREE_TEXT: Concept.FREE_TEXT,
    Content.CODE: Concept.CODE,
}


def findings(inventory: Inventory) -> Findings:
    """Say of every column what it most likely means, how surely, and why."""
    return {(table.id, column.name): _finding(column) for table in inventory.tables for column in table.columns}


def _finding(column: SeenColumn) -> Finding:
    for content, concept in _BY_CONTENT.items():
        share = column.sampled.shares.get(content, 0.0)
        if share >= 0.7:
            return Finding(concept, round(share * 0.9, 2), f"{share:.0%} of {column.sampled.seen} values look so")
    return Finding(Concept.OTHER, 0.3, "neither its name nor its values tell")
