"""Writes SVG elements: every name and value escaped, every number short."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

# What XML 1.0 cannot hold, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def text(words: str) -> str:
    """Escape a text; what XML cannot hold is shown as a replacement character."""
    return escape(_FORBIDDEN.sub("\ufffd", words))


def element(name: str, *children: str, **attributes: str | float) -> str:
    """Write an element around children that are written already.

    Args:
        attributes: an underscore stands for a hyphen, one at the end for nothing (`class_`).
    """
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}={quoteattr(_FORBIDDEN.sub(chr(0xFFFD), str(value)))}"
        for key, value in attributes.items()
    )
    inner = "".join(children)
    return f"<{name}{written}>{inner}</{name}>" if inner else f"<{name}{written}/>"


def titled(words: str) -> str:
    """Write what is shown where a pointer rests, and read aloud."""
    return element("title", text(words))


def number(value: float) -> str:
    """Write a number with one digit behind the point, and none where it is whole."""
    return f"{value:.1f}".removesuffix(".0")


def clipped(words: str, letters: int) -> str:
    """Shorten a text that would not fit; the whole stands in the title beside it."""
    return words if len(words) <= letters else words[: max(1, letters - 1)] + "…"
