"""Folds spellings of one word together: case, accents, umlauts written out."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_LETTERS = str.maketrans(
    {"ß": "ss", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"}
)
_WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa"})


@lru_cache(maxsize=20_000)
def folded(word: str) -> str:
    """Give a word in lower case and without accents: `Müller` as `muller`, `Straße` as `strasse`."""
    lower = word.casefold()
    if lower.isascii():
        return lower
    decomposed = unicodedata.normalize("NFKD", lower.translate(_LETTERS))
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def spellings(word: str) -> tuple[str, ...]:
    """Give every folded spelling of a word: `für` as `fur` and `fuer`."""
    written_out = folded(unicodedata.normalize("NFC", word.casefold()).translate(_WRITTEN_OUT))
    return tuple(dict.fromkeys((folded(word), written_out)))
