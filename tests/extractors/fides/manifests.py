"""Manifests, written as Fides does."""

from __future__ import annotations

from textwrap import dedent

import yaml

from extractors.datamap import load
from extractors.fides import import_manifest


def maps_of(*datasets):
    """Import datasets written as YAML, each of them a mapping."""
    return import_manifest(yaml.safe_dump({"dataset": [yaml.safe_load(dedent(text)) for text in datasets]}))


def map_of(text):
    (imported,) = maps_of(text)
    return load(imported.text), imported


def remarks(imported):
    return {remark.path: remark.message for remark in imported.remarks}


def links(data_map, name):
    return [(link.column, link.to) for link in data_map.collections[name].links]


def a_dataset(*collections, key="shop", **more):
    return yaml.safe_dump({"fides_key": key, "collections": list(collections), **more})


def a_collection(name, *fields, **more):
    return {"name": name, "fields": list(fields), **more}


def a_field(name, *, references=(), **meta):
    return {"name": name, "fides_meta": {**meta, "references": list(references)} if references else meta}


def to(field, direction=None, dataset="shop"):
    return {"dataset": dataset, "field": field} | ({"direction": direction} if direction else {})


CUSTOMER = a_collection("customer", a_field("id", primary_key=True), a_field("email", identity="email"))
