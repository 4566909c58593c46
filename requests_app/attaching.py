"""Files attached to the mail that says that they are ready, where that is wanted and wise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings

from requests_app import codes, storage
from requests_app.keys.stored import open_key
from requests_app.models import DeliveryWay
from requests_app.storage import SealedReader

if TYPE_CHECKING:
    from requests_app.models import Export


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file as a mail carries it, whole and in memory."""

    name: str
    media_type: str
    content: bytes


def is_wanted(export: Export) -> bool:
    """Whether the person, or the operator for everybody, asked for the file in the mail."""
    return bool(export.request.delivery_way == DeliveryWay.ATTACHMENT)


def obstacle(export: Export) -> str:
    """Say why a file is not attached, by the name of its phrase in notices; empty where it may be.

    What works once is not attached, since every server on a mail's way keeps a copy of it.
    """
    if export.size_bytes > settings.DSR_ATTACHMENT_BYTES:
        return "too_large"
    if codes.is_required(export):
        return "sensitive"
    return "single_use" if settings.DSR_SINGLE_USE_DOWNLOADS else ""


def attachment(export: Export) -> Attachment:
    """Read a file out of the storage, decrypted in memory alone.

    Raises:
        KeyDestroyed, MissingArtefact: it was removed meanwhile.
        DamagedArtefact: it cannot be read.
    """
    if export.key_id is None:
        raise AssertionError("a finished export without a key")
    with storage.open(export.file) as file:
        content = b"".join(SealedReader(file, open_key(export.key_id), export.file).chunks())
    return Attachment(export.download_name, export.media_type, content)
