"""The published schemas of the machine formats; a change that breaks readers gets a new number."""

from __future__ import annotations

from importlib.resources import files

JSON_SCHEMA = "export.schema.json"
XML_SCHEMA = "export.xsd"
XML_NAMESPACE = "urn:dsr-portal:export:1"


def schema_text(name: str) -> str:
    """Give the text of a schema by its file name."""
    return files(__name__).joinpath(name).read_text(encoding="utf-8")
