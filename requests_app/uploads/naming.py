"""The name of a file that was handed in, made harmless."""

from __future__ import annotations

import re
import unicodedata

LONGEST_NAME, LONGEST_SUFFIX = 120, 12
_SEPARATORS = re.compile(r"[/\\]")
_NOT_IN_NAMES = re.compile(r'[<>:"|?*]')  # none of them may stand in a name on Windows
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)


def cleaned_name(name: str) -> str:
    """Keep what may stand in a name everywhere: no folder, nothing invisible, at most LONGEST_NAME characters.

    What changes the direction of writing is invisible too: it makes `gpj.exe` look like `exe.jpg`.
    """
    last = _SEPARATORS.split(unicodedata.normalize("NFC", name))[-1]
    visible = "".join(" " if letter.isspace() else letter for letter in last if not _is_invisible(letter))
    plain = " ".join(_NOT_IN_NAMES.sub("_", visible).split()).strip(". ")
    stem, dot, suffix = plain.rpartition(".")
    stem, suffix = (stem, dot + suffix) if dot and len(suffix) < LONGEST_SUFFIX else (plain, "")
    stem = stem[: LONGEST_NAME - len(suffix)].strip(". ") or "file"
    return f"_{stem}{suffix}" if _RESERVED.fullmatch(stem.partition(".")[0]) else stem + suffix


def suffix_of(name: str) -> str:
    """Give what stands behind the last point of a name, in small letters."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def _is_invisible(letter: str) -> bool:
    return unicodedata.category(letter)[0] == "C" and not letter.isspace()
