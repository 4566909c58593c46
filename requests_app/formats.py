"""The formats in plain words, and which of them are offered with a right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from exporters import registry
from requests_app.models import Right

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class FormatWording:
    """One format as a layperson is told of it.

    Args:
        good_for: a sentence.
        is_for_reading: whether it is made for people, not for programs.
        opens_with: the file to open first, within the format's folder; empty where any will do.
    """

    slug: str
    name: str
    good_for: str
    is_for_reading: bool = False
    opens_with: str = ""


_WORDINGS = (
    FormatWording(
        *("pdf", "PDF", "To read, print and keep. Of long lists it shows the beginning."),
        is_for_reading=True,
        opens_with="export.pdf",
    ),
    FormatWording(
        *("html", "Web pages (HTML)", "To read and search everything in your browser, also without a network."),
        is_for_reading=True,
        opens_with="index.html",
    ),
    FormatWording(
        *("xlsx", "Workbook (XLSX)", "To sort and filter everything in Excel or LibreOffice."),
        is_for_reading=True,
        opens_with="export.xlsx",
    ),
    FormatWording("csv", "Tables (CSV)", "Everything as plain tables, for spreadsheets and programs."),
    FormatWording(
        "json", "JSON", "Everything, complete and exact, for another service or a program.", opens_with="export.json"
    ),
    FormatWording("xml", "XML", "Everything, complete and exact, for programs that want XML.", opens_with="export.xml"),
)
_FOR_MACHINES = ("json", "csv", "xml", "xlsx")
_USUAL = {Right.ACCESS: ("pdf", "html"), Right.PORTABILITY: ("json", "csv")}


def wording_of(slug: str) -> FormatWording:
    """Give the words for a format, also for one that another package brought or that is gone."""
    known = (wording for wording in _WORDINGS if wording.slug == slug)
    return next(known, FormatWording(slug, slug.upper(), "See its own documentation."))


def all_formats() -> list[FormatWording]:
    """Give every format there is, those for reading first."""
    return _in_order(registry.slugs())


def in_order(slugs: Iterable[str]) -> tuple[str, ...]:
    """Keep the formats that there are, once each, those for reading first."""
    wanted = set(slugs)
    return tuple(item.slug for item in all_formats() if item.slug in wanted)


def offered_formats(right: Right) -> list[FormatWording]:
    """Give the formats that the form offers with a right: to take data elsewhere, those a machine reads.

    Source: GDPR Art. 20(1).
    """
    if right is not Right.PORTABILITY:
        return all_formats()
    brought = [slug for slug in registry.slugs() if not any(slug == wording.slug for wording in _WORDINGS)]
    return [wording_of(slug) for slug in (*_FOR_MACHINES, *brought)]


def usual_formats(right: str) -> tuple[str, ...]:
    """Give what suits a right where the person chose nothing."""
    return _USUAL.get(Right(right), _USUAL[Right.ACCESS])


def _in_order(slugs: Iterable[str]) -> list[FormatWording]:
    there = set(slugs)
    known = [wording for wording in _WORDINGS if wording.slug in there]
    return known + [wording_of(slug) for slug in sorted(there - {wording.slug for wording in known})]
