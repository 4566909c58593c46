"""Codes of six digits for checks: short-lived, stored as keyed hashes, the newest alone good."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from requests_app.models import IdentityCheck

if TYPE_CHECKING:
    from datetime import datetime

DIGITS = 6
LIFETIME = timedelta(minutes=10)


def mint(check: IdentityCheck) -> str:
    """Make the code that is sent for a check; those of before are void."""
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    expires_at = timezone.now() + LIFETIME
    still = IdentityCheck.objects.filter(pk=check.pk, passed_at=None, failed_at=None)
    still.update(code_hash=_hash(check.pk, code), code_expires_at=expires_at)
    return code


def matches(check: IdentityCheck, typed: str, now: datetime) -> bool:
    """Whether this is the code that was sent last, in time; equally long about it whatever is wrong."""
    digits = "".join(letter for letter in typed if letter.isdecimal() and letter.isascii())
    is_same = constant_time_compare(check.code_hash or "-" * 64, _hash(check.pk, digits))
    is_in_time = check.code_expires_at is not None and now < check.code_expires_at
    return is_same and is_in_time


def _hash(check_id: int, code: str) -> str:
    """Hash with the portal's key, since whoever reads the database alone would try a million codes in a second."""
    return salted_hmac("requests_app.proofs.code", f"{check_id} {code}", algorithm="sha256").hexdigest()
