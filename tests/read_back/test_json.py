from __future__ import annotations

import json
from base64 import b64decode
from decimal import Decimal

import pytest
from jsonschema import Draft202012Validator

from exporters.registry import find
from extractors.batches import Kind
from tests.exporters.factories import comparable, truth, written
from tests.read_back.hostile import CASES


@pytest.mark.parametrize("case", CASES)
def test_a_schema_validator_and_pythons_parser_find_every_value(case: str):
    answer = CASES[case]()
    files = written(find("json"), answer)
    schema = json.loads(files["export.schema.json"])
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(json.loads(files["export.json"]))
    # Every number as it is written: a parser that makes binary floats of them would hide lost digits.
    document = json.loads(files["export.json"], parse_float=Decimal, parse_int=Decimal, parse_constant=pytest.fail)
    assert document["meta"]["totals"]["records"] == answer.records
    found = {}
    for item in answer.collections:
        collection = document["data_sources"][item.collection.source.slug]["collections"][item.collection.name]
        assert collection["count"] == item.count
        found[item.collection.source.slug, item.collection.name] = [
            [value(record[field.name], field.kind) for field in item.collection.fields]
            for record in collection["records"]
        ]
    assert found == truth(answer)


def value(found: object, kind: Kind) -> object:
    if found is None:
        return None
    if kind is Kind.JSON:
        return ("json", found)
    return comparable(b64decode(found, validate=True) if kind is Kind.BINARY else found, kind)
