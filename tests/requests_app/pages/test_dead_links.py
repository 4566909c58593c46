"""Every address that holds a token, tried with every token that must not open it; new addresses join by themselves."""

from __future__ import annotations

import os
from datetime import timedelta
from functools import cache

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from requests_app import links, revoking
from requests_app.audit import SYSTEM
from requests_app.models import (
    AuditEntry,
    Download,
    DownloadCode,
    Export,
    OutboxMail,
    Recipient,
    Representative,
    SecureLink,
    Status,
    Transfer,
)
from requests_app.models.subject_request import SubjectRequest
from tests.requests_app.packages import a_package
from tests.requests_app.portal import a_request

IS_WHOLE = os.environ.get("DSR_TEST_ALL") == "1"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder", "no_limits")]
CONFIRM, STATUS, DOWNLOAD, AUTHORITY, TRANSFER = (
    SecureLink.Purpose[name] for name in ("CONFIRM", "STATUS", "DOWNLOAD", "AUTHORITY", "TRANSFER")
)
METHODS = ("get", "head", "post")
DAY = timedelta(days=1)
FEWEST_ROUTES = 9
OF_REPRESENTATIVES = "represented-"


def _patterns(patterns):
    for pattern in patterns:
        yield from _patterns(pattern.url_patterns) if hasattr(pattern, "url_patterns") else [pattern]


ROUTES = {
    pattern.name: pattern.pattern.converters
    for pattern in _patterns(get_resolver().url_patterns)
    if "token" in pattern.pattern.converters
}


@pytest.fixture
def no_limits(monkeypatch):
    monkeypatch.setattr(links, "MOST_GUESSES_AN_HOUR", 10_000)


@pytest.fixture
def export():
    return a_package()


def a_link(request, purpose, *, route="", export=None, lifetime=timedelta(hours=1)) -> str:
    """Make a link; for an address of representatives alone, one of theirs, whose authority is good."""
    about = {"export": export or request.exports.get()} if purpose in {DOWNLOAD, TRANSFER} else {}
    if route.startswith(OF_REPRESENTATIVES):
        about["recipient"] = Recipient.REPRESENTATIVE
        accepted = {"state": "accepted", "decided_at": timezone.now(), "rights": [request.right]}
        Representative.objects.get_or_create(request=request, defaults={"kind": "agent", "name": "Lena", **accepted})
    token = links.mint(request, purpose, lifetime=lifetime, **about)
    if purpose == TRANSFER:
        link = SecureLink.objects.latest("pk")
        Transfer.objects.create(request=request, export=link.export, link=link, receiver="Other Bank")
    return token


def address(route: str, token: str) -> str:
    further = {name: 0 for name in ROUTES[route] if name != "token"}
    return reverse(route, kwargs={"token": token, **further})


def answers(path: str) -> dict[str, int]:
    """Try an address by every method it takes."""
    given = {}
    for method in METHODS:
        response = getattr(Client(), method)(path)
        if response.streaming:
            b"".join(response.streaming_content)
        response.close()
        given[method] = response.status_code
    return {method: status for method, status in given.items() if status != 405}


def refusals() -> list[tuple[int | None, str]]:
    """List what was refused: of which request, and why."""
    entries = AuditEntry.objects.filter(action="link.refused").order_by("pk")
    return [(entry.request_id, entry.details["reason"]) for entry in entries]


def refused(route: str, token: str, status: int, request_id: int | None, reason: str) -> None:
    """Try an address and look whether it refuses, by every method, with an entry for each time."""
    before = refusals()
    given = answers(address(route, token))
    assert given, route
    assert set(given.values()) == {status}, (route, given)
    assert refusals()[len(before) :] == [(request_id, reason)] * len(given), route


@cache
def of_purpose(purpose) -> list[str]:
    """Find the routes that a link of a purpose opens, by trying."""
    request = a_package().request
    return [
        route for route in ROUTES if 404 not in answers(address(route, a_link(request, purpose, route=route))).values()
    ]


def test_there_are_addresses_to_try():
    assert len(ROUTES) >= FEWEST_ROUTES
    assert {"confirm", "status", "status-live", "download", "download-member", "download-code"} <= set(ROUTES)


def test_every_address_is_opened_by_links_of_one_purpose_and_refuses_those_of_others(export):
    opened_by = {purpose: set(of_purpose(purpose)) for purpose in SecureLink.Purpose}
    assert set.union(*opened_by.values()) == set(ROUTES)
    assert sum(map(len, opened_by.values())) == len(ROUTES)
    for purpose, routes in opened_by.items():
        for route in ROUTES.keys() - routes:
            refused(route, a_link(export.request, purpose), 404, None, "unknown")


def test_the_link_of_a_representative_opens_nothing_of_the_persons(export):
    opened = set()
    for purpose in SecureLink.Purpose:
        for route in ROUTES:
            token = a_link(export.request, purpose, route=OF_REPRESENTATIVES)
            opened |= {route} if 404 not in answers(address(route, token)).values() else set()
    persons_own = {"authority", "authority-end", "status-live", "status-download", "status-protect", "status-withdraw"}
    assert not opened & persons_own
    assert opened >= {"status", "confirm", "represented-files", "represented-download"}


def test_the_link_of_a_person_opens_nothing_of_a_representative(export):
    for purpose in SecureLink.Purpose:
        for route in (name for name in ROUTES if name.startswith(OF_REPRESENTATIVES)):
            refused(route, a_link(export.request, purpose), 404, None, "unknown")


