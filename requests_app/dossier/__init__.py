"""The encrypted, append-only store of collected batches: one segment per source and attempt."""

from __future__ import annotations

from requests_app.dossier.index import StoredCollection
from requests_app.dossier.reader import SegmentReader
from requests_app.dossier.temporary import TemporarySegment, temporary_segment
from requests_app.dossier.writer import SegmentWriter

__all__ = ["SegmentReader", "SegmentWriter", "StoredCollection", "TemporarySegment", "temporary_segment"]
