"""The stage that turns dossier segments into what the person receives."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from exporters.base import Answer, CollectionAnswer, SourceAnswer
from extractors.ahead import ahead
from extractors.batches import Batch, Omission

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from extractors.batches import Collection, Field, Source
    from requests_app.dossier import SegmentReader, StoredCollection


@dataclass(frozen=True, slots=True)
class Heading:
    """What an answer says about itself and the person it is for; times aware, in UTC."""

    reference: str
    system: str
    exported_at: datetime
    requester: Mapping[str, str]


def answer(heading: Heading, segments: Iterable[SegmentReader], *, releases_third_parties: bool = False) -> Answer:
    """Put the segments of a dossier together to what an exporter writes; reads nothing but their indexes.

    Args:
        segments: one per source.
        releases_third_parties: whether a reviewer decided that fields about others are given out; withheld otherwise
            (GDPR Art. 15(4)).
    """
    sources: list[SourceAnswer] = []
    omissions: list[Omission] = []
    for segment in segments:
        views = [_View(segment, stored, releases_third_parties) for stored in segment.collections]
        omissions.extend(omission for view in views for omission in view.omissions())
        if views:
            sources.append(SourceAnswer(views[0].stored.collection.source, tuple(view.answer() for view in views)))
    return Answer(
        reference=heading.reference,
        system=heading.system,
        exported_at=heading.exported_at,
        requester=dict(heading.requester),
        sources=tuple(sources),
        omissions=tuple(omissions),
    )


@dataclass(frozen=True, slots=True)
class _View:
    """A stored collection as the person may see it."""

    segment: SegmentReader
    stored: StoredCollection
    releases_third_parties: bool

    @property
    def source(self) -> Source:
        return self.stored.collection.source

    def answer(self) -> CollectionAnswer:
        return CollectionAnswer(self.collection(), self.stored.count, self.batches)

    def collection(self) -> Collection:
        whole = self.stored.collection
        fields = tuple(field for field in whole.fields if self._is_shown(field))
        names = {field.name for field in fields}
        return replace(whole, fields=fields, key=whole.key if names.issuperset(whole.key) else ())

    def batches(self) -> Iterator[Batch]:
        collection = self.collection()
        names = [field.name for field in collection.fields]
        for batch in ahead(self.segment.batches(self.stored.collection.name)):
            yield Batch(collection, batch.rows.select(names))

    def omissions(self) -> Iterator[Omission]:
        yield from self.stored.omissions
        withheld = [field.name for field in self.stored.collection.fields if not self._is_shown(field)]
        if withheld:
            reason = f"about other people, withheld (GDPR Art. 15(4)): {', '.join(withheld)}"
            yield Omission(self.source.slug, self.stored.collection.name, reason)

    def _is_shown(self, field: Field) -> bool:
        return self.releases_third_parties or not field.third_party
