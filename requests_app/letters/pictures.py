"""Pictures that the team uploads: small, really what they say they are, and nothing in them acts or loads."""

from __future__ import annotations

import base64
import re
import struct
from io import BytesIO
from typing import TYPE_CHECKING

from exporters.letter import Image
from extractors.errors import DsrError
from requests_app.letters.vector import check_svg, size_of_svg

if TYPE_CHECKING:
    from PIL.Image import Image as Raster

MOST_BYTES = 256 * 1024
MOST_PIXELS, LEAST_PIXELS = 2_000, 8
PNG, JPEG, SVG = "image/png", "image/jpeg", "image/svg+xml"
# What Pillow raises for broken files; struct.error for what stands in them beside the picture.
_BROKEN = (OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, EOFError, struct.error)
_SVG_START = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml|!--|!DOCTYPE|svg)", re.IGNORECASE)


class UnusablePicture(DsrError, ValueError):
    """Say why a picture is not taken, and what would be."""


def checked(content: bytes) -> Image:
    """Look through a picture by what it is, not by what it is called; give what is to be stored.

    PNG and JPEG are drawn anew, so that nothing travels with them: no place where a photograph was taken, no second
    file behind the first. SVG stays as it is.

    Raises:
        UnusablePicture: it is too large, broken, of another kind, or does more than show itself.
    """
    if len(content) > MOST_BYTES:
        raise UnusablePicture(f"This picture has {len(content) // 1024} KB; at most {MOST_BYTES // 1024} KB are taken.")
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return _redrawn(content, "PNG", PNG)
    if content.startswith(b"\xff\xd8\xff"):
        return _redrawn(content, "JPEG", JPEG)
    if _SVG_START.match(content):
        try:
            check_svg(content)
        except ValueError as error:
            raise UnusablePicture(str(error)) from None
        return Image(SVG, content)
    raise UnusablePicture("This is no picture of a kind that is taken: please choose a PNG, JPEG or SVG file.")


def size_of(image: Image) -> tuple[float, float]:
    """Give width and height of a picture that was checked; of an SVG as it says itself."""
    if image.media_type == SVG:
        return size_of_svg(image.content)
    from PIL import Image as Pillow

    with Pillow.open(BytesIO(image.content), formats=("PNG", "JPEG")) as opened:
        return opened.size


def data_address(image: Image | None) -> str:
    """Write a picture as an address that holds it whole; empty for none."""
    if image is None:
        return ""
    return f"data:{image.media_type};base64,{base64.b64encode(image.content).decode()}"


def _redrawn(content: bytes, kind: str, media_type: str) -> Image:
    from PIL import Image as Pillow
    from PIL import ImageOps

    try:
        with Pillow.open(BytesIO(content), formats=(kind,)) as opened:
            _check_size(*opened.size)
            opened.load()
            turned = ImageOps.exif_transpose(opened) or opened
            redrawn = _saved(turned, kind)
    except UnusablePicture:
        raise
    except (*_BROKEN, Pillow.DecompressionBombError):
        raise UnusablePicture(f"This {kind} file is broken; please save it anew.") from None
    if len(redrawn) > MOST_BYTES:
        raise UnusablePicture(f"Drawn anew this picture has more than {MOST_BYTES // 1024} KB; please make it smaller.")
    return Image(media_type, redrawn)


def _check_size(width: float, height: float) -> None:
    if not (LEAST_PIXELS <= width <= MOST_PIXELS and LEAST_PIXELS <= height <= MOST_PIXELS):
        sides = f"{LEAST_PIXELS} to {MOST_PIXELS:,} pixels"
        raise UnusablePicture(f"This picture has {width} by {height} pixels; each side may have {sides}.")


def _saved(picture: Raster, kind: str) -> bytes:
    modes = {"RGB"} if kind == "JPEG" else {"L", "LA", "RGB", "RGBA"}
    clean = picture.convert(picture.mode if picture.mode in modes else "RGB" if kind == "JPEG" else "RGBA")
    clean.info = {}  # where comments and the like would travel on
    file = BytesIO()
    options = {"quality": 90} if kind == "JPEG" else {}
    clean.save(file, kind, optimize=True, **options)
    return file.getvalue()
