from __future__ import annotations

import csv
import io
import json

import pyarrow as pa
import pytest

from extractors.batches import Batch, Collection, Field, Kind, Source
from requests_app import review, tasks
from requests_app.audit import Actor
from requests_app.models import (
    DataSource,
    Export,
    Outcome,
    Refusal,
)
from requests_app.rendering.redacting import Overlay, Withheld
from tests.requests_app.portal import (
    MARKER,
    a_colleague,
    a_refusal,
    a_source,
    collected,
    downloaded,
    send_mails,
    staff,
    token_in,
)

FIELDS = (Field("id", Kind.INTEGER), Field("text", Kind.TEXT), Field("data", Kind.BINARY))
NOTES = Collection(Source("shop", "Web shop"), "notes", "Notes", ("id",), FIELDS)


def batches(*sizes):
    first = 0
    for size in sizes:
        ids = range(first, first + size)
        columns = {
            "id": pa.array(ids, pa.int64()),
            "text": [f"note {number}" for number in ids],
            "data": pa.array([bytes([number]) for number in ids], pa.binary()),
        }
        yield Batch(NOTES, pa.record_batch(columns))
        first += size


def applied(*items, sizes=(4, 4)):
    return [row for batch in Overlay.of(items).applied(batches(*sizes)) for row in batch.rows.to_pylist()]


def withheld(ordinal=None, field="", ground="Art. 15(4) GDPR"):
    return Withheld("notes", ordinal, field, ground)


def told(*items):
    return [(omission.reason, omission.cut) for omission in Overlay.of(items).omissions(NOTES)]


def test_without_anything_withheld_the_batches_pass_as_they_are():
    given = list(batches(3, 2))
    assert list(Overlay.of(()).applied(iter(given))) == given


@pytest.mark.parametrize("sizes", [(8,), (4, 4), (1, 6, 1), (3, 0, 5)])
def test_records_are_counted_across_batches(sizes):
    rows = applied(withheld(0), withheld(3), withheld(7), sizes=sizes)
    assert [row["id"] for row in rows] == [1, 2, 4, 5, 6]


@pytest.mark.parametrize("sizes", [(8,), (4, 4), (1, 6, 1)])
def test_single_values_are_emptied_and_nothing_else(sizes):
    rows = applied(withheld(2, "text"), withheld(5, "text"), withheld(5, "data"), withheld(6, "id"), sizes=sizes)
    assert [row["text"] for row in rows if row["text"] is None] == [None, None]
    assert [index for index, row in enumerate(rows) if row["text"] is None] == [2, 5]
    assert [index for index, row in enumerate(rows) if row["data"] is None] == [5]
    assert [row["id"] for row in rows] == [0, 1, 2, 3, 4, 5, None, 7]


def test_a_value_of_a_record_that_is_withheld_too_goes_with_it():
    assert [row["text"] for row in applied(withheld(0), withheld(0, "text"), sizes=(2,))] == ["note 1"]


def test_all_records_may_be_withheld():
    assert applied(*map(withheld, range(8))) == []


def test_the_schema_stays():
    (batch,) = Overlay.of([withheld(0), withheld(1, "data"), withheld(1, "id")]).applied(batches(2))
    (whole,) = batches(2)
    assert batch.rows.schema == whole.rows.schema


def test_a_batch_without_the_field_passes():
    overlay = Overlay.of([withheld(0, "text")])
    (batch,) = overlay.applied(iter([Batch(NOTES, pa.record_batch({"id": pa.array([1, 2])}))]))
    assert batch.rows.to_pylist() == [{"id": 1}, {"id": 2}]


def test_the_answer_names_what_is_withheld_by_its_ground():
    items = [withheld(field="text"), withheld(field="data"), withheld(1), withheld(2), withheld(3, "id")]
    items.append(withheld(5, ground="Trade secret"))
    assert told(*items) == [
        ("withheld (Art. 15(4) GDPR): data, text; 2 records; 1 value", True),
        ("withheld (Trade secret): 1 record", True),
    ]
    assert told(withheld(field="text"), withheld(1, "id")) == [("withheld (Art. 15(4) GDPR): text; 1 value", False)]
    assert told() == []


