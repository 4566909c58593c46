"""Keyed hashes: what is equal stays equal, and whoever lacks the key can neither read nor guess it."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from requests_app.keys.envelope import DataKey


class KeyedHash:
    """HMAC-SHA-256 of texts under one key for one purpose.

    Args:
        purpose: keeps apart what is hashed for different ends: the same text gives another hash.

    Source: RFC 2104.
    """

    def __init__(self, key: DataKey, purpose: str) -> None:
        self._begun = hmac.new(key.secret, f"dsr.v1.hash.{purpose}.{key.id}\0".encode(), "sha256")

    def of(self, text: str) -> str:
        """Hash a text, as 64 hexadecimal digits."""
        mac = self._begun.copy()
        mac.update(text.encode("utf-8", "surrogatepass"))
        return mac.hexdigest()
