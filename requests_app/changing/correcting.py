"""Writes approved corrections into one source: all of them together, but for those that the source does not take.

Before and after, what stands in the fields is read. A worker that stopped may have written them: the next one finds the
new values there, and counts them as written. What cannot be written goes back to the team, and says why.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from extractors.batches import counted
from extractors.changes import NotRectifiable, RefusedCorrection, UnchangeableSource
from requests_app import audit, proofs, recipients, sources
from requests_app.changing.people import identifiers_of, linked
from requests_app.changing.previews import refuse_unless_at_work
from requests_app.changing.telling import tell
from requests_app.corrections import Seals, fingerprint
from requests_app.models import ProposedCorrection, SourceChange
from requests_app.queue import enqueue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extractors.base import Extractor
    from extractors.changes import Correction, Standing
    from extractors.identifiers import Identifiers
    from requests_app.leases import Work

State = ProposedCorrection.State
GONE = "The record is not there any more, or no longer this person's."
CHANGED = "Another value stands there now than the one that was shown. It is shown from now on: please decide anew."
UNPROVEN = "It was written, but reads differently since: a rule of the source may have changed it. Please look."
ALTERED = "What was approved is not what would be written: please look again."


@dataclass(slots=True)
class _Wanted:
    """One correction to be written, and why it is not; `found` is what stands there instead."""

    row: ProposedCorrection
    correction: Correction
    failure: str = ""
    found: str | None = field(default=None, repr=False)
    is_found: bool = False
    stands: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it is still to be written."""
        return not (self.failure or self.stands)

    def compare(self, standing: Standing) -> None:
        """Hold what stands in the field against what is to be done."""
        self.stands = standing.is_new
        if self.stands or standing.is_old:
            return
        self.failure = CHANGED if standing.is_there else GONE
        self.found, self.is_found = standing.value, standing.is_there


def carry_out(work: Work, change: SourceChange) -> None:
    """Do the work of approved corrections in one source.

    Raises:
        DsrError: the source cannot be read or changed; the request has ended, or it is in doubt who asked.
    """
    refuse_unless_at_work(change)
    proofs.refuse_unless_proven(change.request)
    rows, seals = list(change.corrections.filter(state=State.APPROVED).order_by("pk")), Seals(change.request)
    if change.approval is None or change.approval.digest != fingerprint(rows):
        _finish(work, change, [_Wanted(row, seals.correction(row), failure=ALTERED) for row in rows], seals)
        return
    wanted = [_Wanted(row, seals.correction(row)) for row in rows]
    extractor = sources.extractor(change.source, change.source.current_map or change.map)
    _write_all(work, change, extractor, wanted)
    _finish(work, change, wanted, seals)


def _write_all(work: Work, change: SourceChange, extractor: Extractor, wanted: list[_Wanted]) -> None:
    identifiers = linked(extractor, identifiers_of(change.request))
    _look(extractor, identifiers, wanted)
    while to_write := [item for item in wanted if item.is_open]:
        _begin(work, change, len(to_write))
        try:
            extractor.rectify(identifiers, [item.correction for item in to_write])
        except (RefusedCorrection, UnchangeableSource) as error:
            _note_refusal(to_write, error)
            continue
        for item in to_write:
            item.stands = True
    _prove(extractor, identifiers, [item for item in wanted if item.stands])


def _look(extractor: Extractor, identifiers: Identifiers, wanted: list[_Wanted]) -> None:
    """Compare what stands there, leaving out what cannot even be looked at."""
    while to_look := [item for item in wanted if item.is_open]:
        try:
            found = extractor.standing(identifiers, [item.correction for item in to_look])
        except (NotRectifiable, UnchangeableSource) as error:
            _note_refusal(to_look, error)
            continue
        for item, standing in zip(to_look, found, strict=True):
            item.compare(standing)
        return


def _note_refusal(tried: Sequence[_Wanted], error: RefusedCorrection | UnchangeableSource) -> None:
    """Set aside what was refused: all of it, where nobody can tell what it was about."""
    about = getattr(error, "corrections", ())
    refused = [item for item in tried if item.correction in about] or tried
    for item in refused:
        item.failure = str(error)


def _prove(extractor: Extractor, identifiers: Identifiers, written: Sequence[_Wanted]) -> None:
    if not written:
        return
    found = extractor.standing(identifiers, [item.correction for item in written])
    for item, standing in zip(written, found, strict=True):
        if not standing.is_new:
            item.failure, item.stands = UNPROVEN, False
            item.found, item.is_found = standing.value, standing.is_there


def _begin(work: Work, change: SourceChange, fields: int) -> None:
    """Note that the source is about to be changed; from here on only looking tells whether it was."""
    refuse_unless_at_work(change)
    with transaction.atomic():
        work.keep(began=F("began") + 1, expected={"fields": fields}, step="Correcting")
        _record("change.began", work, change, fields=fields)


def _finish(work: Work, change: SourceChange, wanted: list[_Wanted], seals: Seals) -> None:
    written = [item for item in wanted if item.stands]
    returned = [item for item in wanted if not item.stands]
    counts = dict(Counter(item.row.collection for item in written))
    now = timezone.now()
    with transaction.atomic():
        work.finish(result={"rows": counts, "returned": len(returned)}, is_proven=True, applied_at=now, step="")
        for item in written:
            _keep(item.row, State.WRITTEN, written_at=now, failure="")
        for item in returned:
            old = {"old": seals.seal("old", item.found)} if item.is_found else {}
            _keep(item.row, State.PROPOSED, failure=item.failure[:500], change=None, decided_at=None, **old)
        recipients.note(change, counts)
        _record("change.done", work, change, changed=len(written), returned=len(returned))
        if returned:
            _tell(change, returned)
        enqueue("finish_request", change.request_id)


def _keep(row: ProposedCorrection, state: State, **fields: object) -> None:
    ProposedCorrection.objects.filter(pk=row.pk, state=State.APPROVED).update(state=state, **fields)
    action = "correction.written" if state is State.WRITTEN else "correction.returned"
    audit.record(action, audit.SYSTEM, request_id=row.request_id, target=f"correction {row.pk}")


def _tell(change: SourceChange, returned: list[_Wanted]) -> None:
    names = sorted({f"{item.row.collection}.{item.row.field}" for item in returned})
    text = f"{counted(len(returned), 'correction')} could not be written to {change.source.label}: {', '.join(names)}."
    tell(change.request_id, f"{text} Each says why; please decide anew.", event="change.returned", change=change.pk)


def _record(action: str, work: Work, change: SourceChange, **details: int) -> None:
    audit.record(
        action,
        audit.SYSTEM,
        request_id=change.request_id,
        target=f"change {change.pk}",
        source=change.source_id,
        act=change.act,
        attempt=work.attempt,
        **details,
    )
