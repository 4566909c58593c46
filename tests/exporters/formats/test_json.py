from __future__ import annotations

import base64
import json
from decimal import Decimal

import pyarrow as pa
import pytest
from jsonschema import Draft202012Validator

from exporters.base import Answer, CollectionAnswer
from exporters.letter import SearchOutcome
from exporters.registry import find
from exporters.schemas import JSON_SCHEMA, schema_text
from extractors.batches import Batch, Cause, Collection, Field, Information, Kind, Omission
from tests.exporters.factories import a_collection_answer, a_source, an_answer, comparable, written
from tests.exporters.letters import a_whole_answer


def parsed(files: dict[str, bytes], parse_int: type = int) -> dict[str, object]:
    text = files["export.json"].decode()
    return json.loads(text, parse_float=Decimal, parse_int=parse_int, parse_constant=pytest.fail)


def assert_valid(files: dict[str, bytes]) -> None:
    schema = json.loads(files["export.schema.json"])
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(json.loads(files["export.json"]))


def read(answer: Answer, files: dict[str, bytes]) -> dict[tuple[str, str], list[list[object]]]:
    """Read every record back as comparable values."""
    assert_valid(files)
    fields = {
        (source.source.slug, item.collection.name): item.collection.fields
        for source in answer.sources
        for item in source.collections
    }
    return {
        (slug, name): [
            [value(record[field.name], field.kind) for field in fields[slug, name]] for record in collection["records"]
        ]
        for slug, source in parsed(files, parse_int=Decimal)["data_sources"].items()
        for name, collection in source["collections"].items()
    }


def value(found: object, kind: Kind) -> object:
    if found is None:
        return None
    if kind is Kind.JSON:
        return ("json", found)
    return comparable(base64.b64decode(found, validate=True) if kind is Kind.BINARY else found, kind)


def export_of(*items: CollectionAnswer, omissions: tuple[Omission, ...] = ()) -> dict[str, object]:
    return parsed(written(find("json"), an_answer(*items, omissions=omissions)))


def test_the_document_keeps_the_published_shape():
    orders = a_collection_answer({"id": (Kind.INTEGER, [1, 2]), "note": (Kind.TEXT, ["a", None])})
    empty = a_collection_answer({"id": (Kind.INTEGER, [])}, name="returns")
    document = export_of(
        orders, empty, omissions=(Omission("shop", None, "A secret"), Omission("shop", "x", "Cut", cut=True))
    )
    assert document["meta"]["totals"] == {"sources": 1, "collections": 2, "records": 2}
    assert document["meta"]["complete"] is False
    assert document["not_included"][0] == {"source": "shop", "collection": None, "reason": "A secret", "cause": None}
    assert document["data_sources"]["shop"]["collections"]["returns"]["records"] == []


def test_an_answer_without_sources_keeps_the_shape():
    document = export_of()
    assert document["meta"]["complete"] is True


def test_the_layout_is_that_of_a_two_space_indentation():
    orders = a_collection_answer({"id": (Kind.INTEGER, [1, 2, 3]), "née": (Kind.TEXT, ["ö", "\t", None])}, batch_rows=2)
    text = written(find("json"), an_answer(orders, a_collection_answer({"id": (Kind.INTEGER, [])}, name="none")))
    text = text["export.json"].decode()
    assert text == json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n"


def test_floats_of_four_bytes_stay_short():
    collection = Collection(a_source(), "readings", "Readings", (), (Field("value", Kind.FLOAT),))
    rows = pa.record_batch({"value": pa.array([0.1, 3.4028235e38, None], pa.float32())})
    answer = an_answer(CollectionAnswer(collection, lambda: 3, lambda: iter([Batch(collection, rows)])))
    text = written(find("json"), answer)["export.json"].decode()
    assert '"value": 0.1\n' in text
    assert '"value": 3.4028235e+38\n' in text


def test_unsigned_integers_beyond_the_signed_ones_are_exact():
    collection = Collection(a_source(), "readings", "Readings", (), (Field("value", Kind.INTEGER),))
    rows = pa.record_batch({"value": pa.array([2**64 - 1], pa.uint64())})
    answer = an_answer(CollectionAnswer(collection, lambda: 1, lambda: iter([Batch(collection, rows)])))
    assert read(answer, written(find("json"), answer)) == {("shop", "readings"): [[2**64 - 1]]}


