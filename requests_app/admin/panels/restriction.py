"""A restriction on the page of a request: the ground, what is marked where, and the way to its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from requests_app import restricting, restrictions
from requests_app.admin import restriction_pages as pages
from requests_app.admin.base import Route
from requests_app.admin.labels import labels_of
from requests_app.admin.next_steps import Step
from requests_app.admin.panels.base import MAIN, Panel
from requests_app.admin.restriction_pages import PLACE
from requests_app.admin.wording import Pill, mail_pill
from requests_app.models import Approval, Leased, Right, Status
from requests_app.refusals import standing
from requests_app.workflow import DECIDE, WORK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from django.contrib.auth.models import User

    from requests_app.models import Lifting, OutboxMail, Restriction, SourceChange, SubjectRequest

ORDER = 11
Act = Approval.Act
ENDS = {
    "accuracy": "Until it is checked whether the data is right (Art. 18(1)(a)). Then announce its end.",
    "unlawful": "Until the person wants it otherwise, or the use has become lawful (Art. 18(1)(b)).",
    "claims": "Until the person does not need the data for their claim any more (Art. 18(1)(c)).",
    "objection": "Until it is decided whether your grounds weigh more (Art. 18(1)(d)). Then announce its end.",
}


@dataclass(frozen=True, slots=True)
class Source:
    """What came of it in one source: marked, or restored.

    Args:
        rows: how many records, by collection.
    """

    row: SourceChange
    state: Pill
    rows: tuple[tuple[str, int], ...]
    is_failed: bool

    @property
    def total(self) -> int:
        """How many records were marked or restored."""
        return sum(count for _, count in self.rows)


@dataclass(frozen=True, slots=True)
class End:
    """The end that was announced.

    Args:
        day: on which it ends, by what is known now.
        told_on: when the person was told; None while they are not.
        can_be_posted: whether the mail is lost, so that a letter may be posted instead.
    """

    row: Lifting
    day: date
    told_on: date | None
    notices: tuple[tuple[OutboxMail, Pill], ...]
    can_be_posted: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """What the panel shows, and what may be done in it."""

    restriction: Restriction | None
    ends: str
    sources: tuple[Source, ...]
    end: End | None
    called_off: tuple[Lifting, ...]
    can_restrict: bool
    can_announce: bool
    can_decide: bool
    can_work: bool


def panel_of(request: SubjectRequest, user: User) -> Panel | None:
    """Show a restriction: asked for by a request that is proven, or in force for any; None of other requests."""
    row = request.restrictions.select_related("approval__approved_by").first()
    is_undecided = row is None and request.right == Right.RESTRICTION and request.status == Status.IN_PROGRESS
    if row is None and not is_undecided:
        return None
    lifting = restrictions.announced(row) if row else None
    shown = Shown(
        restriction=row,
        ends=ENDS.get(row.ground, "") if row else "",
        sources=tuple(_sources(request)),
        end=_end(lifting) if lifting else None,
        called_off=tuple(row.liftings.exclude(called_off_at=None).select_related("called_off_by")) if row else (),
        can_restrict=is_undecided and user.has_perm(WORK) and not standing.waiting(request),
        can_announce=bool(row and not row.ended_at and lifting is None and user.has_perm(DECIDE)),
        can_decide=user.has_perm(DECIDE),
        can_work=user.has_perm(WORK),
    )
    return Panel("console/restriction/panel.html", shown, MAIN, tuple(_steps(request, shown, is_undecided)))


def _steps(request: SubjectRequest, shown: Shown, is_undecided: bool) -> Iterator[Step]:
    if is_undecided and not standing.current(request):
        yield Step("Look at the ground, and restrict the use of the data or refuse", PLACE)
    if failed := sum(source.is_failed for source in shown.sources):
        sources = "a source that" if failed == 1 else f"{failed} sources that"
        done = "restored" if shown.restriction and shown.restriction.ended_at else "marked"
        yield Step(f"See to {sources} could not be {done}", PLACE)
    if shown.end and shown.end.can_be_posted:
        yield Step("Tell the person otherwise that the restriction ends: the mail did not arrive", PLACE)


def _sources(request: SubjectRequest) -> Iterator[Source]:
    """Give the newest of what was done in each source, restored rows instead of marked ones."""
    changes = request.changes.filter(act__in=(Act.RESTRICTION, Act.LIFTING)).select_related("source", "map", "undoes")
    newest: dict[int, SourceChange] = {}
    for change in changes.order_by("pk"):
        if change.act == Act.RESTRICTION or (change.undoes and change.undoes.act == Act.RESTRICTION):
            newest[change.source_id] = change
    for change in sorted(newest.values(), key=lambda item: item.source.label):
        labels = labels_of(change.map.text)
        found = change.result.get("rows", {}) if change.is_applied else {}
        rows = tuple((labels.get(name, name), count) for name, count in sorted(found.items()))
        is_given_up = change.state == Leased.State.FAILED and not change.is_left_out and not change.called_off_at
        yield Source(change, _pill(change), rows, is_given_up and not change.is_applied)


def _pill(change: SourceChange) -> Pill:
    is_restored = change.act == Act.LIFTING
    if change.is_applied:
        return Pill("restored", "quiet") if is_restored else Pill("marked", "good")
    if change.called_off_at:
        return Pill("never marked", "quiet")
    if change.is_left_out:
        return Pill("by hand", "warn")
    if change.state == Leased.State.FAILED:
        return Pill("not restored" if is_restored else "not marked", "bad")
    if change.is_resting:
        return Pill("tries again soon", "warn")
    return Pill("being restored" if is_restored else "being marked", "info")


def _end(lifting: Lifting) -> End:
    notices = list(restrictions.notices(lifting)) if lifting.mail_id else []
    is_lost = lifting.is_open and bool(notices) and all(restricting.is_lost(mail) for mail in notices)
    pills = tuple((mail, mail_pill(mail)) for mail in notices)
    return End(lifting, restrictions.ends_on(lifting), restrictions.told_on(lifting), pills, is_lost)


ROUTES = (
    Route("<int:pk>/restriction/restrict/", pages.restrict, "restrict", WORK, ("GET", "POST")),
    Route("<int:pk>/restriction/end/", pages.announce, "announce_lifting", DECIDE, ("GET", "POST")),
    Route("<int:pk>/restriction/<int:work_id>/call-off/", pages.call_off, "call_off_lifting", DECIDE, ("POST",)),
    Route("<int:pk>/restriction/<int:work_id>/post/", pages.post_instead, "post_lifting", WORK, ("POST",)),
    Route("<int:pk>/restriction/<int:work_id>/by-hand/", pages.by_hand, "restrict_by_hand", DECIDE, ("GET", "POST")),
)
