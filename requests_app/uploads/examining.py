"""Looking at a file before anything is kept of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.conf import settings

from requests_app.models import Upload
from requests_app.uploads.errors import UnusableFile
from requests_app.uploads.naming import cleaned_name, suffix_of
from requests_app.uploads.scanning import scan
from requests_app.uploads.types import type_of

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class ExaminedFile:
    """A file that may be taken: its name is harmless, its type is known, it was scanned where a scanner is set up."""

    kind: Upload.Kind
    name: str = field(repr=False)
    media_type: str
    scan: Upload.Scan
    content: bytes = field(repr=False)


def examine(file: UploadedFile[bytes], kind: Upload.Kind) -> ExaminedFile:
    """Look at a file; call it before a transaction begins, as a scanner takes its time.

    Raises:
        UnusableFile: it is empty, too large, of a type that is not taken, or harmful, or nobody can tell.
    """
    # A file on a disk would be in clear there.
    if (file.size or 0) > settings.DSR_UPLOAD_BYTES or hasattr(file, "temporary_file_path"):
        raise UnusableFile(f"The file is larger than {largest()}. Please hand in a smaller one.")
    file.seek(0)
    content = file.read()
    if not content:
        raise UnusableFile("The file is empty. Please choose another.")
    name = cleaned_name(file.name or "")
    found = type_of(content, suffix_of(name), kind)
    return ExaminedFile(kind, name, found.media_type, scan(content), content)


def largest() -> str:
    """Say how large a file may be."""
    most = settings.DSR_UPLOAD_BYTES
    return f"{most / MEGABYTE:g} MB" if most >= MEGABYTE else f"{most:,} bytes"
