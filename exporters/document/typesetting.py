"""Sets pages of records as a tagged PDF, in a process of its own: `python -m exporters.document.typesetting`.

Typst sets tables ten times as fast as WeasyPrint prints them, but keeps what it has set once in memory: so each
document has a process, whose end gives all back. Data goes in and the PDF comes out by pipes: nothing lies on a disk.
"""

from __future__ import annotations

import re
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Final

from exporters.document.printing import UnprintableDocument

LONGEST_SECONDS = 300
MOST_ROUNDS = 8
READABLE: Final = "ua-1"
_MISSING = re.compile('the text `"(.*?)"` could not be displayed')
_CODED = re.compile(r"\\u\{([0-9a-f]+)\}")
_ROOT = Path(__file__).resolve().parents[2]
_TEMPLATE = Path(__file__).with_name("records.typ")


def typeset(document: bytes) -> bytes:
    """Set a document.

    Args:
        document: what `records.typ` shows, as JSON.

    Raises:
        UnprintableDocument: the process failed, or took too long.

    Source: ISO 14289-1 (PDF/UA-1).
    """
    command = [sys.executable, "-m", "exporters.document.typesetting"]
    try:
        ran = subprocess.run(  # noqa: S603  # ours
            command, cwd=_ROOT, input=document, capture_output=True, timeout=LONGEST_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnprintableDocument(f"A part of the PDF could not be made ({type(error).__name__}).") from None
    if not ran.stdout.startswith(b"%PDF"):
        raise UnprintableDocument(f"A part of the PDF could not be made (status {ran.returncode}).")
    return ran.stdout


def main() -> None:
    """Set the document of the standard input, to the standard output."""
    import typst

    document, template = sys.stdin.buffer.read().decode(), _TEMPLATE.read_bytes()
    for _ in range(MOST_ROUNDS):
        try:
            pdf = typst.compile(template, sys_inputs={"data": document}, format="pdf", pdf_standards=READABLE)
        except typst.TypstError as error:
            document = spelt_out(document, missing_letters(error.diagnostic))
        else:
            sys.stdout.buffer.write(pdf)
            return
    sys.exit("Too many letters are missing.")


def missing_letters(diagnostic: str) -> set[str]:
    """Read off an error which letters no font on this host has."""
    told = "".join(_MISSING.findall(diagnostic))
    coded = {chr(int(code, 16)) for code in _CODED.findall(told)}
    return coded | set(_CODED.sub("", told))


def spelt_out(document: str, letters: set[str]) -> str:
    """Write letters that cannot be shown by their names: `[rainbow]`; marks and joints of them are left out."""
    for letter in letters:
        is_part = unicodedata.category(letter) in ("Mn", "Cf")
        name = unicodedata.name(letter, f"U+{ord(letter):04X}")
        document = document.replace(letter, "" if is_part else f"[{name if name.startswith('U+') else name.lower()}]")
    return document


if __name__ == "__main__":
    main()
