from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from requests_app import links
from requests_app.links import ExpiredLink, UnknownLink, UsedLink
from requests_app.models import SecureLink
from tests.requests_app.portal import a_request, acts

pytestmark = pytest.mark.django_db

CONFIRM, STATUS, DOWNLOAD, AUTHORITY = (
    SecureLink.Purpose[name] for name in ("CONFIRM", "STATUS", "DOWNLOAD", "AUTHORITY")
)
HOUR = timedelta(hours=1)


def test_a_link_is_found_by_its_token():
    request = a_request()
    link = links.find(links.mint(request, STATUS, lifetime=HOUR), STATUS)
    assert (link.request, link.purpose, link.export) == (request, STATUS, None)
    assert link.expires_at - timezone.now() == pytest.approx(HOUR, abs=timedelta(seconds=5))


def test_the_token_stands_nowhere_in_the_database():
    token = links.mint(a_request(), STATUS, lifetime=HOUR)
    assert token not in str(SecureLink.objects.values().get())


def test_every_token_is_long_and_its_own():
    request = a_request()
    tokens = {links.mint(request, STATUS, lifetime=HOUR) for _ in range(20)}
    assert len(tokens) == 20
    assert {len(token) for token in tokens} == {43}  # 256 bits


@pytest.mark.parametrize("purpose", [STATUS, DOWNLOAD])
def test_a_link_is_good_for_one_purpose(purpose):
    token = links.mint(a_request(), CONFIRM, lifetime=HOUR)
    with pytest.raises(UnknownLink):
        links.find(token, purpose)


@pytest.mark.parametrize("token", ["", "x", "x" * 100_000, "\0", "té%00'; --", "👻"])
def test_a_wrong_token_is_unknown(token):
    links.mint(a_request(), CONFIRM, lifetime=HOUR)
    with pytest.raises(UnknownLink, match="copy the whole link") as refusal:
        links.find(token, CONFIRM)
    assert refusal.value.reason == "unknown"


def test_a_token_with_anything_around_it_is_unknown():
    token = links.mint(a_request(), CONFIRM, lifetime=HOUR)
    for wrong in (token[:-1], token + "=", f" {token}", token.swapcase()):
        with pytest.raises(UnknownLink):
            links.find(wrong, CONFIRM)


def test_a_link_expires_to_the_moment():
    request = a_request()
    token = links.mint(request, STATUS, lifetime=timedelta(0))
    with pytest.raises(ExpiredLink) as refusal:
        links.find(token, STATUS)
    assert (refusal.value.reason, refusal.value.link.request) == ("expired", request)
    link = SecureLink.objects.get()
    assert link.is_expired(link.expires_at)
    assert not link.is_expired(link.expires_at - timedelta(microseconds=1))


def test_a_link_is_used_up_once():
    link = links.find(links.mint(a_request(), CONFIRM, lifetime=HOUR), CONFIRM)
    links.spend(link)
    with pytest.raises(UsedLink) as refusal:
        links.spend(link)
    assert refusal.value.reason == "used"


def test_a_dead_link_is_on_record_and_does_not_fill_the_trail(monkeypatch):
    monkeypatch.setattr(links, "MOST_NOTED_AN_HOUR", 3)
    request = a_request()
    for _ in range(2):
        token = links.mint(request, STATUS, lifetime=timedelta(0))
        for _ in range(5):
            with pytest.raises(ExpiredLink):
                links.opened(token, STATUS, address="203.0.113.9")
    assert acts(request.pk) == ["link.refused"] * 6


def test_the_database_refuses_a_download_link_without_an_export():
    with pytest.raises(IntegrityError), transaction.atomic():
        links.mint(a_request(), DOWNLOAD, lifetime=HOUR)
