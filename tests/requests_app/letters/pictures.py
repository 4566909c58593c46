"""Pictures and controllers for the tests of the letters."""

from __future__ import annotations

from io import BytesIO

from PIL import Image as Pillow

from exporters.letter import Controller, Image

SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 40"><rect width="40" height="40" rx="8" fill="#0b6b74"/>'
    b'<text x="48" y="27">Shop</text></svg>'
)


def a_png(width: int = 120, height: int = 40, mode: str = "RGBA", **options: object) -> bytes:
    return _saved(Pillow.new(mode, (width, height), "#0b6b74"), "PNG", **options)


def a_jpeg(width: int = 120, height: int = 40, **options: object) -> bytes:
    return _saved(Pillow.new("RGB", (width, height), "#0b6b74"), "JPEG", **options)


def _saved(picture: Pillow.Image, kind: str, **options: object) -> bytes:
    file = BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def a_controller(**changes: object) -> Controller:
    known = {
        "name": "Fish & Chips",
        "address": ("1 Harbour Street", "EH1 1AA Edinburgh"),
        "country": "GB",
        "email": "privacy@fish.test",
        "phone": "+44 131 4960000",
        "website": "https://fish.test/",
        "colour": "#0b6b74",
        "logo": Image("image/png", a_png()),
        "signatory": "Morag Example",
        "signatory_role": "Privacy team",
        "signature": Image("image/svg+xml", SVG),
    }
    return Controller(**(known | changes))
