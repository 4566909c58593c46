"""The published schema of the record inside a certificate; a change that breaks readers gets a new number."""

from __future__ import annotations

from importlib.resources import files

JSON_SCHEMA = "certificate.schema.json"


def schema_text() -> str:
    """Give the text of the schema."""
    return files(__package__).joinpath(JSON_SCHEMA).read_text(encoding="utf-8")
