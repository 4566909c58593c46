"""One export of a request: what was released, rendered into an encrypted file."""

from __future__ import annotations

from collections import defaultdict
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from extractors.batches import Cause, Omission
from extractors.errors import DsrError
from requests_app import audit, leases, passphrases, proofs, refusals, releases, storage
from requests_app.artefacts import fresh_artefact, take_away
from requests_app.dossier import SegmentReader
from requests_app.keys.stored import destroy_key, open_key
from requests_app.models import Export, Leased, Outcome, Refusal, SubjectRequest
from requests_app.models.export import expiry
from requests_app.models.subject_request import ANSWERED, AT_WORK
from requests_app.notifications import queue_mail
from requests_app.refusals.forbidden import forbidden_to, in_words
from requests_app.rendering.answers import Heading, answer
from requests_app.rendering.course import Course
from requests_app.rendering.letters import letter_of, searched_of
from requests_app.rendering.withholding import withheld_of
from requests_app.storage import SealedWriter
from requests_app.webhooks import events
from requests_app.workflow import ImpossibleTransition, perform

if TYPE_CHECKING:
    from exporters.base import Answer, Exporter
    from requests_app.models import SourceSearch
    from requests_app.refusals.forbidden import Forbidden
    from requests_app.rendering.redacting import Withheld


class VoidApproval(DsrError):
    """Say that what was released has changed since, so that it has to be looked at again."""

    permanent = True


class ChangedPassphrase(DsrError):
    """Say that files were made with a passphrase that another has replaced meanwhile, so that they are made again."""


def render_export(export_id: int) -> None:
    """Render one export, if that is to be done; see `leases.run`."""
    leases.run(Export, export_id, _render, _give_up)


def _render(work: leases.Work) -> None:
    from exporters.registry import find

    export = Export.objects.select_related("request__key", "approval", "key").get(pk=work.pk)
    if export.request.status not in (ANSWERED if _is_further(export) else AT_WORK):
        raise leases.EndedWork("The request has ended.")
    proofs.refuse_unless_proven(export.request)
    _refuse_unless_as_released(export)
    exporters = [find(slug) for slug in export.formats]
    name = f"export-{work.pk}-{work.attempt}.zip"
    with ExitStack() as files, fresh_artefact(export, name, work.keep) as artefact:
        result = _answer(export.request, files)
        out = SealedWriter(artefact.file, artefact.key)
        letter = None if _holds_something(export.request, result) else _letter(result)
        made = _write_letter(letter, out) if letter else _write_package(work, export, result, exporters, out)
        out.finish()
        sizes = {"size_bytes": out.size_bytes, "sha256": out.sha256}
        _finish(work, export, result, file=artefact.name, **sizes, **made)


def _is_further(export: Export) -> bool:
    """Whether files were made by the same release before: these are more of them, or the same again."""
    return Export.objects.filter(approval=export.approval, state=Leased.State.DONE).exclude(pk=export.pk).exists()


def _holds_something(request: SubjectRequest, result: Answer) -> bool:
    """Whether there is anything but a letter to give; what was withheld whole, or not looked at, may be held."""
    from exporters.opening.result import is_portable

    return bool(result.records) or is_portable(result) or releases.redactions(request).exists()


def _letter(result: Answer) -> bytes | None:
    """Print the answer to somebody nothing is held about; None where nothing can be printed."""
    from exporters.document.printing import UnprintableDocument
    from exporters.document.reply import nothing_held

    try:
        return nothing_held(result)
    except UnprintableDocument:
        return None  # the package says the same, in files that need no printer


def _write_letter(letter: bytes, out: SealedWriter) -> dict[str, object]:
    out.write(letter)
    return {"media_type": Export.MediaType.PDF}


def _write_package(
    work: leases.Work, export: Export, result: Answer, exporters: list[Exporter], out: SealedWriter
) -> dict[str, object]:
    from exporters.package import listed, write_package

    passphrase = None if export.is_for_transfer else passphrases.passphrase_of(export.request)
    course = Course({exporter.slug: exporter.seconds(result) for exporter in exporters}, result.records)

    def begun(path: str, part: tuple[int, int] | None) -> None:
        course.begin(path, part)
        work.progress(course.percent, course.step)

    def progress(records: int) -> None:
        course.add(records)
        work.progress(course.percent, course.step)

    files = write_package(
        result, exporters, out, is_printed=True, passphrase=passphrase, progress=progress, begun=begun
    )
    return {"is_protected": passphrase is not None, "members": [listed(file) for file in files]}


