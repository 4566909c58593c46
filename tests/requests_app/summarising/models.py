"""A language model of a test's own, and a case for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from requests_app import summarising, tasks
from requests_app.models import DecisionSummary
from tests.requests_app.portal import run_out
from tests.servers.web import Reply

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

    from requests_app.audit import Actor
    from requests_app.models import SubjectRequest
    from tests.servers.web import WebServer

TEXT = "Scoring 4 refused a credit. The person says that an invoice was paid."
KEY = "sk-Zanzibar-0815"


def said(text: str = TEXT, model: str = "tiny-1", status: int = 200) -> Reply:
    """Answer as a model does."""
    choices = [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}]
    body = orjson.dumps({"id": "1", "object": "chat.completion", "model": model, "choices": choices})
    return Reply(status, {"Content-Type": "application/json"}, body)


def use(settings: SettingsWrapper, server: WebServer) -> None:
    """Name the model in the settings, and allow its address."""
    settings.DSR_SUMMARY_URL, settings.DSR_SUMMARY_MODEL = f"{server.url}/v1", "tiny"
    settings.DSR_SUMMARY_KEY, settings.DSR_SUMMARY_SECONDS = KEY, 5
    settings.DSR_OUTGOING_ALLOW = (f"127.0.0.1:{server.port}",)


def summarised(request: SubjectRequest, reviewer: Actor) -> DecisionSummary:
    """Have a summary asked for, and every attempt at it made that is to be made."""
    summary = summarising.ask(request.pk, actor=reviewer)
    for _ in range(DecisionSummary.most_attempts() + 1):
        tasks.summarise_decision(summary.pk)
        summary.refresh_from_db()
        if summary.is_open:
            run_out(summary)
    return summary
