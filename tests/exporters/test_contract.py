"""What every format must do; each format's own test module brings the `read` that reads it back."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from weakref import finalize

import orjson
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporters.base import Answer, CollectionAnswer, Exporter
from exporters.registry import find, slugs
from extractors.batches import Batch, Information, Kind, Omission
from tests.exporters.factories import (
    EVERY_KIND,
    HOSTILE_NAMES,
    HOSTILE_TEXTS,
    a_collection_answer,
    a_source,
    an_answer,
    truth,
    written,
)

TEXT = st.one_of(st.text(max_size=8), st.sampled_from(HOSTILE_TEXTS))
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
VALUES = {
    Kind.INTEGER: st.integers(-(2**63), 2**63 - 1),
    Kind.FLOAT: st.floats(),
    Kind.BOOLEAN: st.booleans(),
    Kind.DECIMAL: st.decimals(allow_nan=False).map(str) | st.sampled_from(EVERY_KIND[Kind.DECIMAL]) | TEXT,
    Kind.JSON: JSON_VALUES.map(lambda value: orjson.dumps(value).decode()),
    Kind.BINARY: st.binary(max_size=8),
}


EXACT = [slug for slug in slugs() if find(slug).is_exact]


@pytest.fixture(params=slugs())
def exporter(request: pytest.FixtureRequest) -> Exporter:
    return find(request.param)


@pytest.fixture(params=EXACT)
def exact_exporter(request: pytest.FixtureRequest) -> Exporter:
    """A format that gives every value back; one made for people is slow with what nobody reads."""
    return find(request.param)


def assert_reads_back(exporter: Exporter, answer: Answer) -> None:
    """Read every value back; of a format made for people its own reader checks what it promises."""
    read = import_module(f"tests.exporters.formats.test_{exporter.slug}").read
    found = read(answer, written(exporter, answer))
    assert not exporter.is_exact or found == truth(answer)


def test_every_kind_reads_back_exactly(exporter: Exporter):
    longest = max(map(len, EVERY_KIND.values()))
    columns = {kind.value: (kind, values + [None] * (longest - len(values))) for kind, values in EVERY_KIND.items()}
    assert EVERY_KIND.keys() == set(Kind)
    assert_reads_back(exporter, an_answer(a_collection_answer(columns)))
    assert_reads_back(exporter, an_answer(a_collection_answer(columns, batch_rows=1)))


def test_hostile_text_reads_back_exactly(exporter: Exporter):
    columns = {
        "text": (Kind.TEXT, HOSTILE_TEXTS),
        "timestamp": (Kind.TIMESTAMP, HOSTILE_TEXTS),
        "decimal": (Kind.DECIMAL, HOSTILE_TEXTS),
        "json": (Kind.JSON, [orjson.dumps([text]).decode() for text in HOSTILE_TEXTS]),
    }
    assert_reads_back(exporter, an_answer(a_collection_answer(columns, batch_rows=7)))


def test_a_cell_of_a_megabyte_reads_back_exactly(exact_exporter: Exporter):
    texts = ["=" + '"\n,𝄞' * 170_000, "", None]
    assert_reads_back(exact_exporter, an_answer(a_collection_answer({"text": (Kind.TEXT, texts)})))


def test_many_large_cells_in_one_batch_read_back_exactly(exact_exporter: Exporter):
    texts = [f"{row}" * 100_000 for row in range(100)]
    columns = {"id": (Kind.INTEGER, range(100)), "text": (Kind.TEXT, texts)}
    assert_reads_back(exact_exporter, an_answer(a_collection_answer(columns)))


def test_a_single_column_of_nulls_reads_back_exactly(exporter: Exporter):
    assert_reads_back(exporter, an_answer(a_collection_answer({"text": (Kind.TEXT, [None, "", None])})))


def test_an_answer_without_sources_can_be_written(exporter: Exporter):
    assert_reads_back(exporter, an_answer())


def test_an_empty_collection_is_shown(exporter: Exporter):
    assert_reads_back(exporter, an_answer(a_collection_answer({"id": (Kind.INTEGER, []), "name": (Kind.TEXT, [])})))


def test_empty_batches_are_no_records(exporter: Exporter):
    item = a_collection_answer({"id": (Kind.INTEGER, [1, 2, 3])}, batch_rows=1)

    def batches() -> Iterator[Batch]:
        for batch in item.batches():
            yield replace(batch, rows=batch.rows.slice(0, 0))
            yield batch

    assert_reads_back(exporter, an_answer(replace(item, batches=batches)))


def test_three_hundred_columns_read_back_exactly(exact_exporter: Exporter):
    columns = {f"column_{number}": (Kind.INTEGER, [number, None, -number]) for number in range(300)}
    assert_reads_back(exact_exporter, an_answer(a_collection_answer(columns)))


def test_many_batches_read_back_exactly(exact_exporter: Exporter):
    columns = {"id": (Kind.INTEGER, range(1000)), "text": (Kind.TEXT, [f"row {row}" for row in range(1000)])}
    assert_reads_back(exact_exporter, an_answer(a_collection_answer(columns, batch_rows=3)))


def test_hostile_names_of_fields_read_back_exactly(exporter: Exporter):
    columns = {name: (Kind.TEXT, [name, None]) for name in [*HOSTILE_NAMES, "^.*$", "0", "__proto__", "\ufeff"]}
    assert_reads_back(exporter, an_answer(a_collection_answer(columns)))


def test_hostile_names_of_collections_and_sources_read_back_exactly(exact_exporter: Exporter):
    items = [
        a_collection_answer({"id": (Kind.INTEGER, [number])}, source=a_source(slug, ""), name=name, label="")
        for slug in ("shop", "../x", "SHOP", "summary.csv")
        for number, name in enumerate(dict.fromkeys(HOSTILE_NAMES))
    ]
    assert_reads_back(exact_exporter, an_answer(*items))


def test_hostile_words_about_the_data_do_no_harm(exporter: Exporter):
    hostile = "".join(HOSTILE_TEXTS)
    information = Information((hostile, "=1"), ("-1",), (), hostile, "\r\n", '"', '"records": NaN')
    source = replace(a_source(label=hostile), information=information)
    item = a_collection_answer({"id": (Kind.INTEGER, [1])}, source=source, label=hostile)
    assert_reads_back(exporter, an_answer(item, omissions=[Omission(text, text, text) for text in HOSTILE_TEXTS]))


def test_the_paths_are_safe_on_every_system(exact_exporter: Exporter):
    items = [
        a_collection_answer({}, source=a_source(slug), name=name) for slug in HOSTILE_NAMES for name in HOSTILE_NAMES
    ]
    paths = list(written(exact_exporter, an_answer(*items)))
    for part in (part for path in paths for part in path.split("/")):
        assert part not in {"", ".", ".."}
        assert part.partition(".")[0].upper() != "CON"
        assert not set(part) & set('\\:*?"<>|\x00\r\n\u202e')
        assert len(part.encode()) <= 200
    assert len({unicodedata.normalize("NFC", path.casefold()) for path in paths}) == len(paths)


def test_the_same_answer_gives_the_same_bytes(exporter: Exporter):
    answer = an_answer(a_collection_answer({"id": (Kind.INTEGER, range(10))}, batch_rows=2))
    assert written(exporter, answer) == written(exporter, answer)


def repeated(item: CollectionAnswer, repeats: int, alive_at_each: list[int]) -> CollectionAnswer:
    """Repeat a collection's one batch, noting at each reading how many of the copies are alive."""
    (batch,) = item.batches()
    alive: list[None] = []

    def batches() -> Iterator[Batch]:
        for _ in range(repeats):
            rows = pa.RecordBatch.from_arrays(batch.rows.columns, schema=batch.rows.schema)
            alive.append(None)
            finalize(rows, alive.pop)
            alive_at_each.append(len(alive))
            yield replace(batch, rows=rows)
            del rows

    return replace(item, counted=lambda: batch.rows.num_rows * repeats, batches=batches)