def test_decimals_are_numbers_with_their_digits_and_anything_else_is_a_string():
    amounts = ["1.50", "+5", "007", ".5", "1.", "1E+3", "NaN", "-Infinity", "1 000"]
    document = export_of(a_collection_answer({"amount": (Kind.DECIMAL, amounts)}))
    records = document["data_sources"]["shop"]["collections"]["orders"]["records"]
    found = [record["amount"] for record in records]
    assert [str(amount) for amount in found] == ["1.50", "5", "7", "0.5", "1", "1E+3", "NaN", "-Infinity", "1 000"]
    assert [isinstance(amount, str) for amount in found] == [False] * 6 + [True] * 3


def test_a_collection_tells_its_own_information_only_where_it_differs():
    source = a_source(purposes=("Selling",), retention="Ten years")
    same = a_collection_answer({"id": (Kind.INTEGER, [])}, source=source, name="same")
    own = a_collection_answer(
        {"id": (Kind.INTEGER, [])}, source=source, name="own", information=Information(retention="A month")
    )
    shop = export_of(same, own)["data_sources"]["shop"]
    assert "information" not in shop["collections"]["same"]
    assert shop["collections"]["own"]["information"] == shop["information"] | {"retention": "A month"}
    assert shop["information"]["purposes"] == ["Selling"]


def test_every_field_is_named_for_people_beside_its_technical_name():
    fields = (Field("created_at", Kind.DATE), Field("segment", Kind.TEXT, label="Group", codes={"A": "regular"}))
    columns = {"created_at": (Kind.DATE, ["2024-05-06"]), "segment": (Kind.TEXT, ["A"])}
    orders = export_of(a_collection_answer(columns, fields=fields))["data_sources"]["shop"]["collections"]["orders"]
    assert orders["fields"] == {
        "created_at": {"kind": "date", "label": "Created at"},
        "segment": {"kind": "text", "label": "Group", "codes": {"A": "regular"}},
    }
    assert orders["records"] == [{"created_at": "2024-05-06", "segment": "A"}]


def test_the_document_tells_who_answers_what_was_searched_and_why_something_is_missing():
    files = written(find("json"), a_whole_answer("de"))
    assert_valid(files)
    document = parsed(files)
    meta = document["meta"]
    assert meta["language"] == "de"
    assert meta["controller"]["address"] == ["Hauptstraße 1", "10115 Berlin"]
    assert meta["controller"]["officer_contact"] == "dpo@example.org"
    assert meta["authority"]["complaint_url"] == "https://www.datenschutz-berlin.de/beschwerde"
    assert "email" not in meta["authority"]
    assert meta["request"] == {
        "right": "access",
        "recipient": "Ann Älvsjö",
        "place": "DE-BE",
        "received_on": "2024-04-22",
        "due_on": "2024-05-22",
        "decision": "We withheld one note.\nIt is about your neighbour.",
    }
    assert [left["cause"] for left in document["not_included"]] == ["secret", "unreached", None]
    shop, _, desk, old = document["searched"]
    assert shop == {
        "source": "shop",
        "label": "Web shop",
        "outcome": "found",
        "at": "2024-05-05T04:03:02Z",
        "identifiers": ["email", "user_id"],
        "records": 2,
        "note": None,
    }
    assert (desk["outcome"], desk["note"]) == ("partly", "Customer file was down.")
    assert (old["outcome"], old["at"]) == ("failed", None)


def test_where_nobody_noted_the_searches_each_source_counts_as_searched():
    found, empty = (
        a_collection_answer({"id": (Kind.INTEGER, ids)}, source=a_source(slug))
        for slug, ids in (("shop", [1, 2]), ("crm", []))
    )
    document = export_of(found, empty)
    told = [(search["source"], search["outcome"], search["records"]) for search in document["searched"]]
    assert told == [("shop", "found", 2), ("crm", "empty", 0)]
    assert document["searched"][0]["at"] == document["meta"]["exported_at"]


def test_the_schema_knows_every_cause_and_outcome():
    schema = json.loads(schema_text(JSON_SCHEMA))["properties"]
    assert set(schema["not_included"]["items"]["properties"]["cause"]["enum"]) == {*Cause, None}
    assert set(schema["searched"]["items"]["properties"]["outcome"]["enum"]) == set(SearchOutcome)


def test_records_without_any_field_are_still_counted_out():
    collection = Collection(a_source(), "secrets", "Secrets", (), ())
    rows = pa.record_batch({"x": pa.array([1, 2])}).select([])
    answer = an_answer(CollectionAnswer(collection, lambda: 2, lambda: iter([Batch(collection, rows)])))
    assert read(answer, written(find("json"), answer)) == {("shop", "secrets"): [[], []]}
