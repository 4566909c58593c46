"""The information sheet: what Art. 15(1) and (2) GDPR wants told, each thing written once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from exporters.information import information_of
from exporters.markup import content
from exporters.opening.asked import law_of
from exporters.opening.letter import contact
from exporters.opening.phrases import listed, said, spoken
from extractors.batches import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from exporters.base import Answer, CollectionAnswer, SourceAnswer
    from extractors.batches import Collection

Told: TypeAlias = tuple[str, ...]
"""What is recorded of one part, in lines."""

PARTS = {
    "purposes": ("Why it is used", "15(1)(a)"),
    "categories": ("Kinds of data", "15(1)(b)"),
    "recipients": ("Who receives it", "15(1)(c)"),
    "retention": ("How long it is kept", "15(1)(d)"),
    "origin": ("Where it comes from", "15(1)(g)"),
    "transfers": ("Transfers to other countries", "15(2)"),
    "automated_decisions": ("Automated decisions", "15(1)(h)"),
}
"""The parts in plain words, and where the law names them."""


@dataclass(frozen=True, slots=True)
class _Exception:
    """What is told otherwise about some collections."""

    labels: tuple[str, ...]
    parts: dict[str, Told]


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What is told about one or more sources."""

    sources: tuple[str, ...]
    labels: tuple[str, ...]
    parts: dict[str, Told]
    exceptions: tuple[_Exception, ...]


def information(answer: Answer) -> str:
    """Write the sheet; nothing where nothing is held."""
    sheets = _merged(sheet for source in answer.sources if (sheet := _sheet(source)))
    if not sheets:
        return ""
    return (
        '<section class="information" aria-labelledby="information">'
        '<h2 id="information">How we use your data</h2>\n'
        "<p>For each of our systems in which you are found: why the data is there, who gets to see it, how long it "
        f"stays.</p>\n{''.join(_written(answer, sheet) for sheet in sheets)}</section>\n"
    )


def is_told(answer: Answer) -> bool:
    """Whether there is anything to tell: a record that is about the person."""
    return any(item.count and not item.collection.context for item in answer.collections)


def told(collection: Collection, language: str) -> str:
    """Write what is recorded about one collection as entries of a list; nothing where nothing is."""
    return _entries(_parts(collection), language, "")


def _sheet(source: SourceAnswer) -> _Sheet | None:
    """Find what most collections share, and what some of them say otherwise; those without records do not count."""
    held = [item for item in source.collections if item.count and not item.collection.context]
    if not held:
        return None
    own = [_parts(item.collection) for item in held]
    kinds = tuple(dict.fromkeys(kind for parts in own for kind in parts["categories"])) or _categories(held)
    own = [parts | {"categories": kinds} for parts in own]
    shared = {part: Counter(parts[part] for parts in own).most_common(1)[0][0] for part in PARTS}
    otherwise: dict[tuple[tuple[str, Told], ...], list[str]] = {}
    for item, parts in zip(held, own, strict=True):
        if differing := tuple((part, parts[part]) for part in PARTS if parts[part] != shared[part]):
            otherwise.setdefault(differing, []).append(_label(item))
    exceptions = tuple(_Exception(tuple(labels), dict(parts)) for parts, labels in otherwise.items())
    label = source.source.label or source.source.slug
    return _Sheet((label,), tuple(map(_label, held)), shared, exceptions)


def _merged(sheets: Iterable[_Sheet]) -> list[_Sheet]:
    """Put sources together of which the same is told."""
    merged: dict[tuple[object, ...], _Sheet] = {}
    for number, sheet in enumerate(sheets):
        key = (number,) if sheet.exceptions or not any(sheet.parts.values()) else tuple(sheet.parts.values())
        one = merged.get(key)
        merged[key] = _Sheet(one.sources + sheet.sources, one.labels + sheet.labels, sheet.parts, ()) if one else sheet
    return list(merged.values())


def _parts(collection: Collection) -> dict[str, Told]:
    recorded = information_of(collection)
    values = {part: getattr(recorded, part) for part in PARTS}
    return {part: value if isinstance(value, tuple) else (value,) if value else () for part, value in values.items()}


def _categories(items: Sequence[CollectionAnswer]) -> Told:
    """Name the kinds of data by the categories of the fields."""
    fields = (field for item in items for field in item.collection.fields)
    return tuple(dict.fromkeys(field.category for field in fields if field.category))


def _label(item: CollectionAnswer) -> str:
    return item.collection.label or item.collection.name


def _written(answer: Answer, sheet: _Sheet) -> str:
    language, law = answer.language, law_of(answer.letter)
    title = listed(said(source, language) for source in sheet.sources)
    covers = ", ".join(said(label, language) for label in sheet.labels)
    exceptions = "".join(
        f"<h4>Otherwise for {listed(said(label, language) for label in one.labels)}</h4>"
        f'<dl class="told">{_entries(one.parts, language, law, is_exception=True)}</dl>\n'
        for one in sheet.exceptions
    )
    lacking = [PARTS[part][0].lower() for part in PARTS if not sheet.parts[part]]
    return (
        f'<h3>{title}</h3>\n<p class="covers">{covers}</p>\n'
        f'<dl class="told">{_entries(sheet.parts, language, law)}{_unrecorded(answer, lacking)}</dl>\n{exceptions}'
    )


def _entries(parts: dict[str, Told], language: str, law: str, *, is_exception: bool = False) -> str:
    return "".join(
        f"<div><dt>{PARTS[part][0]}{f' <small>Art. {PARTS[part][1]}</small>' if law else ''}</dt>"
        f"{_values(_told(part, value), language)}</div>"
        for part, value in parts.items()
        if value or is_exception
    )


def _told(part: str, value: Told) -> Told:
    """Put the kinds of data, which maps name by a word each, into one line."""
    return (", ".join(map(words, value)),) if part == "categories" and value else value


def _values(value: Told, language: str) -> str:
    lines = "".join(f"<dd{spoken(line, language)}>{content(line)}</dd>" for line in value)
    return lines or '<dd class="unknown">Not recorded.</dd>'


def _unrecorded(answer: Answer, lacking: Sequence[str]) -> str:
    """Say which parts nobody wrote down, and that the person may ask."""
    if not lacking:
        return ""
    return (
        f'<div><dt>Not recorded</dt><dd class="unknown">{"; ".join(lacking).capitalize()}. '
        f"Our register says nothing about this. You have a right to know it: ask {contact(answer)}.</dd></div>"
    )
