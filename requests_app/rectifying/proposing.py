"""Proposing corrections: by the person, by who stands for them, or written down by the team from a letter."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import transaction

from extractors.batches import counted
from extractors.changes import Correction
from extractors.errors import DsrError
from requests_app import audit, corrections, limits, proofs, representing, sources, uploads
from requests_app.models import ProposedCorrection, Recipient, Right, SubjectRequest, Upload
from requests_app.rectifying import offering
from requests_app.workflow import WORK, refuse_unless

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from requests_app.audit import Actor
    from requests_app.rectifying.offering import Offered, Record, Value
    from requests_app.uploads import ExaminedFile

State = ProposedCorrection.State
LONGEST_VALUE, LONGEST_REASON = 10_000, 2_000
MOST_FILES, MOST_FILES_OF_REQUEST = 5, 30
MOST_PROPOSALS, MOST_AN_HOUR = 300, 120
CLOSED = "Nothing can be proposed now: the request is not in progress, or its sources are still being read."
STALE = "What you corrected cannot be found any more. Please go back and choose it again."


class UnusableProposal(DsrError, ValueError):
    """Say why a correction cannot be proposed; `faults` says it of single fields, by their names."""

    def __init__(self, message: str, faults: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.faults = dict(faults or {})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record is: the search that found it, the number of its collection, and its own within that, from 0."""

    search_id: int
    number: int
    ordinal: int


@dataclass(frozen=True, slots=True)
class _Told:
    """What comes with values: why, what shows it, and from whom."""

    reason: str = field(repr=False)
    files: tuple[ExaminedFile, ...]
    actor: Actor


def propose(
    request_id: int,
    place: Place,
    values: Mapping[str, str | None],
    *,
    reason: str = "",
    files: Sequence[ExaminedFile] = (),
    actor: Actor,
) -> list[ProposedCorrection]:
    """Propose new values for fields of a record; a proposal that was not decided on yet is replaced.

    A value that is what stands there takes an earlier proposal back.

    Args:
        values: by the names of fields; None for nothing. Fields left out stay as they are.

    Returns:
        What is proposed of these fields now.

    Raises:
        UnusableProposal: it cannot be taken, or a value does not fit.
        LimitReached: too many within the hour.
        PermissionRefused, NotAddressee: not theirs to do.
        UnprovenIdentity, UnsettledAuthority: it is not clear, or not any more, who asks.
    """
    request = SubjectRequest.objects.get(pk=request_id)
    _refuse_stranger(request, actor)
    _refuse_closed(request)
    limits.count("corrections", f"{request_id} {actor.kind}", most=MOST_AN_HOUR, seconds=3600)
    item, record = _found(request, place)
    changed = _changed(record, values)
    _refuse_long(changed, reason, files)
    _refuse_unfit(item, record, changed)
    with transaction.atomic():
        request = SubjectRequest.objects.select_for_update().get(pk=request_id)
        _refuse_closed(request)
        return _keep(request, item, record, changed, _Told(reason.strip(), tuple(files), actor))


@transaction.atomic
def take_back(request_id: int, correction_id: int, *, actor: Actor) -> None:
    """Take a proposal back that was not decided on yet; what was handed in for it alone goes with it.

    Raises:
        UnusableProposal: there is none, or it was decided on.
        PermissionRefused, NotAddressee: not theirs to do.
    """
    request = SubjectRequest.objects.select_for_update().get(pk=request_id)
    _refuse_stranger(request, actor)
    row = request.corrections.filter(pk=correction_id, state=State.PROPOSED).first()
    if row is None:
        raise UnusableProposal("This proposal was decided on meanwhile, or taken back before.")
    _remove(row, actor)


def _refuse_stranger(request: SubjectRequest, actor: Actor) -> None:
    if actor == audit.REPRESENTATIVE:
        if representing.receiver(request) != Recipient.REPRESENTATIVE:
            raise representing.NotAddressee("The representative may not see this person's data.")
    elif actor != audit.SUBJECT:
        refuse_unless(actor, WORK, "propose a correction")


def _refuse_closed(request: SubjectRequest) -> None:
    if request.right != Right.RECTIFICATION or not offering.is_open(request):
        raise UnusableProposal(CLOSED)
    proofs.refuse_unless_proven(request)


def _found(request: SubjectRequest, place: Place) -> tuple[Offered, Record]:
    item = offering.find(request, place.search_id, place.number)
    try:
        record = offering.record_of(item, place.ordinal) if item else None
    except DsrError:
        record = None
    if item is None or record is None:
        raise UnusableProposal(STALE)
    return item, record


def _changed(record: Record, values: Mapping[str, str | None]) -> list[tuple[Value, str | None]]:
    """Pair fields with what is wanted there; line breaks are as the source has them.

    Raises:
        UnusableProposal: a field is none that can be corrected, or was decided on.
    """
    known = {value.field.name: value for value in record.values}
    if values.keys() - known.keys():
        raise UnusableProposal(STALE)
    changed = [(known[name], _as_before(new, known[name].text)) for name, new in values.items()]
    decided = {
        value.field.name: "This was decided on already."
        for value, new in changed
        if value.is_decided and new != value.new
    }
    if decided:
        raise UnusableProposal("A correction was decided on meanwhile; nothing was changed.", decided)
    return [(value, new) for value, new in changed if not value.is_decided]


