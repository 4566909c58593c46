"""What was left out, told to people: the fields by their names in words, and no reason twice."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from extractors.batches import Cause, words

if TYPE_CHECKING:
    from extractors.batches import Omission

_FIELDS = re.compile(r"(?:secret, never leaves the source|about other people, withheld \(GDPR Art\. 15\(4\)\)): (.+)")
_NOT_PORTABLE = re.compile(r"(.+) \((\d[\d,]* fields?)\): (.+)")
_PARTS = re.compile(r"parts withheld inside (.+)")
_PATHS = re.compile(r" \([^()]*\)")


def omitted(left: Omission) -> str:
    """Say what was left out below a heading that says why; what is not recognised stands as it is.

    Files for programs keep the reason as it is, with the names of the columns.
    """
    if left.cause is Cause.NOT_PORTABLE and (fields := _NOT_PORTABLE.fullmatch(left.reason)):
        return f"{fields[1]}, {fields[2]}: {_named(fields[3])}"
    if left.cause not in (Cause.SECRET, Cause.THIRD_PARTY):
        return left.reason
    if fields := _FIELDS.fullmatch(left.reason):
        return _named(fields[1])
    if parts := _PARTS.fullmatch(left.reason):
        return f"parts of {_named(_PATHS.sub('', parts[1]))}"
    return left.reason


def _named(columns: str) -> str:
    return ", ".join(words(name) for name in columns.split(", "))
