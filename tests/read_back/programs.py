"""Programs that are not ours, run on files."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

# LibreOffice is large: it is asked for by `make test-all` alone.
needs_office = pytest.mark.skipif(
    not (shutil.which("soffice") or os.environ.get("DSR_TEST_ALL") == "1"),
    reason="LibreOffice (soffice of libreoffice-calc-nogui) is not installed",
)
AS_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false"
"""The first sheet as CSV: commas, double quotes, UTF-8."""
EACH_AS_CSV = f"{AS_CSV},-1"
"""Every sheet, as `<file>-<sheet>.csv`."""

_MOST_COLUMNS = 400
ALL_TEXT = "CSV:44,34,76,1," + "/".join(f"{number}/2" for number in range(1, _MOST_COLUMNS + 1))
"""Reads CSV with each column as text, as a person chooses it in the dialogue."""
LIKE_DEFAULT = "CSV:44,34,76,1"
"""Reads CSV and guesses what each cell is, as who double-clicks a file gets it."""


def run(*command: str | Path, content: bytes | None = None) -> bytes:
    """Run a program and return what it printed.

    Raises:
        AssertionError: it failed; with what it said.
    """
    ran = subprocess.run(list(map(str, command)), input=content, capture_output=True, check=False, timeout=300)
    said = ran.stderr.decode(errors="replace")[-2000:]
    assert ran.returncode == 0, f"{command[0]} ended with {ran.returncode}: {said}"
    return ran.stdout


def convert(folder: Path, files: Iterable[Path], to: str, *, by: str = "") -> Path:
    """Let LibreOffice open files and save them in another form; returns the folder with the new ones.

    Args:
        folder: for the new files and the program's own; empty.
        by: the filter that opens them.
    """
    program, made = shutil.which("soffice"), folder / "made"
    assert program, "LibreOffice (soffice) is not installed"
    options = [f"--infilter={by}"] if by else []
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    run(program, profile, "--headless", *options, "--convert-to", to, "--outdir", made, *files)
    return made
