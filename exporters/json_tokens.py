"""Takes JSON text apart without losing a digit, the order of names, or names given twice."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


def tokens(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the tokens of valid JSON but commas and colons, and whether each is the name of a member."""
    found = _TOKEN.findall(text)
    for token, following in zip(found, [*found[1:], ""], strict=True):
        if token not in (",", ":"):
            yield token, following == ":"
