"""Whatever MariaDB holds comes back from JSON and CSV exactly as its own text output says."""

from __future__ import annotations

import json
import math
import struct
from base64 import b64encode
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from extractors.batches import Kind
from tests.extractors.sql.sources import exact_json, exported, kinds_of, mariadb_connection, records, run, source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers import MariadbServer

# Characters of every length; trailing spaces, which some columns strip, have tests of their own.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20).map(lambda text: text.rstrip(" "))
LATIN = st.text("aäß\x00\\'\"%€", max_size=9)
DATES = st.dates().map(str) | st.sampled_from(["0000-00-00", "2020-00-00", "2020-02-31", "9999-12-31"])
STAMPS = st.datetimes().map(lambda moment: str(moment.replace(microsecond=0)))
FINE = st.datetimes().map(str) | st.sampled_from(["0000-00-00 00:00:00", "2020-01-01 00:00:00.100000"])
INSTANTS = st.integers(1, 2**31 - 1).map(lambda seconds: f"FROM_UNIXTIME({seconds})")
TIMES = st.sampled_from(["838:59:59", "-838:59:59", "00:00:00", "-00:00:01", "100:00:00"])
DOUBLES = st.floats(allow_nan=False, allow_infinity=False)
SINGLES = st.floats(width=32, allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=12,
).map(json.dumps)
INSERTED: dict[str, st.SearchStrategy[Any]] = {
    "tinyint": st.integers(-128, 127),
    "boolean": st.integers(-128, 127),
    "smallint unsigned": st.integers(0, 2**16 - 1),
    "mediumint": st.integers(-(2**23), 2**23 - 1),
    "int(5) zerofill": st.integers(0, 2**32 - 1),
    "bigint": st.integers(-(2**63), 2**63 - 1),
    "bigint unsigned": st.integers(0, 2**64 - 1),
    "decimal(65, 30)": st.decimals(-(10**34), 10**34, places=30).map(lambda number: format(number, "f")),
    "decimal(9, 2) zerofill": st.decimals(0, 10**6, places=2).map(str),
    "float": SINGLES,
    "double": DOUBLES,
    "bit(1)": st.integers(0, 1),
    "bit(64)": st.integers(0, 2**64 - 1),
    "year": st.sampled_from([0, 1901, 2155]),
    "date": DATES,
    "datetime": STAMPS,
    "datetime(6)": FINE,
    "timestamp": INSTANTS,
    "time": TIMES,
    "time(6)": st.times().map(str),
    "char(20)": TEXT,
    "varchar(20)": TEXT,
    "varchar(20) CHARACTER SET latin1": LATIN,
    "varchar(20) CHARACTER SET utf8mb3": st.text("aä日", max_size=9),
    "longtext": TEXT
    | st.integers(0, 70_000).map(lambda size: "ä" * size)
    | st.sampled_from([250, 251, 252]).map("x".__mul__),
    "enum('glad', 'it''s', '-')": st.sampled_from(["glad", "it's", "-"]),
    "set('a', 'b')": st.sampled_from(["", "a", "a,b"]),
    "binary(3)": st.binary(min_size=3, max_size=3),
    "varbinary(20)": st.binary(max_size=20),
    "longblob": st.binary(max_size=20) | st.integers(0, 70_000).map(bytes),
    "json": JSON | st.sampled_from(['{"a":1,"a":2}', " [1.00 , 1e4]\n"]),
    "uuid": st.uuids().map(str),
    "inet6": st.sampled_from(["::1", "2001:db8::ff00:42:8329"]),
    "point": st.just("POINT(1.5 -2)"),
}
COLUMNS = {f"c{index}": type_ for index, type_ in enumerate(INSERTED)}
ROWS = st.tuples(*(st.none() | values for values in INSERTED.values()))


@pytest.fixture(scope="module")
def mariadb_url(mariadb_server: MariadbServer) -> Iterator[str]:
    url = mariadb_server.create_database("values")
    columns = ", ".join(f"{name} {type_} NULL" for name, type_ in COLUMNS.items())
    run(url, f"CREATE TABLE t (u int DEFAULT 1, id int AUTO_INCREMENT PRIMARY KEY, {columns})")
    yield url
    mariadb_server.drop_database(url)


