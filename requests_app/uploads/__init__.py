"""Files that are handed in: examined, scanned, kept encrypted, given out on record."""

from __future__ import annotations

from requests_app.uploads.errors import HarmfulFile, RemovedFile, ScannerUnavailable, UnusableFile
from requests_app.uploads.examining import ExaminedFile, examine
from requests_app.uploads.fields import UploadField, UploadsField
from requests_app.uploads.keeping import download, is_of_person, opened, remove, take
from requests_app.uploads.receiving import TooLargeFile, takes_files

__all__ = [
    "ExaminedFile",
    "HarmfulFile",
    "RemovedFile",
    "ScannerUnavailable",
    "TooLargeFile",
    "UnusableFile",
    "UploadField",
    "UploadsField",
    "download",
    "examine",
    "is_of_person",
    "opened",
    "remove",
    "take",
    "takes_files",
]
