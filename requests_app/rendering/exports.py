"""One export of a request: what was released, rendered into an encrypted file."""

from __future__ import annotations

from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from extractors.batches import Cause, Omission
from extractors.errors import DsrError
from requests_app import audit, leases, releases, storage
from requests_app.artefacts import fresh_artefact
from requests_app.dossier import SegmentReader
from requests_app.keys.stored import destroy_key, open_key
from requests_app.models import Export, Leased, Outcome
from requests_app.models.export import expiry
from requests_app.models.subject_request import AT_WORK
from requests_app.notifications import queue_mail
from requests_app.rendering.answers import Heading, answer
from requests_app.rendering.letters import letter_of, searched_of
from requests_app.rendering.redacting import Withheld
from requests_app.storage import SealedWriter
from requests_app.workflow import ImpossibleTransition, perform

if TYPE_CHECKING:
    from collections.abc import Callable

    from exporters.base import Answer
    from requests_app.models import SourceSearch, SubjectRequest


class VoidApproval(DsrError):
    """Say that what was released has changed since, so that it has to be looked at again."""

    permanent = True


def render_export(export_id: int) -> None:
    """Render one export, if that is to be done; see `leases.run`."""
    leases.run(Export, export_id, _render, _give_up)


def _render(work: leases.Work) -> None:
    from exporters.package import write_package
    from exporters.registry import find

    export = Export.objects.select_related("request__key", "approval", "key").get(pk=work.pk)
    if export.request.status not in AT_WORK:
        raise leases.EndedWork("The request has ended.")
    _refuse_unless_as_released(export)
    exporters = [find(slug) for slug in export.formats]
    name = f"export-{work.pk}-{work.attempt}.zip"
    with ExitStack() as files, fresh_artefact(export, name, work.keep) as artefact:
        result = _answer(export.request, files)
        out = SealedWriter(artefact.file, artefact.key)
        write_package(result, exporters, out, progress=_progress(work, result.records * len(exporters)))
        out.finish()
        _finish(work, export, result, file=artefact.name, size_bytes=out.size_bytes)


def _finish(work: leases.Work, export: Export, result: Answer, **artefact: object) -> None:
    request, records = export.request, result.records
    with transaction.atomic():
        expires_at = expiry()
        done = {"records": records, "is_complete": result.is_complete, "expires_at": expires_at, "step": ""}
        work.finish(**artefact, **done)
        target = f"export {export.pk}"
        audit.record("export.ready", audit.SYSTEM, request_id=request.pk, target=target, records=records)
        _complete(request, _outcome(request, result))
        _refuse_unless_as_released(export)  # again, now that the request is locked: others were at work meanwhile
        queue_mail(request.pk, "ready", export_id=export.pk)


def _refuse_unless_as_released(export: Export) -> None:
    if export.approval.digest != releases.digest(export.request):
        raise VoidApproval("What was released has changed since; please look at it and release it again.")


def _complete(request: SubjectRequest, outcome: Outcome) -> None:
    try:
        perform(request.pk, "complete", actor=audit.SYSTEM, outcome=outcome)
    except ImpossibleTransition:
        raise leases.EndedWork("The request has ended.") from None


def _outcome(request: SubjectRequest, result: Answer) -> Outcome:
    if not result.is_complete or releases.redactions(request).exists():
        return Outcome.PARTIAL
    return Outcome.FULL if result.records else Outcome.NONE_HELD


def _answer(request: SubjectRequest, files: ExitStack) -> Answer:
    """Open the segments of the dossier, with what a reviewer withheld, and name what could not be searched."""
    searches = list(request.searches.select_related("source", "key").order_by("source__label", "pk"))
    done = [search for search in searches if search.state == Leased.State.DONE]
    heading = Heading(
        request.reference,
        settings.DSR_SYSTEM_NAME,
        timezone.now(),
        requester={"email": request.email},
        searched=searched_of(request, searches),
        letter=letter_of(request),
        language=request.language,
    )
    return answer(
        heading,
        [(_segment(search, files), _withheld(search)) for search in done],
        missing=[_missing(search) for search in searches if search.state != Leased.State.DONE],
    )


def _segment(search: SourceSearch, files: ExitStack) -> SegmentReader:
    file = files.enter_context(closing(storage.open(search.segment)))
    if search.key_id is None:
        raise AssertionError("a finished search without a key")
    return SegmentReader(file, open_key(search.key_id), search.segment)


def _missing(search: SourceSearch) -> Omission:
    reason = f"{search.source.label} could not be searched"
    return Omission(search.source.slug, None, reason, cut=True, cause=Cause.UNREACHED)


def _withheld(search: SourceSearch) -> list[Withheld]:
    """Give what is withheld of the segment as it is now."""
    items = search.redactions.filter(segment=search.segment)
    return [Withheld(item.collection, item.ordinal, item.field, item.ground) for item in items]


def _progress(work: leases.Work, total: int) -> Callable[[int], None]:
    rendered = 0

    def told(rows: int) -> None:
        nonlocal rendered
        rendered += rows
        work.progress(min(99, rendered * 100 // max(total, 1)), f"Writing record {rendered:,} of {total:,}")

    return told


def _give_up(export_id: int) -> None:
    export = Export.objects.get(pk=export_id)
    if export.key_id:  # of an attempt whose worker died
        destroy_key(export.key_id)
    audit.record("export.failed", audit.SYSTEM, request_id=export.request_id, target=f"export {export_id}")
