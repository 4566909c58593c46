import json

import pytest
from jsonschema import Draft202012Validator

from extractors.datamap import json_schema, load, parse
from extractors.datamap.document import read_document
from extractors.datamap.reading import reachable
from extractors.errors import FaultyDataMap

SHOP = """
version: 1
source: shop
label: Web shop
information:
  purposes: [Fulfilling orders]
  retention: Ten years
collections:
  customers:
    identifiers:
      email: [email, previous_email]
      user_id: id
    fields:
      password_hash: {secret: true}
      settings: {json: true, drop: [$.token, '$["odd name"][0]']}
      segment: {label: Customer group, codes: {A: regular, NO: Norway}}
    where: {tenant_id: 7}
    exclude: {kind: [nonce, null]}
    erase: {action: anonymise, fields: {email: {mask: email}, name: "[erased]", mobile: null}}
  orders:
    links: [{column: customer_id, to: customers.id}]
    order_by: -created_at
    limit: 1000
    erase: {action: keep, ground: "17(3)(b): tax records", years: 10, from: created_at}
  parcels:
    links: [{column: [order_id, part], to: [orders.id, orders.part]}]
"""


def faults_of(text):
    with pytest.raises(FaultyDataMap) as caught:
        load(text)
    return {(fault.line, fault.path): fault.message for fault in caught.value.faults}


def test_a_sound_map_is_read_with_all_it_says():
    data_map = load(SHOP)
    customers, orders, parcels = data_map.collections.values()
    assert customers.identifiers == {"email": ("email", "previous_email"), "user_id": ("id",)}
    assert customers.secrets == {"password_hash"}
    assert customers.fields["settings"].dropped_paths == (("token",), ("odd name", 0))
    assert customers.fields["segment"].codes == {"A": "regular", "NO": "Norway"}
    assert customers.where == {"tenant_id": (7,)}
    assert customers.exclude == {"kind": ("nonce", None)}
    assert orders.order_by == ("-created_at",)
    assert orders.erase.from_ == "created_at"
    assert data_map.target(parcels.links[0]) == ("orders", ("id", "part"))
    assert data_map.information.purposes == ("Fulfilling orders",)


def test_a_map_may_be_json():
    text = json.dumps({"version": 1, "source": "s", "collections": {"a": {"identifiers": {"email": ["e"]}}}}, indent=1)
    assert load(text).collections["a"].identifiers == {"email": ("e",)}


def test_every_fault_is_reported_at_once_with_its_line_and_path():
    broken = (
        SHOP.replace("version: 1", "version: 2")
        .replace("secret: true", "secrt: true")
        .replace("{mask: email}", "{mask: mail}")
        .replace("to: customers.id", "to: custmers.id")
        .replace("$.token", "$.*")
    )
    assert faults_of(broken) == {
        (2, "version"): "Input should be 1",
        (14, "collections.customers.fields.password_hash.secrt"): "unknown; did you mean secret?",
        (15, "collections.customers.fields.settings.drop[0]"): (
            'not a path into JSON such as $.name, $.list[0] or $["odd name"]'
        ),
        (19, "collections.customers.erase.fields.email"): (
            "not a value to erase to: null, a constant, {hash: sha256}, {mask: email} or {year_only: true}"
        ),
        (21, "collections.orders.links[0].to"): "leads nowhere: there is no collection custmers",
    }