@pytest.mark.parametrize(
    "change", [{"state": "ended"}, {"state": "refused"}, {"rights": []}, {"valid_until": timezone.localdate() - DAY}]
)
def test_the_link_of_a_representative_ends_with_their_authority(export, change):
    pairs = [("status", STATUS), ("represented-files", STATUS), ("download", DOWNLOAD), ("download-code", DOWNLOAD)]
    tokens = {route: a_link(export.request, purpose, route=OF_REPRESENTATIVES) for route, purpose in pairs}
    Representative.objects.update(receives_answer=True, **change)
    for route, token in tokens.items():
        refused(route, token, 410, export.request_id, "ended")


def test_files_that_are_the_persons_are_not_had_by_a_link_of_the_representative(export):
    token = a_link(export.request, DOWNLOAD, route=OF_REPRESENTATIVES)
    Representative.objects.update(receives_answer=False)
    refused("download", token, 410, export.request_id, "ended")


MADE_UP = ["x", "A" * 43, "%F0%9F%94%91", "a" * 3000, "..%2f", "\u202e"]


@pytest.mark.parametrize("token", MADE_UP if IS_WHOLE else MADE_UP[1:4])
def test_a_made_up_token_is_not_known(token):
    for route in ROUTES:
        refused(route, token, 404, None, "unknown")


def test_a_token_that_is_a_little_wrong_is_not_known(export):
    for purpose in SecureLink.Purpose:
        token = a_link(export.request, purpose)
        for wrong in (token[:-1], token + "A", token.swapcase(), token[::-1]):
            for route in ROUTES if IS_WHOLE else of_purpose(purpose):
                refused(route, wrong, 404, None, "unknown")


@pytest.mark.parametrize("purpose", SecureLink.Purpose)
def test_an_expired_link_is_gone(export, purpose):
    for status in (Status.COMPLETED, Status.SUBMITTED, Status.LAPSED, Status.ARCHIVED)[: None if IS_WHOLE else 2]:
        SubjectRequest.objects.filter(pk=export.request_id).update(status=status)
        for route in of_purpose(purpose):
            token = a_link(export.request, purpose, route=route, lifetime=timedelta(0))
            refused(route, token, 410, export.request_id, "expired")


@pytest.mark.parametrize("purpose", SecureLink.Purpose)
def test_a_link_that_was_made_void_is_gone(export, purpose):
    tokens = {route: a_link(export.request, purpose, route=route) for route in of_purpose(purpose)}
    revoking.renew_links(export.request_id, actor=SYSTEM)
    for route, token in tokens.items():
        refused(route, token, 410, export.request_id, "revoked")


def test_a_link_that_works_once_and_was_used_is_gone(export, settings):
    settings.DSR_SINGLE_USE_DOWNLOADS = True
    routes, token = of_purpose(DOWNLOAD), a_link(export.request, DOWNLOAD)
    taken = Client().post(address("download", token))
    assert b"".join(taken.streaming_content).startswith(b"PK")
    taken.close()
    for route in routes:
        refused(route, token, 410, export.request_id, "used")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda export: Export.objects.filter(pk=export.pk).update(expires_at=timezone.now()), "expired"),
        (lambda export: Export.objects.filter(pk=export.pk).update(removed_at=export.expires_at), "expired"),
        (lambda export: Export.objects.filter(pk=export.pk).update(removed_at=timezone.now()), "replaced"),
        (lambda export: Export.objects.filter(pk=export.pk).update(state="waiting"), "not_ready"),
        (lambda export: revoking.take_back(export, actor=SYSTEM), "revoked"),
    ],
    ids=["expired", "deleted", "replaced", "not made", "taken back"],
)
def test_files_that_are_gone_are_gone_by_every_link(export, change, reason):
    routes = of_purpose(DOWNLOAD)
    change(export)
    for route in routes:
        refused(route, a_link(export.request, DOWNLOAD, export=export), 410, export.request_id, reason)


def test_nothing_happens_behind_a_link_that_is_dead(export):
    before = list(SubjectRequest.objects.values())
    for purpose in SecureLink.Purpose:
        token = a_link(export.request, purpose, lifetime=timedelta(0))
        for route in ROUTES:
            answers(address(route, token))
    assert list(SubjectRequest.objects.values()) == before
    assert not Download.objects.exists()
    assert not DownloadCode.objects.exists()
    assert not OutboxMail.objects.exists()
    assert SecureLink.objects.count() == len(SecureLink.Purpose)


def test_the_link_of_one_person_shows_nothing_of_another(export):
    other = a_request(Status.COMPLETED, email="bob@example.test", name="Bob Zanzibar")
    a_link(other, STATUS)
    for purpose in SecureLink.Purpose:
        for route in of_purpose(purpose):
            response = Client().get(address(route, a_link(export.request, purpose, route=route)), follow=True)
            told = b"".join(response.streaming_content) if response.streaming else response.content
            response.close()
            for theirs in (other.reference, other.email, other.name):
                assert theirs.encode() not in told, route


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"] if IS_WHOLE else ["put", "options"])
def test_other_methods_are_refused_whatever_the_token(export, method):
    for purpose in SecureLink.Purpose:
        for route in ROUTES:
            link = a_link(export.request, purpose, route=route)
            assert getattr(Client(), method)(address(route, link)).status_code == 405