def _as_before(new: str | None, old: str | None) -> str | None:
    """Undo what a browser does to line breaks, where the source keeps others."""
    if new is None:
        return None
    lines = new.replace("\r\n", "\n").replace("\r", "\n")
    return lines.replace("\n", "\r\n") if old and "\r\n" in old else lines


def _refuse_long(changed: list[tuple[Value, str | None]], reason: str, files: Sequence[ExaminedFile]) -> None:
    long = {value.field.name for value, new in changed if new is not None and len(new) > LONGEST_VALUE}
    if long:
        words = f"Please keep this to {LONGEST_VALUE:,} characters."
        raise UnusableProposal("A value is too long.", dict.fromkeys(long, words))
    if len(reason) > LONGEST_REASON:
        raise UnusableProposal(f"The reason has {len(reason):,} characters; please keep it to {LONGEST_REASON:,}.")
    if len(files) > MOST_FILES:
        raise UnusableProposal(f"Please hand in at most {MOST_FILES} files at once.")


def _refuse_unfit(item: Offered, record: Record, changed: list[tuple[Value, str | None]]) -> None:
    """Refuse what is known not to fit: by the codes of the map, and by what the source says of its columns.

    A source that does not answer now refuses nothing: it will be asked when the correction is written.
    """
    wanted = [(value, new) for value, new in changed if new != value.text]
    faults = {
        value.field.name: f"Please choose one of these: {_codes(value)}."
        for value, new in wanted
        if value.field.codes and new is not None and new not in value.field.codes
    }
    faults |= _unfit(item, record, [(value, new) for value, new in wanted if value.field.name not in faults])
    if faults:
        number = counted(len(faults), "value")
        raise UnusableProposal(f"{number} cannot be taken. What you typed is kept below; nothing was sent.", faults)


def _codes(value: Value) -> str:
    return ", ".join(f"{code} ({word})" for code, word in value.field.codes.items())


def _unfit(item: Offered, record: Record, wanted: list[tuple[Value, str | None]]) -> dict[str, str]:
    name, version = item.collection.name, item.search.source.current_map or item.search.map
    asked = [Correction(name, record.key, value.field.name, value.text, new) for value, new in wanted]
    try:
        extractor = sources.extractor(item.search.source, version)
        told = extractor.unfit(asked, seconds=offering.CHECKED_BEFORE) if asked else {}
    except DsrError:
        return {}
    return {wanted[place][0].field.name: why for place, why in told.items()}


def _keep(
    request: SubjectRequest,
    item: Offered,
    record: Record,
    changed: list[tuple[Value, str | None]],
    told: _Told,
) -> list[ProposedCorrection]:
    seals, key = corrections.Seals(request), corrections.record_key(record.key)
    hashed = seals.record_hash(item.search.source_id, item.collection.name, key)
    mine = request.corrections.filter(
        source=item.search.source, collection=item.collection.name, record_hash=hashed
    ).order_by("-pk")
    kept = []
    files = _taken(request, told) if any(new != value.text for value, new in changed) else []
    for value, new in changed:
        row = mine.filter(field=value.field.name).first()
        if row and row.state != State.PROPOSED:
            raise UnusableProposal("A correction was decided on meanwhile; nothing was changed. Please look again.")
        if new != value.text:
            row = row or _new(request, item, value, hashed)
            _write(row, seals, key, (value.text, new), told)
            row.evidence.add(*files)
            kept.append(row)
        elif row:
            _remove(row, told.actor)
    return kept


def _new(request: SubjectRequest, item: Offered, value: Value, hashed: str) -> ProposedCorrection:
    if request.corrections.count() >= MOST_PROPOSALS:
        raise UnusableProposal(f"A request has room for {MOST_PROPOSALS} corrections.")
    return ProposedCorrection(
        request=request,
        source=item.search.source,
        collection=item.collection.name,
        field=value.field.name,
        record_hash=hashed,
    )


def _write(
    row: ProposedCorrection, seals: corrections.Seals, key: str, values: tuple[str | None, str | None], told: _Told
) -> None:
    row.record_key = seals.seal("record_key", key)
    row.old, row.new = seals.seal("old", values[0]), seals.seal("new", values[1])
    row.reason = seals.seal("reason", told.reason or None)
    row.proposed_by_id, row.failure = told.actor.user_id, ""
    row.save()
    audit.record(
        "correction.proposed",
        told.actor,
        request_id=row.request_id,
        target=f"correction {row.pk}",
        source=row.source_id,
        collection=row.collection,
        field=row.field,
    )


def _taken(request: SubjectRequest, told: _Told) -> list[Upload]:
    there = request.uploads.filter(kind=Upload.Kind.EVIDENCE, handed_in_by=None, removed_at=None).count()
    if told.files and told.actor.user_id is None and there + len(told.files) > MOST_FILES_OF_REQUEST:
        raise UnusableProposal(f"A request has room for {MOST_FILES_OF_REQUEST} files; {there} are there already.")
    return [uploads.take(file, Upload.Kind.EVIDENCE, actor=told.actor, request=request) for file in told.files]


def _remove(row: ProposedCorrection, actor: Actor) -> None:
    files = list(row.evidence.all())
    audit.record("correction.taken_back", actor, request_id=row.request_id, target=f"correction {row.pk}")
    row.delete()
    for upload in files:
        if not upload.corrections.exists():
            uploads.remove(upload, actor=actor)
