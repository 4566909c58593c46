"""Small sealed files, and what tests ask of them."""

from __future__ import annotations

import io
import random
from functools import cache

from requests_app.keys.envelope import DataKey
from requests_app.keys.frames import TAG_BYTES
from requests_app.storage import SealedReader, SealedWriter
from requests_app.storage.sealed import CHUNK_BYTES

FRAME_BYTES = CHUNK_BYTES + TAG_BYTES
MOST_BYTES = 3 * CHUNK_BYTES + 2


@cache
def noise() -> bytes:
    return random.Random(5).randbytes(MOST_BYTES)


def sealed(content: bytes, key: DataKey) -> bytes:
    file = io.BytesIO()
    writer = SealedWriter(file, key)
    writer.write(content)
    writer.finish()
    return file.getvalue()


def reader(content: bytes, key: DataKey) -> SealedReader:
    return SealedReader(io.BytesIO(content), key, "export 5")


@cache
def three_chunks() -> tuple[bytes, DataKey, bytes]:
    """A sealed file, its key and what it holds."""
    key = DataKey.generate()
    plain = noise()[: 2 * CHUNK_BYTES + 1000]
    return sealed(plain, key), key, plain
