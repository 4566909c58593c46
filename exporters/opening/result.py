"""What an answer comes to, and what of its omissions the person is told."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from exporters.letter import SearchOutcome
from extractors.batches import Cause

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from exporters.base import Answer
    from extractors.batches import Omission

_OF_RECORDS = frozenset({Cause.SECRET, Cause.THIRD_PARTY, Cause.NOT_PORTABLE})
_NO_PART_OF_IT = frozenset({Cause.SECRET, Cause.NOT_PORTABLE})


class Result(Enum):
    """How much of what was asked for the person gets."""

    WHOLE = "whole"
    PARTIAL = "partial"  # something is missing or withheld
    NOTHING_FOUND = "nothing found"  # in what could be searched, or may be given
    NONE_HELD = "none held"


def result_of(answer: Answer) -> Result:
    """Tell what an answer comes to; what nobody ever gets, as passwords, or not by this right, does not count.

    Where nothing else is given, it does: nobody looked whether any of it is held.
    """
    told = told_omissions(answer)
    is_lacking = any(left.cut or left.cause not in _NO_PART_OF_IT for left in told)
    is_lacking = is_lacking or bool(unsearched(answer))
    if answer.records:
        return Result.PARTIAL if is_lacking else Result.WHOLE
    return Result.NOTHING_FOUND if is_lacking or is_portable(answer) else Result.NONE_HELD


def is_portable(answer: Answer) -> bool:
    """Whether an answer gives only what may be taken elsewhere (GDPR Art. 20), and there is something it leaves out."""
    return any(left.cause is Cause.NOT_PORTABLE for left in answer.omissions)


def told_omissions(answer: Answer) -> Sequence[Omission]:
    """Give the omissions but those of fields of collections in which nothing was found."""
    counts = {(item.collection.source.slug, item.collection.name): item.count for item in answer.collections}
    return [left for left in answer.omissions if not _is_idle(left, counts)]


def unsearched(answer: Answer) -> Sequence[str]:
    """Name the systems that could not be searched, or not wholly."""
    failed = (SearchOutcome.FAILED, SearchOutcome.PARTLY)
    return [search.label or search.source for search in answer.searched if search.outcome in failed]


def _is_idle(left: Omission, counts: Mapping[tuple[str, str], int]) -> bool:
    place = (left.source, left.collection or "")
    return not left.cut and left.cause in _OF_RECORDS and counts.get(place, 1) == 0
