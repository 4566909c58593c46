"""One search of a request: a source read into a segment of the request's dossier."""

from __future__ import annotations

from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

from django.db import transaction

from extractors.base import Scope
from extractors.errors import DsrError
from extractors.identifiers import Identifiers
from extractors.linking import with_omissions
from requests_app import audit, leases, planning, sources, storage
from requests_app.artefacts import fresh_artefact
from requests_app.collecting.course import Course
from requests_app.collecting.estimating import estimated_beside
from requests_app.collecting.linked import labels, linked, shortfall
from requests_app.collecting.segments import collect
from requests_app.dossier import SegmentReader, SegmentWriter
from requests_app.keys.stored import destroy_key
from requests_app.models import Right, SourceSearch, SubjectRequest
from requests_app.models.subject_request import AT_WORK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from extractors.base import Extractor
    from extractors.batches import Extract
    from extractors.linking import Linked
    from requests_app.artefacts import Artefact


class NothingProven(DsrError):
    """Say that a person cannot be searched for, as none of their identifiers is proven."""

    permanent = True


def collect_source(search_id: int) -> None:
    """Read one source for one request, if that is to be done; see `leases.run`."""
    leases.run(SourceSearch, search_id, _collect, _give_up)


def _collect(work: leases.Work) -> None:
    search = SourceSearch.objects.select_related("request__key", "source", "map").get(pk=work.pk)
    _refuse_unless_at_work(search.request)
    with fresh_artefact(search, f"search-{work.pk}-{work.attempt}.segment", work.keep) as artefact:
        extractor = sources.extractor(search.source, search.map, search.request.language)
        found = linked(search, extractor, _identifiers(search.request))
        _read(work, search, extractor, found, SegmentWriter(artefact.file, artefact.key))
        _finish(work, search, artefact, found)


def _read(work: leases.Work, search: SourceSearch, extractor: Extractor, found: Linked, writer: SegmentWriter) -> None:
    scope = _scope(search.request)
    course = Course(tuple(extractor.data_map.collections), search.estimates)
    with ExitStack() as open_ones:
        extracts = with_omissions(extractor.extract(found.identifiers, scope, is_reviewed=True), found, labels(found))
        open_ones.enter_context(closing(extracts))
        known = search.estimates or open_ones.enter_context(estimated_beside(extractor, found.identifiers, scope))
        collect(_followed(extracts, course), writer, _progress(work, course, known))


def _finish(work: leases.Work, search: SourceSearch, artefact: Artefact, found: Linked) -> None:
    stored = SegmentReader(artefact.file, artefact.key, artefact.name).collections
    counts = {item.collection.name: item.count for item in stored}
    marks = {item.collection.name: sum(item.marks.values()) for item in stored if item.marks}
    total, size = sum(counts.values()), storage.size(artefact.name)
    with transaction.atomic():
        work.finish(segment=artefact.name, counts=counts, marks=marks, records=total, size_bytes=size, step="")
        SourceSearch.objects.filter(pk=work.pk).update(last_error=shortfall(found)[:500])
        _record(search, "search.done", records=total, attempt=work.attempt, cut_collections=len(found.cut))
        planning.settle(search.request_id)
        _refuse_unless_at_work(SubjectRequest.objects.get(pk=search.request_id))


def _refuse_unless_at_work(request: SubjectRequest) -> None:
    if request.status not in AT_WORK:
        raise leases.EndedWork("The request has ended.")


def _followed(extracts: Iterable[Extract], course: Course) -> Iterator[Extract]:
    for extract in extracts:
        course.begin(extract.collection.name)
        yield extract


def _progress(work: leases.Work, course: Course, known: Mapping[str, int]) -> Callable[[str, int], None]:
    """Tell of the course; what is known of the rows to come may be filled in later."""

    def told(label: str, rows: int) -> None:
        course.add(rows)
        numbers: dict[str, object] = {"records": course.records}
        if known:
            course.expected = known
            numbers |= {"estimates": dict(known), "estimated_records": sum(known.values())}
        work.progress(course.percent, course.step(label), **numbers)

    return told


def _identifiers(request: SubjectRequest) -> Identifiers:
    proven = request.identifiers.proven().values_list("kind", "value")
    if not proven:
        raise NothingProven("No identifier of this person is proven yet.")
    return Identifiers.of(proven)


def _scope(request: SubjectRequest) -> Scope:
    """An answer holds everything, but for what is taken elsewhere: that is what the person gave (GDPR Art. 20(1))."""
    return Scope.PORTABILITY if request.right == Right.PORTABILITY else Scope.ALL


def _give_up(search_id: int) -> None:
    search = SourceSearch.objects.get(pk=search_id)
    if search.key_id:  # of an attempt whose worker died
        destroy_key(search.key_id)
    _record(search, "search.failed", attempt=search.attempt)
    planning.settle(search.request_id)


def _record(search: SourceSearch, action: str, **details: int) -> None:
    target = f"search {search.pk}"
    audit.record(action, audit.SYSTEM, request_id=search.request_id, target=target, source=search.source_id, **details)
