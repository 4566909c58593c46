"""Holds what a data map's `erase` sets columns to against them: what the database would refuse is told before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from extractors.datamap.parts import Hashed, Masked, YearOnly
from extractors.errors import Fault
from extractors.sql.changing.values import (
    DATES,
    FEWEST_HASH_DIGITS,
    FEWEST_MASK_DIGITS,
    ISO_DATE_LENGTH,
    MASKED_DOMAIN,
    SUFFIX_DIGITS,
    TEXTS,
    is_json,
)
from extractors.sql.comparing import base_type, family, written

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from extractors.datamap.parts import CollectionPart, DataMap, EraseValue, Scalar
    from extractors.sql.changing.shapes import Shape, Shapes
    from extractors.sql.comparing import Comparing
    from extractors.sql.schema import SourceTable


def erase_faults(
    data_map: DataMap, tables: Mapping[str, SourceTable], shapes: Shapes, comparing: Comparing
) -> Iterator[Fault]:
    """Name every value of an `erase` that its column cannot hold, and years whose end could not be acted on."""
    for name, source in tables.items():
        part = data_map.collections[name]
        checks = _Checks(part, source, shapes.of[name], comparing)
        for path, message in checks.faults():
            yield Fault(f"collections.{name}.erase{path}", message)


def kept_identifiers(data_map: DataMap, tables: Mapping[str, SourceTable]) -> Iterator[Fault]:
    """Warn of identifiers that anonymising leaves as they are: the person would be found by them ever after."""
    for name, part in data_map.collections.items():
        if part.erase and part.erase.action == "anonymise":
            for kind, columns in part.identifiers.items():
                for index, column in enumerate(columns):
                    if column not in part.erase.fields and column not in tables[name].primary_key:
                        message = f"erasing leaves {column} as it is: whoever was erased can be found by it"
                        yield Fault(f"collections.{name}.identifiers.{kind}[{index}]", message)


class _Checks:
    """Checks one collection."""

    def __init__(self, part: CollectionPart, source: SourceTable, shape: Shape, comparing: Comparing) -> None:
        self.part = part
        self.source = source
        self.shape = shape
        self.comparing = comparing

    def faults(self) -> Iterator[tuple[str, str]]:
        erase = self.part.erase
        if erase is None:
            return
        for path, assigned in ((".fields", erase.fields), (".anonymise", erase.anonymise)):
            for name, value in assigned.items():
                if name in self.source.column_names:
                    told = self._told(self.source.table.c[name], value)
                    yield from ((f"{path}.{name}", message) for message in told)
        if erase.years is not None and not (self.source.primary_key or self.part.key):
            yield ".years", "the table has no primary key to find its rows by when the years end: name a `key`"
        if erase.action == "archive":
            yield from (("", message) for message in self._unmarkable())

    def _told(self, column: sa.Column[Any], value: EraseValue) -> Iterator[str]:
        if column.name in self.shape.generated:
            yield "the database computes this column: it cannot be set"
        elif column.name in self.source.primary_key:
            yield "the column is part of the primary key: delete the row, or leave the key as it is"
        elif isinstance(value, Masked | Hashed | YearOnly):
            yield from self._computed(column, value)
        elif value is not None:
            yield from self._constant(column, value)

    def _computed(self, column: sa.Column[Any], value: Masked | Hashed | YearOnly) -> Iterator[str]:
        kind, length = family(column.type), self.shape.lengths.get(column.name)
        is_text = self._takes_text(column)
        if isinstance(value, YearOnly):
            if kind not in DATES and not is_text:
                yield "no date, timestamp or text: its year cannot be kept alone"
            elif is_text and length and length < ISO_DATE_LENGTH:
                yield f"takes {length} characters, a date takes {ISO_DATE_LENGTH}"
            return
        what = "a masked address" if isinstance(value, Masked) else "a hash"
        least = len(MASKED_DOMAIN) + FEWEST_MASK_DIGITS if isinstance(value, Masked) else FEWEST_HASH_DIGITS
        if not is_text:
            yield f"holds no text: {what} cannot stand there"
        elif length and length < least:
            yield f"takes {length} characters, {what} at least {least}"

    def _takes_text(self, column: sa.Column[Any]) -> bool:
        """Whether any text may stand in a column; a column of SQLite without a type takes anything."""
        is_text = family(column.type) in TEXTS or (not self.comparing.is_strict and family(column.type) == "nulltype")
        return is_text and not is_json(self.part, column)

    def _constant(self, column: sa.Column[Any], value: Scalar) -> Iterator[str]:
        if is_json(self.part, column):
            return
        try:
            self.comparing.equals_one_of(column, (value,))
        except ValueError as error:
            yield str(error)
            return
        length, text = self.shape.lengths.get(column.name), written(value, column.type)
        is_unique = self.shape.is_in_unique(column.name)
        if family(column.type) in TEXTS:
            if length and is_unique and length <= SUFFIX_DIGITS + 1:
                yield f"is unique and takes only {length} characters: erase it to null or a hash"
            elif length and len(text) > length:
                yield f"takes {length} characters, not {len(text)}"
        elif self.shape.is_unique((column.name,)):
            yield "is unique: the same constant cannot stand in two rows; erase it to null"

    def _unmarkable(self) -> Iterator[str]:
        deleted = self.part.deleted
        if deleted is None or deleted.equals or deleted.column not in self.source.column_names:
            return
        type_ = base_type(self.source.table.c[deleted.column].type)
        if family(type_) not in DATES | TEXTS | {"boolean", "nulltype"} and not isinstance(type_, sa.Integer):
            yield f"{deleted.column} holds no moment, number or truth value: say by `equals` what marks a deleted row"
