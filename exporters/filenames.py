"""File names that every system accepts, out of names that anybody may have chosen."""

from __future__ import annotations

import unicodedata

_LONGEST_BYTES = 180
_DEVICES = frozenset(
    ("CON", "PRN", "AUX", "NUL", *(f"{port}{number}" for port in ("COM", "LPT") for number in range(10)))
)


class FileNames:
    """Hands out the file names of one folder: safe, and no two alike even where case is not told apart.

    Letters, marks and digits of every script stay; anything else but `-`, `_`, `.` and spaces within becomes `_`.
    """

    def __init__(self, *taken: str) -> None:
        self._taken = {_folded(name) for name in taken}

    def give(self, name: str, extension: str = "") -> str:
        """Make a file name of a name; the same name given again gets a number.

        Args:
            extension: with its dot; not counted into the longest stem of 180 bytes.
        """
        stem, number = _safe(name), 1
        unique = f"{stem}{extension}"
        while _folded(unique) in self._taken:
            number += 1
            unique = f"{stem}-{number}{extension}"
        self._taken.add(_folded(unique))
        return unique


def _safe(name: str) -> str:
    allowed = "".join(_allowed(character) for character in unicodedata.normalize("NFC", name))
    short = allowed.encode()[:_LONGEST_BYTES].decode(errors="ignore").strip(". ")
    is_device = short.partition(".")[0].strip().upper() in _DEVICES
    return f"_{short}" if is_device or not short else short


def _allowed(character: str) -> str:
    return character if character in "-_. " or unicodedata.category(character)[0] in "LMN" else "_"


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name.casefold())
