"""The colours that go with the controller's own, so that every text can be read upon its ground.

Source: WCAG 2.2, success criterion 1.4.3.
"""

from __future__ import annotations

import re
from colorsys import hls_to_rgb, rgb_to_hls
from dataclasses import dataclass

from exporters.opening.colours import PLAIN, contrast

LEAST_CONTRAST = 4.5
WHITE, BLACK = "#ffffff", "#000000"
PAPER, DARK_PAPER, DARK_SURFACE = "#f6f5f1", "#101617", "#182021"

_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_STEP = 0.04
_DARK_CONTRAST, _DARK_SATURATION = 6.5, 0.6


@dataclass(frozen=True, slots=True)
class Palette:
    """One colour and its kin, each `#rrggbb`.

    Args:
        accent: of links, bars and buttons.
        strong: the accent under the pointer, and of small text on `soft`.
        soft: a ground for ordinary text.
        on_accent: of text upon the accent.
    """

    accent: str
    strong: str
    soft: str
    on_accent: str


def carries_white(colour: str) -> bool:
    """Whether white text upon it can be read."""
    return contrast(colour, WHITE) >= LEAST_CONTRAST


def darker(colour: str, grounds: tuple[str, ...] = (WHITE,)) -> str:
    """Give the nearest darker shade that stands out from every one of these light grounds."""
    return _until(colour, BLACK, grounds, LEAST_CONTRAST)


def light(colour: str) -> Palette:
    """Give what goes with a colour on light pages."""
    known = colour if _HEX.fullmatch(colour) else PLAIN
    soft = _mixed(known, WHITE, 0.9)
    accent = darker(known, (WHITE, PAPER, soft))
    return Palette(accent.lower(), _mixed(accent, BLACK, 0.3), soft, WHITE)


def dark(colour: str) -> Palette:
    """Give what goes with a colour on dark pages."""
    known = colour if _HEX.fullmatch(colour) else PLAIN
    accent = _brightened(known)
    return Palette(accent, _mixed(accent, WHITE, 0.4), _mixed(DARK_SURFACE, accent, 0.16), _mixed(accent, BLACK, 0.88))


def _brightened(colour: str) -> str:
    """Lighten a colour until dark pages carry it; it keeps its hue and stays a colour, where white would grey it."""
    hue, lightness, saturation = rgb_to_hls(*(channel / 255 for channel in _channels(colour)))
    shown = colour
    while lightness < 1 and min(contrast(shown, ground) for ground in (DARK_PAPER, DARK_SURFACE)) < _DARK_CONTRAST:
        lightness = min(lightness + _STEP / 2, 1)
        channels = hls_to_rgb(hue, lightness, min(saturation, _DARK_SATURATION))
        shown = "#" + "".join(f"{round(channel * 255):02x}" for channel in channels)
    return shown.lower()


def _until(colour: str, end: str, grounds: tuple[str, ...], least: float) -> str:
    share, mixed = 0.0, colour
    while share < 1 and min(contrast(mixed, ground) for ground in grounds) < least:
        share += _STEP
        mixed = _mixed(colour, end, min(share, 1))
    return mixed


def _mixed(colour: str, other: str, share: float) -> str:
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(one + (two - one) * share):02x}" for one, two in pairs)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
