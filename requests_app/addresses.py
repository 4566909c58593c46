"""Which network addresses the portal connects to on somebody's word: public ones, and what an operator allows."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# An IPv6-only host reaches every IPv4 address below it, so that what counts is the address inside (RFC 6052 §2.1).
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
NOT_PUBLIC = (
    ipaddress.ip_network("2002::/16"),  # 6to4 carries IPv4 addresses inside
    ipaddress.ip_network("2001::/32"),  # so does Teredo
    ipaddress.ip_network("3fff::/20"),  # for documentation (RFC 9637), which Python 3.11 does not know yet
    ipaddress.ip_network("192.88.99.0/24"),  # relays of 6to4
    ipaddress.ip_network("192.0.0.0/24"),
    ipaddress.ip_network("168.63.129.16/32"),  # looks public, and is the host below a virtual machine of Azure
)
MOST_PORT = 65535
FIRST_FREE_PORT = 1024  # below it, other protocols listen that can be talked to by HTTP
WEB_PORTS = (80, 443)
_BRACKETED = re.compile(r"\[(?P<place>[^\]]+)\](?::(?P<port>\d+))?")
_PLAIN = re.compile(r"(?P<place>[^:\[\]]+)(?::(?P<port>\d+))?")
_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")


@dataclass(frozen=True, slots=True)
class Allowance:
    """A host, by its name or in a network, that an operator lets the portal connect to; at one port, or at any."""

    name: str = ""
    network: Network | None = None
    port: int | None = None

    def covers(self, name: str, address: Address, port: int) -> bool:
        """Whether it lets the portal connect to an address that a host's name led to."""
        if self.port not in {None, port}:
            return False
        if self.network is None:
            return self.name == name.lower().rstrip(".")
        return plain(address) in self.network


def read_allowances(texts: Iterable[str]) -> tuple[Allowance, ...]:
    """Read what an operator allows: `host`, `host:port`, `10.1.0.0/16`, `127.0.0.1:8025`, `[fd00::/8]:8080`.

    Raises:
        ValueError: one of them reads otherwise; names its place, not its text.
    """
    return tuple(_allowance(number, text.strip()) for number, text in enumerate(texts, start=1))


def is_public(address: Address) -> bool:
    """Whether an address lies on the public internet, whatever way it is written in.

    Source: the registries of special-purpose addresses, RFC 6890; RFC 6598 for carriers' networks; RFC 4291 §2.5.5.2
    for mapped addresses.
    """
    address = plain(address)
    if isinstance(address, ipaddress.IPv6Address) and address not in GLOBAL_UNICAST:
        return False
    if any(address in network for network in NOT_PUBLIC):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def is_usual_port(port: int) -> bool:
    """Whether a web server may be expected there."""
    return port in WEB_PORTS or FIRST_FREE_PORT <= port <= MOST_PORT


def plain(address: Address) -> Address:
    """Give the IPv4 address that an IPv6 address stands for, where it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped:
        return address.ipv4_mapped
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in NAT64 else address


def _allowance(number: int, text: str) -> Allowance:
    place, port = text, None
    network = _network(text)  # an IPv6 address without brackets has colons of its own
    if network is None:
        found = _BRACKETED.fullmatch(text) or _PLAIN.fullmatch(text)
        if found is None:
            raise _unreadable(number)
        place, port = found["place"], int(found["port"]) if found["port"] else None
        network = _network(place)
    if port is not None and not 0 < port <= MOST_PORT:
        raise _unreadable(number)
    if network is not None:
        return Allowance(network=network, port=port)
    name = place.lower().rstrip(".")
    if not _NAME.fullmatch(name) or name.rpartition(".")[2].isdigit():
        raise _unreadable(number)
    return Allowance(name=name, port=port)


def _network(text: str) -> Network | None:
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        return None


def _unreadable(number: int) -> ValueError:
    return ValueError(
        f"entry {number} is neither a host, a network nor one of them with a port, like 172.20.0.0/16:8080"
    )
