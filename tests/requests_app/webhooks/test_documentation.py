"""What the documentation says of webhooks is what they do."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone

from requests_app import audit, delivery, tasks
from requests_app.models import Identifier, Status, Suppression
from requests_app.models.webhook import JITTER, PAUSE_SECONDS
from requests_app.suppression import register
from requests_app.webhooks import events, sending
from tests.requests_app.portal import ANN, a_request, an_export, staff
from tests.requests_app.webhooks.receiving import a_webhook, an_event, send_due, taken

pytestmark = pytest.mark.django_db
TEXT = (Path(__file__).resolve().parents[3] / "docs/webhooks.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)


EXAMPLES = {message["type"]: message for message in map(json.loads, blocks("json"))}


@pytest.fixture
def sent(receiver, webhook):
    """A message as it arrives."""
    an_event()
    send_due(webhook)
    return receiver.received[-1]


@pytest.fixture
def verify():
    """The documented Python, run as it stands there."""
    (code,) = blocks("python")
    names: dict[str, object] = {}
    exec(code, names)  # noqa: S102 - our own words
    return names["verify"]


def test_every_event_is_listed_in_the_same_words_and_no_other():
    rows = re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \| (.+) \|$", TEXT, re.MULTILINE)
    assert rows == [(kind.name, kind.when) for kind in events.KINDS]


def shape(value: object) -> object:
    """Say what a message is made of, whatever its values."""
    if isinstance(value, dict):
        return {name: shape(part) for name, part in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return "" if value is None or isinstance(value, str) else type(value).__name__


@pytest.mark.parametrize("kind", sorted(EXAMPLES))
def test_an_example_has_the_parts_of_what_is_really_sent(receiver, kind):
    told = a_webhook(receiver.url, is_personal=kind == "request.verified")
    request = a_request(Status.COMPLETED, closed_at=timezone.now(), due_on=timezone.localdate())
    if kind == "suppression.entered":
        register.enter(request, [("email", ANN)], Suppression.Scope.MARKETING, actor=audit.SYSTEM)
    elif kind == "export.downloaded":
        export = an_export(b"x", formats=["json"], is_complete=True)
        delivery.begin_for_staff(export, staff("tom"), address=None, agent="").chunks.close()
    else:
        proven = {"proof": Identifier.Proof.MAILBOX, "proven_at": timezone.now()}
        Identifier.objects.create(request=request, kind="email", value=ANN, **proven)
        an_event(request, kind)
    tasks.send_webhook(told.deliveries.get().pk)
    (message,) = taken(receiver)
    assert message["type"] == kind
    assert shape(message) == shape(EXAMPLES[kind])


def test_each_family_has_an_example():
    assert {kind.split(".")[0] for kind in EXAMPLES} == {kind.family for kind in events.KINDS}


def test_the_documented_python_takes_what_is_ours(sent, webhook, verify):
    verify(webhook.secret, sent.headers, sent.body)


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("webhook-signature", "v1," + "A" * 43 + "="),
        ("webhook-signature", ""),
        ("webhook-signature", "v1,é"),
        ("webhook-id", "another"),
        ("webhook-timestamp", "1"),
        ("webhook-timestamp", "99999999999"),
        ("webhook-timestamp", "soon"),
        ("webhook-timestamp", ""),
    ],
)
def test_the_documented_python_refuses_what_is_forged(sent, webhook, verify, header, value):
    with pytest.raises(ValueError, match=r"message|invalid literal"):
        verify(webhook.secret, sent.headers | {header: value}, sent.body)


def test_the_documented_python_refuses_what_was_altered_or_is_sent_again_later(sent, webhook, verify):
    with pytest.raises(ValueError, match="not signed"):
        verify(webhook.secret, sent.headers, sent.body.replace(b"begun", b"ended"))
    with pytest.raises(ValueError, match="not signed"):
        verify("whsec_" + "A" * 44, sent.headers, sent.body)
    moment = int(sent.headers["webhook-timestamp"])
    for later, is_fresh in ((299, True), (301, False), (-301, False)):
        with time_machine.travel(moment + later, tick=False):
            if is_fresh:
                verify(webhook.secret, sent.headers, sent.body)
            else:
                with pytest.raises(ValueError, match="too old"):
                    verify(webhook.secret, sent.headers, sent.body)


def test_the_documented_openssl_prints_the_signature(sent, webhook, tmp_path):
    (script,) = blocks("sh")
    (tmp_path / "body.json").write_bytes(sent.body)
    known = {"SECRET": webhook.secret, "WEBHOOK_ID": sent.headers["webhook-id"]}
    known |= {"WEBHOOK_TIMESTAMP": sent.headers["webhook-timestamp"], "PATH": "/usr/bin:/bin"}
    printed = subprocess.run(["sh", "-c", script], cwd=tmp_path, env=known, capture_output=True, text=True, check=True)
    assert printed.stdout == sent.headers["webhook-signature"]


def test_the_documented_times_are_those_that_are_kept():
    assert (5, 300, 1800, *(hours * 3600 for hours in (2, 5, 10, 14, 20, 24))) == PAUSE_SECONDS
    assert (JITTER, sending.MOST_SECONDS, sending.SLOW_SECONDS, sending.REST_FACTOR) == (0.2, 10, 1, 10)
    assert "5 seconds, 5 and 30 minutes, 2, 5, 10, 14, 20 and 24 hours, each up to a fifth longer" in TEXT
