"""What stands before the records: whose data it is, what there is, what is missing, and why it is held."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from exporters.information import information_of
from exporters.markup import attribute, content
from exporters.report.records import name_of
from extractors.batches import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from exporters.base import Answer, CollectionAnswer
    from extractors.batches import Collection, Information

_INFORMATION = {
    "purposes": "Why it is used",
    "categories": "Kinds of data",
    "recipients": "Who receives it",
    "retention": "How long it is kept",
    "origin": "Where it comes from",
    "transfers": "Transfers to other countries",
    "automated_decisions": "Automated decisions",
}
"""Art. 15(1)-(2) GDPR, in plain words."""


def head(answer: Answer) -> str:
    """Write the head of the first page."""
    when = f"{answer.exported_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    known = "".join(
        f"<p>{content(kind.replace('_', ' '))}: {content(value)}</p>" for kind, value in answer.requester.items()
    )
    return (
        f"<h1>Your data at {content(answer.system)}</h1>"
        f"<p>Request {content(answer.reference)} · collected on {when}</p>{known}"
    )


def summary(answer: Answer, places: Sequence[str]) -> Iterator[bytes]:
    """Write what there is, with links, and what is missing.

    Args:
        places: where each collection stands, by its place among the collections.
    """
    items = list(answer.collections)
    total = counted(answer.records, "record")
    yield b'<section aria-labelledby="what"><h2 id="what">What we hold about you</h2>\n'
    if not answer.records:
        yield b"<p>We searched our systems and hold no data about you.</p>\n"
    if items:
        complete = "Nothing that we found is missing." if answer.is_complete else "Some of it is missing; see below."
        searched = f"{counted(len(answer.sources), 'system')}, {counted(len(items), 'collection')}, {total}"
        yield f"<p>{searched}. {complete}</p>\n".encode()
        yield b'<div class="scroll" role="region" tabindex="0" aria-label="Contents"><table class="contents">'
        yield b'<caption>Contents</caption><thead><tr><th scope="col">Data</th><th scope="col">System</th>'
        yield b'<th scope="col" class="n">Records</th><th scope="col">Why it is used</th></tr></thead><tbody>\n'
        yield from (_line(item, places[index]) for index, item in enumerate(items))
        yield b"</tbody></table></div>\n"
    yield b"</section>\n"
    yield _omissions(answer).encode()


def _line(item: CollectionAnswer, place: str) -> bytes:
    collection = item.collection
    label = content(collection.label or collection.name)
    linked = f"<a{attribute('href', place)}>{label}</a>" if item.count else label
    purposes = content("; ".join(information_of(collection).purposes))
    source = content(collection.source.label)
    return f'<tr><td>{linked}</td><td>{source}</td><td class="n">{item.count:,}</td><td>{purposes}</td></tr>\n'.encode()


def _omissions(answer: Answer) -> str:
    lines = omission_lines(answer)
    heading = '<h2 id="missing">Not included</h2>'
    section = f'<section class="notice" aria-labelledby="missing">{heading}<ul>{lines}</ul></section>\n'
    return section if lines else ""


def omission_lines(answer: Answer) -> str:
    """Write what is missing as entries of a list; nothing where nothing is."""
    labels = {(i.collection.source.slug, i.collection.name): i.collection.label for i in answer.collections}
    return "".join(
        f"<li>{content(labels.get((left.source, left.collection or '')) or left.collection or left.source)}: "
        f"{content(left.reason)}</li>"
        for left in answer.omissions
    )


def about(collection: Collection) -> str:
    """Write why a collection is held, and what its fields mean."""
    given = told(information_of(collection))
    helped = "".join(
        f'<dt>{content(name_of(field))}</dt><dd dir="auto">{content(field.help)}</dd>'
        for field in collection.fields
        if field.help
    )
    context = "<p>Not about you: given so that the rest can be understood.</p>" if collection.context else ""
    if not (given or helped or context):
        return ""
    meaning = f"<h3>What the fields mean</h3><dl>{helped}</dl>" if helped else ""
    return f'<details class="about"><summary>Why we hold this</summary>{context}<dl>{given}</dl>{meaning}</details>\n'


def told(information: Information) -> str:
    """Write information as names and values of a list; nothing where nothing is recorded."""
    lines = []
    for name, label in _INFORMATION.items():
        value = getattr(information, name)
        text = "; ".join(value) if isinstance(value, tuple) else value
        if text:
            lines.append(f'<dt>{label}</dt><dd dir="auto">{content(text)}</dd>')
    return "".join(lines)
