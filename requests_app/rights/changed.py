"""What the changes that a right asks of the sources have come to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from requests_app.models import DataSource, Leased

if TYPE_CHECKING:
    from requests_app.models import Approval, SourceChange, SubjectRequest


def latest(request: SubjectRequest, act: Approval.Act | str) -> dict[int, SourceChange]:
    """Give the newest change of each source for an act, by the id of the source."""
    rows = request.changes.filter(act=act).select_related("source").order_by("pk")
    return {change.source_id: change for change in rows}


def is_left_out(change: SourceChange) -> bool:
    """Whether the team decided to do without a source that could not be looked at."""
    return change.is_left_out and change.state == Leased.State.FAILED and not change.is_applied


def undone(request: SubjectRequest, act: Approval.Act | str) -> list[str]:
    """Name the sources in which an act is still to be done, or was done and found wanting; none when all is."""
    newest = latest(request, act)
    enabled = DataSource.objects.filter(is_enabled=True, current_map__isnull=False)
    missing = [source.label for source in enabled if source.pk not in newest]
    open_ones = [change for change in newest.values() if not (is_left_out(change) or _is_done(change))]
    return sorted([*missing, *(change.source.label for change in open_ones)])


def _is_done(change: SourceChange) -> bool:
    return change.is_applied and change.is_proven is not False


def refusal_while_undone(request: SubjectRequest, act: Approval.Act | str, what: str) -> str:
    """Say in which sources an act is still to be done; nothing where it is done in all.

    Args:
        what: is to be done, to begin the sentence with: "The erasure".
    """
    names = undone(request, act)
    return f"{what} is not done yet in {', '.join(names)}." if names else ""
