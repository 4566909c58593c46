"""The stage that reads a source into a dossier segment."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from extractors.base import Extractor, Scope
    from extractors.identifiers import Identifiers
    from requests_app.dossier import SegmentWriter

    Progress = Callable[[str, int], None]


def collect(
    extractor: Extractor, identifiers: Identifiers, scope: Scope, writer: SegmentWriter, progress: Progress
) -> None:
    """Write everything a source holds about a person into a segment, and finish it.

    Interrupted or failed, the segment stays unfinished and is refused by readers.

    Args:
        progress: told a collection's label and how many more of its rows were written, 0 when it begins.

    Raises:
        FaultyDataMap, SourceUnavailable: see `Extractor.extract`.
        UnwritableOutput: the segment cannot be written.
    """
    for extract in extractor.extract(identifiers, scope):
        writer.begin(extract.collection, extract.omissions)
        progress(extract.collection.label, 0)
        for batch in extract.batches:
            writer.write(batch)
            progress(extract.collection.label, batch.rows.num_rows)
    writer.finish()
