"""XML: one document with everything in it, valid by the schema beside it."""

from __future__ import annotations

from dataclasses import fields as parts_of
from itertools import starmap
from typing import TYPE_CHECKING, ClassVar

from exporters.about import instant, label_of, parties, searches_of
from exporters.base import Answer, CollectionAnswer, Exporter, Member, SourceAnswer
from exporters.information import information_of
from exporters.json_markup import elements
from exporters.markup import attribute, content, escaped, needs_escaping
from exporters.rows import rows_of
from exporters.schemas import XML_NAMESPACE, XML_SCHEMA, schema_text
from exporters.values import joined, plain_text
from extractors.batches import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import polars as pl
    import pyarrow as pa

    from exporters.about import Particulars
    from exporters.letter import Searched
    from extractors.batches import Field, Information

_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_NEED_NO_ESCAPING = frozenset({Kind.INTEGER, Kind.FLOAT, Kind.BOOLEAN, Kind.BINARY})


class XmlExporter(Exporter):
    """Writes `export.xml`, indented, and the schema it is valid by.

    Every value stands in an element of its own under its field's name, JSON as elements within. What XML has no
    character for is escaped as `exporters.markup` says.

    Source: W3C, "Extensible Markup Language 1.0".
    """

    slug: ClassVar[str] = "xml"
    media_type: ClassVar[str] = "application/xml"
    extension: ClassVar[str] = "xml"

    def members(self, answer: Answer) -> Iterator[Member]:
        """Yield the document, then its schema."""
        yield Member("export.xml", _chunks(answer))
        yield Member(XML_SCHEMA, iter([schema_text(XML_SCHEMA).encode()]))


def _chunks(answer: Answer) -> Iterator[bytes]:
    yield _opening(answer).encode()
    for source in answer.sources:
        yield from _source(source)
    yield f"{_not_included(answer)}{_searches(answer)}</export>\n".encode()


def _opening(answer: Answer) -> str:
    about = {
        "reference": answer.reference,
        "system": answer.system,
        "exported_at": instant(answer.exported_at),
        "complete": str(answer.is_complete).lower(),
        "records": str(answer.records),
        "language": answer.language,
    }
    known = "".join(
        f"    <identifier{attribute('kind', kind)}>{content(value)}</identifier>\n"
        for kind, value in answer.requester.items()
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<export xmlns="{XML_NAMESPACE}" xmlns:xsi="{_XSI}"'
        f' xsi:schemaLocation="{XML_NAMESPACE} {XML_SCHEMA}"{_attributes(about)}>\n'
        f"  <requester>\n{known}  </requester>\n{''.join(starmap(_party, parties(answer).items()))}"
    )


def _party(name: str, told: Particulars) -> str:
    lines = (
        f"    <{part}>{content(text)}</{part}>\n"
        for part, value in told.items()
        for text in ([value] if isinstance(value, str) else value)
    )
    return f"  <{name}>\n{''.join(lines)}  </{name}>\n"


def _source(source: SourceAnswer) -> Iterator[bytes]:
    about = {"name": source.source.slug, "label": source.source.label}
    yield f"  <source{_attributes(about)}>\n{_information(source.source.information, '    ')}".encode()
    for item in source.collections:
        yield from _collection(item)
    yield b"  </source>\n"


def _collection(item: CollectionAnswer) -> Iterator[bytes]:
    collection = item.collection
    about = {"name": collection.name, "label": collection.label, "count": str(item.count)}
    context = ' context="true"' if collection.context else ""
    yield (
        f"    <collection{_attributes(about)}{context}>\n{_information(information_of(collection), '      ')}"
        f"      <fields>\n{''.join(map(_field, collection.fields))}      </fields>\n      <records>\n"
    ).encode()
    for rows in rows_of(item.batches()):
        yield _records(rows, collection.fields)
    yield b"      </records>\n    </collection>\n"


def _field(field: Field) -> str:
    about = {"name": field.name, "kind": field.kind.value, "label": label_of(field), "category": field.category}
    told = f"<help>{content(field.help)}</help>" if field.help else ""
    codes = "".join(f"<code{attribute('value', code)}>{content(words)}</code>" for code, words in field.codes.items())
    return f"        <field{_attributes(about)}>{told}{codes}</field>\n"


def _information(information: Information, margin: str) -> str:
    lines = [
        f"{margin}  <{part.name}>{content(text)}</{part.name}>\n"
        for part in parts_of(information)
        for text in _texts(getattr(information, part.name))
    ]
    return f"{margin}<information>\n{''.join(lines)}{margin}</information>\n"


def _texts(told: str | Iterable[str] | None) -> Iterable[str]:
    if told is None:
        return ()
    return (told,) if isinstance(told, str) else told


def _not_included(answer: Answer) -> str:
    lines = [
        f"    <omission{_attributes({'source': left.source, 'collection': left.collection, 'cause': left.cause})}>"
        f"{content(left.reason)}</omission>\n"
        for left in answer.omissions
    ]
    return f"  <not_included>\n{''.join(lines)}  </not_included>\n"


def _searches(answer: Answer) -> str:
    return f"  <searched>\n{''.join(map(_search, searches_of(answer)))}  </searched>\n"


def _search(search: Searched) -> str:
    about = {
        "source": search.source,
        "label": search.label,
        "outcome": search.outcome,
        "at": instant(search.at) if search.at else None,
        "records": str(search.records),
    }
    kinds = "".join(f"<identifier{attribute('kind', kind)}/>" for kind in search.identifiers)
    note = f"<note>{content(search.note)}</note>" if search.note else ""
    return f"    <search{_attributes(about)}>{kinds}{note}</search>\n"


def _attributes(named: dict[str, str | None] | dict[str, str]) -> str:
    return "".join(attribute(name, value) for name, value in named.items() if value is not None)


def _records(rows: pa.RecordBatch, fields: Sequence[Field]) -> bytes:
    """Write records, made column by column; Python sees no single value but JSON."""
    import polars as pl

    frame = pl.DataFrame(rows)
    texts: list[pl.Expr] = [pl.repeat("        <record>\n", frame.height, dtype=pl.String)]
    for position, field in enumerate(fields):
        value = _content(frame.to_series(position), rows.column(position), field.kind)
        texts += _value(value, attribute("field", field.name))
    texts.append(pl.lit("        </record>\n"))
    return joined(frame.select(pl.concat_str(texts)).to_series())


def _value(value: pl.Series, name: str) -> list[pl.Expr]:
    import polars as pl

    opening, closing = f"          <value{name}>", "</value>\n"
    if not value.null_count():
        return [pl.lit(opening), pl.lit(value), pl.lit(closing)]
    whole = pl.concat_str(pl.lit(opening), pl.lit(value), pl.lit(closing))
    return [whole.fill_null(f'          <value{name} xsi:nil="true"/>\n')]


def _content(column: pl.Series, octets: pa.Array[pa.Scalar[pa.DataType]], kind: Kind) -> pl.Series:
    import polars as pl

    text = plain_text(column, kind)
    if kind is Kind.JSON:
        return pl.Series([None if value is None else elements(value) for value in text], dtype=pl.String)
    if kind in _NEED_NO_ESCAPING or not needs_escaping(octets):
        return text
    return escaped(text)
