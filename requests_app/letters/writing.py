"""Writes a notice: its words, in the frame of a mail, of plain text or of a letter.

The words are those under `words` in the context, else those that come with the portal; a notice to the team has a
template instead. Values are escaped everywhere; where plain text is wanted, the escaped text is read back.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from requests_app.letters import colours, markup, pictures
from requests_app.letters.languages import ENGLISH, direction_of
from requests_app.letters.plain import plain_text
from requests_app.letters.variables import values_of
from requests_app.letters.words import Words, shipped

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


@dataclass(frozen=True, slots=True)
class Pieces:
    """What a notice says, without a frame; each escaped.

    Args:
        template: that puts them into a frame.
    """

    subject: SafeString
    headline: SafeString
    body: SafeString
    language: str
    template: str = "letters/frames/words.html"


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
    return _framed(template, "paper", {**context, **on_paper(controller)})


def mailable_logo(controller: Controller) -> Image | None:
    """Give the logo where mail programs can show it; most cannot show SVG."""
    logo = controller.logo
    return None if logo is None or logo.media_type == pictures.SVG else logo


def pieces(template: str, context: Mapping[str, object], medium: str) -> Pieces:
    """Write the pieces of a notice by themselves.

    Args:
        medium: `mail` or `paper`; links and codes are told in a mail alone.
    """
    words = context.get("words") or shipped(template, str(context["language"]))
    if not isinstance(words, Words):
        own, known = f"letters/{template}.html", _in_language({**context, "medium": medium}, ENGLISH)
        subject, headline, body = (_block(own, frame, known) for frame in ("subject", "headline", "body"))
        return Pieces(subject, headline, body, ENGLISH, own)
    known = _in_language({**context, "medium": medium}, words.language)
    values = values_of(known)
    heading, text = markup.headline_and_body(words.body)
    lines = markup.line(words.subject, values), markup.line(heading, values)
    return Pieces(*lines, markup.body(text, values), words.language)


def framed(written: Pieces, frame: str, context: Mapping[str, object]) -> SafeString:
    """Put pieces into a frame."""
    known = _in_language(context, written.language) | {"subject": written.subject, "headline": written.headline}
    return render_to_string(written.template, {**known, "body": written.body, "frame": f"letters/frames/{frame}.html"})


def on_paper(controller: Controller) -> Context:
    """Give what the frame of a letter shows of the controller."""
    return {
        "light": colours.light(controller.colour),
        "logo": pictures.data_address(controller.logo),
        "signature": pictures.data_address(controller.signature),
        "document_style": _document_style(),
        "medium": "paper",
    }


def _framed(template: str, frame: str, context: Mapping[str, object]) -> SafeString:
    return framed(pieces(template, context, str(context.get("medium", "mail"))), frame, context)


def _block(template: str, frame: str, context: Context) -> SafeString:
    known = {**context, "frame": f"letters/frames/{frame}.html"}
    return mark_safe(render_to_string(template, known).strip())  # noqa: S308  # escaped by its template


def _in_language(context: Mapping[str, object], tag: str) -> Context:
    """Add what frames need to know of a language; one that does not come with the portal has English frames."""
    start, end = ("right", "left") if direction_of(tag) == "rtl" else ("left", "right")
    export = context.get("export")
    formats = ", ".join(export.formats).upper() if export else ""  # type: ignore[attr-defined]  # of `contexts`
    return {**context, "language": tag, "start": start, "end": end, "formats": formats}


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
