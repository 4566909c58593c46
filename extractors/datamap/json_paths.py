"""Paths into JSON values: `$.settings.token`, `$["odd name"]`, `$.list[0]`."""

from __future__ import annotations

import re
from typing import TypeAlias

JsonPath: TypeAlias = tuple[str | int, ...]

STEP = re.compile(r"""\.(?P<name>[^.\[\]"*]+)|\["(?P<quoted>[^"]+)"\]|\[(?P<index>\d+)\]""")


def parse_json_path(text: str) -> JsonPath:
    """Split a path into its steps: a name as text, an index as a number.

    Raises:
        ValueError: not a plain path from the root (wildcards and filters are not supported).
    """
    steps: list[str | int] = []
    position = 1 if text.startswith("$") else len(text)
    while match := STEP.match(text, position):
        steps.append(int(match["index"]) if match["index"] else match["name"] or match["quoted"])
        position = match.end()
    if not steps or position != len(text):
        raise ValueError('not a path into JSON such as $.name, $.list[0] or $["odd name"]')
    return tuple(steps)
