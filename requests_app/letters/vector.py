"""Looks through SVG: only shapes, text and their colours; whatever acts, loads or points elsewhere is refused.

A list of what is allowed, as no list of what is dangerous is ever whole.

Source: SVG 2; CSS Values 4 §4.5 (url()).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.parsers import expat

if TYPE_CHECKING:
    from collections.abc import Iterator

SPACE = "http://www.w3.org/2000/svg"
LINKS = "http://www.w3.org/1999/xlink"
XML = "http://www.w3.org/XML/1998/namespace"
ELEMENTS = frozenset(
    {
        *("svg", "g", "defs", "title", "desc", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon"),
        *("text", "tspan", "linearGradient", "radialGradient", "stop", "clipPath", "mask", "style"),
    }
)
MOST_ELEMENTS, MOST_DEPTH, MOST_UNITS = 5_000, 40, 10_000
MOST_CUT = 20_000  # parts drawn anew: those of all masks and clip-paths, each time one is used
_URL = re.compile(r"url\s*\(\s*(['\"]?)(.{0,1})", re.IGNORECASE | re.DOTALL)
_LENGTH = re.compile(r"\s*(\d+(?:\.\d+)?)(?:px|pt|mm|cm|in|em|rem)?\s*$")
_SELECTOR = re.compile(r"(?:\*|[\w-]+|[a-zA-Z]*[.#][\w-]+)")  # one inside the other, they take for ever to look for
MOST_SELECTORS = 200
_NUMBERS = re.compile(r"[\s,]+")
# Escapes hide names from whoever looks for them, rules with @ load, and the others run in old browsers.
_STYLE_DANGERS = ("\\", "@", "expression", "javascript:", "behavior", "binding", "image(", "image-set(", "src(", "/*")
_CUTTERS = ("mask", "clip-path")  # one inside the other, a few lines are drawn a billion times


class _Refusal(ValueError):
    """Say what stands in an SVG that may not."""


def check_svg(content: bytes) -> None:
    """Read a whole SVG and refuse it where it is more than a drawing.

    Raises:
        ValueError: what stands in it that may not, in words for the person who uploaded it.
    """
    checker = _Checker()
    try:
        content.decode("utf-8")
        checker.read(content)
    except UnicodeDecodeError:
        raise ValueError("This SVG is not written in UTF-8; please save it so.") from None
    except expat.ExpatError:
        raise ValueError("This SVG is broken; please save it anew.") from None
    if not checker.size:
        raise ValueError("This SVG does not say how large it is; it needs a width and a height, or a viewBox.")
    if not all(0 < side <= MOST_UNITS for side in checker.size):
        raise ValueError(f"This SVG is empty or wider or higher than {MOST_UNITS:,} units.")


def size_of_svg(content: bytes) -> tuple[float, float]:
    """Give width and height of an SVG that was checked."""
    checker = _Checker()
    checker.read(content)
    return checker.size or (1, 1)


class _Checker:
    """Reads an SVG once and raises at the first thing that may not stand in it."""

    def __init__(self) -> None:
        self.size: tuple[float, float] | None = None
        self._count = self._depth = self._cutters = self._inside_cutters = self._cuts = 0
        self._style: list[str] | None = None
        self._selectors = 0

    def read(self, content: bytes) -> None:
        parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.EntityDeclHandler = _refuse_doctype
        parser.ProcessingInstructionHandler = _refuse_instruction
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.Parse(content, True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, local = name.rpartition(" ")
        if self._style is not None:
            raise _Refusal(f"This SVG has an element <{local}> inside its styles; save it as plain SVG.")
        self._count += 1
        self._depth += 1
        if self._count == 1 and (space, local) != (SPACE, "svg"):
            raise _Refusal("This file is no SVG picture.")
        if space != SPACE or local not in ELEMENTS:
            raise _Refusal(
                f"This SVG has an element <{local}>, which is not taken; save it as plain SVG with shapes only."
            )
        self._inside_cutters += self._cutters > 0
        self._cuts += sum(_cuts(attribute, value) for attribute, value in attributes.items())
        is_too_much = self._count > MOST_ELEMENTS or self._inside_cutters * self._cuts > MOST_CUT
        if is_too_much or self._depth > MOST_DEPTH:
            raise _Refusal("This SVG has too many parts; please simplify it.")
        for attribute, value in attributes.items():
            _check_attribute(attribute, value, is_cutting=self._cutters > 0)
        self._cutters += local in {"mask", "clipPath"}
        if self._count == 1:
            self.size = _size(attributes)
        if local == "style":
            self._style = []

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._cutters -= name in {f"{SPACE} mask", f"{SPACE} clipPath"}
        if self._style is not None and name == f"{SPACE} style":
            text = "".join(self._style)
            _check_style(text, is_cutting=True)
            self._selectors += len(_selectors(text))
            if self._selectors > MOST_SELECTORS:
                raise _Refusal("This SVG has too many styles; please simplify it.")
            self._style = None

    def _text(self, data: str) -> None:
        if self._style is not None:
            self._style.append(data)


def _cuts(name: str, value: str) -> bool:
    """Whether an attribute lets a mask or clip-path cut."""
    local = name.rpartition(" ")[2]
    return local in _CUTTERS or (local == "style" and any(cutter in value.lower() for cutter in _CUTTERS))


def _check_attribute(name: str, value: str, *, is_cutting: bool) -> None:
    space, _, local = name.rpartition(" ")
    if space not in {"", LINKS, XML}:
        raise _Refusal(f"This SVG has an attribute {local} of an editor; save it as plain SVG.")
    if local.lower().startswith("on"):
        raise _Refusal(f"This SVG acts by itself ({local}); only drawings are taken.")
    if local.lower() in {"href", "src", "base"} and not value.strip().startswith("#"):
        raise _Refusal(f"This SVG points elsewhere ({local}); everything has to be inside it.")
    if local.lower() == "spreadmethod" and value.strip().lower() != "pad":  # a tiny one fills all memory
        raise _Refusal("This SVG has a gradient that repeats, which is not taken; please simplify it.")
    if is_cutting and local in _CUTTERS:
        raise _Refusal(f"This SVG has a {local} inside another, which is not taken; please simplify it.")
    if local == "style":
        _check_style(value, is_cutting=is_cutting)
    else:
        _check_urls(value)


def _selectors(sheet: str) -> list[str]:
    """Give the selectors of a style sheet, each of which names an element, a class or an id and nothing more."""
    *rules, rest = sheet.split("}")
    parted = [rule.partition("{") for rule in rules]
    if rest.strip() or any(not brace or "{" in styles for _, brace, styles in parted):
        raise _Refusal("This SVG has styles that are not understood; please simplify it.")
    found = [selector for selectors, _, _ in parted for selector in selectors.split(",")]
    for selector in found:
        if not _SELECTOR.fullmatch(selector.strip()):
            raise _Refusal("This SVG has styles that depend on several parts; use classes alone.")
    return found


def _check_style(text: str, *, is_cutting: bool) -> None:
    lowered = text.lower()
    if is_cutting and any(cutter in lowered for cutter in _CUTTERS):
        raise _Refusal("This SVG has a mask or clip-path in its styles, which is not taken; please simplify it.")
    for danger in _STYLE_DANGERS:
        if danger in lowered:
            raise _Refusal(f"This SVG has a style with {danger!r}, which is not taken; use plain colours.")
    _check_urls(text)


def _check_urls(value: str) -> None:
    if "\\" in value:
        raise _Refusal("This SVG has a backslash in an attribute, which is not taken.")
    if any(match[2] != "#" for match in _URL.finditer(value)):
        raise _Refusal("This SVG points elsewhere (url); everything has to be inside it.")


def _size(attributes: dict[str, str]) -> tuple[float, float] | None:
    given = tuple(_lengths(attributes))
    if len(given) == 2:
        return given
    box = [part for part in _NUMBERS.split(attributes.get("viewBox", "").strip()) if part]
    try:
        return (float(box[2]), float(box[3])) if len(box) == 4 else None
    except ValueError:
        return None


def _lengths(attributes: dict[str, str]) -> Iterator[float]:
    for name in ("width", "height"):
        if match := _LENGTH.match(attributes.get(name, "")):
            yield float(match[1])


def _refuse_doctype(*_: object) -> None:
    raise _Refusal("This SVG has a DOCTYPE or entities, which are not taken; save it as plain SVG.")


def _refuse_instruction(*_: object) -> None:
    raise _Refusal("This SVG has a processing instruction, such as a style sheet, which is not taken.")