def _finish(work: leases.Work, export: Export, result: Answer, **artefact: object) -> None:
    request, records = export.request, result.records
    with transaction.atomic():
        expires_at = expiry()
        done = {"records": records, "is_complete": result.is_complete, "expires_at": expires_at, "step": ""}
        work.finish(**artefact, **done)
        target = f"export {export.pk}"
        audit.record("export.ready", audit.SYSTEM, request_id=request.pk, target=target, records=records)
        now = SubjectRequest.objects.select_for_update().get(pk=request.pk)
        _refuse_unless_as_released(export)  # again, now that the request is locked: others were at work meanwhile
        if now.passphrase != request.passphrase and not export.is_for_transfer:
            raise ChangedPassphrase("The passphrase was changed meanwhile; the files are made again with it.")
        if not _is_further(export):
            _complete(request, _outcome(request, result))
        if export.replaces_earlier:
            _take_away_earlier(export)
        if export.is_for_transfer:  # whoever ordered it waits for it on a page, and there is nothing to download
            return
        is_letter = artefact.get("media_type") == Export.MediaType.PDF
        queue_mail(request.pk, _notice(request, is_letter=is_letter), export_id=export.pk)
        events.note("export.ready", request.pk, export_id=export.pk)


def _notice(request: SubjectRequest, *, is_letter: bool) -> str:
    """Name the notice that tells of files: what is refused in part is told with its remedies."""
    if refusals.decided(request, Refusal.Extent.PART):
        return "partial"
    return "nothing_held" if is_letter else "ready"


def _take_away_earlier(export: Export) -> None:
    """Take away what another passphrase opens, or none."""
    done = Export.objects.filter(request=export.request, state=Leased.State.DONE, is_for_transfer=False)
    for earlier in done.filter(pk__lt=export.pk):
        if take_away(earlier):
            target = f"export {earlier.pk}"
            audit.record("export.replaced", audit.SYSTEM, request_id=export.request_id, target=target)
            events.note("export.replaced", export.request_id, export_id=earlier.pk)


def _refuse_unless_as_released(export: Export) -> None:
    if export.approval.digest != releases.digest(export.request):
        raise VoidApproval("What was released has changed since; please look at it and release it again.")
    if Export.objects.filter(approval=export.approval, revoked_at__isnull=False).exists():
        raise VoidApproval("What was released has been taken back by the team.")


def _complete(request: SubjectRequest, outcome: Outcome) -> None:
    try:
        perform(request.pk, "complete", actor=audit.SYSTEM, outcome=outcome)
    except ImpossibleTransition:
        raise leases.EndedWork("The request has ended.") from None


def _outcome(request: SubjectRequest, result: Answer) -> Outcome:
    is_refused_in_part = refusals.decided(request, Refusal.Extent.PART) is not None
    if is_refused_in_part or not result.is_complete or releases.redactions(request).exists():
        return Outcome.PARTIAL
    return Outcome.FULL if _holds_something(request, result) else Outcome.NONE_HELD


def _answer(request: SubjectRequest, files: ExitStack) -> Answer:
    """Open the segments of the dossier, with what a reviewer withheld, and name what could not be searched."""
    searches = list(request.searches.select_related("source", "key").order_by("source__label", "pk"))
    done = [search for search in searches if search.state == Leased.State.DONE]
    forbidden = forbidden_to(request)
    parts = [_part(search, files, forbidden) for search in done]
    never_given = [item.kind for _, withheld in parts for item in withheld if item.kind and item.is_held]
    heading = Heading(
        request.reference,
        settings.DSR_SYSTEM_NAME,
        timezone.now(),
        requester=_requester(request),
        searched=searched_of(request, searches),
        letter=letter_of(request, in_words(never_given)),
        language=request.language,
    )
    return answer(
        heading,
        parts,
        missing=[_missing(search) for search in searches if search.state != Leased.State.DONE],
    )


def _part(search: SourceSearch, files: ExitStack, forbidden: Forbidden) -> tuple[SegmentReader, list[Withheld]]:
    segment = _segment(search, files)
    return segment, withheld_of(search, segment, forbidden)


def _requester(request: SubjectRequest) -> dict[str, str]:
    """Name who asked by their mailbox; who has none, by what was proven to be theirs."""
    if request.email:
        return {"email": request.email}
    known: dict[str, list[str]] = defaultdict(list)
    for kind, value in request.identifiers.proven().order_by("kind", "pk").values_list("kind", "value"):
        known[kind].append(value)
    return {kind: ", ".join(values) for kind, values in known.items()}


def _segment(search: SourceSearch, files: ExitStack) -> SegmentReader:
    file = files.enter_context(closing(storage.open(search.segment)))
    if search.key_id is None:
        raise AssertionError("a finished search without a key")
    return SegmentReader(file, open_key(search.key_id), search.segment)


def _missing(search: SourceSearch) -> Omission:
    reason = f"{search.source.label} could not be searched"
    return Omission(search.source.slug, None, reason, cut=True, cause=Cause.UNREACHED)


def _give_up(export_id: int) -> None:
    export = Export.objects.get(pk=export_id)
    if export.key_id:  # of an attempt whose worker died
        destroy_key(export.key_id)
    audit.record("export.failed", audit.SYSTEM, request_id=export.request_id, target=f"export {export_id}")
