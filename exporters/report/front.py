"""What stands before the records: what there is, what is missing, why it is held, what may be asked next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exporters.about import holder_of
from exporters.information import information_of
from exporters.markup import attribute, content
from exporters.opening.information import information, is_told, told
from exporters.opening.letter import picture
from exporters.opening.phrases import kind, moment, said, spoken
from exporters.opening.rights import rights_and_complaint
from exporters.opening.statement import statement
from exporters.report.records import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from exporters.base import Answer, CollectionAnswer
    from extractors.batches import Collection


def head(answer: Answer) -> str:
    """Write the head of the first page."""
    facts = {"Request": answer.reference, "Collected": moment(answer.exported_at)}
    facts |= {kind(name).capitalize(): value for name, value in answer.requester.items()}
    written = "".join(f"<div><dt>{content(name)}</dt><dd>{content(value)}</dd></div>" for name, value in facts.items())
    return f'{sender(answer)}<h1>Your data at {content(holder_of(answer))}</h1><dl class="facts">{written}</dl>'


def sender(answer: Answer) -> str:
    """Write who answers, by their logo where there is one."""
    if answer.letter is None:
        return ""
    controller = answer.letter.controller
    logo = picture(controller.logo, controller.name, "logo") if controller.logo else ""
    return logo or f'<p class="sender">{content(controller.name)}</p>'


def summary(answer: Answer, places: Sequence[str]) -> Iterator[bytes]:
    """Write what there is, with links, what was searched and is missing, how it is used, and the rights.

    Args:
        places: where each collection stands, by its place among the collections.
    """
    items = list(answer.collections)
    if items:
        yield b'<section class="overview" aria-labelledby="what"><h2 id="what">What we hold about you</h2>\n'
        yield b'<div class="scroll" role="region" tabindex="0" aria-label="Contents"><table class="contents">'
        yield b'<caption>Contents</caption><thead><tr><th scope="col">Data</th><th scope="col">System</th>'
        yield b'<th scope="col" class="n">Records</th><th scope="col">Why it is used</th></tr></thead><tbody>\n'
        yield from (_line(item, places[index], answer.language) for index, item in enumerate(items))
        yield b"</tbody></table></div>\n</section>\n"
    yield statement(answer).encode()
    yield information(answer).encode()
    yield rights_and_complaint(answer).encode()


def jumps(answer: Answer) -> str:
    """Write links to the parts of the first page."""
    parts = {"what": "Contents"} if any(True for _ in answer.collections) else {}
    parts |= {"statement": "What we searched"}
    parts |= {"information": "How we use your data"} if is_told(answer) else {}
    parts |= {"rights": "Your rights", "complaint": "If you disagree"}
    links = "".join(f'<li><a href="#{anchor}">{label}</a></li>' for anchor, label in parts.items())
    return f'<nav class="jumps" aria-label="Parts of this page"><ul>{links}</ul></nav>\n'


def _line(item: CollectionAnswer, place: str, language: str) -> bytes:
    collection = item.collection
    label = said(collection.label or collection.name, language)
    linked = f"<a{attribute('href', place)}>{label}</a>" if item.count else label
    purposes = said("; ".join(information_of(collection).purposes), language)
    source = said(collection.source.label, language)
    is_empty = "" if item.count else ' class="empty"'
    return (
        f'<tr{is_empty}><td>{linked}</td><td>{source}</td><td class="n">{item.count:,}</td><td>{purposes}</td></tr>\n'
    ).encode()


def about(collection: Collection, language: str) -> str:
    """Write why a collection is held, and what its fields mean."""
    given, helped = told(collection, language), helps(collection, language)
    context = "<p>Not about you: given so that the rest can be understood.</p>" if collection.context else ""
    if not (given or helped or context):
        return ""
    why = f'<dl class="told">{given}</dl>' if given else ""
    meaning = f'<h4>What the fields mean</h4><dl class="told">{helped}</dl>' if helped else ""
    return f'<details class="about"><summary>Why we hold this</summary>{context}{why}{meaning}</details>\n'


def helps(collection: Collection, language: str) -> str:
    """Write what the fields mean as entries of a list."""
    return "".join(
        f"<div><dt>{said(name_of(field), language)}</dt>"
        f"<dd{spoken(field.help, language)}>{content(field.help)}</dd></div>"
        for field in collection.fields
        if field.help
    )
