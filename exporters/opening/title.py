"""What a document opens with where nobody writes to anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exporters.markup import content
from exporters.opening.phrases import kind, moment

if TYPE_CHECKING:
    from exporters.base import Answer


def title_page(answer: Answer, title: str, part: str = "") -> str:
    """Write whose data it is, from whom, and when it was collected."""
    told = facts(answer).items()
    written = "".join(f"<div><dt>{content(name)}</dt><dd>{content(value)}</dd></div>" for name, value in told)
    return (
        f'<section class="title-page"><p class="system-name">{content(answer.system)}</p><h1>{content(title)}</h1>'
        f'{f"<p>{part}</p>" if part else ""}<dl class="told">{written}</dl></section>\n'
    )


def facts(answer: Answer) -> dict[str, str]:
    """Name the request, the day and the person."""
    known = {"Request": answer.reference, "Collected on": moment(answer.exported_at)}
    return known | {kind(name).capitalize(): value for name, value in answer.requester.items()}
