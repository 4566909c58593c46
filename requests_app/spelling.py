"""Texts written so that what is spelt otherwise but means the same is equal."""

from __future__ import annotations

import unicodedata

# One letter or two for the same sound; and how streets are shortened.
_SOUNDS = (("ae", "a"), ("oe", "o"), ("ue", "u"))
_STREETS = (("strasse", "str"), ("street", "st"), ("avenue", "ave"), ("road", "rd"))


def plain(text: str) -> str:
    """Leave out case, accents, signs, and the ways to write an umlaut."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter if letter.isalnum() else " " for letter in letters if not unicodedata.combining(letter))
    for long, short in _SOUNDS:
        bare = bare.replace(long, short)
    return " ".join(bare.split())


def name_key(name: str) -> str:
    """Write a name with its parts in one order, however somebody put them; what `SubjectRequest.name_key` holds."""
    return " ".join(sorted(plain(name).split()))[:200]


def address_key(address: str) -> str:
    """Write a postal address without its lines, its spaces and the long form of its street."""
    bare = plain(address)
    for long, short in _STREETS:
        bare = bare.replace(long, short)
    return bare.replace(" ", "")
