"""Holds a data map against the tables as they are: what is wrong, and what will be slow."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from extractors.errors import Fault
from extractors.sql.challenging import is_askable
from extractors.sql.comparing import family, folds_case

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import sqlalchemy as sa

    from extractors.datamap.parts import CollectionPart, DataMap, Scalar
    from extractors.identifiers import Node
    from extractors.sql.comparing import Comparing
    from extractors.sql.schema import SourceTable

UNCOMPARABLE = frozenset({"array", "json", "jsonb", "bytea", "blob", "boolean", "largebinary"})


def missing_tables(data_map: DataMap, located: Mapping[str, Any], existing: list[str]) -> Iterator[Fault]:
    """Name the collections whose table does not exist, with the table that was perhaps meant."""
    for name, part in data_map.collections.items():
        if name not in located:
            wanted = part.table or name
            near = get_close_matches(wanted, existing, n=1)
            path = f"collections.{name}" + (".table" if part.table else "")
            yield Fault(path, f"there is no table {wanted}" + (f"; did you mean {near[0]}?" if near else ""))


def misfits(data_map: DataMap, tables: Mapping[str, SourceTable], comparing: Comparing) -> Iterator[Fault]:
    """Name everything in the map that its tables cannot do."""
    for name, source in tables.items():
        part = data_map.collections[name]
        for path, message in _part_misfits(part, source, comparing):
            yield Fault(f"collections.{name}.{path}", message)
        for index, link in enumerate(part.links):
            target = data_map.target(link)
            if target and target[0] in tables:
                path = f"collections.{name}.links[{index}].to"
                yield from (Fault(path, message) for message in _absent(target[1], tables[target[0]]))
                yield from (Fault(path, message) for message in _unlinkable(target[1], tables[target[0]], comparing))
            path = f"collections.{name}.links[{index}].column"
            yield from (Fault(path, message) for message in _unlinkable(link.column, source, comparing))


def unfit_nodes(nodes: Iterable[Node], tables: Mapping[str, SourceTable], comparing: Comparing) -> Iterator[Fault]:
    """Name what links of other sources compare with and the source does not have, or cannot compare."""
    for name, columns in nodes:
        path = f"collections.{name}"
        if name not in tables:
            yield Fault(path, "another source links to this collection, which the data map does not have")
        else:
            told = (*_absent(columns, tables[name]), *_unlinkable(columns, tables[name], comparing))
            yield from (Fault(path, f"another source links to it, but {message}") for message in told)


def _part_misfits(part: CollectionPart, source: SourceTable, comparing: Comparing) -> Iterator[tuple[str, str]]:
    for path, column in part.columns_named():
        yield from ((_dotted(path), message) for message in _absent((column,), source))
    yield from _identifier_misfits(part, source)
    yield from _question_misfits(part, source)
    yield from _constant_misfits(part, source, comparing)
    yield from _null_misfits(part, source)


def _absent(names: tuple[str, ...], source: SourceTable) -> Iterator[str]:
    for name in names:
        if name not in source.column_names:
            near = get_close_matches(name, source.column_names, n=1)
            yield f"the table has no column {name}" + (f"; did you mean {near[0]}?" if near else "")


def _unlinkable(names: tuple[str, ...], source: SourceTable, comparing: Comparing) -> Iterator[str]:
    for name in names:
        if comparing.is_strict and name in source.column_names and family(source.table.c[name].type) == "json":
            yield f"the column {name} is of type json, whose values cannot be compared"


def _identifier_misfits(part: CollectionPart, source: SourceTable) -> Iterator[tuple[str, str]]:
    for kind, names in part.identifiers.items():
        for index, name in enumerate(names):
            if name in source.column_names and family(source.table.c[name].type) in UNCOMPARABLE:
                yield f"identifiers.{kind}[{index}]", f"the column's type cannot be compared with a {kind}"


def _question_misfits(part: CollectionPart, source: SourceTable) -> Iterator[tuple[str, str]]:
    for name, told in part.fields.items():
        if told.challenge and name in source.column_names and not is_askable(source.table.c[name]):
            yield f"fields.{name}.challenge", "nobody can be asked for a column of this type"


def _constant_misfits(part: CollectionPart, source: SourceTable, comparing: Comparing) -> Iterator[tuple[str, str]]:
    for path, name, values in _constants(part):
        if name in source.column_names:
            try:
                comparing.equals_one_of(source.table.c[name], values)
            except ValueError as error:
                yield path, str(error)


def _constants(part: CollectionPart) -> Iterator[tuple[str, str, tuple[Scalar, ...]]]:
    yield from ((f"where.{name}", name, values) for name, values in part.where.items())
    yield from ((f"exclude.{name}", name, values) for name, values in part.exclude.items())
    if part.deleted and part.deleted.equals:
        yield "deleted.equals", part.deleted.column, part.deleted.equals


def _null_misfits(part: CollectionPart, source: SourceTable) -> Iterator[tuple[str, str]]:
    for path, name, value in _assignments(part):
        if value is None and name in source.column_names and source.table.c[name].nullable is False:
            yield f"{path}.{name}", "the column is NOT NULL and cannot be set to null"


def _assignments(part: CollectionPart) -> Iterator[tuple[str, str, object]]:
    if part.erase:
        yield from (("erase.fields", name, value) for name, value in part.erase.fields.items())
        yield from (("erase.anonymise", name, value) for name, value in part.erase.anonymise.items())
    if part.restrict:
        yield from (("restrict.set", name, value) for name, value in part.restrict.set.items())
    for purpose, to_set in part.object.items():
        yield from ((f"object.{purpose}.set", name, value) for name, value in to_set.set.items())


def slow_ways(
    data_map: DataMap, tables: Mapping[str, SourceTable], leading: Mapping[str, frozenset[str]]
) -> Iterator[Fault]:
    """Warn of identifiers and links that no index serves, so that the whole table is read for each search.

    Args:
        leading: per collection, the first columns and expressions of its table's indexes.
    """
    for name, part in data_map.collections.items():
        for kind, columns in part.identifiers.items():
            for index, column in enumerate(columns):
                if not _is_served(tables[name].table.c[column], kind, leading[name]):
                    advice = _index_for(tables[name].table.c[column], kind)
                    yield Fault(f"collections.{name}.identifiers.{kind}[{index}]", f"slow: {advice} would serve it")
        for index, link in enumerate(part.links):
            if not leading[name].intersection(link.column):
                advice = f"an index on {', '.join(link.column)} would serve it"
                yield Fault(f"collections.{name}.links[{index}].column", f"slow: {advice}")


def _is_served(column: sa.Column[Any], kind: str, leading: frozenset[str]) -> bool:
    if kind != "email" or family(column.type) == "citext" or folds_case(column.type):
        return column.name in leading
    folded = re.compile(rf"lower\(\W*{re.escape(column.name)}\W", re.IGNORECASE)
    return any(folded.search(text) for text in leading)


def _index_for(column: sa.Column[Any], kind: str) -> str:
    if kind != "email" or folds_case(column.type):
        return f"an index on {column.name}"
    if getattr(column.type, "charset", None):  # MariaDB has no index on an expression
        return f"an index on {column.name}, with a collation that ignores case,"
    return f"an index on lower({column.name})"


def _dotted(path: tuple[str | int, ...]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")
