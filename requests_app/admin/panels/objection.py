"""An objection on the page of a request: what is objected to, what has stopped where, and the weighing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from requests_app.admin import objection_pages as pages
from requests_app.admin.base import Route
from requests_app.admin.labels import labels_of
from requests_app.admin.next_steps import Step
from requests_app.admin.objection_pages import PLACE
from requests_app.admin.panels.base import MAIN, Panel
from requests_app.admin.wording import Pill
from requests_app.models import Approval, DataSource, Leased, Right, Status
from requests_app.refusals import standing
from requests_app.rights import objection
from requests_app.rights.changed import latest, undone
from requests_app.workflow import DECIDE, WORK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from django.contrib.auth.models import User

    from requests_app.models import SourceChange, SubjectRequest, Weighing
    from requests_app.rights import Choice

ORDER = 12
Act = Approval.Act
VIEW = "requests_app.view_subjectrequest"
USES = {
    Act.OBJECTION_MARKETING: "Advertising",
    Act.OBJECTION_ANALYTICS: "Statistics and profiles",
    Act.OBJECTION_ALL: "Every other use",
}


@dataclass(frozen=True, slots=True)
class Where:
    """What came of one use in one source.

    Args:
        row: None where the source does not know of it yet.
        rows: how many records were marked, by collection.
    """

    source: str
    state: Pill
    row: SourceChange | None = None
    rows: tuple[tuple[str, int], ...] = ()
    can_be_left_out: bool = False

    @property
    def is_failed(self) -> bool:
        """Whether somebody has to see to it."""
        return bool(self.row and self.row.state == Leased.State.FAILED and not self.row.is_left_out)

    @property
    def total(self) -> int:
        """How many records were marked."""
        return sum(count for _, count in self.rows)


@dataclass(frozen=True, slots=True)
class Use:
    """One use that was objected to.

    Args:
        since: since when the register has it; None where it does not.
    """

    label: str
    state: Pill
    since: datetime | None
    where: tuple[Where, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """What the panel shows, and what may be done in it."""

    scope: str
    choices: tuple[Choice, ...]
    uses: tuple[Use, ...]
    is_weighed: bool
    weighings: tuple[Weighing, ...]
    can_weigh: bool
    can_scope: bool
    can_refuse: bool


def panel_of(request: SubjectRequest, user: User) -> Panel | None:
    """Show an objection, once it is proven; None of other requests."""
    if request.right != Right.OBJECTION or request.verified_at is None:
        return None
    is_open, upheld = request.status == Status.IN_PROGRESS, objection.is_upheld(request)
    is_weighed = bool(objection.weighed(request))
    is_refused = standing.current(request) is not None
    may_work = is_open and (user.has_perm(WORK) or user.has_perm(DECIDE))
    shown = Shown(
        scope=objection.SCOPE.label_of(objection.scope_of(request)),
        choices=tuple(item for item in objection.SCOPE.choices if item.slug != objection.scope_of(request)),
        uses=tuple(_use(request, act) for act in objection.ACTS[objection.scope_of(request)]),
        is_weighed=is_weighed,
        weighings=tuple(request.weighings.select_related("decided_by")),
        can_weigh=is_open and is_weighed and not upheld and not is_refused and user.has_perm(DECIDE),
        can_scope=may_work and upheld is None,
        can_refuse=may_work and is_weighed and upheld is False and not is_refused,
    )
    steps = tuple(_steps(shown, upheld, is_refused=is_refused)) if is_open else ()
    return Panel("console/objection/panel.html", shown, MAIN, steps)


def _steps(shown: Shown, upheld: bool | None, *, is_refused: bool) -> Iterator[Step]:
    failed = sum(where.is_failed for use in shown.uses for where in use.where)
    if failed:
        sources = "a source that" if failed == 1 else f"{failed} sources that"
        yield Step(f"See to {sources} could not be marked", PLACE)
    if shown.is_weighed and upheld is None:
        yield Step("Weigh the objection", PLACE)
    if shown.is_weighed and upheld is False and not is_refused:
        yield Step("Prepare the refusal of what was not upheld", PLACE)


def _use(request: SubjectRequest, act: Act) -> Use:
    entry = request.suppressions.filter(scope=objection.SCOPES[act], lifted_at=None).order_by("pk").first()
    newest = latest(request, act)
    where = [_where(change) for change in sorted(newest.values(), key=lambda change: change.source.label)]
    if act in objection.in_effect(request) and request.status == Status.IN_PROGRESS:
        others = DataSource.objects.filter(is_enabled=True, current_map__isnull=False).exclude(pk__in=newest)
        where += [Where(source.label, Pill("to be told", "quiet")) for source in others.order_by("label")]
    return Use(USES[act], _state(request, act), entry.since if entry else None, tuple(where))


def _state(request: SubjectRequest, act: Act) -> Pill:
    if objection.is_lifted(request, act):
        return Pill("allowed again", "quiet")
    if act in objection.in_effect(request):
        is_left = request.status == Status.IN_PROGRESS and undone(request, act)
        return Pill("being stopped", "info") if is_left else Pill("stopped", "good")
    upheld = objection.is_upheld(request)
    return Pill("to be weighed", "warn") if upheld is None else Pill("not upheld", "bad")


def _where(change: SourceChange) -> Where:
    labels = labels_of(change.map.text)
    found = change.result.get("rows", {}) if change.is_applied else {}
    rows = tuple((labels.get(name, name), count) for name, count in sorted(found.items()))
    is_given_up = change.state == Leased.State.FAILED and not change.is_left_out and not change.is_uncertain
    return Where(change.source.label, _pill(change), change, rows, is_given_up)


def _pill(change: SourceChange) -> Pill:
    if change.called_off_at:
        return Pill("taken back", "quiet")
    if change.is_left_out:
        return Pill("left out", "warn")
    if change.is_applied:
        return Pill("stopped", "good")
    if change.state == Leased.State.FAILED:
        return Pill("failed", "bad")
    return Pill("being marked", "info")


ROUTES = (
    Route("<int:pk>/objection/weigh/", pages.weigh, "weigh_objection", DECIDE, ("GET", "POST")),
    Route("<int:pk>/objection/scope/", pages.say_scope, "scope_objection", VIEW, ("POST",)),
    Route(
        "<int:pk>/objection/<int:work_id>/leave-out/", pages.leave_out, "leave_out_objection", DECIDE, ("GET", "POST")
    ),
)
