"""Workers that die with -9 while they send events: every event arrives, always with the same key."""

from __future__ import annotations

import orjson
import pytest

from tests.crash.test_killed_workers import SHORT
from tests.live.portal import running_portal
from tests.live.steps import do, submit, sweep_until
from tests.requests_app.webhooks.receiving import verified
from tests.servers.web import running_web_server

# Before the work is claimed, before it is sent, between sending and noting, and in the transaction that notes it.
MOMENTS = ["claim.call", "_post.call", "_post.return", "finish.return"]
ADD = """
from requests_app.webhooks import keeping
webhook, result = keeping.add(keeping.Wish("shop", {url!r}, ["request.*"]), actor=audit.SYSTEM)
"""


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    folder = tmp_path_factory.mktemp("portal")
    extra = {"DSR_OUTGOING_ALLOW": "127.0.0.1"}
    url = f"sqlite:///{folder / 'portal.sqlite3'}"
    with running_portal(folder, url, leased=SHORT, programs=("quick",), quick_workers=2, extra_env=extra) as up:
        yield up


def test_every_event_arrives_whenever_workers_die(portal):
    with running_web_server() as receiver:
        secret = do(portal, ADD.format(url=receiver.url))
        for moment in MOMENTS:
            portal.set_moment("send_webhook", moment)
        for number in range(3):
            submit(portal, f"person-{number}@example.test")
        sweep_until(portal, lambda: do(portal, "result = not WebhookDelivery.objects.exclude(state='done').exists()"))
        assert len(portal.reached("send_webhook")) == len(MOMENTS)
        known = do(portal, "result = [str(number) for number in WebhookEvent.objects.values_list('number', flat=True)]")
        keys = [orjson.loads(item.body)["id"] for item in receiver.received]
        assert len(known) == 3
        assert set(keys) == set(known)
        # Two of those that died had sent theirs already.
        assert len(keys) in range(4, 6)
        for item in receiver.received:
            assert verified(item, secret)
