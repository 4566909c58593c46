"""How long records are kept, what goes next, what is held; and the holds of a request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from requests_app import retention
from requests_app.admin.base import ConsoleAdmin, Route, attempt, page_context
from requests_app.admin.request_acts import page_of
from requests_app.audit import Actor
from requests_app.models import LegalHold, RetentionPeriod, RetentionRun, SubjectRequest

if TYPE_CHECKING:
    from typing import Any

    from django.http import HttpRequest, HttpResponse

    from requests_app.admin.base import StaffRequest
    from requests_app.retention import Kind, Line

MANAGE = "requests_app.manage_retention"
HOME = "admin:requests_app_retentionperiod_changelist"
AHEAD = timedelta(days=30)
MOST_RUNS, LONGEST_DAYS = 12, 6


@dataclass(frozen=True, slots=True)
class Row:
    """A kind of records: how long it is kept, how much goes now and within a month, how much is held.

    Args:
        typed: what could not be taken, with its fault.
    """

    kind: Kind
    days: int
    now: Line
    soon: Line
    typed: str = ""
    fault: str = ""

    @property
    def ahead(self) -> int:
        """How much more goes within the month."""
        return max(self.soon.removed - self.now.removed, 0)


@admin.register(RetentionPeriod)
class RetentionAdmin(ConsoleAdmin):
    """One page, and an act for each kind."""

    def routes(self) -> tuple[Route, ...]:
        """Name the act."""
        return (Route("<slug:slug>/", keep, "keep", MANAGE, ("POST",)),)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the schedule."""
        if not request.user.has_perm(MANAGE):
            raise PermissionDenied("Only managers may look at how long records are kept.")
        return _page(request)


def keep(request: StaffRequest, slug: str) -> HttpResponse:
    """Keep records of a kind so long from now on."""
    typed = request.POST.get("days", "").strip()
    if not (typed.isascii() and typed.isdigit() and len(typed) <= LONGEST_DAYS):
        return _page(request, slug, typed, "Please type a number of days.")
    act = partial(retention.keep_for, slug, int(typed), actor=Actor.staff(request.user))
    try:
        act()
    except retention.UnusablePeriod as error:
        return _page(request, slug, typed, str(error))
    return redirect(HOME)


def hold(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask for the reason, or keep everything of a request."""
    subject_request = get_object_or_404(SubjectRequest, pk=pk)
    reason = request.POST.get("reason", "")
    if request.method == "POST":
        act = partial(retention.hold, pk, reason, actor=Actor.staff(request.user))
        if attempt(request, act, "Nothing of this request is deleted until the hold is lifted."):
            return redirect(page_of(pk))
    context = page_context(request, title="Hold what there is", subject_request=subject_request, reason=reason)
    return render(request, "console/retention/hold.html", context, status=400 if request.method == "POST" else 200)


def lift(request: StaffRequest, pk: int, work_id: int) -> HttpResponse:
    """Let the schedule go on."""
    row = get_object_or_404(LegalHold, pk=work_id, request=pk)
    act = partial(retention.lift, row.pk, actor=Actor.staff(request.user))
    attempt(request, act, "The hold is lifted. What is overdue goes within the hour.")
    return redirect(page_of(pk))


def standing_hold(subject_request: SubjectRequest) -> LegalHold | None:
    """Give the hold of a request."""
    return subject_request.holds.filter(lifted_at=None).select_related("set_by").first()


def _page(request: HttpRequest, slug: str = "", typed: str = "", fault: str = "") -> HttpResponse:
    now = timezone.now()
    soon = {line.kind: line for line in retention.foreseen(now + AHEAD)}
    rows = [
        Row(
            retention.KINDS[line.kind],
            retention.days_of(line.kind),
            line,
            soon[line.kind],
            *((typed, fault) if line.kind == slug else ()),
        )
        for line in retention.foreseen(now)
    ]
    context = page_context(
        request,
        title="Retention",
        rows=rows,
        fault=fault,
        holds=LegalHold.objects.filter(lifted_at=None).select_related("request", "set_by").order_by("set_at"),
        runs=[(run, _told(run)) for run in RetentionRun.objects.all()[:MOST_RUNS]],
    )
    return render(request, "console/retention/page.html", context, status=400 if fault else 200)


def _told(run: RetentionRun) -> str:
    """Say what a run took away, in words."""
    known = [f"{retention.KINDS[kind].label}: {count:,}" for kind, count in run.removed.items()]
    failed = sum(run.failed.values())
    return "; ".join(known + ([f"{failed:,} could not be removed and are tried again"] if failed else []))
