"""Has a summary written by the model, and keeps it sealed; a failure changes nothing but the row that says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from requests_app import audit, leases
from requests_app.keys.stored import open_key
from requests_app.models import DecisionReview, DecisionSummary, Status
from requests_app.summarising import material, model
from requests_app.summarising.asking import PURPOSE, VIEW_RECORDS, address, is_offered
from requests_app.workflow import DECIDE

if TYPE_CHECKING:
    from requests_app.leases import Work


def summarise_decision(summary_id: int) -> None:
    """Write one summary, if it is to be written; never raises."""
    leases.run(DecisionSummary, summary_id, _write, _note_failed)


def _write(work: Work) -> None:
    summary = DecisionSummary.objects.select_related("request", "asked_by").get(pk=work.pk)
    request, user = summary.request, summary.asked_by
    review = DecisionReview.objects.filter(request=request, reviewer=user).first()
    may_ask = user.is_active and user.has_perm(DECIDE)
    if review is None or not may_ask or request.status != Status.IN_PROGRESS or not is_offered():
        raise leases.EndedWork("The case was concluded, or given to another reviewer, before it was summarised.")
    given = material.gather(request, review, with_records=user.has_perm(VIEW_RECORDS))
    work.keep(sent_to=address(), records=given.records)
    _record("summary.sent", summary, address=address(), records=given.records)
    written = model.complete(material.SYSTEM, given.text)
    sealed = open_key(request.key_id).seal_text(written.text, PURPOSE)
    with transaction.atomic():
        work.finish(text=sealed, model=written.model)
        _record("summary.written", summary)


def _note_failed(summary_id: int) -> None:
    _record("summary.failed", DecisionSummary.objects.get(pk=summary_id))


def _record(action: str, summary: DecisionSummary, **details: int | str) -> None:
    target = f"summary {summary.pk}"
    audit.record(action, audit.SYSTEM, request_id=summary.request_id, target=target, **details)
