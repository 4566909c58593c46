"""Databases filled by a script, read by a data map written as plain dictionaries, and the ways from there."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import psycopg
import pymysql
import sqlalchemy as sa
from pymysql.constants import CLIENT

from exporters.registry import find
from extractors.base import Scope
from extractors.batches import Kind
from extractors.datamap import DataMap
from extractors.identifiers import Identifiers
from extractors.registry import open_source
from requests_app.collecting.segments import collect
from requests_app.dossier import temporary_segment
from requests_app.rendering.answers import Heading, answer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from extractors.base import Extractor

ANN = Identifiers.of([("user_id", "1")])


def run(url: str, *statements: str) -> None:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(str(sa.make_url(url).database))) as connection:
            connection.executescript(";\n".join(statements))
    elif url.startswith("mariadb"):
        with mariadb_connection(url) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
                while cursor.nextset():
                    pass
    else:
        with psycopg.connect(url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)


@contextmanager
def mariadb_connection(url: str) -> Iterator[pymysql.Connection[Any]]:
    """Names may be quoted as in the other databases, dates be zero, strings hold backslashes."""
    parts = sa.make_url(url)
    connection = pymysql.connect(
        unix_socket=str(parts.query["unix_socket"]),
        user=parts.username or "",
        database=parts.database,
        charset="utf8mb4",
        autocommit=True,
        sql_mode="ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,ALLOW_INVALID_DATES",
        init_command="SET max_recursive_iterations = 4294967295, time_zone = '+00:00'",
        client_flag=CLIENT.MULTI_STATEMENTS,
    )
    with closing(connection):
        yield connection


def source(url: str, **collections: dict[str, Any]) -> Extractor:
    return open_source(url, DataMap.model_validate({"version": 1, "source": "shop", "collections": collections}))


def records(
    extractor: Extractor, person: Identifiers = ANN, scope: Scope = Scope.ALL
) -> dict[str, list[dict[str, Any]]]:
    return {
        extract.collection.name: [row for batch in extract.batches for row in batch.rows.to_pylist()]
        for extract in extractor.extract(person, scope)
    }


def omissions(extractor: Extractor, scope: Scope, person: Identifiers = ANN) -> list[str]:
    reasons = []
    for extract in extractor.extract(person, scope):
        reasons += [omission.reason for omission in extract.omissions]
        extract.batches.close()
    return reasons


class Digits(str):
    """A number of a JSON document, with the digits it is written with."""

    __slots__ = ()


def exact_json(text: str) -> Any:
    return json.loads(text, parse_int=Digits, parse_float=Digits, parse_constant=Digits, object_pairs_hook=list)


def exported(extractor: Extractor, person: Identifiers = ANN) -> tuple[dict[str, Any], dict[str, list[dict[str, str]]]]:
    """The rows of each collection as they come back from JSON (objects as lists of pairs), and from CSV."""
    with temporary_segment() as segment:
        collect(extractor.extract(person, Scope.ALL), segment.writer, lambda *_: None)
        heading = Heading("R-1", "portal", datetime(2026, 1, 1, tzinfo=UTC), {})
        result = answer(heading, [(segment.reader(), ())])
        document, _ = (b"".join(member.chunks) for member in find("json").members(result))
        tables = {member.path: b"".join(member.chunks) for member in find("csv").members(result)}
    collections = dict(dict(dict(dict(exact_json(document.decode()))["data_sources"])["shop"])["collections"])
    rows = {name: [dict(row) for row in dict(item)["records"]] for name, item in collections.items()}
    return rows, {path.removesuffix(".csv"): list(_csv(text.decode())) for path, text in tables.items()}


def kinds_of(extractor: Extractor) -> dict[str, Kind]:
    (extract,) = extractor.extract(ANN, Scope.ALL)
    return {field.name: field.kind for field in extract.collection.fields}


def _csv(text: str) -> Iterator[dict[str, str]]:
    for row in csv.DictReader(io.StringIO(text, newline="")):
        yield {name: _unguarded(cell) for name, cell in row.items()}


def _unguarded(cell: str) -> str:
    """Undo what docs/formats.md says was done to a cell: the apostrophe before a formula, the escape of NUL."""
    bare = re.sub(r"^'('*[=+\-@\t\r\n＝＋－＠])", r"\1", cell, flags=re.DOTALL)
    return re.sub(r"_x(0000|005F)_", lambda match: chr(int(match[1], 16)), bare) if "_x0000_" in bare else bare
