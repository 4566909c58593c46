"""One search of a request: a source read into a segment of the request's dossier."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from django.db import transaction

from extractors.base import Scope
from extractors.errors import DsrError
from extractors.identifiers import Identifiers
from extractors.linking import with_omissions
from requests_app import audit, leases, planning, sources, storage
from requests_app.artefacts import fresh_artefact
from requests_app.collecting.linked import labels, linked, shortfall
from requests_app.collecting.segments import collect
from requests_app.dossier import SegmentReader, SegmentWriter
from requests_app.keys.stored import destroy_key
from requests_app.models import Right, SourceSearch, SubjectRequest
from requests_app.models.subject_request import AT_WORK

if TYPE_CHECKING:
    from collections.abc import Callable

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
        told = _progress(work, len(extractor.data_map.collections))
        found = linked(search, extractor, _identifiers(search.request))
        extracts = extractor.extract(found.identifiers, _scope(search.request), is_reviewed=True)
        with closing(with_omissions(extracts, found, labels(found))) as told_extracts:
            collect(told_extracts, SegmentWriter(artefact.file, artefact.key), told)
        _finish(work, search, artefact, found)


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


def _progress(work: leases.Work, collections: int) -> Callable[[str, int], None]:
    begun: set[str] = set()
    records = 0

    def told(label: str, rows: int) -> None:
        nonlocal records
        records += rows
        begun.add(label)
        work.progress(min(99, (len(begun) - 1) * 100 // max(collections, 1)), f"Reading {label}", records=records)

    return told


def _identifiers(request: SubjectRequest) -> Identifiers:
    proven = request.identifiers.exclude(proof="").values_list("kind", "value")
    if not proven:
        raise NothingProven("No identifier of this person is proven yet.")
    return Identifiers.of(proven)


def _scope(request: SubjectRequest) -> Scope:
    """An access answer holds everything; limits shape what is taken elsewhere."""
    return Scope.ALL if request.right == Right.ACCESS else Scope.SELF_SERVICE


def _give_up(search_id: int) -> None:
    search = SourceSearch.objects.get(pk=search_id)
    if search.key_id:  # of an attempt whose worker died
        destroy_key(search.key_id)
    _record(search, "search.failed", attempt=search.attempt)
    planning.settle(search.request_id)


def _record(search: SourceSearch, action: str, **details: int) -> None:
    target = f"search {search.pk}"
    audit.record(action, audit.SYSTEM, request_id=search.request_id, target=target, source=search.source_id, **details)
