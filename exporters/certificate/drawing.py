"""What is drawn on a certificate: the QR code, and the lines of its first page."""

from __future__ import annotations

import base64
from io import BytesIO
from math import cos, pi
from typing import TYPE_CHECKING

import segno

from exporters.markup import attribute

if TYPE_CHECKING:
    from exporters.letter import Image

BORDER_MODULES = 0  # the page around it is white
BAND_WIDTH, BAND_HEIGHT, WAVES, LINES = 2100, 90, 30, 14


def picture(image: Image, words: str, look: str) -> str:
    """Put a picture into the markup, all of it."""
    return f'<img class="{look}"{attribute("alt", words)} src="{_address(image.media_type, image.content)}">'


def qr_code(address: str) -> str:
    """Draw an address as vectors, one path, to be read also where a seventh of it is damaged."""
    drawn = BytesIO()
    segno.make(address, error="m", micro=False, boost_error=False).save(
        drawn, kind="svg", border=BORDER_MODULES, xmldecl=False, nl=False, omitsize=True
    )
    words = attribute("alt", f"QR code of the address {address}")
    return f'<img class="qr"{words} src="{_address("image/svg+xml", drawn.getvalue())}">'


def band(colour: str) -> str:
    """Draw interlaced waves, as securities have them; gives the address of the picture."""
    length = BAND_WIDTH / WAVES / 2
    paths = []
    for number in range(LINES):
        swing = BAND_HEIGHT * 0.92 * cos(pi * number / (LINES - 1))
        start = BAND_HEIGHT / 2
        turns = "".join(f"t{length:g} 0" for _ in range(2 * WAVES + 1))
        paths.append(f'<path d="M{-length / 2:g} {start:g}q{length / 2:g} {swing:.1f} {length:g} 0{turns}"/>')
    drawn = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {BAND_WIDTH} {BAND_HEIGHT}">'
        f'<g fill="none" stroke="{colour}" stroke-width="1" stroke-opacity="0.65">{"".join(paths)}</g></svg>'
    )
    return _address("image/svg+xml", drawn.encode())


def _address(media_type: str, content: bytes) -> str:
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"
