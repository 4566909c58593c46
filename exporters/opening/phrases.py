"""Small words that letters are made of: days, lists, addresses, what somebody else wrote."""

from __future__ import annotations

import re
from datetime import UTC
from typing import TYPE_CHECKING
from unicodedata import bidirectional

from exporters.markup import attribute, content
from extractors.batches import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

_KINDS = {"email": "e-mail address", "phone": "telephone number", "user_id": "user number"}
_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "iw", "ks", "ps", "sd", "ug", "ur", "yi"})
_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
_WEB = ("https://", "http://")


def day(when: date) -> str:
    """Write a day: `6 May 2024`."""
    return f"{when.day} {when:%B %Y}"


def moment(when: datetime) -> str:
    """Write a moment: `6 May 2024, 07:08 UTC`."""
    universal = when.astimezone(UTC)
    return f"{day(universal)}, {universal:%H:%M} UTC"


def listed(items: Iterable[str]) -> str:
    """Write a list as people speak it: `a, b and c`."""
    *first, last = list(items) or [""]
    return f"{', '.join(first)} and {last}" if first else last


def kind(name: str) -> str:
    """Name a kind of identifier."""
    return _KINDS.get(name) or words(name).lower()


def said(text: str, language: str) -> str:
    """Write a word of the data map within our own: it keeps its direction and its language."""
    return f"<bdi{_language(language)}>{content(text)}</bdi>"


def spoken(text: str, language: str) -> str:
    """Write the attributes of a block that holds words of the data map, or of a reviewer.

    The direction is that of the first letter, as browsers find by themselves, and printers do not.
    """
    return f'{_language(language)} dir="{"rtl" if is_leftwards(text) else "ltr"}"'


def is_leftwards(text: str) -> bool:
    """Whether a text begins from right to left, by its first letter that has a direction."""
    letters = (bidirectional(character) for character in text)
    return next((found for found in letters if found in ("L", "R", "AL")), "L") != "L"


def reads_leftwards(language: str) -> bool:
    """Whether a language is written from right to left."""
    return language.partition("-")[0].lower() in _RIGHT_TO_LEFT


def direction(language: str) -> str:
    """Write the attributes of what is read in the person's language, a table and its columns for one."""
    return _language(language) + (' dir="rtl"' if reads_leftwards(language) else "")


def paragraphs(text: str, attributes: str = "") -> str:
    """Write a plain text of several lines: empty lines part paragraphs, others break the line."""
    blocks = (block.strip("\n") for block in text.replace("\r\n", "\n").replace("\r", "\n").split("\n\n"))
    return "".join(f"<p{attributes}>{lines(block.split(chr(10)))}</p>\n" for block in blocks if block.strip())


def lines(texts: Sequence[str]) -> str:
    """Write lines below one another."""
    return "<br>".join(content(text) for text in texts if text.strip())


def link(address: str, told: str = "") -> str:
    """Write an address of the web or of a mailbox as a link; anything else stays a text."""
    shown = content(told or address).replace(" ", "\N{NO-BREAK SPACE}")
    if address.startswith(_WEB):
        return f'<a rel="noreferrer noopener"{attribute("href", address)}>{shown}</a>'
    if "@" in address and not set(address) & set(" ,;:/?&<>\"'"):
        return f"<a{attribute('href', f'mailto:{address}')}>{shown}</a>"
    return shown


def _language(language: str) -> str:
    is_ours = language.partition("-")[0].lower() == "en" or not _TAG.fullmatch(language)
    return "" if is_ours else attribute("lang", language)