@pytest.mark.parametrize(
    ("old", "new", "path", "message"),
    [
        ("source: shop", "source: Shop!", "source", "may not be called so"),
        ("source: shop\n", "", "source", "missing"),
        ("    order_by: -created_at\n", "", "collections.orders", "limit needs order_by"),
        ("limit: 1000", "limit: 0", "collections.orders.limit", "greater than or equal to 1"),
        (', ground: "17(3)(b): tax records"', "", "collections.orders.erase", "keep needs a ground"),
        (", from: created_at", "", "collections.orders.erase", "years needs from"),
        ("json: true, drop", "drop", "collections.customers.fields.settings", "say json: true beside it"),
        ("to: customers.id}", "to: customers}", "collections.orders.links[0].to", "not of the form collection.column"),
        ("to: customers.id}", "to: shop.people.id}", "collections.orders.links[0].to", "there is no collection people"),
        ("to: [orders.id, orders.part]", "to: [crm.a.b, crm.c.d]", "collections.parcels.links[0].to", "of one source"),
        ("[order_id, part]", "[order_id]", "collections.parcels.links[0]", "the same number of columns"),
        ("orders.part]", "customers.part]", "collections.parcels.links[0]", "must be of one collection"),
        ("    links: [{column: customer_id, to: customers.id}]\n", "", "collections.orders", "nothing reaches it"),
        (
            "  parcels:\n",
            "  parcels:\n    context: true\n    erase: {action: delete}\n",
            "collections.parcels",
            "context",
        ),
        ("  parcels:\n", "  par.cels:\n", "collections.par.cels", "may not be called so"),
        ("label: Web shop", "label: Web shop\nlabel: Twice", "label", "written twice"),
        ("label: Web shop", "label: &x Web\nnote: *x", "note", "unknown"),
    ],
)
def test_a_fault_names_where_it_is_and_what_to_do(old, new, path, message):
    assert old in SHOP
    found = {place: text for (_, place), text in faults_of(SHOP.replace(old, new)).items()}
    assert message in found[path]


@pytest.mark.parametrize(
    "text", ["a: [", "\tx", "a: *b", "a: !!python/object:os.system x", "", "[]", "just text", "a: {b: " * 5000]
)
def test_what_is_no_map_at_all_is_refused_in_words(text):
    with pytest.raises(FaultyDataMap, match="The data map has"):
        load(text)


def test_aliases_cannot_make_a_small_text_huge():
    bomb = "a: &a [x, x]\n" + "\n".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]" for n in range(20)
    )
    assert any("aliases" in fault.message for fault in read_document(bomb).faults)


def test_what_looks_like_something_else_stays_text():
    data = read_document("a: no\nb: 12:30\nc: 0777\nd: 2026-01-31\ne: 1e3\nf: 7\ng: true\nh: ~\n").data
    assert data == {"a": "no", "b": "12:30", "c": "0777", "d": "2026-01-31", "e": 1000.0, "f": 7, "g": True, "h": None}


def test_the_sound_part_of_a_faulty_map_can_still_be_held_against_its_source():
    data_map, faults = parse(SHOP.replace("action: keep", "action: kep"))
    assert list(data_map.collections) == ["customers", "parcels"]
    assert [fault.path for fault in faults] == ["collections.orders.erase.action"]


def test_what_a_person_can_have_rows_in_depends_on_how_they_are_known():
    data_map = load(SHOP)
    assert reachable(data_map, frozenset({"email"})) == {"customers", "orders", "parcels"}
    assert reachable(data_map, frozenset({"phone"})) == set()


def test_the_published_schema_accepts_what_load_accepts_and_refuses_what_it_refuses():
    validator = Draft202012Validator(json_schema())
    document = read_document(SHOP).data
    assert validator.is_valid(document)
    assert not validator.is_valid({**document, "version": 2})
    assert not validator.is_valid({**document, "colections": {}})


def test_a_link_may_lead_to_another_source():
    data_map = load(
        SHOP.replace("to: customers.id}", "to: crm.people.id}").replace(
            "to: [orders.id, orders.part]", "to: [crm.parts.order.id, crm.parts.no]"
        )
    )
    assert list(data_map.foreign_links()) == [
        ("orders", "collections.orders.links[0].to", ("crm", ("people", ("id",)))),
        ("parcels", "collections.parcels.links[0].to", ("crm", ("parts", ("order.id", "no")))),
    ]
    assert reachable(data_map, None) == {"customers", "orders", "parcels"}
    carried = {("crm", ("people", ("id",)))}
    assert reachable(data_map, frozenset({"email"}), carried) == {"customers", "orders"}


def test_a_link_may_name_its_own_source():
    data_map = load(SHOP.replace("to: customers.id}", "to: shop.customers.id}"))
    assert list(data_map.foreign_links()) == []
    assert data_map.target(data_map.collections["orders"].links[0]) == ("customers", ("id",))
