"""The sheet in front: who answers, what the workbook holds, with links, what was searched, what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exporters.about import holder_of, searches_of
from exporters.information import information_of
from exporters.letter import SearchOutcome
from exporters.opening.asked import asked_of
from exporters.opening.omitted import omitted
from exporters.opening.phrases import day, kind, listed, moment
from exporters.opening.result import Result, is_portable, result_of
from exporters.opening.statement import CAUSES
from exporters.workbook.names import place
from exporters.workbook.pages import Page
from exporters.workbook.styles import Style

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from exporters.base import Answer, CollectionAnswer
    from exporters.letter import Authority, Controller, Letter, Searched
    from exporters.workbook.pages import Cell
    from extractors.batches import Omission

SHEET = "Contents"
_CONTEXT = "Not about you: given so that the rest is understood."
_WIDTHS = (36, 26, 12, 58, 40)
_RESULTS = {
    Result.WHOLE: ("Complete. Everything that was found is in this workbook.", Style.LINE_GOOD),
    Result.PARTIAL: ("Not complete. What is missing, and why, stands below.", Style.LINE_LACKING),
    Result.NOTHING_FOUND: ("Not complete. There is nothing to give now; the reasons stand below.", Style.LINE_LACKING),
    Result.NONE_HELD: ("No data is held.", Style.LINE_GOOD),
}
_PORTABLE = (
    "Complete. Everything is in this workbook that you gave us, and that we use by your consent or for a contract.",
    Style.LINE_GOOD,
)
_ONLY_WITHHELD = ("Every record is here. What was left out of them, and why, stands below.", Style.LINE)
_OUTCOMES = {
    SearchOutcome.FOUND: ("Found", Style.LINE_GOOD),
    SearchOutcome.EMPTY: ("Nothing found", Style.LINE),
    SearchOutcome.FAILED: ("Could not be searched", Style.LINE_LACKING),
    SearchOutcome.PARTLY: ("Searched in part", Style.LINE_LACKING),
}


def contents(
    answer: Answer, sheets: Mapping[int, Sequence[str]], items: Sequence[CollectionAnswer], further: Sequence[str]
) -> Iterator[bytes]:
    """Write the first sheet.

    Args:
        sheets: the names of each collection's sheets, by its place among the collections.
        further: the names of the sheets that explain the others.
    """
    page = Page(_WIDTHS, foot(answer))
    page.open(f"Your data at {holder_of(answer)}", f"{answer.reference}  ·  {moment(answer.exported_at)}")
    page.space()
    _facts(page, answer)
    _collections(page, sheets, items, further)
    _searches(page, answer)
    _omissions(page, answer)
    return page.chunks()


def foot(answer: Answer) -> str:
    """Name the answer below a printed page."""
    return f"{holder_of(answer)} · {answer.reference}"


def _facts(page: Page, answer: Answer) -> None:
    letter = answer.letter
    person = (letter.recipient if letter else "", *answer.requester.values())
    page.fact("For", "  ·  ".join(filter(None, person)))
    if letter:
        asked = asked_of(letter).subject
        page.fact("Your request", f"{asked[:1].upper()}{asked[1:]}, received on {day(letter.received_on)}")
    result = result_of(answer)
    page.fact("Result", *_result(answer, result))
    if letter:
        page.fact("What we decided", letter.decision)
        page.fact("From", sender(letter.controller))
        page.fact("Data protection officer", _joined(letter.controller.officer, letter.controller.officer_contact))
        page.fact("Where you may complain", complaint(letter))


def _result(answer: Answer, result: Result) -> tuple[str, Style]:
    if result is Result.PARTIAL and answer.is_complete:
        return _ONLY_WITHHELD
    return _PORTABLE if result is Result.WHOLE and is_portable(answer) else _RESULTS[result]


def sender(controller: Controller) -> str:
    """Name the controller, where it is and how it is reached."""
    return _joined(controller.name, ", ".join(controller.address), controller.email, controller.phone)


def complaint(letter: Letter) -> str:
    """Name the authority and how it is reached; nothing where it is not known."""
    authority: Authority | None = letter.authority
    if authority is None:
        return ""
    reached = (authority.complaint_url or authority.website, authority.email, authority.phone)
    return _joined(authority.name, ", ".join(authority.address), *reached)


def _joined(*parts: str) -> str:
    return "  ·  ".join(filter(None, parts))


def _collections(
    page: Page, sheets: Mapping[int, Sequence[str]], items: Sequence[CollectionAnswer], further: Sequence[str]
) -> None:
    if not items:
        return
    page.section("What you receive")
    page.head(("Data", "System", "Records", "Why it is used", "How long it is kept"), numbers=("Records",))
    for index, item in enumerate(items):
        for name in sheets[index]:
            page.line(*_line(item, name, is_first=name == sheets[index][0]), link=place(name, "A1"))
    if further:
        page.space(6)
        explained = listed(f"“{name}”" for name in further)
        page.wide(f"Each line leads to a sheet. {explained} explain what stands there and what becomes of it.")


def _line(item: CollectionAnswer, name: str, *, is_first: bool) -> Iterator[Cell]:
    collection, information = item.collection, information_of(item.collection)
    yield (collection.label or name) if is_first else f"{collection.label} (continued: {name})", Style.LINE_LINK
    yield collection.source.label or collection.source.slug, Style.LINE
    yield item.count, Style.LINE_NUMBER
    yield _CONTEXT if collection.context else "; ".join(information.purposes), Style.LINE_QUIET
    yield information.retention or "", Style.LINE_QUIET


def _searches(page: Page, answer: Answer) -> None:
    searches = searches_of(answer)
    if not searches:
        return
    page.section("What was searched")
    page.head(("System", "Result", "Records", "Searched by", "Searched on"), numbers=("Records",))
    for search in searches:
        page.line(*_search(search))


def _search(search: Searched) -> Iterator[Cell]:
    by = listed(kind(name) for name in search.identifiers if "." not in name)  # carried over from other sources
    yield search.label or search.source, Style.LINE
    yield _OUTCOMES[search.outcome]
    yield search.records, Style.LINE_NUMBER
    yield "\n".join(filter(None, (by[:1].upper() + by[1:], search.note))), Style.LINE_QUIET
    yield moment(search.at) if search.at else "Never", Style.LINE_QUIET


def _omissions(page: Page, answer: Answer) -> None:
    if not answer.omissions:
        return
    labels = {(item.collection.source.slug, item.collection.name): item.collection.label for item in answer.collections}
    systems = {search.source: search.label for search in searches_of(answer)}
    page.section("What is not included")
    page.head(("Data", "System", "", "What", "Why"))
    for left in answer.omissions:
        label = labels.get((left.source, left.collection or "")) or left.label or left.collection or "All of it"
        page.line(*_omission(left, label, systems.get(left.source) or left.source))


def _omission(left: Omission, label: str, system: str) -> Iterator[Cell]:
    yield from ((text, Style.LINE) for text in (label, system, ""))
    yield omitted(left), Style.LINE_QUIET
    yield CAUSES[left.cause][0] if left.cause else "", Style.LINE_QUIET
