"""Writes a notice: one template, in the frame of a mail, of plain text or of a letter.

Values are escaped everywhere; where plain text is wanted, the escaped text is read back.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from requests_app.letters import colours, pictures
from requests_app.letters.plain import plain_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from exporters.letter import Controller, Image

LOGO_WIDTH, LOGO_HEIGHT = 220, 56
Context = dict[str, object]


@dataclass(frozen=True, slots=True)
class Logo:
    """A logo as a mail shows it, in pixels of the screen."""

    source: str
    width: int
    height: int


def subject_of(template: str, context: Mapping[str, object]) -> str:
    """Write the subject of a notice: one line of plain text."""
    return " ".join(html.unescape(_framed(template, "subject", context)).split())


def mail_html(template: str, context: Mapping[str, object], controller: Controller, *, logo: str) -> str:
    """Write a notice as the HTML of a mail, its styles inlined; it loads nothing but its logo.

    Args:
        logo: the address of the logo's picture, where `mailable_logo` gives one.
    """
    known = {"logo": _logo(controller, logo), "light": colours.light(controller.colour)}
    known |= {"dark": colours.dark(controller.colour)}
    return _inlined(_framed(template, "mail", {**context, **known, "medium": "mail"}))


def mail_text(template: str, context: Mapping[str, object]) -> str:
    """Write a notice as the plain text of a mail."""
    return plain_text(_framed(template, "text", {**context, "medium": "mail"}))


def letter_html(template: str, context: Mapping[str, object], controller: Controller) -> str:
    """Write a notice as a letter to be printed; whatever it shows is in it."""
    known = {
        "light": colours.light(controller.colour),
        "logo": pictures.data_address(controller.logo),
        "signature": pictures.data_address(controller.signature),
        "document_style": _document_style(),
    }
    return _framed(template, "paper", {**context, **known, "medium": "paper"})


def mailable_logo(controller: Controller) -> Image | None:
    """Give the logo where mail programs can show it; most cannot show SVG."""
    logo = controller.logo
    return None if logo is None or logo.media_type == pictures.SVG else logo


def _framed(template: str, frame: str, context: Mapping[str, object]) -> SafeString:
    known: Context = {**context, "frame": f"letters/frames/{frame}.html"}
    if frame not in {"subject", "headline"}:
        known["headline"] = mark_safe(_framed(template, "headline", context).strip())  # noqa: S308  # escaped by its frame
    return render_to_string(f"letters/{template}.html", known)


def _logo(controller: Controller, source: str) -> Logo | None:
    image = mailable_logo(controller)
    if image is None:
        return None
    width, height = pictures.size_of(image)
    scale = min(LOGO_WIDTH / width, LOGO_HEIGHT / height)
    return Logo(source, max(round(width * scale), 1), max(round(height * scale), 1))


@cache
def _document_style() -> SafeString:
    """Give the look of the answers' own letters."""
    style = files("exporters.document").joinpath("document.css").read_text(encoding="utf-8")
    return mark_safe(style)  # noqa: S308  # a file of ours


def _inlined(markup: str) -> str:
    import css_inline

    return css_inline.CSSInliner(load_remote_stylesheets=False).inline(markup)
