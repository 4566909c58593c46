"""What leaves the source: a collection's fields, without its secrets, each as the expression that reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from extractors.base import Scope
from extractors.batches import Collection, Field, Information, Kind, Source, words
from extractors.datamap.parts import FieldPart
from extractors.datamap.portability import portable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import sqlalchemy as sa

    from extractors.datamap.parts import CollectionPart, DataMap, InformationPart
    from extractors.sql.schema import SourceTable

    Column = sa.ColumnElement[Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """How one field is read.

    Args:
        expression: computed by the database; parts of JSON that are withheld are taken out in it.
        convert: what is left to do to a batch's values of this field, in the form its reader has them.
    """

    name: str
    kind: Kind
    expression: Column
    convert: Callable[[Any], Any] | None = None


def readable_columns(part: CollectionPart, source: SourceTable, scope: Scope = Scope.ALL) -> list[str]:
    """The columns that may leave the source, in the table's order: all but the secrets, or what a scope has of them."""
    columns = [column.name for column in source.data_columns if column.name not in part.secrets]
    return portable(part, columns) if scope.is_portable else columns


def collection(data_map: DataMap, name: str, source: SourceTable, readings: Iterable[Reading]) -> Collection:
    """Describe a collection as it leaves the source."""
    part = data_map.collections[name]
    fields = tuple(_field(reading, part.fields.get(reading.name, FieldPart())) for reading in readings)
    names = {field.name for field in fields}
    key = part.key or source.primary_key
    return Collection(
        source=Source(data_map.source, data_map.label or words(data_map.source), _information(data_map.information)),
        name=name,
        label=part.label or words(name),
        key=key if names.issuperset(key) else (),
        fields=fields,
        information=_information(_overridden(data_map.information, part.information), _categories(fields)),
        context=part.context,
    )


def _field(reading: Reading, part: FieldPart) -> Field:
    return Field(
        name=reading.name,
        kind=reading.kind,
        label=part.label,
        help=part.help,
        category=part.category,
        codes=part.codes,
        third_party=part.third_party,
    )


def _categories(fields: Iterable[Field]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(field.category for field in fields if field.category))


def _overridden(common: InformationPart, own: InformationPart | None) -> InformationPart:
    """Let a collection override of the source's information just what it states itself."""
    return common.model_copy(update={name: getattr(own, name) for name in own.model_fields_set}) if own else common


def _information(part: InformationPart, categories: tuple[str, ...] = ()) -> Information:
    return Information(
        purposes=part.purposes,
        categories=part.categories or categories,
        recipients=part.recipients,
        retention=part.retention,
        origin=part.origin,
        transfers=part.transfers,
        automated_decisions=part.automated_decisions,
    )
