from __future__ import annotations

import pytest
from django.test import RequestFactory

from requests_app.client import address_of

CLAIMED, CLIENT, NEAR, SELF = "6.6.6.6", "203.0.113.9", "10.0.0.2", "127.0.0.1"


def seen(settings, proxies: int, forwarded: str | None, remote: str = SELF) -> str | None:
    settings.DSR_PROXIES = proxies
    headers = {} if forwarded is None else {"x-forwarded-for": forwarded}
    return address_of(RequestFactory(headers=headers).get("/", REMOTE_ADDR=remote))


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, None, SELF),
        (0, CLAIMED, SELF),
        (1, CLIENT, CLIENT),
        (1, f"{CLAIMED}, {CLIENT}", CLIENT),
        (2, f"{CLAIMED}, {CLIENT}, {NEAR}", CLIENT),
        (2, CLAIMED, SELF),
        (1, None, SELF),
        (1, "", SELF),
    ],
)
def test_addresses_are_counted_from_the_right(settings, proxies, forwarded, address):
    assert seen(settings, proxies, forwarded) == address


@pytest.mark.parametrize(
    ("entry", "address"),
    [
        ("203.0.113.9:5123", "203.0.113.9"),
        ("2001:db8::7", "2001:db8::7"),
        ("[2001:db8::7]:443", "2001:db8::7"),
        ("2001:DB8:0::7", "2001:db8::7"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("fe80::1%eth0", "fe80::1"),
        ("unknown", None),
        ("203.0.113.999", None),
    ],
)
def test_an_address_is_read_however_it_is_written(settings, entry, address):
    assert seen(settings, 1, entry) == address


def test_a_server_behind_a_socket_knows_no_address(settings):
    assert seen(settings, 0, None, remote="") is None
