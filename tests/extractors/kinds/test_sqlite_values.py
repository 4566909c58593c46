"""Whatever SQLite holds, in columns of whatever declaration, comes back from JSON and CSV exactly."""

from __future__ import annotations

import sqlite3
from base64 import b64encode
from contextlib import closing
from typing import TYPE_CHECKING, Any

from hypothesis import example, given
from hypothesis import strategies as st

from tests.extractors.sql.sources import Digits, exact_json, exported, source

if TYPE_CHECKING:
    from pathlib import Path

DECLARED = ("", "INTEGER", "REAL", "TEXT", "BLOB", "NUMERIC", "BOOLEAN", "DATE", "DATETIME", "DECIMAL(9,2)", "STRING")
INTEGERS = st.integers(-(2**63), 2**63 - 1) | st.integers(0, 1)
TEXTS = st.text(max_size=12) | st.sampled_from(["12", "1e3", " 7", "=1+1", "a\x00b", "null", '{"a":1}'])
CLASSES = (
    INTEGERS,
    st.floats(allow_nan=False),
    TEXTS.map(lambda text: text.encode(errors="ignore")),
    st.binary(max_size=9),
)
COLUMNS = st.tuples(st.sampled_from(DECLARED), st.sets(st.sampled_from(range(4)), min_size=1, max_size=3))


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[Any]]]:
    """Declared types, and rows; bytes with True beside them become text, valid UTF-8 or not."""
    columns = draw(st.lists(COLUMNS, min_size=1, max_size=6))
    cells = [st.one_of(st.none(), *(CLASSES[number] for number in sorted(numbers))) for _, numbers in columns]
    rows = draw(st.lists(st.tuples(*cells), min_size=1, max_size=6))
    return [declared for declared, _ in columns], [list(row) for row in rows]


@given(table=tables())
@example(table=(["", "", "REAL"], [[2**63 - 1, 1, float("inf")], [-(2**63), 2.5, -0.0], [None, None, 5e-324]]))
@example(table=(["", "TEXT"], [[b"\xff", (b"\xff\xfe", "text")], [(b"x", "text"), None], [float("-inf"), None]]))
def test_values_of_every_class_come_back_exact(tmp_path: Path, table: tuple[list[str], list[list[Any]]]) -> None:
    path = tmp_path / "values.sqlite3"
    path.unlink(missing_ok=True)
    declared, rows = table
    stored = list(zip(*_stored(path, declared, rows), strict=True))
    from_json, from_csv = exported(source(f"sqlite:///{path}", t={"identifiers": {"user_id": "u"}, "order_by": "id"}))
    for index, values in enumerate(stored):
        wanted = expected(values, declared[index])
        assert [row[f"c{index}"] for row in from_json["t"]] == wanted, (declared[index], values)
        cells = [row[f"c{index}"] for row in from_csv["t"]]
        read = [exact_json(cell) if cell else cell for cell in cells] if is_mixed(values) else cells
        assert read == [as_cell(value) for value in wanted], (declared[index], values)


def _stored(path: Path, declared: list[str], rows: list[list[Any]]) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        names = [f"c{index}" for index in range(len(declared))]
        columns = ", ".join(f"{name} {type_}" for name, type_ in zip(names, declared, strict=True))
        connection.execute(f"CREATE TABLE t (id INTEGER PRIMARY KEY, u INTEGER DEFAULT 1, {columns})")
        for row in rows:
            places = ", ".join("CAST(? AS TEXT)" if isinstance(value, tuple) else "?" for value in row)
            values = [value[0] if isinstance(value, tuple) else value for value in row]
            connection.execute(f"INSERT INTO t ({', '.join(names)}) VALUES ({places})", values)
        connection.commit()
        connection.text_factory = lambda octets: octets.decode(errors="backslashreplace")
        return connection.execute(f"SELECT {', '.join(names)} FROM t ORDER BY id").fetchall()


def expected(values: tuple[Any, ...], declared: str) -> list[Any]:
    """What JSON gives back: numbers by their digits, other mixtures as JSON of each value."""
    classes = {type(value) for value in values} - {type(None)}
    if classes == {int} and declared == "BOOLEAN" and all(value in (0, 1, None) for value in values):
        return [None if value is None else bool(value) for value in values]
    return [None if value is None else shown(value, is_mixed=is_mixed(values)) for value in values]


def is_mixed(values: tuple[Any, ...]) -> bool:
    classes = {type(value) for value in values} - {type(None)}
    return len(classes) > 1 and classes != {int, float}


def shown(value: Any, *, is_mixed: bool) -> str:
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if isinstance(value, str):
        return value
    words = {float("inf"): "9e999" if is_mixed else "Infinity", float("-inf"): "-9e999" if is_mixed else "-Infinity"}
    return words.get(value) or (Digits(value) if isinstance(value, int) else repr(value))


def as_cell(value: Any) -> str:
    return {None: "", True: "true", False: "false"}.get(value, value)
