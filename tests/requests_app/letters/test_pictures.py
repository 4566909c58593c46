from __future__ import annotations

import gzip
import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image as Pillow
from PIL.PngImagePlugin import PngInfo

from requests_app.letters.pictures import MOST_BYTES, UnusablePicture, checked, size_of
from tests.requests_app.letters.pictures import SVG, a_jpeg, a_png

SPACE = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def svg(inside: str = "", root: str = 'viewBox="0 0 10 10"', before: str = "") -> bytes:
    return f"{before}<svg {SPACE} {root}>{inside}</svg>".encode()


@pytest.mark.parametrize(
    ("content", "media_type"), [(a_png(), "image/png"), (a_jpeg(), "image/jpeg"), (SVG, "image/svg+xml")]
)
def test_a_picture_is_known_by_what_it_is(content, media_type):
    image = checked(content)
    assert (image.media_type, size_of(image)) == (media_type, (120, 40))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "RGB", "RGBA"])
def test_every_way_of_colours_comes_through(mode):
    file = BytesIO()
    Pillow.new(mode, (20, 20)).save(file, "PNG")
    assert size_of(checked(file.getvalue())) == (20, 20)


def test_nothing_travels_with_a_picture():
    info = PngInfo()
    info.add_text("Comment", "Zanzibar")
    exif = Pillow.Exif()
    exif[0x010E] = "Zanzibar"
    behind = b"PK\x03\x04 Zanzibar <script>"
    for content in (a_png(pnginfo=info) + behind, a_jpeg(exif=exif, comment=b"Zanzibar") + behind):
        assert b"Zanzibar" in content
        assert b"Zanzibar" not in checked(content).content


def test_a_photograph_with_nonsense_beside_it_is_refused():
    exif = Pillow.Exif()
    exif[0x0112], exif[0x010E] = 6, "x" * 50
    content = a_jpeg(exif=exif).replace(b"\x01\x0e\x00\x02", b"\x01\x00\x00\x02")  # its width is a text
    with pytest.raises(UnusablePicture, match="broken"):
        checked(content)


def test_a_photograph_stands_as_it_was_seen():
    exif = Pillow.Exif()
    exif[0x0112] = 6  # turned by a quarter
    assert size_of(checked(a_jpeg(120, 40, exif=exif))) == (40, 120)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no picture of a kind"),
        (b"GIF89a" + b"\0" * 50, "no picture of a kind"),
        (b"<html><script>alert(1)</script></html>", "no picture of a kind"),
        (b"%PDF-1.7", "no picture of a kind"),
        (gzip.compress(SVG), "no picture of a kind"),
        (a_png()[:60], "broken"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "broken"),
        (b"\xff\xd8\xff" + b"\0" * 100, "broken"),
        (a_png(2_001, 10), "2001 by 10 pixels"),
        (a_png(7, 100), "7 by 100 pixels"),
        (a_png() + b"\0" * MOST_BYTES, "at most 256 KB"),
    ],
)
def test_what_is_no_small_picture_is_refused_in_plain_words(content, told):
    with pytest.raises(UnusablePicture, match=told):
        checked(content)


def test_a_small_file_that_would_fill_the_memory_is_refused_before_it_is_drawn():
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    png = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    with pytest.raises(UnusablePicture):
        checked(png)


@pytest.mark.parametrize(
    "inside",
    [
        '<path d="M0 0h10v10z" fill="url(#a)" style="stroke: #fff"/>',
        '<defs><linearGradient id="a"><stop offset="1" stop-color="red"/></linearGradient></defs>',
        '<linearGradient id="b" xlink:href="#a"/>',
        '<clipPath id="c"><rect width="5" height="5"/></clipPath><g clip-path="url(#c)"><circle r="3"/></g>',
        "<style>.cls-1,\n#b, rect.c{fill:#fff} * { stroke: red }\n</style><style> </style>",
        "<style>.a { fill: #0b6b74 }</style><text class='a'>Ä &amp; 漢</text>",
        "<!-- made by hand --><title>Shop</title>",
    ],
)
def test_a_plain_drawing_is_taken_as_it_is(inside):
    assert checked(svg(inside)).content == svg(inside)


NESTED = "".join(f'<mask id="m{n}"><g mask="url(#m{n + 1})"/><g mask="url(#m{n + 1})"/></mask>' for n in range(30))


