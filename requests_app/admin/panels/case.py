"""What belongs to one letter, on the page of each of its requests: in which order it is answered, and what waits."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from requests_app import cases, combining
from requests_app.admin.base import Route, attempt
from requests_app.admin.panels.base import SIDE, Panel
from requests_app.admin.request_acts import page_of
from requests_app.admin.wording import due_pill, status_pill
from requests_app.audit import Actor
from requests_app.models import Export, Leased, Right, SubjectRequest
from requests_app.models.subject_request import COLLECTED
from requests_app.workflow import WORK

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.http import HttpResponse

    from requests_app.admin.base import StaffRequest
    from requests_app.admin.wording import Pill
    from requests_app.models import Case

ORDER = 10
PLACE = "#letter"
POST = ("POST",)


@dataclass(frozen=True, slots=True)
class PartOfLetter:
    """One request of the letter; `is_here` for the one whose page it is."""

    request: SubjectRequest
    state: Pill
    due: Pill | None
    is_here: bool


@dataclass(frozen=True, slots=True)
class Letter:
    """What the panel shows.

    Args:
        waits_for: the copies that come before an erasure of the letter.
        unread: copies that are answered and that nobody has downloaded yet, while an erasure is open.
        joinable: other requests of the same person that may be answered together with this one.
    """

    parts: list[PartOfLetter]
    case: Case | None
    waits_for: list[SubjectRequest]
    unread: list[Export]
    joinable: list[SubjectRequest]
    can_be_split: bool
    can_work: bool


def panel_of(request: SubjectRequest, user: User) -> Panel | None:
    """List the letter of a request; nothing where it stands alone and nothing can be joined to it."""
    others = list(cases.others_of(request))
    joinable = combining.joinable(request)
    if not (others or joinable):
        return None
    letter = cases.in_order([request, *others])
    today = timezone.localdate()
    shown = Letter(
        [PartOfLetter(each, status_pill(each), due_pill(each, today), each == request) for each in letter],
        request.case if others else None,
        combining.copies_before_erasure(letter),
        _unread(letter),
        joinable,
        combining.can_be_split(request),
        user.has_perm(WORK),
    )
    return Panel("console/case/panel.html", shown, SIDE)


def join(request: StaffRequest, pk: int, work_id: int) -> HttpResponse:
    """Answer another request of the same person together with this one."""
    get_object_or_404(SubjectRequest, pk=pk)
    act = partial(combining.join, pk, work_id, actor=Actor.staff(request.user))
    attempt(request, act, "They are answered together from now on.")
    return redirect(page_of(pk) + PLACE)


def split(request: StaffRequest, pk: int) -> HttpResponse:
    """Answer a request apart from those it was joined to."""
    get_object_or_404(SubjectRequest, pk=pk)
    act = partial(combining.split, pk, actor=Actor.staff(request.user))
    attempt(request, act, "It is answered by itself again.")
    return redirect(page_of(pk))


def waive_copy(request: StaffRequest, pk: int) -> HttpResponse:
    """Note that the person said, otherwise than on their page, that they do without the copy."""
    get_object_or_404(SubjectRequest, pk=pk)
    reason = request.POST.get("reason", "")
    act = partial(combining.waive_copy, pk, actor=Actor.staff(request.user), reason=reason)
    attempt(request, act, "Noted. The erasure need not wait for the copy.")
    return redirect(page_of(pk) + PLACE)


ROUTES = (
    Route("<int:pk>/join/<int:work_id>/", join, "join", WORK, POST),
    Route("<int:pk>/split/", split, "split", WORK, POST),
    Route("<int:pk>/waive-copy/", waive_copy, "waive_copy", WORK, POST),
)


def _unread(letter: list[SubjectRequest]) -> list[Export]:
    """Give the copies that are there and that nobody has fetched, while what they are of waits to be erased."""
    if not any(each.right == Right.ERASURE and each.is_open for each in letter):
        return []
    copies = Export.objects.filter(request__in=[each for each in letter if each.right in COLLECTED], removed_at=None)
    made = copies.filter(state=Leased.State.DONE, expires_at__gt=timezone.now(), downloads=None, hand_overs=None)
    return list(made.select_related("request").order_by("pk"))
