"""An erasure on the page of a request: what would go and what would stay, who decides, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from requests_app import rights
from requests_app.admin import erasure_acts as acts
from requests_app.admin.base import Route
from requests_app.admin.erasure_acts import PLACE
from requests_app.admin.next_steps import Step
from requests_app.admin.panels.base import MAIN, Panel
from requests_app.admin.wording import Pill, name_of
from requests_app.changing.obstacles import obstacle
from requests_app.erasures import certificate_of, sources_of
from requests_app.models import Leased, Right, SourceChange, Status
from requests_app.workflow import DECIDE, WORK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from django.contrib.auth.models import User

    from requests_app.erasures import Source
    from requests_app.models import Certificate, SubjectRequest

ORDER = 10
VIEW_RECORDS = "requests_app.view_records"
_POST, _ASKING = ("POST",), ("GET", "POST")
Phase, State = SourceChange.Phase, Leased.State


@dataclass(frozen=True, slots=True)
class Bar:
    """How much goes, stays and is undecided, in hundredths of what was found."""

    goes: float
    stays: float
    undecided: float

    @property
    def stays_from(self) -> float:
        """Where what stays begins."""
        return self.goes

    @property
    def undecided_from(self) -> float:
        """Where what is undecided begins."""
        return self.goes + self.stays


@dataclass(frozen=True, slots=True)
class Row:
    """One source, as the panel shows it."""

    source: Source
    state: Pill
    bar: Bar | None
    can_be_left_out: bool
    is_failed: bool
    came_since: int

    @property
    def change(self) -> SourceChange:
        """What is worked on in it."""
        return self.source.change


@dataclass(frozen=True, slots=True)
class Shown:
    """What the panel shows, and what may be done in it.

    Args:
        undo_until: until when what is approved can be called off; None where nothing waits.
        obstacle: why nothing may be approved now; empty where nothing stands against it.
    """

    ground: str
    rows: tuple[Row, ...]
    state: Pill
    undo_until: datetime | None
    obstacle: str
    asked_by: str
    approved_by: str
    certificate: Certificate | None
    can_look: bool
    can_ask: bool
    can_approve: bool
    can_call_off: bool
    can_finish: bool

    @property
    def goes(self) -> int:
        """How many rows go."""
        return sum(row.source.goes for row in self.rows)

    @property
    def stays(self) -> int:
        """How many rows stay."""
        return sum(row.source.stays for row in self.rows)


def panel_of(request: SubjectRequest, user: User) -> Panel | None:
    """Show an erasure once the work on it has begun; None of other requests."""
    if request.right != Right.ERASURE or request.status in {Status.SUBMITTED, Status.VERIFIED}:
        return None
    sources = sources_of(request)
    is_at_work = request.status == Status.IN_PROGRESS
    changes = [source.change for source in sources if not source.is_left_out]
    waiting = [change for change in changes if change.phase == Phase.PREVIEW and not change.is_applied]
    is_looked_at = bool(waiting) and all(change.is_previewed for change in waiting)
    is_asked = is_looked_at and all(change.prepared_by_id for change in waiting)
    undecided = any(source.undecided for source in sources)
    undo_until = _undo_until(changes) if is_at_work else None
    against = obstacle(request) if is_at_work and waiting else ""
    has_asked = any(change.prepared_by_id == user.pk for change in waiting)
    is_empty = not any(source.found for source in sources)
    is_done = bool(changes) and all(change.is_applied and change.is_proven for change in changes)
    shown = Shown(
        ground=_ground(request),
        rows=tuple(_row(source, request) for source in sources),
        state=_state(request, changes, is_asked=is_asked, is_waiting=undo_until is not None),
        undo_until=undo_until,
        obstacle=against,
        asked_by=_names(change.prepared_by for change in changes),
        approved_by=_names(change.approval.approved_by if change.approval else None for change in changes),
        certificate=certificate_of(request),
        can_look=is_at_work and not is_done and user.has_perm(WORK) and undo_until is None,
        can_ask=is_at_work and is_looked_at and not (is_asked or undecided or is_empty) and user.has_perm(WORK),
        can_approve=is_at_work and is_asked and not (against or has_asked) and user.has_perm(DECIDE),
        can_call_off=undo_until is not None and user.has_perm(DECIDE),
        can_finish=is_at_work and is_done and user.has_perm(WORK),
    )
    return Panel(
        "console/erasure/panel.html", shown, MAIN, tuple(_steps(shown, is_asked=is_asked)) if is_at_work else ()
    )


def _steps(shown: Shown, *, is_asked: bool) -> Iterator[Step]:
    if failed := sum(row.is_failed for row in shown.rows):
        yield Step(f"See to {'a source' if failed == 1 else f'{failed} sources'} where the erasure stopped", PLACE)
    if shown.can_ask:
        yield Step("Look at what would be erased, and ask for its approval", PLACE)
    if any(row.source.undecided for row in shown.rows):
        yield Step("Write into the data map what erasing does to every collection", PLACE)
    if is_asked and shown.obstacle:
        yield Step("See what stands against the erasure", PLACE)
    elif is_asked:
        somebody = "" if shown.can_approve else ": somebody else who may decide"
        yield Step(f"Approve the erasure, or look again{somebody}", PLACE)


def _ground(request: SubjectRequest) -> str:
    question = rights.find(request.right).question("ground")
    answer = rights.find(request.right).answer(request, "ground")
    choice = next((item for item in question.choices if item.slug == answer), None) if question else None
    return f"{choice.label}. {choice.hint}" if choice and choice.hint else choice.label if choice else answer


def _undo_until(changes: list[SourceChange]) -> datetime | None:
    ends = [change.undo_until for change in changes if change.undo_until and change.phase == Phase.CHANGE]
    last = max(ends, default=None)
    return last if last and last > timezone.now() else None


def _names(users: Iterable[User | None]) -> str:
    return ", ".join(dict.fromkeys(name_of(user) for user in users if user))


def _state(request: SubjectRequest, changes: list[SourceChange], *, is_asked: bool, is_waiting: bool) -> Pill:
    if request.status != Status.IN_PROGRESS:
        is_done = any(change.is_applied for change in changes)
        return Pill("done", "good") if is_done else Pill("nothing was erased", "quiet")
    if is_waiting:
        return Pill("approved, can be called off", "warn")
    if any(change.phase == Phase.CHANGE and not change.is_applied for change in changes):
        return Pill("being erased", "info")
    if is_asked:
        return Pill("waits for approval", "warn")
    is_looking = any(change.is_open for change in changes)
    return Pill("being looked at", "info") if is_looking else Pill("to be looked at", "info")


def _row(source: Source, request: SubjectRequest) -> Row:
    change = source.change
    is_failed = bool(change.state == State.FAILED and not source.is_left_out and request.status == Status.IN_PROGRESS)
    is_unknown = change.phase == Phase.CHANGE and change.is_uncertain
    return Row(
        source,
        _row_state(source),
        _bar(source),
        can_be_left_out=is_failed and not is_unknown,
        is_failed=is_failed,
        came_since=sum(change.came_since.values()) if change.is_applied else 0,
    )


def _row_state(source: Source) -> Pill:
    change = source.change
    if source.is_left_out:
        return Pill("left out", "warn")
    if change.is_applied:
        return Pill("erased, and searched again", "good") if change.is_proven else Pill("something is left", "bad")
    if change.is_resting:
        return Pill("tries again soon", "warn")
    if change.state == State.FAILED:
        return Pill("stopped", "bad")
    if change.phase == Phase.CHANGE:
        is_waiting = change.undo_until and change.undo_until > timezone.now()
        return Pill("approved", "warn") if is_waiting else Pill("being erased", "info")
    return Pill("looked at", "good") if change.is_previewed else Pill("being looked at", "info")


def _bar(source: Source) -> Bar | None:
    found = source.found
    if not found:
        return None
    goes, stays, undecided = (round(100 * part / found, 2) for part in (source.goes, source.stays, source.undecided))
    return Bar(goes, stays, undecided)


ROUTES = (
    Route("<int:pk>/erasure/look/", acts.look, "erasure_look", WORK, _POST),
    Route("<int:pk>/erasure/ask/", acts.ask, "erasure_ask", WORK, _POST),
    Route("<int:pk>/erasure/approve/", acts.approve, "erasure_approve", DECIDE, _ASKING),
    Route("<int:pk>/erasure/call-off/", acts.call_off, "erasure_call_off", DECIDE, _POST),
    Route("<int:pk>/erasure/finish/", acts.finish, "erasure_finish", WORK, _POST),
    Route("<int:pk>/erasure/<int:work_id>/leave-out/", acts.leave_out, "erasure_leave_out", DECIDE, _ASKING),
    Route("<int:pk>/erasure/<int:work_id>/rows/<str:collection>/", acts.rows, "erasure_rows", VIEW_RECORDS),
)
