"""The words of notices that count now: those of the team where there are any, else those that come with the portal."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from requests_app.letters import checking
from requests_app.letters.languages import chain
from requests_app.letters.words import Words, shipped
from requests_app.models import NoticeText

if TYPE_CHECKING:
    from collections.abc import Mapping

    from requests_app.letters.writing import Context
    from requests_app.models import SubjectRequest

_log = logging.getLogger(__name__)
ANY_RIGHT = ""


def with_words(template: str, request: SubjectRequest, context: Mapping[str, object]) -> Context:
    """Add to what a notice speaks of the words that it is written in now."""
    return {**context, "words": words_for(template, request.right, request.language)}


def words_for(notice: str, right: str, language: str) -> Words | None:
    """Give the words of a notice; None for one that has a template instead.

    Of the team's words, the language as it is goes before the one it is a kind of (`de-AT`, `de`), and there the words
    for this right before those for any.
    """
    tags = chain(language)
    rows = NoticeText.objects.in_force().filter(notice=notice, right__in=(right, ANY_RIGHT), language__in=tags)
    found = {(row.language, row.right): row for row in rows.order_by("version")}
    for place in ((tag, of) for tag in tags for of in dict.fromkeys((right, ANY_RIGHT))):
        if (row := found.get(place)) and _is_sound(row):
            return of_version(row)
    return shipped(notice, language)


def of_version(row: NoticeText) -> Words:
    """Give the words of one version."""
    return Words(row.subject, row.body, row.language, row.pk)


def _is_sound(row: NoticeText) -> bool:
    """Whether words that were checked when they were kept still pass; what changed since must not stop a mail."""
    if checking.faults(row.notice, row.subject, row.body):
        _log.error("notice.passed_over", extra={"version": row.pk})
        return False
    return True
