"""The stage that reads a source into a dossier segment."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from extractors.batches import Extract
    from requests_app.dossier import SegmentWriter

    Progress = Callable[[str, int], None]


def collect(extracts: Iterable[Extract], writer: SegmentWriter, progress: Progress) -> None:
    """Write everything a source holds about a person into a segment, and finish it.

    Interrupted or failed, the segment stays unfinished and is refused by readers.

    Args:
        extracts: see `Extractor.extract`; whoever opened it closes it.
        progress: told a collection's label and how many more of its rows were written, 0 when it begins.

    Raises:
        FaultyDataMap, SourceUnavailable: see `Extractor.extract`.
        UnwritableOutput: the segment cannot be written.
    """
    for extract in extracts:
        writer.begin(extract.collection, extract.omissions)
        progress(extract.collection.label, 0)
        for batch in extract.batches:
            writer.write(batch)
            progress(extract.collection.label, batch.rows.num_rows)
    writer.finish()
