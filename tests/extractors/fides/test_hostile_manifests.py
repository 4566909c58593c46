"""Manifests that are odd, wrong or none at all."""

from __future__ import annotations

import pytest

from extractors.errors import FaultyDataMap
from extractors.fides import FaultyManifest, import_manifest
from tests.extractors.fides.manifests import CUSTOMER, a_collection, a_dataset, a_field, map_of, maps_of, to

HOSTILE = [
    "no",
    "null",
    "1e5",
    "2020-01-01",
    "a: b",
    "# x",
    "{}",
    "'",
    '"',
    "ü\u2028",
    "- a",
    "&a",
    "*a",
    "%",
    "~",
    "=",
    "<<",
]


def test_hostile_names_come_through_as_they_are():
    fields = [{"name": name, "data_categories": [name], "description": name} for name in HOSTILE]
    data_map, _ = map_of(
        a_dataset(
            *(
                a_collection(name, a_field("e", identity="email"), description=f"x\ncollections: {name}")
                for name in HOSTILE
            ),
            a_collection("all", a_field("no", identity="email", primary_key=True), *fields[1:]),
        )
    )
    assert set(data_map.collections) == {*HOSTILE, "all"}
    assert set(data_map.collections["all"].fields) >= set(HOSTILE[1:])
    assert data_map.collections["all"].key == ("no",)
    assert data_map.collections["all"].fields["1e5"].help == "1e5"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: 1", "expected `dataset`"),
        ("dataset: []", "dataset: missing, or not a list"),
        ("dataset: [{fides_key: s, collections: []}]", "line 1, dataset[0].collections: missing"),
        ("dataset: [{collections: [x]}]", "fides_key is missing"),
        ("dataset: [{fides_key: s, collections: [{fields: [{name: a}]}]}]", "name is missing"),
        ("dataset: [{fides_key: s, collections: [{name: a}]}]", "fields: missing"),
        ("dataset: [{fides_key: s, collections: [x]}]", "not of the form key: value"),
        ("dataset: [{fides_key: s, collections: [{name: a, fields: [{name: a}, {name: a}]}]}]", "a is there twice"),
        ("dataset: [{fides_key: s, collections: [{name: a, fields: [{name: a}]}]}]", "nothing in it can be found"),
        ("dataset: [{fides_key: s, collections: &x [*x]}]", "aliases"),
        ("dataset: [{fides_key: s, fides_key: t}]", "written twice"),
    ],
)
def test_a_manifest_that_is_none_is_refused_with_the_place(text, told):
    with pytest.raises(FaultyManifest) as caught:
        import_manifest(text)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    "reference", [{"dataset": "shop"}, {"dataset": "shop", "field": "a"}, to("customer.id", "both"), {"field": "a.b"}]
)
def test_a_reference_that_names_nothing_is_refused(reference):
    with pytest.raises(FaultyManifest, match=r"fields\[0\]\.fides_meta\.references\[0\]: "):
        maps_of(a_dataset(CUSTOMER, a_collection("o", a_field("c", references=[reference]))))


def test_text_that_is_no_yaml_is_refused():
    with pytest.raises(FaultyDataMap, match="not YAML"):
        import_manifest("dataset: [")
