"""The encrypted files of the portal: where they lie, and how one is written and read in part."""

from __future__ import annotations

from requests_app.storage.files import MissingArtefact, UnreadableArtefact, create, delete, names, open, size
from requests_app.storage.sealed import SealedReader, SealedWriter

__all__ = [
    "MissingArtefact",
    "SealedReader",
    "SealedWriter",
    "UnreadableArtefact",
    "create",
    "delete",
    "names",
    "open",
    "size",
]
