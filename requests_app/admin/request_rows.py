"""Requests as lists show them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db.models import Count
from django.utils import timezone

from requests_app.admin.restricted import restricted_among
from requests_app.admin.wording import ASKED, EXTENDED, PAUSED, Pill, due_pill, status_pill
from requests_app.models import Leased, Message, Status, SubjectRequest
from requests_app.planning import progress

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True)
class Row:
    """A request in words; `step` is what the team would say, not what the person is told.

    Args:
        due: how long there is; None where nothing is owed, or the clock stands still.
        clock: what was done about the deadline.
        unread: how many messages of the person nobody has read.
        is_restricted: whether the use of the person's data is restricted, by this or another request of theirs.
    """

    request: SubjectRequest
    status: Pill
    due: Pill | None
    clock: Sequence[Pill]
    percent: int
    step: str
    failed: int
    unread: int
    is_restricted: bool


def rows_of(requests: Iterable[SubjectRequest]) -> list[Row]:
    """Put requests into words; give them with their searches and exports prefetched."""
    listed = list(requests)
    among = SubjectRequest.objects.filter(pk__in=[request.pk for request in listed])
    waiting = set(among.waiting_for_review().values_list("pk", flat=True))
    pills: dict[int, list[Pill]] = defaultdict(list)
    paused = set(among.paused().values_list("pk", flat=True))
    for pk in among.asked().values_list("pk", flat=True):
        pills[pk].append(PAUSED if pk in paused else ASKED)
    for pk in among.at_work().extended().values_list("pk", flat=True):
        pills[pk].append(EXTENDED)
    unread, restricted = _unread(listed), restricted_among(listed)
    rows = [_row(request, pills[request.pk], is_waiting=request.pk in waiting) for request in listed]
    return [
        replace(row, unread=unread.get(row.request.pk, 0), is_restricted=row.request.pk in restricted) for row in rows
    ]


def _unread(requests: Sequence[SubjectRequest]) -> dict[int, int]:
    rows = Message.objects.unread_by_team().filter(request__in=[request.pk for request in requests])
    return dict(rows.order_by().values_list("request").annotate(number=Count("pk")))


def _row(request: SubjectRequest, pills: Sequence[Pill], *, is_waiting: bool) -> Row:
    searches = request.searches.all()
    failed = [search for search in searches if search.state == Leased.State.FAILED and not search.is_left_out]
    way = progress(request)
    return Row(
        request,
        status_pill(request),
        None if PAUSED in pills else due_pill(request, timezone.localdate()),
        pills,
        way.percent,
        way.step if way.is_live else _step(request, is_waiting=is_waiting),
        len(failed),
        0,
        is_restricted=False,
    )


def _step(request: SubjectRequest, *, is_waiting: bool) -> str:
    if not request.is_open:
        return request.get_outcome_display()
    if is_waiting:
        return "Waiting for review"
    if request.status == Status.SUBMITTED:
        return "Waiting for the person"
    if request.status == Status.VERIFIED:
        return "Waiting to be begun"
    return "Waiting for a decision" if request.is_collected else "Worked by hand"
