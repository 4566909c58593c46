"""What was erased and what stays, in the words of a letter."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests_app.erasures import Collection, Source
    from requests_app.letters.languages import Language

GONE = ("deleted", "anonymised", "archived")
FOR_OTHERS = ("shared", "referenced")


def by_fate(item: Collection, language: Language) -> str:
    """Say how many rows of a collection were deleted, made anonymous, taken out of use."""
    count = item.count
    return ", ".join(
        language.phrase(f"erased.{fate}", rows=language.counted("erased.rows", count[fate]))
        for fate in GONE
        if count[fate]
    )


def lines_of(source: Source, language: Language) -> Iterator[str]:
    """Say what of a source stays: a line for each collection and reason."""
    if source.is_left_out:
        yield language.phrase("erased.left_out", source=source.label)
    for item in source.collections:
        count, named = item.count, {"source": source.label, "collection": item.label}
        if count["kept"]:
            yield " ".join(
                [_line("kept", item, count["kept"], named | {"ground": item.ground}, language), *_until(item, language)]
            )
        for fate in FOR_OTHERS:
            if count[fate]:
                yield _line(fate, item, count[fate], named, language)


def _line(name: str, item: Collection, rows: int, values: dict[str, str], language: Language) -> str:
    return language.phrase(f"erased.{name}", rows=language.counted("erased.rows", rows), **values)


def _until(item: Collection, language: Language) -> Iterator[str]:
    if item.first_on is None or item.last_on is None:
        return
    if item.first_on == item.last_on:
        yield language.phrase("erased.until", day=language.day(item.last_on))
    else:
        days = {"first": language.day(item.first_on), "last": language.day(item.last_on)}
        yield language.phrase("erased.between", **days)
