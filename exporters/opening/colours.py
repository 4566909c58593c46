"""The controller's colour, made so that words in it and upon it can be read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from exporters.base import Answer

PLAIN = "#17324d"
_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_ENOUGH = 5.0  # against one; WCAG 2.2, 1.4.3 asks for 4.5
_DARK_SHEET = "#18212b"


def colour_of(answer: Answer) -> str:
    """Give the controller's colour, `#rrggbb`, dark enough to write with and to write upon in white."""
    told = answer.letter.controller.colour if answer.letter else PLAIN
    colour = told if _HEX.fullmatch(told) else PLAIN
    return _moved(colour, towards=0, until=lambda found: contrast(found, "#ffffff") >= _ENOUGH)


def bright(colour: str) -> str:
    """Lighten a colour until it can be read on a dark page."""
    return _moved(colour, towards=255, until=lambda found: contrast(found, _DARK_SHEET) >= _ENOUGH + 1)


def deep(colour: str) -> str:
    """Darken a colour for a large surface of a dark page."""
    return _mixed(colour, 0, 0.35)


def tint(colour: str) -> str:
    """Give a breath of a colour, for a surface that dark words stand upon."""
    return _mixed(colour, 255, 0.93)


def contrast(one: str, other: str) -> float:
    """Give the contrast of two colours, from 1 to 21.

    Source: W3C, "Web Content Accessibility Guidelines 2.2", contrast ratio.
    """
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _moved(colour: str, *, towards: int, until: Callable[[str], bool]) -> str:
    steps = (_mixed(colour, towards, step / 20) for step in range(21))
    return next(step for step in steps if until(step))


def _mixed(colour: str, towards: int, share: float) -> str:
    return "#" + "".join(f"{round(part + (towards - part) * share):02x}" for part in _parts(colour))


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
