"""A restriction on the person's own page: since when, what it means, when it ends and why, and afterwards."""

from __future__ import annotations

from datetime import timedelta

import pytest

from requests_app import links, restricting
from requests_app.models import Message, SecureLink
from tests.requests_app.admin.console import words
from tests.requests_app.changing.marked import a_marked_shop, asking
from tests.requests_app.restricted import after, announced, restricted, reviewer, settled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]


@pytest.fixture
def page(client, sqlite_url):
    """Show the person the page of their request."""
    a_marked_shop(sqlite_url)

    def show(request):
        token = links.mint(request, SecureLink.Purpose.STATUS, lifetime=timedelta(days=60))
        return words(client.get(f"/r/{token}"))

    return show


def proven(request):
    type(request).objects.filter(pk=request.pk).update(verified_at=request.submitted_at)
    request.refresh_from_db()
    return request


def test_until_it_is_decided_there_is_nothing_of_it(page):
    assert "What is restricted" not in page(proven(asking()))


@pytest.mark.parametrize(
    ("ground", "until"), [("accuracy", "checked whether the data is right"), ("objection", "whether our reasons weigh")]
)
def test_the_person_reads_since_when_and_what_ends_it(page, ground, until):
    text = page(restricted(proven(asking()), ground))
    assert "Your data is kept and not used" in text
    assert "What is restricted Since" in text
    assert until in text
    assert "We tell you before it does" in text


def test_the_person_reads_when_it_ends_and_why_can_object_and_reads_what_became_of_it(page, client):
    request = restricted(proven(asking()))
    lifting = announced(request, reason="It is <right> now.")
    on = f"It ends on {lifting.lift_on:%-d %B %Y}."
    assert on not in page(request)  # they are told by the notice first
    settled(request)
    text = page(request)
    assert on in text
    assert "It is <right> now." in text
    token = links.mint(request, SecureLink.Purpose.STATUS, lifetime=timedelta(days=60))
    client.post(f"/r/{token}/messages", {"message-text": "No, it is still wrong.", "text": "No, it is still wrong."})
    assert Message.objects.filter(request=request, text="No, it is still wrong.").exists()
    restricting.call_off(lifting.pk, actor=reviewer())
    assert on not in page(request)
    announced(request, reason="Now it is right.")
    settled(request)
    with after(7):
        settled(settled(request))
        text = page(request)
        assert "The restriction has ended" in text
        assert "Everything is marked again as it was before" in text
        assert "Now it is right." in text