@settings(max_examples=settings().max_examples // 2)  # a server is slower
@given(rows=st.lists(ROWS, min_size=1, max_size=4))
@example(rows=[(None,) * len(COLUMNS)])
def test_values_of_every_type_come_back_exact(mariadb_url: str, rows: list[tuple[Any, ...]]) -> None:
    expected = inserted(mariadb_url, rows)
    extractor = source(mariadb_url, t={"identifiers": {"user_id": "u"}, "order_by": "id"})
    from_json, from_csv = exported(extractor)
    kinds = kinds_of(extractor)
    assert len(from_json["t"]) == len(from_csv["t"]) == len(rows)
    for wanted, row, cells in zip(expected, from_json["t"], from_csv["t"], strict=True):
        for name, type_ in COLUMNS.items():
            context = (type_, kinds[name], wanted[name], row[name], cells[name])
            if wanted[name] is None:
                assert row[name] is None, context
                continue
            assert is_same(wanted[name], row[name], kinds[name], type_), context
            assert kinds[name] is Kind.JSON or is_same(wanted[name], cells[name], kinds[name], type_), context


def inserted(url: str, rows: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """Write rows, and give each value in the words of the database."""
    with mariadb_connection(url) as connection, connection.cursor() as cursor:
        cursor.execute("TRUNCATE t")
        for row in rows:
            values = [written(connection, value, type_) for value, type_ in zip(row, INSERTED, strict=True)]
            cursor.execute(f"INSERT INTO t ({', '.join(COLUMNS)}) VALUES ({', '.join(values)})")
        cursor.execute(f"SELECT {', '.join(shown(*column) for column in COLUMNS.items())} FROM t ORDER BY id")
        return [dict(zip(COLUMNS, row, strict=True)) for row in cursor.fetchall()]


def written(connection: Any, value: Any, type_: str) -> str:
    if value is None or type_ == "timestamp":
        return str(value or "NULL")
    if isinstance(value, float):
        return repr(value) if "e" in repr(value) else f"{value!r}e0"
    return f"ST_GeomFromText('{value}')" if type_ == "point" else str(connection.escape(value))


def shown(name: str, type_: str) -> str:
    if "blob" in type_ or "binary" in type_:
        return name
    if type_ == "float":
        return f"CAST({name} AS double)"
    if type_ == "year" or "bit" in type_ or "zerofill" in type_:
        return f"CAST({name} + 0 AS char)"
    return f"ST_AsText({name})" if type_ == "point" else f"CAST({name} AS char)"


def is_same(wanted: Any, found: Any, kind: Kind, type_: str) -> bool:
    if kind is Kind.JSON:
        return bool(found == exact_json(wanted))
    if kind is Kind.BINARY:
        return bool(found == b64encode(wanted).decode())
    if kind is Kind.BOOLEAN:
        return str(found).lower() == ("true" if wanted == "1" else "false")
    if kind is Kind.FLOAT:
        one, other = float(wanted), float(found)
        return math.copysign(1, one) == math.copysign(1, other) and (one == other or is_single(one, other, type_))
    return str(found) == canonical(str(wanted), kind, type_)


def is_single(one: float, other: float, type_: str) -> bool:
    """Whether the shortest digits of a number of single precision mean the number."""
    return type_ == "float" and struct.pack("f", one) == struct.pack("f", other)


def canonical(text: str, kind: Kind, type_: str) -> str:
    if "." in text and kind in (Kind.TIMESTAMP, Kind.TIME):
        text = text.rstrip("0").rstrip(".")
    if kind is Kind.TIMESTAMP:
        return text.replace(" ", "T", 1) + ("Z" if type_ == "timestamp" else "")
    return format(Decimal(text), "f") if "zerofill" in type_ else text


def test_a_row_that_takes_several_packets_comes_back(mariadb_url: str) -> None:
    size = 2**24 + 5
    run(mariadb_url, "TRUNCATE t", f"INSERT INTO t ({name_of('longblob')}) VALUES (repeat('x', {size})), ('')")
    extractor = source(mariadb_url, t={"identifiers": {"user_id": "u"}, "order_by": "id"})
    long, empty = records(extractor)["t"]
    assert long[name_of("longblob")] == b"x" * size
    assert empty[name_of("longblob")] == b""


def name_of(type_: str) -> str:
    return next(name for name, known in COLUMNS.items() if known == type_)


def test_what_a_column_stripped_or_filled_up_is_not_made_up(mariadb_url: str) -> None:
    run(
        mariadb_url,
        "TRUNCATE t",
        f"INSERT INTO t ({name_of('char(20)')}, {name_of('varchar(20)')}) VALUES ('a  ', 'a  ')",
    )
    (row,) = exported(source(mariadb_url, t={"identifiers": {"user_id": "u"}}))[0]["t"]
    assert (row[name_of("char(20)")], row[name_of("varchar(20)")]) == ("a", "a  ")


def test_json_a_server_never_looked_at_becomes_a_string(mariadb_url: str) -> None:
    run(
        mariadb_url,
        "DROP TABLE IF EXISTS j",
        "CREATE TABLE j (u int, v text)",
        "INSERT INTO j VALUES (1, '{no'), (1, '[1]')",
    )
    rows = exported(source(mariadb_url, j={"identifiers": {"user_id": "u"}, "fields": {"v": {"json": True}}}))[0]["j"]
    assert sorted(str(row["v"]) for row in rows) == ["['1']", "{no"]
