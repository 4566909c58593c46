"""What the queue runs: each task loads by id, calls one stage and returns nothing."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from requests_app import (
    audit,
    drifting,
    finishing,
    notifications,
    objecting,
    reminders,
    restricting,
    retention,
    summarising,
    texting,
)
from requests_app.changing import changes, sweeping
from requests_app.collecting import searches
from requests_app.identity import challenge
from requests_app.importing import runs, working
from requests_app.models import DataSource
from requests_app.queue import TASKS, enqueue
from requests_app.rendering import exports
from requests_app.webhooks import sending

if TYPE_CHECKING:
    from collections.abc import Iterator

_log = logging.getLogger(__name__)
LISTS_KEPT = timedelta(days=30)
"""How long a list is kept whose columns nobody assigns."""


def collect_source(search_id: int) -> None:
    """Read one source for one request."""
    searches.collect_source(search_id)


def render_export(export_id: int) -> None:
    """Render one export."""
    exports.render_export(export_id)


def send_mail(mail_id: int) -> None:
    """Send one mail."""
    notifications.send(mail_id)


def send_text(text_id: int) -> None:
    """Send one text message."""
    texting.send(text_id)


def change_source(change_id: int) -> None:
    """Preview or do one change of one source."""
    changes.change_source(change_id)


def finish_request(request_id: int) -> None:
    """End one request whose work is done."""
    with _logged("finish_request"):
        finishing.finish_request(request_id)


def summarise_decision(summary_id: int) -> None:
    """Have one contested decision summarised."""
    summarising.summarise_decision(summary_id)


def erase_kept_rows(kept_id: int) -> None:
    """Erase what is due of some kept rows."""
    sweeping.erase_kept_rows(kept_id)


def send_staff_mail(mail_id: int) -> None:
    """Send one mail to a member of the team."""
    notifications.send_to_staff(mail_id)


def import_requests(import_id: int) -> None:
    """Check a list of requests, or take it in."""
    working.import_requests(import_id)


def send_webhook(delivery_id: int) -> None:
    """Send one event to one system, and what else waits for it."""
    sending.send(delivery_id)


def prepare_challenge(check_id: int) -> None:
    """Choose what a person is asked for to show who they are."""
    with _logged("prepare_challenge"):
        challenge.prepare(check_id)


def check_source(source_id: int) -> None:
    """Look whether one source still is as its map has it."""
    with _logged("check_source"):
        drifting.check_source(source_id)


def check_sources() -> None:
    """Have every source that is searched looked at; every night."""
    with _logged("check_sources"):
        for pk in DataSource.objects.filter(is_enabled=True).values_list("pk", flat=True):
            enqueue("check_source", pk)


def sweep() -> None:
    """Queue again what stands without a task or a lease, and seal the audit trail; every minute."""
    with _logged("sweep"):
        for model, task in TASKS.items():
            for pk in model.objects.take_overdue(timezone.now()):
                enqueue(task, pk)
        for pk in challenge.overdue():
            enqueue("prepare_challenge", pk)
        for pk in finishing.overdue():
            enqueue("finish_request", pk)
        restricting.sweep()
        objecting.sweep()
        audit.seal()


def remind() -> None:
    """Remind of what became due, and mail the digests; twice an hour."""
    with _logged("remind"):
        reminders.look()
        reminders.send_digests()


def clean_up() -> None:
    """End what is over; every hour."""
    with _logged("clean_up"):
        retention.clean_up()
        runs.forget_old(timezone.now() - LISTS_KEPT)


@contextmanager
def _logged(task: str) -> Iterator[None]:
    """Log what goes wrong, since the queue would keep an exception's text; the next run tries again."""
    try:
        yield
    except Exception:  # noqa: BLE001 - whatever it is
        _log.exception("task.failed", extra={"task": task})
