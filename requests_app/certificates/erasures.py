"""The record of an erasure, from what the portal noted when it was done, held against the audit trail."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from exporters.certificate.records import (
    Decision,
    ErasedCollection,
    ErasedSource,
    ErasureRecord,
    LeftOut,
    Retained,
)
from extractors.datamap import parse
from requests_app.certificates.facts import NotCertifiable, entries_about, request_facts, staff_member
from requests_app.models import Approval, KeptRows, Leased, SourceChange

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extractors.datamap import CollectionPart
    from requests_app.models import AuditEntry, SubjectRequest

NUMBERS = ("found", "changed", "kept", "left")
UNREACHED = "It could not be looked at, and was left out by a decision of the team."


def erasure_record(request: SubjectRequest) -> ErasureRecord:
    """Say what was erased for a request, in every source.

    Raises:
        NotCertifiable: nothing was erased, something is still to be done, the search afterwards still found records,
            or the audit trail does not say the same.
    """
    changes = list(
        request.changes.filter(act=Approval.Act.ERASURE)
        .select_related("source", "map", "approval__approved_by", "approval__prepared_by")
        .order_by("source__label", "pk")
    )
    left_out = [change for change in changes if _is_left_out(change)]
    done = [change for change in changes if change.is_applied]
    _refuse_unfinished([change for change in changes if not change.is_applied and change not in left_out])
    if not done:
        raise NotCertifiable("Nothing was erased for this request, so there is nothing to certify.")
    latest = {change.source_id: change for change in done}
    for change in latest.values():
        if not change.is_proven:
            told = "the search afterwards still found records. Erase again, then certify."
            raise NotCertifiable(f"{change.source.label}: {told}")
    return ErasureRecord(
        request_facts(request),
        tuple(_source(request, change, is_latest=change is latest[change.source_id]) for change in done),
        tuple(LeftOut(change.source.slug, change.source.label, UNREACHED) for change in left_out),
    )


def _is_left_out(change: SourceChange) -> bool:
    return change.is_left_out and change.state == Leased.State.FAILED and not change.is_applied


def _refuse_unfinished(changes: Sequence[SourceChange]) -> None:
    for change in changes:
        if change.is_uncertain:
            raise NotCertifiable(f"{change.source.label}: it is not known yet whether it was changed. Try it again.")
        raise NotCertifiable(f"{change.source.label}: the erasure is not done yet.")


def _source(request: SubjectRequest, change: SourceChange, *, is_latest: bool) -> ErasedSource:
    if change.applied_at is None:
        raise AssertionError("a change that is not applied")
    data_map, _ = parse(change.map.text)
    parts = data_map.collections if data_map else {}
    collections = tuple(
        _collection(name, told, parts.get(name), _kept(request, change, name) if is_latest else [])
        for name, told in change.result.items()
    )
    return ErasedSource(
        source=change.source.slug,
        label=change.source.label,
        erased_at=change.applied_at,
        is_proven=bool(change.is_proven),
        collections=collections,
        map_sha256=hashlib.sha256(change.map.text.encode()).hexdigest(),
        map_version=change.map.version,
        decision=_decision(change),
        came_since=sum(change.came_since.values()),
        audit_entries=tuple(entry.pk for entry in _proven_by(request, change)),
    )


def _collection(
    name: str, told: dict[str, object], part: CollectionPart | None, rows: Sequence[KeptRows]
) -> ErasedCollection:
    fates = told["fates"]
    found, changed, left = (told[number] or 0 for number in ("found", "changed", "left"))
    if not (isinstance(fates, dict) and isinstance(found, int) and isinstance(changed, int) and isinstance(left, int)):
        raise NotCertifiable(f"What was noted about {name} cannot be read.")
    reasons = told["reasons"]
    return ErasedCollection(
        name=name,
        label=(part.label if part else None) or name,
        before=found,
        deleted=fates.get("deleted", 0),
        anonymised=fates.get("anonymised", 0),
        archived=fates.get("archived", 0),
        kept=fates.get("kept", 0),
        shared=fates.get("shared", 0),
        referenced=fates.get("referenced", 0),
        after=found - changed + left,
        left=left,
        reasons=tuple(map(str, reasons)) if isinstance(reasons, list) else (),
        retained=_retained(fates.get("kept", 0), part, rows),
    )


def _kept(request: SubjectRequest, change: SourceChange, collection: str) -> list[KeptRows]:
    return list(KeptRows.objects.filter(request=request, source=change.source, collection=collection))


def _retained(kept: int, part: CollectionPart | None, rows: Sequence[KeptRows]) -> Retained | None:
    """Say what is still kept, and until when; what the sweep has erased since is not."""
    erase = part.erase if part else None
    if not kept or erase is None or not erase.ground:
        return None
    still = kept - sum(item.erased for item in rows)
    open_ = [item for item in rows if item.state != Leased.State.DONE]
    last = [item.last_on for item in open_ if item.last_on]
    return Retained(
        ground=erase.ground,
        rows=max(still, 0),
        years=erase.years,
        first_on=min((item.erase_on for item in open_), default=None),
        last_on=max(last, default=None),
    )


def _decision(change: SourceChange) -> Decision | None:
    approval = change.approval
    if approval is None:
        return None
    prepared = approval.prepared_by
    return Decision(
        prepared_by=staff_member(prepared) if prepared else None,
        approved_by=staff_member(approval.approved_by),
        approved_at=approval.approved_at,
    )


def _proven_by(request: SubjectRequest, change: SourceChange) -> list[AuditEntry]:
    """Give the entries of the audit trail about a change; the last of them has to say the same as the record.

    Raises:
        NotCertifiable: it does not.
    """
    target = f"change {change.pk}"
    entries = entries_about(request, "change.approved", "change.began", "change.done", target=target)
    told = {number: sum(item[number] or 0 for item in change.result.values()) for number in NUMBERS}
    said = entries[-1].details if entries and entries[-1].action == "change.done" else {}
    if {number: said.get(number) for number in NUMBERS} != told or bool(said.get("is_proven")) != change.is_proven:
        raise NotCertifiable(
            f"{change.source.label}: the audit trail does not say the same as what was noted about the erasure."
            " Run dsr_verify_audit, and find out who changed what."
        )
    return entries
