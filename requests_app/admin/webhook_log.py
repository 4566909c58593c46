"""What became of the events of webhooks, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.paginator import Paginator
from django.db.models import Count, Exists, Max, OuterRef, Q
from django.http import Http404
from django.utils import timezone

from requests_app.admin.base import CappedPaginator, Pager
from requests_app.admin.wording import Pill
from requests_app.models import Leased, Webhook, WebhookDelivery
from requests_app.webhooks.events import PING

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

State = Leased.State
PER_PAGE = 50
WAITING, FAILED = "waiting", "failed"
STATES = {WAITING: (State.WAITING, State.RUNNING), FAILED: (State.FAILED,)}
_FAILED = Q(deliveries__state=State.FAILED) & ~Q(deliveries__event__name=PING)


@dataclass(frozen=True, slots=True)
class Summary:
    """A webhook as the list shows it."""

    webhook: Webhook
    pill: Pill
    waiting: int
    failed: int
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Line:
    """One event on its way, or arrived; `next_at` is when it is tried again, `tries` how often it was."""

    row: WebhookDelivery
    pill: Pill
    tries: int
    next_at: datetime | None
    can_be_sent: bool


@dataclass(frozen=True, slots=True)
class Log:
    """A page of the log; `state` is which of it."""

    lines: list[Line]
    state: str
    filters: list[tuple[str, str]]
    failed: int
    pager: Pager


def standing(pk: int) -> Webhook:
    """Give a webhook that was not deleted.

    Raises:
        Http404: there is none.
    """
    webhook = Webhook.objects.select_related("created_by").filter(pk=pk, ended_at=None).first()
    if webhook is None:
        raise Http404("There is no such webhook.")
    return webhook


def summaries() -> list[Summary]:
    """List the webhooks that were not deleted."""
    rows = Webhook.objects.filter(ended_at=None).annotate(
        waiting=Count("deliveries", filter=Q(deliveries__state__in=STATES[WAITING])),
        failed=Count("deliveries", filter=_FAILED),
        delivered_at=Max("deliveries__delivered_at"),
    )
    return [Summary(row, pill_of(row), row.waiting, row.failed, row.delivered_at) for row in rows]


def troubled() -> QuerySet[Webhook]:
    """Give the webhooks whose receiver is gone, or that gave events up."""
    lost = WebhookDelivery.objects.filter(webhook=OuterRef("pk"), state=State.FAILED).exclude(event__name=PING)
    return Webhook.objects.filter(Exists(lost) | ~Q(stopped_because=""), ended_at=None)


def pill_of(webhook: Webhook) -> Pill:
    """Say how it goes."""
    if webhook.stopped_because:
        return Pill("stopped", "bad")
    if not webhook.is_active:
        return Pill("paused", "warn")
    tried = webhook.deliveries.exclude(attempt=0).exclude(state=State.RUNNING)
    last = tried.filter(~Q(last_error="") | Q(state=State.DONE)).order_by("-started_at").first()
    if last is None:
        return Pill("nothing sent yet", "quiet")
    return Pill("works", "good") if last.state == State.DONE else Pill("does not take events", "bad")


def log_of(webhook: Webhook, state: str, page: str) -> Log:
    """Give a page of what it was told, the newest first.

    Args:
        state: `waiting` or `failed`; anything else for all.
        page: its number from 1, as it was typed.
    """
    state = state if state in STATES else ""
    rows = webhook.deliveries.select_related("event__request").order_by("-pk")
    shown = rows.filter(state__in=STATES[state]) if state else rows
    paginator: Paginator[WebhookDelivery] = CappedPaginator(shown, PER_PAGE)
    found = paginator.get_page(page)
    failed = rows.filter(state=State.FAILED).exclude(event__name=PING).count()
    filters = [("", "All"), (WAITING, "Waiting"), (FAILED, "Given up")]
    lines = [_line(row, webhook) for row in found.object_list]
    return Log(lines, state, filters, failed, _pager(paginator, found.number, state))


def _line(row: WebhookDelivery, webhook: Webhook) -> Line:
    is_resting = row.state == State.WAITING and webhook.is_active and row.claimable_at > timezone.now()
    can_be_sent = row.state != State.RUNNING and row.event.name != PING
    # A delivery may be claimed and given back untried.
    tries = min(row.attempt, WebhookDelivery.most_attempts() - row.attempts_left)
    return Line(row, _pill(row, webhook), tries, row.claimable_at if is_resting else None, can_be_sent)


def _pill(row: WebhookDelivery, webhook: Webhook) -> Pill:
    if row.state == State.DONE:
        return Pill("delivered", "good")
    if row.state == State.FAILED:
        return Pill("given up", "bad")
    if row.state == State.RUNNING:
        return Pill("being sent", "info")
    if not webhook.is_active:
        return Pill("waits while paused", "quiet")
    return Pill("tries again", "warn") if row.last_error else Pill("waiting", "quiet")


def _pager(paginator: Paginator[WebhookDelivery], number: int, state: str) -> Pager:
    first, total = (number - 1) * PER_PAGE, paginator.count

    def address(page: int) -> str:
        return f"?{f'state={state}&' if state else ''}page={page}#log"

    return Pager(
        first=min(first + 1, total),
        last=min(first + PER_PAGE, total),
        total=total,
        is_capped=False,
        previous=address(number - 1) if number > 1 else "",
        next=address(number + 1) if number < paginator.num_pages else "",
    )
