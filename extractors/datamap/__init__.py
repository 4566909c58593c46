"""The data map: what a source holds about people, which rows are whose, and what each right may do.

Whether a map fits a database is the extractor's to say; everything else is told here.
"""

from extractors.datamap.languages import DEFAULT_LANGUAGE
from extractors.datamap.parts import CollectionPart, DataMap, FieldPart, InformationPart, LinkPart, json_schema
from extractors.datamap.reading import load, parse

__all__ = [
    "DEFAULT_LANGUAGE",
    "CollectionPart",
    "DataMap",
    "FieldPart",
    "InformationPart",
    "LinkPart",
    "json_schema",
    "load",
    "parse",
]
