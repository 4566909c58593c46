"""Validates XML by its schema, with a program that is not ours (libxml2, as xmllint does)."""

from __future__ import annotations

from lxml import etree


def valid(document: bytes, schema: bytes) -> etree._Element:
    """Parse a document and hold it against its schema."""
    parser = etree.XMLParser(huge_tree=True, resolve_entities=False, no_network=True)
    root = etree.fromstring(document, parser)
    etree.XMLSchema(etree.fromstring(schema)).assertValid(root)
    return root
