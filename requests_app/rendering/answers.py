"""Puts together what an exporter writes, from dossier segments or from a source as it is read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING

from django.conf import settings

from exporters.base import Answer, CollectionAnswer, SourceAnswer
from extractors.ahead import ahead
from extractors.batches import Batch, Cause, Omission, is_left_out
from requests_app.rendering.redacting import Overlay

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from exporters.letter import Letter, Searched
    from extractors.batches import Collection, Extract, Field
    from requests_app.dossier import SegmentReader, StoredCollection, TemporarySegment
    from requests_app.rendering.redacting import Withheld

    Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Heading:
    """What an answer says about itself and the person it is for, see `Answer`; times aware, in UTC."""

    reference: str
    system: str
    exported_at: datetime
    requester: Mapping[str, str]
    searched: tuple[Searched, ...] = ()
    letter: Letter | None = None
    language: str = "en"
    printed_rows: int = field(default_factory=lambda: settings.DSR_PDF_ROWS)


def answer(
    heading: Heading,
    segments: Iterable[tuple[SegmentReader, Sequence[Withheld]]],
    *,
    releases_third_parties: bool = False,
    missing: Iterable[Omission] = (),
) -> Answer:
    """Put the segments of a dossier together to what an exporter writes; reads nothing but their indexes.

    Args:
        segments: one per source, with what a reviewer withholds of it.
        releases_third_parties: whether a reviewer decided that fields about others are given out; withheld otherwise
            (GDPR Art. 15(4)).
        missing: the sources that could not be searched.
    """
    sources: list[SourceAnswer] = []
    omissions: list[Omission] = list(missing)
    for segment, withheld in segments:
        views = _stored_views(segment, withheld, releases_third_parties=releases_third_parties)
        omissions.extend(omission for view in views for omission in view.omissions())
        if views:
            given = tuple(view.answer() for view in views if not view.is_left_out)
            sources.append(SourceAnswer(views[0].whole.source, given))
    return _answer(heading, sources, omissions)


def passing_answer(
    heading: Heading,
    extracts: Iterator[Extract],
    progress: Progress,
    segment: TemporarySegment | None = None,
    *,
    releases_third_parties: bool = False,
) -> Answer:
    """Give a source's answer that is collected while its first exporter reads it, for exports that nobody reviews.

    Args:
        progress: told a collection's label and how many more of its rows were read, 0 when it begins.
        segment: keeps what passes for further exporters; without one the records are gone once read.
    """
    first = next(extracts, None)
    if first is None:
        return _answer(heading, [], [])
    passing = _Passing(chain([first], extracts), progress, segment, releases_third_parties)
    return _answer(heading, [SourceAnswer(first.collection.source, passing)], passing.omissions)


def _answer(heading: Heading, sources: Iterable[SourceAnswer], omissions: Sequence[Omission]) -> Answer:
    return Answer(
        reference=heading.reference,
        system=heading.system,
        exported_at=heading.exported_at,
        requester=dict(heading.requester),
        sources=tuple(sources),
        omissions=omissions,
        searched=heading.searched,
        letter=heading.letter,
        language=heading.language,
        printed_rows=heading.printed_rows,
    )


@dataclass(slots=True)
class _Passing:
    """The collections of a source: extracted when iterated first, as they were kept when iterated again."""

    extracts: Iterator[Extract]
    progress: Progress
    segment: TemporarySegment | None
    releases_third_parties: bool
    omissions: list[Omission] = field(default_factory=list)
    passed: list[CollectionAnswer] = field(default_factory=list)
    is_begun: bool = False

    def __iter__(self) -> Iterator[CollectionAnswer]:
        if self.is_begun:
            return iter(self.passed)
        self.is_begun = True
        return self._first_pass()

    def _first_pass(self) -> Iterator[CollectionAnswer]:
        for extract in self.extracts:
            view = self._view(extract)
            self.omissions.extend(view.omissions())
            if not view.is_left_out:
                self.passed.append(view.answer())
                yield self.passed[-1]
        if self.segment:
            self.segment.writer.finish()
            views = _stored_views(self.segment.reader(), (), releases_third_parties=self.releases_third_parties)
            self.passed = [view.answer() for view in views if not view.is_left_out]

    def _view(self, extract: Extract) -> _View:
        if self.segment:
            self.segment.writer.begin(extract.collection, extract.omissions)
        label, rows = extract.collection.label, 0
        self.progress(label, rows)

        def read() -> Iterator[Batch]:
            nonlocal rows
            for batch in extract.batches:
                if self.segment:
                    self.segment.writer.write(batch)
                rows += batch.rows.num_rows
                self.progress(label, batch.rows.num_rows)
                yield batch

        return _View(extract.collection, extract.omissions, lambda: rows, read, self.releases_third_parties)


def _stored_views(segment: SegmentReader, withheld: Sequence[Withheld], *, releases_third_parties: bool) -> list[_View]:
    return [_stored_view(segment, stored, withheld, releases_third_parties) for stored in segment.collections]


def _stored_view(
    segment: SegmentReader,
    stored: StoredCollection,
    withheld: Sequence[Withheld],
    releases_third_parties: bool,
) -> _View:
    whole = stored.collection
    redacted = Overlay.of(item for item in withheld if item.collection == whole.name)

    def read() -> Iterator[Batch]:
        return redacted.applied(ahead(segment.batches(whole.name)))

    omissions = (*stored.omissions, *redacted.omissions(whole))
    counted = stored.count - len(redacted.records)
    return _View(whole, omissions, lambda: counted, read, releases_third_parties, redacted.fields)


@dataclass(frozen=True, slots=True)
class _View:
    """A collection as the person may see it."""

    whole: Collection
    known_omissions: tuple[Omission, ...]
    counted: Callable[[], int]
    read: Callable[[], Iterator[Batch]]
    releases_third_parties: bool
    redacted_fields: frozenset[str] = frozenset()

    @property
    def is_left_out(self) -> bool:
        """Whether the collection is no part of what was asked for, so that only its omissions are told."""
        return is_left_out(self.whole, self.known_omissions)

    def answer(self) -> CollectionAnswer:
        return CollectionAnswer(self.collection(), self.counted, self.batches)

    def collection(self) -> Collection:
        fields = tuple(field for field in self.whole.fields if self._is_shown(field))
        names = {field.name for field in fields}
        return replace(self.whole, fields=fields, key=self.whole.key if names.issuperset(self.whole.key) else ())

    def batches(self) -> Iterator[Batch]:
        collection = self.collection()
        names = [field.name for field in collection.fields]
        for batch in self.read():
            yield Batch(collection, batch.rows.select(names))

    def omissions(self) -> Iterator[Omission]:
        yield from self.known_omissions
        withheld = [field.name for field in self.whole.fields if field.third_party and not self._is_shown(field)]
        if withheld:
            reason = f"about other people, withheld (GDPR Art. 15(4)): {', '.join(withheld)}"
            yield Omission(self.whole.source.slug, self.whole.name, reason, cause=Cause.THIRD_PARTY)

    def _is_shown(self, field: Field) -> bool:
        is_released = self.releases_third_parties or not field.third_party
        return is_released and field.name not in self.redacted_fields
