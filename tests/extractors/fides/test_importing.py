"""Manifests as Fides writes them, and the maps that come of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractors.datamap import load
from extractors.fides import FaultyManifest, import_manifest
from tests.extractors.fides.manifests import (
    CUSTOMER,
    a_collection,
    a_dataset,
    a_field,
    links,
    map_of,
    maps_of,
    remarks,
    to,
)

ORACLE = Path(__file__).parents[2] / "oracles" / "postgres_example" / "fides_dataset.yml"


def test_the_public_example_becomes_the_map_one_would_write():
    (imported,) = import_manifest(ORACLE.read_text())
    data_map = load(imported.text)
    assert (data_map.source, data_map.label) == ("postgres_example_test_dataset", "Postgres Example Test Dataset")
    assert data_map.collections["service_request"].identifiers == {"email": ("alt_email", "email")}
    assert links(data_map, "address")[0] == (("id",), ("customer.address_id",))
    assert data_map.collections["address"].fields["zip"].category == "Contact address postal code"
    told = {remark.path.removeprefix("postgres_example_test_dataset."): remark.line for remark in imported.remarks}
    assert told == {"collections": 5, "customer.name.length": 47, "employee.name.masking_strategy_override": 71}


def test_the_same_manifest_gives_the_same_text_and_remarks_stand_above_it():
    first, second = (import_manifest(ORACLE.read_text())[0] for _ in range(2))
    assert first == second
    for remark in first.remarks:
        assert f"# - {remark}\n" in first.text


def test_from_leads_to_the_referring_collection_and_to_leads_away_from_it():
    data_map, imported = map_of(
        a_dataset(
            CUSTOMER,
            a_collection(
                "orders",
                a_field("customer_id", references=[to("customer.id", "from")]),
                a_field("address_id", references=[to("address.id", "to")]),
            ),
            a_collection("address", a_field("id")),
        )
    )
    assert links(data_map, "orders") == [(("customer_id",), ("customer.id",))]
    assert links(data_map, "address") == [(("id",), ("orders.address_id",))]
    assert list(data_map.collections) == ["customer", "orders", "address"]
    assert list(remarks(imported)) == ["shop.collections"]


def test_without_a_direction_values_go_away_from_the_identities():
    """Both ways would lead from a person's order to its product, and on to the orders of others."""
    data_map, imported = map_of(
        a_dataset(
            a_collection("product", a_field("id")),
            a_collection(
                "orders",
                a_field("customer_id", references=[to("customer.id")]),
                a_field("product_id", references=[to("product.id")]),
            ),
            CUSTOMER,
        )
    )
    assert links(data_map, "orders") == [(("customer_id",), ("customer.id",))]
    assert links(data_map, "product") == [(("id",), ("orders.product_id",))]
    told = remarks(imported)
    assert "taken as `from`" in told["shop.orders.customer_id.references"]
    assert "taken as `to`" in told["shop.orders.product_id.references"]


def test_identities_become_identifiers_and_unusual_ones_are_told():
    data_map, imported = map_of(
        a_dataset(
            a_collection(
                "people",
                a_field("mail", identity="email"),
                a_field("mail2", identity="email"),
                a_field("mobile", identity="phone_number"),
                a_field("uid", identity="user_id"),
                a_field("so", identity="StackOverflow User.Id"),
            )
        )
    )
    assert data_map.collections["people"].identifiers == {
        "email": ("mail", "mail2"),
        "phone": ("mobile",),
        "user_id": ("uid",),
        "stackoverflow_user_id": ("so",),
    }
    assert list(remarks(imported)) == ["shop.collections", "shop.people.so.identity"]


def test_datasets_that_refer_to_one_another_become_sources_that_link():
    shop, crm = maps_of(
        a_dataset(
            CUSTOMER,
            a_collection("orders", a_field("ref", references=[to("contact.external", "from", "CRM.eu")])),
        ),
        a_dataset(
            a_collection(
                "contact",
                a_field("external"),
                a_field("customer_id", references=[to("customer.id", "from")]),
            ),
            key="CRM.eu",
        ),
    )
    assert (crm.source, crm.dataset) == ("crm_eu", "CRM.eu")
    assert links(load(shop.text), "orders") == [(("ref",), ("crm_eu.contact.external",))]
    assert links(load(crm.text), "contact") == [(("customer_id",), ("shop.customer.id",))]
    assert remarks(crm)["CRM.eu.fides_key"] == "the source is called crm_eu"


