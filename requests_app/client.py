"""Who is at the other end of a connection."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from django.http import HttpRequest

SITE_BITS = 64


def address_of(request: HttpRequest) -> str | None:
    """Give the network address of the client; None where it cannot be told.

    Behind `DSR_PROXIES` proxies it is the entry of X-Forwarded-For that the outermost of them wrote, counted from the
    right: what stands further left is the client's own claim. A header shorter than that was not written by them.
    """
    proxies = settings.DSR_PROXIES
    forwarded = request.headers.get("X-Forwarded-For") if proxies else None
    entries = forwarded.split(",") if forwarded else []
    return _address(entries[-proxies] if len(entries) >= proxies > 0 else request.META.get("REMOTE_ADDR", ""))


def network_of(request: HttpRequest) -> str | None:
    """Give what a client's acts are counted by: the address, of IPv6 the network that one customer is given.

    Source: RFC 6177 §2: a site is given a /64 at the least, whose addresses it takes as it likes.
    """
    address = address_of(request)
    if address and ":" in address:
        return str(ipaddress.ip_network((address, SITE_BITS), strict=False))
    return address


def agent_of(request: HttpRequest) -> str:
    """Give what the client calls itself."""
    return request.headers.get("User-Agent", "")


def _address(entry: str) -> str | None:
    """Read an address, with or without a port behind it."""
    entry = entry.strip()
    if entry.startswith("["):
        entry = entry[1:].partition("]")[0]
    elif entry.count(":") == 1:
        entry = entry.partition(":")[0]
    try:
        address = ipaddress.ip_address(entry.partition("%")[0])
    except ValueError:
        return None
    return str(getattr(address, "ipv4_mapped", None) or address)
