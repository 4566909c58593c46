from __future__ import annotations

import ipaddress

import pytest

from requests_app.addresses import is_public, is_usual_port, read_allowances

NOT_PUBLIC = [
    "0.0.0.0",  # noqa: S104 - nobody binds to it here
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "224.0.1.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b::a00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "3fff::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "5f00::1",
]
PUBLIC = ["1.1.1.1", "8.8.8.8", "93.184.215.14", "172.32.0.1", "100.128.0.1", "2606:4700:4700::1111", "2a00:1450::1"]
PUBLIC += ["::ffff:8.8.8.8", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_what_is_not_the_public_internet_is_known_in_every_spelling(address):
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_the_public_internet_is_open(address):
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    ("port", "usual"), [(80, True), (443, True), (8080, True), (22, False), (25, False), (0, False)]
)
def test_web_servers_listen_at_the_ports_of_the_web(port, usual):
    assert is_usual_port(port) is usual


@pytest.mark.parametrize(
    ("allowed", "host", "address", "port", "covered"),
    [
        ("127.0.0.1:8025", "127.0.0.1", "127.0.0.1", 8025, True),
        ("127.0.0.1:8025", "127.0.0.1", "127.0.0.1", 8026, False),
        ("127.0.0.1:8025", "rebind.example", "127.0.0.1", 8025, True),
        ("127.0.0.1", "127.0.0.1", "127.0.0.2", 80, False),
        ("10.1.0.0/16", "erp", "10.1.2.3", 8443, True),
        ("10.1.0.0/16", "erp", "10.2.2.3", 8443, False),
        ("10.1.0.0/16", "erp", "::ffff:10.1.2.3", 8443, True),
        ("10.1.0.0/16:8443", "erp", "10.1.2.3", 8443, True),
        ("10.1.0.0/16:8443", "erp", "10.1.2.3", 8444, False),
        ("fd00::/8", "erp", "fd00::7", 443, True),
        ("[fd00::/8]:443", "erp", "fd00::7", 443, True),
        ("[fd00::/8]:443", "erp", "fd00::7", 444, False),
        ("[::1]:80", "::1", "::1", 80, True),
        ("Hooks.Internal.example", "hooks.internal.EXAMPLE", "10.9.9.9", 443, True),
        ("hooks.internal.example", "hooks.internal.example.", "10.9.9.9", 443, True),
        ("hooks.internal.example", "evil.hooks.internal.example", "10.9.9.9", 443, False),
        ("hooks.internal.example:8443", "hooks.internal.example", "10.9.9.9", 443, False),
    ],
)
def test_an_operator_allows_a_host_or_a_network_and_nothing_beside_it(allowed, host, address, port, covered):
    (allowance,) = read_allowances([allowed])
    assert allowance.covers(host, ipaddress.ip_address(address), port) is covered


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://host",
        "host:0",
        "host:65536",
        "host:x",
        "10.1.0.1/16",
        "10.1",
        "[::1",
        "a b",
        "*.example.org",
        "h/8",
    ],
)
def test_what_cannot_be_read_is_refused_by_its_place(text):
    with pytest.raises(ValueError, match="entry 2 is neither") as refusal:
        read_allowances(["fine.example", text])
    assert not text or text not in str(refusal.value)
