"""A page of the report: whole in itself, and allowed nothing but its own style and script."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from exporters.markup import attribute, content
from exporters.opening.colours import bright, deep, tint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def page(
    title: str, head: str, chunks: Iterable[bytes], foot: str, *, colour: str, is_searchable: bool
) -> Iterator[bytes]:
    """Write a page around its content.

    Args:
        colour: `#rrggbb`, dark enough for white words upon it.
        head: what stands in the head of the page, as markup; empty where the content brings its own.
        chunks: the content, as markup.
        foot: as markup.
    """
    style, script = _style(colour), _script()
    banner = f'<header class="head">{head}</header>\n' if head else ""
    policy = (
        f"default-src 'none'; img-src data:; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    yield (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy"{attribute("content", policy)}>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="robots" content="noindex">\n'
        f"<title>{content(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n"
        '<a class="skip" href="#main">Skip to the content</a>\n'
        f'{banner}<main id="main">\n'
    ).encode()
    if is_searchable:
        yield _search().encode()
    yield from chunks
    yield f"</main>\n<footer>{foot}</footer>\n".encode()
    if is_searchable:
        yield f"<script>{script}</script>\n".encode()
    yield b"</body>\n</html>\n"


def _search() -> str:
    return (
        '<form class="find" role="search" hidden><label for="find">Find in the records on this page</label>'
        '<input id="find" type="search" autocomplete="off"><output for="find"></output></form>\n'
    )


@lru_cache(maxsize=8)
def _style(colour: str) -> str:
    light = f"--accent: {colour}; --deep: {colour}; --tint: {tint(colour)}"
    dark = f"--accent: {bright(colour)}; --deep: {deep(colour)}; --tint: var(--stripe)"
    colours = f":root {{ {light} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"
    return colours + files(__package__).joinpath("report.css").read_text(encoding="utf-8")


@cache
def _script() -> str:
    return files(__package__).joinpath("report.js").read_text(encoding="utf-8")


@lru_cache(maxsize=16)
def _digest(text: str) -> str:
    """Name a style or script by its digest (CSP Level 3, §2.3.1)."""
    return f"sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
