"""The completeness statement: what was searched, what was found, what is missing and why."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from exporters.about import searches_of
from exporters.letter import Searched, SearchOutcome
from exporters.markup import content
from exporters.opening.omitted import omitted
from exporters.opening.phrases import kind, listed, moment, said
from exporters.opening.result import Result, is_portable, result_of, told_omissions
from extractors.batches import Cause, counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from exporters.base import Answer
    from extractors.batches import Omission

_VERDICTS = {
    Result.WHOLE: ("whole", "Complete", "Everything that we found about you is in this answer."),
    Result.PARTIAL: (
        "partial",
        "With gaps",
        "Not everything is in this answer; below we say what is missing, and why.",
    ),
    Result.NOTHING_FOUND: ("partial", "With gaps", "We can give you nothing now; below we say why."),
    Result.NONE_HELD: ("whole", "Nothing held", "We searched, and hold no data about you."),
}
_PORTABLE = _VERDICTS | {
    Result.WHOLE: (
        "whole",
        "Complete",
        "Everything is in this answer that you gave us, and that we use by your consent or for a contract.",
    ),
    Result.NOTHING_FOUND: (
        "partial",
        "Nothing to give",
        "We found nothing that this right covers; below we say what is left out, and why.",
    ),
}
CAUSES: dict[Cause | None, tuple[str, str]] = {
    Cause.UNREACHED: (
        "Could not be searched",
        "We could not look here, or not everywhere. Ask us again: what is there belongs to your answer.",
    ),
    Cause.WITHHELD: ("Withheld after a review", "A person looked at it and decided, on the ground that is named."),
    Cause.FORBIDDEN: (
        "Held, but never sent",
        "We hold this about you. The law where you live forbids us to send it, so that nobody else gets it.",
    ),
    Cause.THIRD_PARTY: (
        "About other people",
        "Withheld, since your answer must not harm the rights of others.",
    ),
    Cause.LIMIT: (
        "Shortened",
        "There are more records than this kind of answer gives. A request for access gives you all of them.",
    ),
    Cause.DELETED: ("Marked as deleted", "Left out of this kind of answer. A request for access gives you these too."),
    Cause.NOT_PORTABLE: (
        "Not part of this right",
        "What you take elsewhere is what you gave us yourself, and what we use by your consent or for a contract "
        "(Article 20). You get the rest too, by a request for access (Article 15).",
    ),
    Cause.SECRET: (
        "Passwords and other secrets",
        "They are kept so that only you can get in, and never leave the system.",
    ),
    None: ("Also not included", ""),
}


def statement(answer: Answer, shortened: str = "") -> str:
    """Write the completeness statement.

    Args:
        shortened: what of the records this very file does not show and where that is, as markup.
    """
    return (
        '<section class="statement" aria-labelledby="statement">'
        '<h2 id="statement">What we searched, and what we found</h2>\n'
        f"{_verdict(answer)}{_searched(answer)}{_empty(answer)}{shortened}{_missing(answer)}</section>\n"
    )


def _verdict(answer: Answer) -> str:
    css_class, word, told = (_PORTABLE if is_portable(answer) else _VERDICTS)[result_of(answer)]
    records = counted(answer.records, "record")
    found = f"{records} in {counted(sum(1 for item in answer.collections if item.count), 'collection')}. "
    return f'<p class="verdict {css_class}"><b>{word}</b> {found if answer.records else ""}{told}</p>\n'


def _searched(answer: Answer) -> str:
    searches = searches_of(answer)
    if not searches:
        return ""
    rows = "".join(_row(search, answer.language) for search in searches)
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("System", "Searched on", "Searched by", "Result"))
    return (
        '<div class="scroll" role="region" tabindex="0" aria-label="Systems searched"><table class="searched">'
        f"<caption>Systems searched</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>\n"
    )


def _row(search: Searched, language: str) -> str:
    at = moment(search.at) if search.at else "never"
    by = listed(kind(name) for name in search.identifiers if "." not in name)
    label = said(search.label or search.source, language)
    return f'<tr><th scope="row">{label}</th><td>{at}</td><td>{content(by)}</td><td>{_outcome(search)}</td></tr>\n'


def _outcome(search: Searched) -> str:
    note = f'<br><span class="note">{content(search.note)}</span>' if search.note else ""
    if search.outcome is SearchOutcome.FAILED:
        return f'<b class="gap">Could not be searched</b>{note}'
    found = counted(search.records, "record") if search.records else "Nothing found"
    if search.outcome is SearchOutcome.PARTLY:
        return f'{found}, <b class="gap">searched in part</b>{note}'
    return f"{found}{note}"


def _empty(answer: Answer) -> str:
    labels = [item.collection.label or item.collection.name for item in answer.collections if not item.count]
    if not (labels and answer.records):
        return ""
    named = ", ".join(said(label, answer.language) for label in labels)
    return f"<p>We also looked here, and found nothing about you: {named}.</p>\n"


def _missing(answer: Answer) -> str:
    groups: defaultdict[Cause | None, list[Omission]] = defaultdict(list)
    for left in told_omissions(answer):
        groups[left.cause].append(left)
    if not groups:
        return ""
    told = "".join(_group(answer, cause, groups[cause]) for cause in CAUSES if cause in groups)
    return f'<h3 id="missing">Not included</h3>\n<div class="missing">{told}</div>\n'


def _group(answer: Answer, cause: Cause | None, left: Sequence[Omission]) -> str:
    title, why = CAUSES[cause]
    explained = f"<p>{why}</p>" if why else ""
    return f"<h4>{title}</h4>{explained}<ul>{''.join(_lines(answer, left))}</ul>\n"


def _lines(answer: Answer, left: Sequence[Omission]) -> Iterator[str]:
    labels = {(i.collection.source.slug, i.collection.name): i.collection.label for i in answer.collections}
    sources = {source.source.slug: source.source.label for source in answer.sources}
    sources |= {search.source: search.label for search in answer.searched}
    often = Counter(labels.values())
    for one in left:
        source = sources.get(one.source) or one.source
        label = labels.get((one.source, one.collection or "")) or one.label or one.collection or source
        of_source = f" ({said(source, answer.language)})" if often[label] > 1 else ""
        named = "" if one.reason.startswith(label) else f"{said(label, answer.language)}{of_source}: "
        yield f"<li>{named}{content(omitted(one))}</li>"
