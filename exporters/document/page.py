"""A whole document around its content: title, language, the look in the controller's colour."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from exporters.markup import attribute, content
from exporters.opening.colours import colour_of, tint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from exporters.base import Answer


def page(answer: Answer, title: str, chunks: Iterable[bytes], *, part: str = "") -> Iterator[bytes]:
    """Write a document as markup, to be printed.

    Args:
        part: which of several it is, in words.
    """
    sender = answer.letter.controller.name if answer.letter else answer.system
    colour = colour_of(answer)
    colours = f":root {{ --accent: {colour}; --tint: {tint(colour)} }}\n"
    running = attribute("data-sender", sender) + attribute("data-reference", answer.reference)
    yield (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{content(title)}</title>'
        f'<meta name="author"{attribute("content", sender)}><style>{colours}{_style()}</style></head>'
        f"<body><main{running}{attribute('data-part', part)}>\n"
    ).encode()
    yield from chunks
    yield b"</main></body></html>"


@cache
def _style() -> str:
    return files(__package__).joinpath("document.css").read_text(encoding="utf-8")
