"""A receiver, and a webhook that leads to it."""

from __future__ import annotations

import pytest

from tests.servers.web import running_web_server


@pytest.fixture
def receiver(settings):
    """A real server that takes what it is sent."""
    settings.DSR_OUTGOING_ALLOW = ("127.0.0.1",)
    with running_web_server() as started:
        yield started


@pytest.fixture
def webhook(receiver):
    """A webhook to the receiver, told of everything."""
    from tests.requests_app.webhooks.receiving import a_webhook

    return a_webhook(receiver.url)
