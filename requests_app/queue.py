"""Puts work into the queue; the only module that imports django-q2's tasks.

The queue is a hint: what has to be done stands in the rows (`models.Leased`), and the sweep queues again what stands
without a task. Queued inside a transaction, work is there exactly when the transaction commits.
"""

from __future__ import annotations

from functools import partial
from typing import Literal

from django.conf import settings
from django.db import transaction
from django_q.tasks import async_task

from requests_app.models import (
    DecisionSummary,
    Export,
    KeptRows,
    Leased,
    OutboxMail,
    OutboxText,
    RequestImport,
    SourceChange,
    SourceSearch,
    StaffMail,
    WebhookDelivery,
)

Task = Literal[
    "collect_source",
    "render_export",
    "send_mail",
    "send_text",
    "change_source",
    "erase_kept_rows",
    "send_staff_mail",
    "check_source",
    "prepare_challenge",
    "import_requests",
    "send_webhook",
    "finish_request",
    "summarise_decision",
]

QUICK, HEAVY = "quick", "heavy"
TASKS: dict[type[Leased], Task] = {
    SourceSearch: "collect_source",
    Export: "render_export",
    OutboxMail: "send_mail",
    OutboxText: "send_text",
    SourceChange: "change_source",
    KeptRows: "erase_kept_rows",
    StaffMail: "send_staff_mail",
    RequestImport: "import_requests",
    WebhookDelivery: "send_webhook",
    DecisionSummary: "summarise_decision",
}
QUEUES: dict[Task, str] = {
    "collect_source": HEAVY,
    "render_export": HEAVY,
    "send_mail": QUICK,
    "send_text": QUICK,
    "change_source": HEAVY,
    "erase_kept_rows": HEAVY,
    "send_staff_mail": QUICK,
    "check_source": HEAVY,
    "prepare_challenge": HEAVY,
    "import_requests": HEAVY,
    "send_webhook": QUICK,
    "finish_request": HEAVY,
    "summarise_decision": HEAVY,
}


def enqueue(task: Task, pk: int) -> None:
    """Queue a task of `requests_app.tasks` for the row of this id; ids are all a task is ever given."""
    put = partial(async_task, f"requests_app.tasks.{task}", pk, cluster=QUEUES[task], task_name=f"{task}-{pk}")
    if settings.Q_CLUSTER.get("orm"):
        put()
    else:
        transaction.on_commit(put)
