"""The tables beside the collections: which file is what, what its columns mean, what was searched, what is missing."""

from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING, TypeAlias

from exporters.about import instant, label_of, parties, searches_of
from exporters.information import information_of
from extractors.batches import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from exporters.base import Answer, CollectionAnswer
    from exporters.letter import Searched
    from extractors.batches import Collection, Field

Line: TypeAlias = "Iterable[str | None]"

SUMMARY, SEARCHED, ABOUT, INDEX = NAMES = ("summary.csv", "searched.csv", "about.csv", "README.csv")
_SUMMARY = {
    "source": "The system, by its short name",
    "collection": "The collection, by its technical name",
    "label": "What the collection is called",
    "records": "How many records its file has",
    "file": "The file with its records",
    "purposes": "Why the data is used (GDPR Art. 15(1)(a))",
    "categories": "Kinds of data (Art. 15(1)(b))",
    "recipients": "Who receives it (Art. 15(1)(c))",
    "retention": "How long it is kept (Art. 15(1)(d))",
    "origin": "Where it comes from (Art. 15(1)(g))",
    "transfers": "Transfers to other countries (Art. 15(2))",
    "automated_decisions": "Automated decisions (Art. 15(1)(h))",
    "not_included": "What is missing, in a line of its own",
    "cause": "Why it is missing: secret, third_party, withheld, forbidden, deleted, limit, unreached or not_portable",
}
_SEARCHED = {
    "source": "The system that was searched, by its short name",
    "label": "What the system is called",
    "outcome": "found, empty, failed (not searched), or partly (without what other systems would have led to)",
    "at": "When it was searched (ISO 8601, UTC)",
    "identifiers": "The kinds of identifier searched by",
    "records": "How many records were found",
    "note": "Why the search failed or is partial",
}
_ABOUT = {
    "name": "What is told: about this export, who answers, where one may complain, what was asked",
    "value": "What there is to tell; a name with several values has several lines",
}
_INDEX = {
    "file": "A file of this folder",
    "source": "The system its records come from, by its short name",
    "collection": "The collection, by its technical name",
    "column": "A column of the file, as its first line names it",
    "label": "What the column is called",
    "kind": "integer, float, boolean, text, decimal, date, time, timestamp, json, uuid or binary (base64)",
    "meaning": "What it means, where that is recorded",
    "values": "What coded values mean, where that is recorded",
}
_OWN = {SUMMARY: _SUMMARY, SEARCHED: _SEARCHED, ABOUT: _ABOUT, INDEX: _INDEX}
_KINDS = {"records": "integer", "at": "timestamp"}


def tables(answer: Answer, files: Mapping[str, CollectionAnswer]) -> Iterator[tuple[str, Iterator[Line]]]:
    """Yield each table's path and its lines, the first of them the names of its columns.

    Args:
        files: the collections by the paths of their files; their records have been read.
    """
    yield SUMMARY, _summary(answer, files)
    yield SEARCHED, _searched(answer)
    yield ABOUT, _about(answer)
    yield INDEX, _index(files)


def _summary(answer: Answer, files: Mapping[str, CollectionAnswer]) -> Iterator[Line]:
    yield _SUMMARY
    for path, item in files.items():
        collection = item.collection
        about = (collection.source.slug, collection.name, collection.label, str(item.count), path)
        yield (*about, *_information(collection), None, None)
    blanks = (None,) * (len(_SUMMARY) - 4)
    for left in answer.omissions:
        yield (left.source, left.collection, *blanks, left.reason, left.cause)


def _information(collection: Collection) -> Iterator[str | None]:
    for part in astuple(information_of(collection)):
        yield "; ".join(part) or None if isinstance(part, tuple) else part


def _searched(answer: Answer) -> Iterator[Line]:
    yield _SEARCHED
    yield from map(_search, searches_of(answer))


def _search(search: Searched) -> Line:
    at = instant(search.at) if search.at else None
    kinds = "; ".join(search.identifiers) or None
    return search.source, search.label, search.outcome, at, kinds, str(search.records), search.note or None


def _about(answer: Answer) -> Iterator[Line]:
    yield _ABOUT
    yield "reference", answer.reference
    yield "system", answer.system
    yield "exported_at", instant(answer.exported_at)
    yield "complete", str(answer.is_complete).lower()
    yield "language", answer.language
    told: dict[str, Mapping[str, str | list[str]]] = {"requester": answer.requester, **parties(answer)}
    for whose, particulars in told.items():
        for name, value in particulars.items():
            yield from ((f"{whose}.{name}", text) for text in ([value] if isinstance(value, str) else value))


def _index(files: Mapping[str, CollectionAnswer]) -> Iterator[Line]:
    yield _INDEX
    for path, item in files.items():
        about = (path, item.collection.source.slug, item.collection.name)
        yield from ((*about, *_described(field)) for field in item.collection.fields)
    for path, columns in _OWN.items():
        for name, meaning in columns.items():
            yield path, None, None, name, words(name), _KINDS.get(name, "text"), meaning, None


def _described(field: Field) -> Iterator[str | None]:
    codes = "; ".join(f"{code} = {told}" for code, told in field.codes.items())
    yield from (field.name, label_of(field), field.kind, field.help or None, codes or None)
