"""Finds secrets inside sampled JSON by what its keys are called; names of keys stay, and nothing of a value.

A key may be somebody's data itself (an address a setting is kept under): steps that are not the same from row to row
are never named, and what is above them is proposed instead.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from extractors.discovery.model import Concept
from extractors.discovery.names import guesses
from extractors.discovery.shapes import is_known_secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Path: TypeAlias = tuple[str, ...]

WHOLE = "$"
MOST_VALUES = 200
DEEPEST = 12
LIKELY = 0.8
STEADY = 0.2
FEWEST = 2
ITEM = "[]"
_PLAIN = re.compile(r"[A-Za-z_][\w-]{0,63}", re.ASCII)
_ENTITLED = re.compile(r"(?:csrf|xsrf|jwt|cookie|session_?id|sid|nonce|credentials?)", re.IGNORECASE)


@dataclass(slots=True)
class _Seen:
    """How often keys were seen, and which of them hold secrets."""

    keys: Counter[Path] = field(default_factory=Counter)
    secrets: set[Path] = field(default_factory=set)


def secret_paths(values: Iterable[object]) -> tuple[str, ...]:
    """Give the paths to what looks like a secret within JSON values, as a data map's `drop` takes them.

    Returns:
        `$` alone where a secret stands in what no path can name.
    """
    seen = _Seen()
    for value, _ in zip((value for value in map(read, values) if value is not None), range(MOST_VALUES), strict=False):
        seen.keys[()] += 1
        for path in set(_walk(value, (), seen)):
            seen.keys[path] += 1
    named = {_nameable(path, seen.keys) for path in seen.secrets}
    return tuple(sorted(_written(path) for path in named if not any(path[:end] in named for end in range(len(path)))))


def read(value: object) -> object | None:
    """Read JSON, of a text that was cut off as far as it goes; None for what is none."""
    if isinstance(value, dict | list):
        return value
    text = value.strip() if isinstance(value, str) else ""
    if text[:1] not in ("{", "["):
        return None
    for tried in (text, _closed(text)):
        try:
            found = json.loads(tried)
        except (ValueError, RecursionError):
            continue
        return found if isinstance(found, dict | list) else None
    return None


def _closed(text: str) -> str:
    """Close what was cut off behind its last whole member."""
    open_, whole, is_text, is_escaped = [], "", False, False
    for place, character in enumerate(text):
        if is_text:
            is_text, is_escaped = is_escaped or character != '"', not is_escaped and character == "\\"
        elif character == '"':
            is_text = True
        elif character in "{[":
            open_.append("}" if character == "{" else "]")
            whole = text[: place + 1] + "".join(reversed(open_))
        elif character in "}]" and open_:
            open_.pop()
        elif character == ",":
            whole = text[:place] + "".join(reversed(open_))
    return whole


def _walk(value: object, path: Path, seen: _Seen) -> Iterator[Path]:
    """Go through what a value holds; yield every path, and note those that hold a secret."""
    if len(path) > DEEPEST:
        return
    if isinstance(value, dict):
        for key, within in value.items():
            below = (*path, str(key))
            yield below
            if _is_secret(str(key), within):
                seen.secrets.add(below)
            else:
                yield from _walk(within, below, seen)
    elif isinstance(value, list):
        for within in value[:DEEPEST]:
            yield (*path, ITEM)
            yield from _walk(within, (*path, ITEM), seen)
            if isinstance(within, str) and is_known_secret(within):
                seen.secrets.add((*path, ITEM))


def _is_secret(key: str, value: object) -> bool:
    if isinstance(value, str) and is_known_secret(value):
        return True
    is_empty = value is None or isinstance(value, bool) or value in ("", [], {})
    return not is_empty and (not isinstance(value, float)) and _is_called_secret(key)


@lru_cache(maxsize=10_000)
def _is_called_secret(key: str) -> bool:
    likeliest = guesses("", key)[0]
    return bool(_ENTITLED.fullmatch(key)) or (likeliest.concept is Concept.SECRET and likeliest.confidence >= LIKELY)


def _nameable(path: Path, keys: Counter[Path]) -> Path:
    """Shorten a path to the steps that are the same from row to row and that a data map can name."""
    for place, step in enumerate(path):
        is_last = place == len(path) - 1
        is_steady = keys[path[: place + 1]] >= max(FEWEST, STEADY * keys[path[:place]])
        is_known = is_last and _is_called_secret(step)
        if not _PLAIN.fullmatch(step) or not (is_steady or is_known):
            return path[:place]
    return path


def _written(path: Path) -> str:
    return "".join((WHOLE, *(f".{step}" for step in path)))