@pytest.fixture
def reviewed(tmp_path, db, storage_folder):
    """A request whose records were collected; gives its search and whoever reviews it."""
    a_source(tmp_path)
    return collected().searches.get(), Actor.staff(staff())


def answered(search, actor):
    """Release what is left; gives the export, its JSON and the rows of its CSV files."""
    if search.redactions.exists():
        a_refusal(search.request, Refusal.Extent.PART)
    export = review.release(search.request_id, actor=actor)
    tasks.render_export(export.pk)
    package = downloaded(token_in(send_mails()[-1], "d"))
    tables = {
        name: list(csv.DictReader(io.StringIO(package.read(name).decode("utf-8-sig"))))
        for name in package.namelist()
        if name.endswith(".csv")
    }
    return Export.objects.get(pk=export.pk), json.loads(package.read("json/export.json")), tables


def rows(tables, name):
    (table,) = [table for path, table in tables.items() if name in path]
    return table


def test_nothing_withheld_stands_in_any_format(reviewed):
    search, actor = reviewed
    review.redact(search, "customers", field="city", ground="Art. 15(4) GDPR", actor=a_colleague())
    review.redact(search, "orders", ordinal=1, ground="Trade secret", actor=a_colleague())
    export, answer, tables = answered(search, actor)
    shop = answer["data_sources"]["shop"]["collections"]
    assert [row["id"] for row in shop["customers"]["records"]] == [1]
    assert "city" not in str(shop["customers"]["records"])
    assert [row["product"] for row in shop["orders"]["records"]] == ["Lamp"]
    assert shop["orders"]["count"] == 1
    assert [row["product"] for row in rows(tables, "orders")] == ["Lamp"]
    assert MARKER not in json.dumps(answer)
    assert MARKER not in str(tables)
    assert (export.records, export.is_complete, export.request.outcome) == (2, False, Outcome.PARTIAL)
    reasons = {(item["collection"], item["reason"]) for item in answer["not_included"]}
    assert ("customers", "withheld (Art. 15(4) GDPR): city") in reasons
    assert ("orders", "withheld (Trade secret): 1 record") in reasons


def test_one_value_is_withheld_of_one_record(reviewed):
    search, actor = reviewed
    review.redact(search, "orders", ordinal=1, field="product", ground="Trade secret", actor=a_colleague())
    export, answer, tables = answered(search, actor)
    orders = answer["data_sources"]["shop"]["collections"]["orders"]["records"]
    assert [row["product"] for row in orders] == ["Lamp", None]
    assert [row["product"] for row in rows(tables, "orders")] == ["Lamp", ""]
    assert (export.records, export.is_complete, export.request.outcome) == (3, True, Outcome.PARTIAL)


def test_a_key_may_be_withheld_too(reviewed):
    search, actor = reviewed
    review.redact(search, "orders", field="id", ground="Trade secret", actor=a_colleague())
    _, answer, _ = answered(search, actor)
    orders = answer["data_sources"]["shop"]["collections"]["orders"]
    assert [set(row) for row in orders["records"]] == [{"customer_id", "product"}] * 2


def test_what_is_withheld_stays_so_when_the_source_gets_another_name_meanwhile(reviewed):
    search, actor = reviewed
    review.redact(search, "orders", ordinal=1, ground="Trade secret", actor=a_colleague())
    review.redact(search, "customers", field="city", ground="Trade secret", actor=a_colleague())
    DataSource.objects.update(slug="renamed")
    _, answer, tables = answered(search, actor)
    assert MARKER not in json.dumps(answer)
    assert MARKER not in str(tables)


def test_fields_about_others_are_withheld_without_anybody_asking(reviewed):
    search, actor = reviewed
    export, answer, tables = answered(search, actor)
    assert "Carl" not in json.dumps(answer) + str(tables)
    assert "about other people, withheld (GDPR Art. 15(4)): referrer" in [
        item["reason"] for item in answer["not_included"]
    ]
    assert export.request.outcome == Outcome.FULL
