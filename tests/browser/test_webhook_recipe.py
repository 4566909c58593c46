"""The documented JavaScript checks messages as it says, where there is JavaScript."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
import standardwebhooks
from django.utils import timezone

from tests.servers.web import Reply, running_web_server

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="
BODY = '{"type":"request.completed","data":{"place":"Zürich"}}'
(RECIPE,) = re.findall(
    r"^```javascript\n(.*?)^```",
    (Path(__file__).resolve().parents[2] / "docs/webhooks.md").read_text(),
    re.DOTALL | re.MULTILINE,
)


def headers(**changes):
    signature = standardwebhooks.Webhook(SECRET).sign("m-1", timezone.now(), BODY)
    known = {"webhook-id": "m-1", "webhook-timestamp": str(int(time.time())), "webhook-signature": signature}
    return known | {name.replace("_", "-"): value for name, value in changes.items()}


def verified(page, given, body=BODY, secret=SECRET):
    call = "([secret, given, body]) => verify(secret, new Headers(given), body).then(() => 'ours', (e) => e.message)"
    return page.evaluate(f"async (all) => {{ {RECIPE}; return await ({call})(all); }}", [secret, given, body])


@pytest.fixture
def opened(page):
    with running_web_server() as server:
        server.replies = [Reply(200, {"Content-Type": "text/html"}, b"<!doctype html><title>.</title>")]
        page.route("**/favicon.ico", lambda route: route.fulfill(status=204))
        page.goto(server.url)
        yield page


def test_the_documented_javascript_takes_what_is_ours_and_nothing_else(opened):
    assert verified(opened, headers()) == "ours"
    other = standardwebhooks.Webhook("whsec_" + "A" * 44).sign("m-1", timezone.now(), BODY)
    assert verified(opened, headers(webhook_signature=f"{other} {headers()['webhook-signature']}")) == "ours"
    for given in (headers(webhook_signature=other), headers(webhook_signature="v1,?"), headers(webhook_id="m-2")):
        assert "not signed" in verified(opened, given)
    assert "not signed" in verified(opened, headers(), body=BODY.replace("completed", "rejected"))
    for moment in ("1", str(int(time.time()) - 301), "soon", ""):
        assert "too old" in verified(opened, headers(webhook_timestamp=moment))
