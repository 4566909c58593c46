from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporters.opening.colours import contrast
from requests_app.letters.colours import (
    DARK_PAPER,
    DARK_SURFACE,
    LEAST_CONTRAST,
    PAPER,
    WHITE,
    carries_white,
    dark,
    darker,
    light,
)

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@given(colours)
def test_every_text_can_be_read_upon_its_ground_whatever_the_colour(colour):
    on_light, on_dark = light(colour), dark(colour)
    pairs = [
        *((on_light.accent, ground) for ground in (WHITE, PAPER, on_light.soft)),
        (on_light.on_accent, on_light.accent),
        (on_light.on_accent, on_light.strong),
        (on_light.strong, on_light.soft),
        ("#1b2423", on_light.soft),
        ("#525d5b", on_light.soft),
        *((on_dark.accent, ground) for ground in (DARK_PAPER, DARK_SURFACE)),
        (on_dark.on_accent, on_dark.accent),
        (on_dark.on_accent, on_dark.strong),
        (on_dark.strong, on_dark.soft),
        ("#e7ecea", on_dark.soft),
        ("#a7b4b1", on_dark.soft),
    ]
    assert [(pair, contrast(*pair)) for pair in pairs if contrast(*pair) < LEAST_CONTRAST] == []


@given(colours)
def test_the_darker_shade_carries_white_text_and_is_the_colour_itself_where_that_does(colour):
    assert carries_white(darker(colour))
    assert (darker(colour) == colour) == carries_white(colour)


@pytest.mark.parametrize("colour", ["", "red", "#fff", "#12345g", "#123456; } body { display: none"])
def test_what_is_no_colour_is_the_colour_of_the_house(colour):
    assert light(colour) == light("#17324d")
    assert dark(colour) == dark("#17324d")
