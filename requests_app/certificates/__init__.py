"""Certificates of what was done for a request: issued, handed out, withdrawn, and checked by anybody."""

from __future__ import annotations

from requests_app.certificates.facts import NotCertifiable
from requests_app.certificates.issuing import document, issue, withdraw

__all__ = ["NotCertifiable", "document", "issue", "withdraw"]
