"""The sheet of information: what Art. 15(1) and (2) GDPR wants told, by source and collection, and the rights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exporters.information import information_of
from exporters.opening.asked import law_of
from exporters.opening.information import PARTS
from exporters.opening.rights import MEMBERS_URL, RIGHTS
from exporters.workbook.contents import complaint, foot, sender
from exporters.workbook.long_texts import parts
from exporters.workbook.pages import Page
from exporters.workbook.styles import Style

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exporters.base import Answer, SourceAnswer
    from extractors.batches import Information

SHEET = "Information"
_WIDTHS = (32, 112, 18)


def information(answer: Answer) -> Iterator[bytes]:
    """Write the sheet."""
    page = Page(_WIDTHS, foot(answer))
    page.open("How your data is used", "Why it is there, who gets to see it, how long it stays, and what you may ask.")
    law = law_of(answer.letter)
    for source in answer.sources:
        _source(page, source, law)
    _rights(page, answer, law)
    return page.chunks()


def _source(page: Page, given: SourceAnswer, law: str) -> None:
    source = given.source
    page.section(source.label or source.slug)
    _parts(page, source.information, tuple(PARTS), law)
    for item in given.collections:
        own = information_of(item.collection)
        differing = tuple(part for part in PARTS if getattr(own, part) != getattr(source.information, part))
        if differing and not item.collection.context:
            page.topic(item.collection.label or item.collection.name)
            _parts(page, own, differing, law)


def _parts(page: Page, information: Information, names: tuple[str, ...], law: str) -> None:
    unrecorded = []
    for name in names:
        title, article = PARTS[name]
        told = _told(getattr(information, name))
        if not told:
            unrecorded.append(title.lower())
        for number, text in enumerate(parts(told)):
            _row(page, "" if number else title, text, article if law and not number else "")
    if unrecorded:
        _row(page, "Not recorded", f"{'; '.join(unrecorded).capitalize()}. You may ask for it.", "", Style.LINE_QUIET)


def _told(told: str | tuple[str, ...] | None) -> str:
    return told or "" if isinstance(told, str | None) else "\n".join(told)


def _row(page: Page, title: str, text: str, article: str, style: Style = Style.LINE) -> None:
    law = f"Art. {article}" if article else ""
    page.line((title, Style.LINE_QUIET), (text, style), (law, Style.LINE_QUIET))


def _rights(page: Page, answer: Answer, law: str) -> None:
    page.section("Your rights")
    for title, article, told in RIGHTS:
        _row(page, title, told, article if law else "")
    letter = answer.letter
    if letter:
        _row(page, "Whom to ask", sender(letter.controller), "")
    known = complaint(letter) if letter else ""
    elsewhere = f"The authorities of all countries of the EU and the EEA are listed at {MEMBERS_URL}."
    _row(page, "Where to complain", known or elsewhere, "77" if law else "")
