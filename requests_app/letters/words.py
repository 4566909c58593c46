"""The words of notices as they come with the portal: a file of Markdown for each notice and language.

A file begins with `Subject: …`; then comes the text, its first line the heading after `# `.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from requests_app.letters.languages import ENGLISH, chain, shipped_file, shipped_languages

_SUBJECT = "Subject: "


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a notice.

    Args:
        body: Markdown, its heading first.
        version: the id of the team's own version; None for what comes with the portal.
    """

    subject: str
    body: str
    language: str
    version: int | None = None


def shipped(notice: str, language: str) -> Words | None:
    """Give the words that come with the portal, in the language or in English; None for a notice without any."""
    for tag in (*chain(language), ENGLISH):
        words = _read(notice, tag) if tag in shipped_languages() else None
        if words:
            return words
    return None


@cache
def _read(notice: str, tag: str) -> Words | None:
    file = shipped_file(tag, f"{notice}.md")
    if not file.is_file():
        return None
    first, _, rest = file.read_text(encoding="utf-8").partition("\n")
    if not first.startswith(_SUBJECT):
        raise ValueError(f"The words of {notice} in {tag} do not begin with their subject.")
    return Words(first.removeprefix(_SUBJECT).strip(), rest.strip(), tag)
