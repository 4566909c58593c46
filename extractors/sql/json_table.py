"""JSON read as a table by MariaDB (from 10.6) and MySQL (from 8.0)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.ext.compiler import compiles

from extractors.sql.carrying import is_unsigned, json_chunks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.sql.compiler import SQLCompiler

    from extractors.sql.carrying import Row
    from extractors.sql.comparing import Binds, Type


class JsonTable(sa.sql.functions.FunctionElement[Any]):
    """An array of arrays as rows, whose columns are called v0, v1 and so on.

    Args:
        document: the JSON text.
        types: the type of each column.
    """

    inherit_cache = False
    name = "json_table"

    def __init__(self, document: sa.ColumnElement[Any], types: Sequence[Type]) -> None:
        super().__init__(document)
        self.types = tuple(types)


@compiles(JsonTable, "mysql", "mariadb")
def _compile_json_table(element: JsonTable, compiler: SQLCompiler, **options: Any) -> str:
    document = compiler.process(element.clauses, **options)
    columns = (
        f"v{index} {compiler.dialect.type_compiler_instance.process(type_)} PATH '$[{index}]'"
        for index, type_ in enumerate(element.types)
    )
    return f"JSON_TABLE({document}, '$[*]' COLUMNS ({', '.join(columns)}))"


def listed_by_json_table(rows: Sequence[Row], types: Sequence[Type], binds: Binds) -> sa.SelectBase:
    """Give a statement values carried over from other sources, as one parameter a chunk."""
    columns = [sa.column(f"v{index}", type_) for index, type_ in enumerate(types)]
    selects = []
    for chunk in json_chunks(rows):
        table = JsonTable(binds(chunk, sa.Text()), [_held_as(type_) for type_ in types])
        selects.append(sa.select(*table.table_valued(*columns, name="listed").c))
    return sa.union_all(*selects) if len(selects) > 1 else selects[0]


def _held_as(type_: Type) -> Type:
    if isinstance(type_, sa.Integer):
        return mysql.BIGINT(unsigned=is_unsigned(type_))
    if isinstance(type_, sa.Numeric):
        return mysql.DECIMAL(65, 30)
    return mysql.VARCHAR(36) if isinstance(type_, sa.Uuid) else mysql.LONGTEXT()
