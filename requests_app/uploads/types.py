"""Which files are taken: told by their content and their name together."""

from __future__ import annotations

import io
import re
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import filetype
from charset_normalizer import from_bytes

from requests_app.models import Upload
from requests_app.uploads.errors import UnusableFile

if TYPE_CHECKING:
    from collections.abc import Collection

LOOKED_AT_BYTES = 8192
MOST_ENTRIES = 5_000
_TEXT_START = re.compile(r"\s*(<[!?a-z]|#!|mime-version:|content-type:)", re.IGNORECASE)
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")
_PROGRAMS = re.compile(r"(^|/)(vbaproject\.bin|vbadata\.xml|activex/|basic/|scripts/|macrosheets/)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FileType:
    """A type of file, as people call it, by the ends its name may have."""

    label: str
    media_type: str
    suffixes: tuple[str, ...]


PDF = FileType("PDF", "application/pdf", ("pdf",))
PNG = FileType("PNG", "image/png", ("png",))
JPEG = FileType("JPEG", "image/jpeg", ("jpg", "jpeg"))
WEBP = FileType("WebP", "image/webp", ("webp",))
HEIC = FileType("HEIC", "image/heic", ("heic", "heif"))
TIFF = FileType("TIFF", "image/tiff", ("tif", "tiff"))
TEXT = FileType("plain text", "text/plain", ("txt",))
DOCX = FileType("DOCX", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ("docx",))
ODT = FileType("ODT", "application/vnd.oasis.opendocument.text", ("odt",))
CSV = FileType("CSV", "text/csv", ("csv", "tsv", "tab"))

PICTURES = (PDF, JPEG, PNG, HEIC, WEBP, TIFF)
DOCUMENTS = (*PICTURES, DOCX, ODT, TEXT)
TAKEN: dict[str, tuple[FileType, ...]] = {
    Upload.Kind.EVIDENCE: DOCUMENTS,
    Upload.Kind.AUTHORITY: DOCUMENTS,
    Upload.Kind.IDENTITY: PICTURES,
    Upload.Kind.MESSAGE: DOCUMENTS,
    Upload.Kind.IMPORT: (CSV, TEXT),
    Upload.Kind.RECIPIENT: DOCUMENTS,
}
_BY_MAGIC = {item.media_type: item for item in PICTURES} | {"image/heif": HEIC}


def type_of(content: bytes, suffix: str, kind: Upload.Kind) -> FileType:
    """Tell what a file is.

    Archives are listed, never unpacked, so one that swells costs nothing.

    Args:
        suffix: what stands behind the last point of its name, in small letters.

    Raises:
        UnusableFile: a file of this kind may not be that, or the file is not what its name says.
    """
    taken = TAKEN[kind]
    named = next((item for item in taken if suffix in item.suffixes), None)
    if named is None:
        raise UnusableFile(f"Files of this type are not taken. Please hand in {_listed(taken)}.")
    if _found(content, named) != named:
        raise UnusableFile(f"The file is not the {named.label} that its name says. Please save it anew.")
    return named


def suffixes(kind: Upload.Kind) -> list[str]:
    """List the ends of names that are taken, each with its point, for the browser to choose by."""
    return [f".{suffix}" for item in TAKEN[kind] for suffix in item.suffixes]


def labels(kind: Upload.Kind) -> str:
    """Name the types that are taken, for people."""
    return _listed(TAKEN[kind])


def _listed(types: Collection[FileType]) -> str:
    *first, last = (item.label for item in types)
    return f"{', '.join(first)} or {last}" if first else last


def _found(content: bytes, named: FileType) -> FileType | None:
    if named in (TEXT, CSV):
        return named if _is_text(content) else None
    if named in (DOCX, ODT):
        return _office(content)
    return _BY_MAGIC.get(filetype.guess_mime(content[:LOOKED_AT_BYTES]) or "")


def _is_text(content: bytes) -> bool:
    """Whether it is text to be read: no page, no program, nothing that only a computer reads."""
    text = _decoded(content)
    return text is not None and not _CONTROLS.search(text) and not _TEXT_START.match(text.lstrip("\ufeff"))


def _decoded(content: bytes) -> str | None:
    with suppress(UnicodeDecodeError):
        return content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8")
    best = from_bytes(content[: 64 * LOOKED_AT_BYTES]).best()
    return str(best) if best else None


def _office(content: bytes) -> FileType | None:
    """Tell a document by what is listed in it.

    Raises:
        UnusableFile: it holds programs, or far more parts than a document has.
    """
    if not content.startswith(b"PK\x03\x04"):  # something else in front would make it two things at once
        return None
    try:
        names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return None
    if len(names) > MOST_ENTRIES:
        raise UnusableFile("The document has too many parts. Please save it as PDF.")
    if any(_PROGRAMS.search(name) for name in names):
        raise UnusableFile("The document contains macros. Please save it without them, or as PDF.")
    if {"[Content_Types].xml", "word/document.xml"} <= set(names):
        return DOCX
    # The specification puts the type in front, uncompressed, for programs that look no further.
    is_odt = content[30:].startswith(b"mimetype" + ODT.media_type.encode()) and "content.xml" in names
    return ODT if is_odt else None
