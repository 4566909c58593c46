"""One change of a source, from one step to the next: what the queue calls."""

from __future__ import annotations

from requests_app import audit, leases
from requests_app.changing import applying, correcting, marking
from requests_app.changing.previews import look
from requests_app.changing.telling import tell
from requests_app.models import Approval, SourceChange

Act = Approval.Act
CARRIERS = {
    Act.ERASURE: applying.carry_out,
    Act.RESTRICTION: marking.carry_out,
    Act.OBJECTION_MARKETING: marking.carry_out,
    Act.OBJECTION_ANALYTICS: marking.carry_out,
    Act.OBJECTION_ALL: marking.carry_out,
    Act.LIFTING: marking.carry_out,
    Act.RECTIFICATION: correcting.carry_out,
}
VERBS = {Act.ERASURE: "Erasing from", Act.LIFTING: "Restoring", Act.RECTIFICATION: "Correcting"}


def change_source(change_id: int) -> None:
    """Preview or do one change of one source, if that is to be done; see `leases.run`."""
    leases.run(SourceChange, change_id, _work, _give_up)


def _work(work: leases.Work) -> None:
    change = SourceChange.objects.select_related("request__key", "source", "map", "approval").get(pk=work.pk)
    if change.phase == SourceChange.Phase.PREVIEW:
        look(work, change)
    else:
        CARRIERS[Act(change.act)](work, change)


def _give_up(change_id: int) -> None:
    change = SourceChange.objects.select_related("source").get(pk=change_id)
    phase = "preview" if change.phase == SourceChange.Phase.PREVIEW else "change"
    target, source = f"change {change_id}", change.source_id
    audit.record(
        f"{phase}.failed", audit.SYSTEM, request_id=change.request_id, target=target, source=source, began=change.began
    )
    what = "Looking at" if phase == "preview" else VERBS.get(Act(change.act), "Marking rows of")
    text = f"{what} {change.source.label} was given up: {change.last_error}"
    if change.is_uncertain:
        text += " A worker stopped after it had begun: whether the source was changed shows when this is tried again."
    tell(change.request_id, text, event=f"{phase}.failed", change=change_id)