def test_a_reference_to_a_dataset_elsewhere_is_carried_or_told():
    data_map, imported = map_of(
        a_dataset(
            CUSTOMER,
            a_collection("orders", a_field("ref", references=[to("contact.external", "from", "crm")])),
            a_collection(
                "notes",
                a_field("id", identity="email"),
                a_field("ref", references=[to("contact.external", "to", "crm")]),
            ),
        )
    )
    assert links(data_map, "orders") == [(("ref",), ("crm.contact.external",))]
    assert links(data_map, "notes") == []
    told = remarks(imported)
    assert "needs a source for the dataset crm" in told["shop.orders.ref.references"]
    assert "it is a link of the map of crm" in told["shop.notes.ref.references"]


def test_a_dataset_named_like_a_collection_is_called_otherwise():
    first, second = maps_of(
        a_dataset(CUSTOMER), a_dataset(a_collection("t", a_field("e", identity="email")), key="customer")
    )
    assert (first.source, second.source) == ("shop", "customer_2")


NESTED = a_collection(
    "profile",
    a_field("email", identity="email"),
    {
        "name": "workplace",
        "fields": [
            {"name": "employer", "data_categories": ["user.job"]},
            {"name": "boss", "fields": [{"name": "mail", "fides_meta": {"identity": "email", "length": 5}}]},
            a_field("office", references=[to("customer.id", "to")]),
        ],
    },
    {"name": "tags", "data_categories": ["user"], "fides_meta": {"data_type": "string[]", "return_all_elements": True}},
    a_field("mails", data_type="string[]", identity="email"),
    a_field("friends", data_type="integer[]", references=[to("customer.id", "to")]),
)


def test_structures_and_lists_become_json_and_what_stands_within_is_told():
    data_map, imported = map_of(a_dataset(CUSTOMER, NESTED))
    profile = data_map.collections["profile"]
    assert profile.identifiers == {"email": ("email",)}
    assert {name for name, field in profile.fields.items() if field.json_} == {"workplace", "tags", "mails", "friends"}
    assert (profile.fields["workplace"].category, profile.fields["tags"].category) == ("Job", "Personal data")
    assert set(remarks(imported)) == {
        "shop.collections",
        "shop.profile.workplace.boss.mail.identity",
        "shop.profile.workplace.boss.mail.length",
        "shop.profile.workplace.office.references",
        "shop.profile.tags.return_all_elements",
        "shop.profile.mails.identity",
        "shop.profile.friends.references",
    }
    assert links(data_map, "customer") == []


def test_a_reference_to_a_place_within_a_structure_is_told():
    data_map, imported = map_of(
        a_dataset(
            NESTED,
            a_collection(
                "office",
                a_field("id", identity="email", references=[to("profile.workplace.office", "from")]),
                a_field("of", references=[to("profile.tags", "from"), to("profile.email", "from")]),
            ),
        )
    )
    assert links(data_map, "office") == [(("of",), ("profile.email",))]
    assert "a structure or a list" in remarks(imported)["shop.office.id.references"]
    assert "a structure or a list" in remarks(imported)["shop.office.of.references"]


def test_what_nothing_leads_to_and_what_is_skipped_is_left_out_and_told():
    data_map, imported = map_of(
        a_dataset(
            CUSTOMER,
            a_collection("settings", a_field("tenant", custom_request_field="tenant_id")),
            a_collection(
                "log", a_field("c", references=[to("customer.id", "from")]), fides_meta={"skip_processing": True}
            ),
            a_collection("entry", a_field("l", references=[to("log.id", "from")], identity="email")),
            a_collection("island", a_field("id"), a_field("s", references=[to("settings.id", "from")])),
            a_collection("shore", a_field("e", identity="email"), a_field("i", references=[to("island.id", "from")])),
        )
    )
    assert list(data_map.collections) == ["customer", "entry", "shore"]
    told = remarks(imported)
    for name in ("settings", "island"):
        assert told[f"shop.{name}"].startswith("left out: it has no identity")
    assert told["shop.log"] == "left out, as the manifest says skip_processing"
    assert told["shop.entry.l.references"] == "not carried: shop.log is not there, or skipped"
    assert told["shop.shore.i.references"] == "not carried: nothing leads to shop.island, which is left out"


