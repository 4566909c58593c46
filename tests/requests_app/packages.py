"""Packages as they are made, with the files a test wants in them."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from stat import S_IFREG
from typing import TYPE_CHECKING

from stream_zip import ZIP_64

from exporters.zipping import zipped
from tests.requests_app.portal import an_export

if TYPE_CHECKING:
    from requests_app.models import Export

MEDIA_TYPES = {
    "json": "application/json",
    "csv": "text/csv",
    "html": "text/html",
    "pdf": "application/pdf",
    "svg": "image/svg+xml",
}
FILES = {
    "json/export.json": b'{"name": "Ann"}' * 200_000,  # several chunks once inflated
    "csv/shop/orders.csv": b"id,product\r\n1,Lamp\r\n",
    "html/index.html": b"<script>alert(1)</script>",
    "START-HERE.pdf": b"%PDF-1.7 start here",
}


def zip_of(files: dict[str, bytes], passphrase: str | None = None) -> bytes:
    """Pack files as the portal does."""
    at, mode = datetime(2026, 1, 1, tzinfo=UTC), S_IFREG | 0o600
    members = ((path, at, mode, ZIP_64, [content]) for path, content in files.items())
    return b"".join(zipped(members, passphrase=passphrase))


def listed(files: dict[str, bytes]) -> list[dict[str, object]]:
    """List files as the manifest does."""
    return [
        {
            "path": path,
            "bytes": len(content),
            "sha256": sha256(content).hexdigest(),
            "media_type": MEDIA_TYPES[path.rpartition(".")[2]],
        }
        for path, content in files.items()
    ]


def a_package(
    files: dict[str, bytes] | None = None, *, passphrase: str | None = None, damage: bytes = b"", **fields: object
) -> Export:
    """Put a package that is ready to be downloaded into the storage.

    Args:
        damage: some bytes of it, such as a checksum, that stand in the stored package the wrong way round.
    """
    files = FILES if files is None else files
    content = zip_of(files, passphrase)
    if damage:
        content = content.replace(damage, bytes(reversed(damage)))
    known = {
        "members": listed(files),
        "sha256": sha256(content).hexdigest(),
        "is_protected": passphrase is not None,
        "formats": ["json", "csv", "html"],
        "records": 3,
        "is_complete": True,
    }
    return an_export(content, **known | fields)
