"""The tables of the portal, one module per model."""

from __future__ import annotations

from requests_app.models.encryption_key import EncryptionKey

__all__ = ["EncryptionKey"]