def test_batches_are_read_as_the_chunks_are_asked_for_and_few_are_held(exact_exporter: Exporter):
    alive_at_each: list[int] = []
    item = repeated(a_collection_answer({"id": (Kind.INTEGER, range(500))}), 60, alive_at_each)
    chunks = (chunk for member in exact_exporter.members(an_answer(item)) for chunk in member.chunks)
    read_by_chunk = [len(alive_at_each) for _ in chunks]
    assert read_by_chunk[0] == 0
    assert read_by_chunk == sorted(read_by_chunk)
    assert len(set(read_by_chunk)) > 2  # what compresses gives few chunks of batches that are alike
    assert read_by_chunk[-1] == 60
    assert max(alive_at_each) <= 3


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    kinds = draw(st.lists(st.sampled_from(list(Kind)), min_size=1, max_size=5))
    names = draw(st.lists(TEXT, min_size=len(kinds), max_size=len(kinds), unique=True))
    height = draw(st.integers(0, 6))
    cells = [st.lists(st.none() | VALUES.get(kind, TEXT), min_size=height, max_size=height) for kind in kinds]
    columns = {name: (kind, draw(values)) for name, kind, values in zip(names, kinds, cells, strict=True)}
    return an_answer(a_collection_answer(columns, name=draw(TEXT), batch_rows=draw(st.integers(1, 4))))


@pytest.mark.parametrize("slug", EXACT)
@given(answer=answers())
def test_any_records_read_back_exactly(slug: str, answer: Answer):
    assert_reads_back(find(slug), answer)
