"""Tells a column of people's names: by their shape, and by how many hold a name that many people have."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from extractors.discovery.spelling import folded

FEWEST_DISTINCT = 4
KNOWN_SHARE = 0.2
SHAPED_SHARE = 0.6
TRIED = 150
_WORD = r"[^\W\d_](?:[^\W\d_]|['\u2019\-](?=[^\W\d_]))*\.?"
_NAME = re.compile(rf"{_WORD}(?:,? {_WORD}){{0,4}}")
_PARTICLES = frozenset(
    "de|da|do|dos|das|di|del|della|van|von|der|den|ter|ten|le|la|du|af|bin|al|el|zu|y|e".split("|")  # noqa: SIM905
)


@cache
def _known() -> frozenset[str]:
    """Load the frequent names, folded; the particles among them say nothing."""
    lines = files("extractors.discovery").joinpath("words", "people.txt").read_text("utf-8").splitlines()
    words = (word for line in lines if not line.startswith(("#", "[")) for word in line.split())
    return frozenset(part for word in words for part in folded(word).split("-") if len(part) > 2) - _PARTICLES


def share(texts: Sequence[str]) -> float:
    """Give the share of different texts that are people's names; 0 where too few hold a frequent one.

    No list knows all names. Where a fifth of the texts hold a known one and most have a name's shape, those that
    have the shape count.
    """
    tried = texts[:: max(1, len(texts) // TRIED)][:TRIED]
    if len(tried) < FEWEST_DISTINCT:
        return 0.0
    shaped = [text for text in tried if _has_shape(text)]
    if len(shaped) < len(tried) * SHAPED_SHARE:
        return 0.0
    known = sum(_is_known(text) for text in shaped)
    return len(shaped) / len(tried) if known >= len(shaped) * KNOWN_SHARE else 0.0


def _has_shape(text: str) -> bool:
    if len(text) > 60 or _NAME.fullmatch(text) is None:
        return False
    words = [word for word in text.replace(",", "").split() if folded(word) not in _PARTICLES]
    return bool(words) and (all(not word[0].islower() for word in words) or text.islower())


def _is_known(text: str) -> bool:
    return any(part in _known() for word in text.replace(",", "").split() for part in folded(word).split("-"))