@pytest.mark.parametrize(
    ("inside", "told"),
    [
        ("<script>alert(1)</script>", "script"),
        ("<script xmlns='http://www.w3.org/1999/xhtml'>alert(1)</script>", "script"),
        ('<g onload="alert(1)"/>', "acts by itself"),
        ('<g ONCLICK="alert(1)"/>', "acts by itself"),
        ("<foreignObject><p xmlns='http://www.w3.org/1999/xhtml'>x</p></foreignObject>", "foreignObject"),
        ('<image href="https://x.test/a.png"/>', "image"),
        ('<use href="#a"/>', "use"),
        ('<a href="https://x.test/"><text>x</text></a>', "<a>"),
        ('<animate attributeName="href" to="javascript:alert(1)"/>', "animate"),
        ('<set attributeName="onmouseover" to="alert(1)"/>', "set"),
        ('<linearGradient href="https://x.test/#a"/>', "points elsewhere"),
        ('<linearGradient xlink:href="data:image/svg+xml,x"/>', "points elsewhere"),
        ('<rect fill="url(https://x.test/a.svg#b)"/>', "points elsewhere"),
        ("<rect fill=\"URL( 'https://x.test/a.svg#b')\"/>", "points elsewhere"),
        ('<rect style="fill: url(//x.test/)"/>', "points elsewhere"),
        ("<style>@import 'https://x.test/a.css';</style>", "style with"),
        ("<style>@font-face { src: url(https://x.test/a) }</style>", "style with"),
        ("<style>rect { fill: u\\72l(https://x.test/) }</style>", "style with"),
        ("<style>rect { fill: u/**/rl(x) }</style>", "style with"),
        ("<style>g { mask: url(#m) }</style>", "mask or clip-path"),
        ("<style>@import 'https://x.test/a.css';<style></style></style>", "inside its styles"),
        ("<style><style></style>@import 'https://x.test/a.css';</style>", "inside its styles"),
        ('<rect style="mask-image: src(https://x.test/)"/>', "style with"),
        ("<filter id='f'><feGaussianBlur stdDeviation='9999'/></filter>", "filter"),
        ('<g xml:base="https://x.test/"/>', "points elsewhere"),
        ("<g xmlns:i='http://www.inkscape.org/namespaces/inkscape' i:label='x'/>", "of an editor"),
        (NESTED, "inside another"),
        ("<g>" * 60 + "</g>" * 60, "too many parts"),
        ("<g/>" * 5_001, "too many parts"),
        ("<style>g g g rect { fill: red }</style>", "depend on several parts"),
        ("<style>rect:nth-child(2) { fill: red }</style>", "depend on several parts"),
        ("<style>.a { fill: red } }</style>", "not understood"),
        ("<style>" + ".a{fill:red}" * 201 + "</style>", "too many styles"),
        ("<style>" + ".a," * 150 + "b{}</style>" + "<style>" + ".a," * 150 + "b{}</style>", "too many styles"),
        ('<linearGradient id="a" x1="0" x2="0.00001" spreadMethod="reflect"/>', "gradient that repeats"),
        ("<mask>" + "<g/>" * 500 + "</mask>" + '<g mask="url(#m)"/>' * 500, "too many parts"),
        ('<g style="clip-path: url(#m)"/>' * 500 + "<clipPath>" + "<g/>" * 500 + "</clipPath>", "too many parts"),
        ("<g>", "broken"),
    ],
)
def test_a_drawing_that_does_more_than_show_itself_is_refused(inside, told):
    with pytest.raises(UnusablePicture, match=told):
        checked(svg(inside))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (svg(before="<!DOCTYPE svg>"), "DOCTYPE"),
        (svg(before='<!DOCTYPE svg [<!ENTITY a "b">]>', inside="<text>&a;</text>"), "DOCTYPE"),
        (svg(before='<!DOCTYPE svg SYSTEM "https://x.test/a.dtd">'), "DOCTYPE"),
        (svg(before='<?xml-stylesheet href="https://x.test/a.css"?>'), "broken|processing instruction"),
        (svg(before='<?xml version="1.0"?><?xml-stylesheet href="a.css"?>'), "processing instruction"),
        (svg().decode().encode("utf-16"), "no picture of a kind"),
        (svg(before='<?xml version="1.0"?>', inside="\xe4").decode().encode("latin-1"), "UTF-8"),
        (b"<svg viewBox='0 0 10 10'></svg>", "no SVG picture"),
        (svg(root=""), "how large"),
        (svg(root='width="100%" height="100%"'), "how large"),
        (svg(root='viewBox="0 0 0 10"'), "empty"),
        (svg(root='width="99999" height="10"'), "10,000"),
        (svg(root='onload="x()" viewBox="0 0 10 10"'), "acts by itself"),
    ],
)
def test_a_drawing_is_whole_and_alone(content, told):
    with pytest.raises(UnusablePicture, match=told):
        checked(content)
