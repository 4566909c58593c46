"""Whatever PostgreSQL holds comes back from JSON and CSV exactly as its own text output says."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from extractors.batches import Kind
from tests.extractors.sql.sources import exact_json, exported, records, run, source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.servers import PostgresServer

TYPES = """
CREATE TYPE mood AS ENUM ('glad', 'it''s so "so"', '-');
CREATE TYPE place AS (street text, number int);
CREATE DOMAIN amount AS numeric(12, 3) CHECK (VALUE > -1000000);
CREATE DOMAIN amounts AS amount;
CREATE DOMAIN words AS text[];
"""
# Characters every UTF-8 database takes: all but NUL and halves of surrogate pairs.
TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)
FINITE = st.decimals(allow_nan=False, allow_infinity=False).map(str)
DIGITS = st.from_regex(r"-?[0-9]{1,200}(\.[0-9]{1,100})?", fullmatch=True)
FLOATS = st.floats(allow_nan=True, allow_infinity=True, allow_subnormal=True)
CLOCK = st.times().map(str) | st.just("24:00:00")
DATES = st.dates().map(str) | st.sampled_from(
    ["infinity", "-infinity", "4713-01-01 BC", "5874897-12-31", "0001-12-31 BC"]
)
STAMPS = st.datetimes().map(str) | st.sampled_from(
    ["infinity", "-infinity", "294276-12-31 23:59:59.999999", "4713-01-01 00:00:00 BC", "0044-03-15 12:00:00 BC"]
)
ZONES = st.sampled_from(["+00", "+14", "-12:30", "+05:45"])
INTERVALS = st.tuples(*[st.integers(-999, 999)] * 4).map(lambda n: f"{n[0]} mon {n[1]} day {n[2]} hour {n[3]} ms")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=12,
).map(json.dumps)
PLAIN_JSON = JSON.filter(lambda text: "\\u0000" not in text and "1e" not in text and "E" not in text)


def array(items: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(items.map(json.dumps), max_size=3).map(lambda cells: "{" + ",".join(cells) + "}")


INSERTED: dict[str, st.SearchStrategy[Any]] = {
    "smallint": st.integers(-(2**15), 2**15 - 1),
    "integer": st.integers(-(2**31), 2**31 - 1),
    "bigint": st.integers(-(2**63), 2**63 - 1),
    "numeric": FINITE | DIGITS | st.sampled_from(["NaN", "Infinity", "-Infinity", "0.000", "1e-500"]),
    "numeric(20,5)": st.decimals(-(10**14), 10**14, places=5).map(str),
    "amounts": st.decimals(-999999, 10**8, places=3).map(str),
    "money": st.integers(-(2**63), 2**63 - 1).map(lambda cents: f"{Decimal(cents).scaleb(-2)}"),
    "real": st.floats(width=32, allow_subnormal=True),
    "double precision": FLOATS,
    "boolean": st.booleans(),
    "text": TEXT,
    "varchar(20)": TEXT,
    "char(20)": TEXT,
    "name": st.text("aä😀\"'\\ =", max_size=9),
    '"char"': st.sampled_from(["a", "", "\\", "'"]),
    "bytea": st.binary(max_size=20),
    "date": DATES,
    "time": CLOCK,
    "timetz": st.tuples(CLOCK, ZONES).map("".join),
    "timestamp": STAMPS,
    "timestamp(0)": STAMPS.filter(lambda text: "294276" not in text),
    "timestamptz": st.tuples(st.datetimes().map(str), ZONES).map("".join) | STAMPS,
    "interval": INTERVALS,
    "uuid": st.uuids().map(str),
    "inet": st.ip_addresses().map(str) | st.sampled_from(["10.1.2.3/8", "::1/64"]),
    "cidr": st.sampled_from(["10.0.0.0/8", "::/0"]),
    "macaddr": st.sampled_from(["08:00:2b:01:02:03"]),
    "json": JSON | st.sampled_from(['{"a":1,"a":2}', " [1.00 , 1e400]\n", "[" * 500 + "]" * 500, '"\\u0000"']),
    "jsonb": PLAIN_JSON | st.just("[1.00, 123456789012345678901234567890.10]"),
    "integer[]": array(st.integers(-9, 9).map(str)) | st.sampled_from(["{{1,2},{3,NULL}}", "[0:1]={5,6}"]),
    "text[]": array(TEXT),
    "words": array(TEXT),
    "double precision[]": st.sampled_from(["{NaN,Infinity,-0,5e-324}", "{}"]),
    "mood": st.sampled_from(["glad", 'it\'s so "so"', "-"]),
    "mood[]": st.sampled_from(["{glad,-}", "{NULL}"]),
    "int4range": st.sampled_from(["[1,5)", "empty", "(,)"]),
    "tstzrange": st.sampled_from(["[2020-01-01 00:00+02,infinity)"]),
    "place": st.sampled_from(['("a ""b"", c",5)', "(,)"]),
    "bit(5)": st.from_regex("[01]{5}", fullmatch=True),
    "varbit": st.from_regex("[01]{0,9}", fullmatch=True),
    "point": st.sampled_from(["(1.5,-0)", "(NaN,1e300)"]),
    "tsvector": st.sampled_from(["'a':1 'b b':2,3A", ""]),
    "oid": st.integers(0, 2**32 - 1),
    "regclass": st.just("pg_class"),
    "pg_lsn": st.just("16/B374D848"),
}
COLUMNS = {f"c{index}": type_ for index, type_ in enumerate(INSERTED)}
ROWS = st.tuples(*(st.none() | values for values in INSERTED.values()))
EXTREMES = (-(2**15), -(2**31), -(2**63), "NaN", None, None, "-92233720368547758.08", 1e-45, 5e-324, False)


@pytest.fixture(scope="module")
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    url = postgres_server.create_database("values")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(TYPES)
        columns = ", ".join(f"{name} {type_}" for name, type_ in COLUMNS.items())
        connection.execute(f"CREATE TABLE t (u int DEFAULT 1, id serial PRIMARY KEY, {columns})")
    yield url
    postgres_server.drop_database(url)


@settings(max_examples=settings().max_examples // 2)  # a server is slower
@given(rows=st.lists(ROWS, min_size=1, max_size=4))
@example(rows=[EXTREMES + (None,) * (len(COLUMNS) - len(EXTREMES))])
@example(rows=[(None,) * len(COLUMNS)])
def test_values_of_every_type_come_back_exact(postgres_url: str, rows: list[tuple[Any, ...]]) -> None:
    expected = inserted(postgres_url, rows)
    extractor = source(postgres_url, t={"identifiers": {"user_id": "u"}, "order_by": "id"})
    from_json, from_csv = exported(extractor)
    kinds = kinds_of(extractor)
    assert len(from_json["t"]) == len(from_csv["t"]) == len(expected)
    for wanted, row, cells in zip(expected, from_json["t"], from_csv["t"], strict=True):
        for name, type_ in COLUMNS.items():
            context = (type_, kinds[name], wanted[name], row[name], cells[name])
            assert_same(wanted[name], row[name], kinds[name], context)
            if wanted[name] is not None:
                assert_same_cell(wanted[name], cells[name], kinds[name], context)


def inserted(url: str, rows: list[tuple[Any, ...]]) -> list[dict[str, str | None]]:
    """Write rows, and give each value in the words of the database."""
    shown = ", ".join(f"{_shown(name, type_)} AS {name}" for name, type_ in COLUMNS.items())
    with psycopg.connect(url, autocommit=True, row_factory=psycopg.rows.dict_row) as connection:
        connection.execute("SET TimeZone = 'UTC'; SET IntervalStyle = 'iso_8601'; TRUNCATE t")
        places = ", ".join(f"CAST(%s AS {type_})" for type_ in COLUMNS.values())
        for row in rows:
            connection.execute(f"INSERT INTO t ({', '.join(COLUMNS)}) VALUES ({places})", row)  # type: ignore[arg-type]
        return connection.execute(f"SELECT {shown} FROM t ORDER BY id").fetchall()  # type: ignore[arg-type]


def _shown(name: str, type_: str) -> str:
    if type_ == "bytea":
        return f"translate(encode({name}, 'base64'), E'\\n', '')"
    if type_ == "char(20)":  # the output function pads it, the cast does not
        return f"CASE WHEN {name} IS NOT NULL THEN concat({name}) END"
    return f"to_json({name})::text" if "[]" in type_ or type_ == "words" else f"{name}::text"


def kinds_of(extractor: Any) -> dict[str, Kind]:
    from tests.extractors.sql.sources import ANN, Scope

    (extract,) = extractor.extract(ANN, Scope.ALL)
    return {field.name: field.kind for field in extract.collection.fields}


def canonical(text: str, kind: Kind) -> str:
    if kind is Kind.TIMESTAMP:
        text = text.replace(" ", "T", 1)
        return text.replace("+00", "Z") if "+00" in text else text
    return text


def assert_same(wanted: str | None, found: Any, kind: Kind, context: object) -> None:
    if wanted is None:
        assert found is None, context
    elif kind is Kind.JSON:
        assert found == exact_json(wanted), context
    elif kind is Kind.FLOAT:
        assert same_float(found, wanted), context
    elif kind is Kind.BOOLEAN:
        assert found is (wanted == "true"), context
    else:
        assert str(found) == canonical(wanted, kind), context


def assert_same_cell(wanted: str, found: str, kind: Kind, context: object) -> None:
    if kind is Kind.FLOAT:
        assert same_float(found, wanted), context
    else:
        assert found == canonical(wanted, kind), context


def same_float(one: str, other: str) -> bool:
    left, right = float(one), float(other)
    return math.copysign(1, left) == math.copysign(1, right) and (left == right or (left != left and right != right))


def test_an_array_is_json_also_where_the_map_says_so(postgres_database: Callable[[str], str]) -> None:
    url = postgres_database("arrays")
    run(url, "CREATE TABLE t (u int, plain text[], said text[], cut text[])")
    run(url, "INSERT INTO t SELECT 1, a, a, a FROM (VALUES (ARRAY['x', 'say \"y\"', NULL])) AS given(a)")
    fields = {"said": {"json": True}, "cut": {"json": True, "drop": ["$[0]"]}}
    (row,) = records(source(url, t={"identifiers": {"user_id": "u"}, "fields": fields}))["t"]
    whole = ["x", 'say "y"', None]
    assert [json.loads(row[name]) for name in ("plain", "said", "cut")] == [whole, whole, whole[1:]]
