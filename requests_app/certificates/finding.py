"""Finds certificates by their number, however it is typed."""

from __future__ import annotations

from requests_app import audit, limits
from requests_app.models import Certificate
from requests_app.models.certificate import NUMBER_LETTERS
from requests_app.models.subject_request import LETTERS

MOST_LOOKUPS_AN_HOUR = 120
LONGEST_TYPED = 40


def normalised(typed: str) -> str | None:
    """Write a number as certificates do; None where it cannot be one."""
    letters = "".join(typed[:LONGEST_TYPED].upper().replace("-", " ").split())
    if len(letters) != NUMBER_LETTERS or not set(letters) <= set(LETTERS):
        return None
    return "-".join(letters[start : start + 4] for start in range(0, NUMBER_LETTERS, 4))


def find(typed: str, *, address: str | None) -> Certificate | None:
    """Look a certificate up by its number; None where there is none.

    Args:
        address: where it is asked from, by which guessing is limited; None where it cannot be told.

    Raises:
        LimitReached: too many numbers were looked up from this address.
    """
    if address:  # else one counter would be everybody's
        limits.count("certificate", address, most=MOST_LOOKUPS_AN_HOUR, seconds=3600)
    number = normalised(typed)
    return Certificate.objects.select_related("replaced_by").filter(number=number).first() if number else None


def seal_of(certificate: Certificate) -> int | None:
    """Give the number of the seal whose hash a certificate bears; None where the audit trail does not hold it."""
    return audit.number_of(certificate.audit_head) if certificate.audit_head else None