def test_a_schema_is_part_of_the_tables_names_and_descriptions_are_kept():
    data_map, imported = map_of(
        a_dataset(
            a_collection(
                "public.people",
                {**a_field("email", identity="email"), "description": "Where we\nwrite to"},
                description="Everybody: we know",
                data_categories=["user.contact"],
                retention="A year",
            ),
            fides_meta={"namespace": {"schema": "app", "database_name": "db"}, "resource_id": "x"},
            name="The shop",
            description="All of it",
            retention="Ten years",
            third_country_transfers=["USA", "IND"],
            data_qualifier="aggregated",
            organization_fides_key="default_organization",
            meta=None,
            tags=[],
        )
    )
    people = data_map.collections["public_people"]
    assert people.table == "app.public.people"
    assert people.fields["email"].help == "Where we write to"
    assert people.information.categories == ("Contact",)
    assert people.information.retention == "A year"
    assert (data_map.information.retention, data_map.information.transfers) == ("Ten years", "USA, IND")
    assert "# All of it\n# public.people: Everybody: we know\n" in imported.text
    assert set(remarks(imported)) == {
        "shop.collections",
        "shop.data_qualifier",
        "shop.namespace.database_name",
        "shop.organization_fides_key",
        "shop.resource_id",
    }


def test_masking_that_maps_is_proposed_and_only_whole_deletions_are_written():
    override = {"strategy": "string_rewrite", "configuration": {"rewrite_value": "x"}}
    data_map, imported = map_of(
        a_dataset(
            a_collection(
                "a",
                a_field("e", identity="email", masking_strategy_override={"strategy": "null_rewrite"}),
                a_field("f", masking_strategy_override=override),
                a_field("g", masking_strategy_override={"strategy": "hash", "configuration": {"algorithm": "SHA-512"}}),
                a_field("h", masking_strategy_override={"strategy": "aes_encrypt"}),
            ),
            a_collection(
                "b",
                a_field("e", identity="email"),
                fides_meta={
                    "masking_strategy_override": {"strategy": "delete"},
                    "erase_after": ["shop.a"],
                    "after": ["shop.a"],
                },
            ),
        )
    )
    assert data_map.collections["a"].erase is None
    assert data_map.collections["b"].erase.action == "delete"
    told = remarks(imported)
    assert told["shop.a.e.masking_strategy_override"].endswith("in an `erase` it would be `e: null`")
    assert told["shop.a.f.masking_strategy_override"].endswith('it would be `f: "x"`')
    assert told["shop.a.g.masking_strategy_override"].endswith("it would be `g: {hash: sha256}`")
    assert told["shop.a.h.masking_strategy_override"].endswith("a data map has none like it")
    assert told["shop.b.masking_strategy_override"].startswith("carried as `erase: {action: delete}`")
    assert {"shop.b.erase_after", "shop.b.after"} <= set(told)


def test_nothing_unknown_is_dropped_in_silence():
    text = "system: []\ndataset:\n- fides_key: s\n  collections:\n  - name: c\n    shape: round\n    fields:\n"
    text += "    - {name: e, colour: red, fidesops_meta: {identity: email, taste: sweet, length: null}}\n"
    (imported,) = import_manifest(text)
    assert {remark.path: remark.line for remark in imported.remarks} == {
        "system": 1,
        "s.collections": 4,
        "s.c.shape": 6,
        "s.c.e.colour": 8,
        "s.c.e.taste": 8,
    }


def test_a_dataset_in_which_nothing_can_be_found_is_left_out_and_told():
    (imported,) = maps_of(a_dataset(a_collection("t", a_field("id")), key="dull"), a_dataset(CUSTOMER))
    assert imported.dataset == "shop"
    assert remarks(imported)["dataset[0]"].startswith("left out, nothing in it can be found")


def test_two_datasets_that_only_refer_to_one_another_lead_nowhere():
    first = a_dataset(a_collection("t", a_field("id", references=[to("u.id", "from", "b")])), key="a")
    second = a_dataset(a_collection("u", a_field("id", references=[to("t.id", "from", "a")])), key="b")
    with pytest.raises(FaultyManifest, match="nothing in it can be found"):
        maps_of(first, second)
