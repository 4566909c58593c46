"""The corrections of a request: how many there are, on its page; what they are, where they are decided on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from requests_app import corrections, rectifying
from requests_app.admin import correction_pages as pages
from requests_app.admin.base import Route
from requests_app.admin.correction_pages import PLACE, VIEW_RECORDS
from requests_app.admin.next_steps import Step
from requests_app.admin.panels.base import Panel
from requests_app.models import Leased, ProposedCorrection, Right, Status
from requests_app.models.subject_request import OPEN
from requests_app.workflow import DECIDE, WORK

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from requests_app.corrections import Counts, Names
    from requests_app.models import SourceChange, SubjectRequest

ORDER = 20
GET_AND_POST = ("GET", "POST")
State = ProposedCorrection.State
TONES = {
    State.PROPOSED: "warn",
    State.APPROVED: "quiet",
    State.WRITTEN: "good",
    State.STATED: "good",
    State.REJECTED: "bad",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A correction, without its values."""

    row: ProposedCorrection
    names: Names
    tone: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What the panel shows.

    Args:
        stuck: changes of sources that were given up.
    """

    rows: list[Row]
    counts: Counts
    stuck: list[SourceChange]
    is_open: bool
    can_look: bool
    can_decide: bool
    can_work: bool


def panel_of(request: SubjectRequest, user: User) -> Panel | None:
    """List the corrections; nothing of another right, nor before the work began."""
    if request.right != Right.RECTIFICATION or (request.status in OPEN and request.status != Status.IN_PROGRESS):
        return None
    is_open, counts = rectifying.is_open(request), corrections.counts(request)
    stuck = list(request.changes.filter(act="rectification", state=Leased.State.FAILED).select_related("source"))
    shown = Shown(
        rows=[_row(row) for row in corrections.of_request(request)],
        counts=counts,
        stuck=stuck,
        is_open=is_open,
        can_look=user.has_perm(VIEW_RECORDS) and not request.pseudonymised_at,
        can_decide=user.has_perm(DECIDE) and request.status == Status.IN_PROGRESS,
        can_work=user.has_perm(WORK) and is_open,
    )
    return Panel("console/rectification/panel.html", shown, steps=tuple(_steps(request, shown)))


def _row(row: ProposedCorrection) -> Row:
    return Row(row, corrections.names_of(row, "en"), TONES[State(row.state)])


def _steps(request: SubjectRequest, shown: Shown) -> list[Step]:
    if request.status != Status.IN_PROGRESS:
        return []
    found = []
    if waiting := shown.counts.undecided:
        found.append(Step(f"Decide on {waiting} correction{'' if waiting == 1 else 's'}", PLACE))
    if shown.stuck:
        found.append(Step("See to corrections that could not be written", PLACE))
    if shown.counts.is_all_rejected:
        found.append(Step("Refuse the request, as every correction was rejected: two people do that", "acts"))
    return found


ROUTES: tuple[Route, ...] = (
    Route("<int:pk>/corrections/", pages.show, "corrections", VIEW_RECORDS),
    Route("<int:pk>/corrections/decide/", pages.decide, "decide_corrections", DECIDE, ("POST",)),
    Route("<int:pk>/corrections/propose/", pages.propose, "propose_correction", WORK, GET_AND_POST),
    Route("<int:pk>/corrections/<int:work_id>/take-back/", pages.take_back, "take_back_correction", WORK, ("POST",)),
    Route("<int:pk>/corrections/call-off/<int:work_id>/", pages.call_off, "call_off_corrections", DECIDE, ("POST",)),
)
