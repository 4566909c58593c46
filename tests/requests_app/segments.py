"""Small segments, and what tests ask of them."""

from __future__ import annotations

from functools import cache
from io import BytesIO

import pyarrow as pa
import pytest

from extractors.batches import Batch, Collection, Field, Information, Kind, Source
from extractors.errors import DamagedArtefact
from requests_app.dossier import SegmentReader, SegmentWriter
from requests_app.keys.envelope import DataKey

SHOP = Source("shop", "Web shop", Information(purposes=("Fulfilling orders",), retention="Ten years"))
MARKER = "Zoë Marker 7f3a"


def collection(name: str = "orders", fields: tuple[Field, ...] = (Field("id", Kind.INTEGER),)) -> Collection:
    return Collection(SHOP, name, name.title(), ("id",), fields)


def texts(name: str, values: list[str | None]) -> Batch:
    """Make a batch of one text field."""
    return Batch(
        collection(name, (Field("text", Kind.TEXT),)), pa.record_batch({"text": pa.array(values, pa.string())})
    )


def numbers(first: int, count: int) -> Batch:
    """Make a batch of numbers and a text of about 60 bytes each."""
    ids = range(first, first + count)
    fields = (Field("id", Kind.INTEGER), Field("text", Kind.TEXT))
    columns = {"id": pa.array(ids, pa.int64()), "text": pa.array([f"{number:060}" for number in ids])}
    return Batch(collection("numbers", fields), pa.record_batch(columns))


def write(key: DataKey, *batches: Batch) -> bytes:
    """Write a segment; the batches of a collection come together."""
    file = BytesIO()
    writer = SegmentWriter(file, key)
    begun = None
    for batch in batches:
        if batch.collection != begun:
            writer.begin(batch.collection)
            begun = batch.collection
        writer.write(batch)
    writer.finish()
    return file.getvalue()


def read(content: bytes, key: DataKey) -> SegmentReader:
    return SegmentReader(BytesIO(content), key, "segment of shop, attempt 1")


def table(reader: SegmentReader, name: str) -> pa.Table:
    return pa.Table.from_batches([batch.rows for batch in reader.batches(name)])


def assert_refused(content: bytes, key: DataKey, match: str = "") -> None:
    with pytest.raises(DamagedArtefact, match=f"^The segment of shop, attempt 1 .*{match}"):
        read(content, key).verify()


@cache
def three_frames() -> tuple[bytes, DataKey]:
    key = DataKey.generate()
    return write(key, texts("a", [MARKER, "x"]), texts("b", [MARKER, "x"]), texts("c", ["other"])), key


@cache
def many_frames() -> tuple[bytes, DataKey, pa.Table]:
    key = DataKey.generate()
    batches = [numbers(first, 7_000) for first in range(0, 70_000, 7_000)]
    return write(key, *batches), key, pa.Table.from_batches([batch.rows for batch in batches])
