"""Signed assertions: the host application says who is signed in there. Each is taken once, for ten minutes at most.

One algorithm is taken, the one of the setting; what the token's head says of it is not believed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone

from extractors.errors import DsrError
from requests_app.models import UsedAssertion

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_TOKEN = 8_192
LONGEST_LIFE = timedelta(minutes=10)
LEEWAY = timedelta(seconds=30)  # by which the clocks of two hosts may differ
REQUIRED = ["iss", "aud", "sub", "exp", "iat", "email"]
LONGEST = {"sub": 200, "email": 254, "name": 200}


class RefusedAssertion(DsrError, PermissionError):
    """Say that an assertion is not taken; `reason` is a word for the audit trail."""

    reason: ClassVar[str] = "faulty"


class ExpiredAssertion(RefusedAssertion):
    """Say that an assertion came too late."""

    reason = "expired"


class ReplayedAssertion(RefusedAssertion):
    """Say that an assertion was taken before."""

    reason = "replayed"


@dataclass(frozen=True, slots=True)
class Assertion:
    """Who is signed in, as the host application vouches for.

    Args:
        subject: the host application's id of the person.
    """

    subject: str = field(repr=False)
    email: str = field(repr=False)
    name: str = field(default="", repr=False)


def is_set_up() -> bool:
    """Whether assertions are taken at all."""
    return bool(settings.DSR_ASSERTION_KEY)


def take(token: str) -> Assertion:
    """Verify an assertion and use it up; of two who bring the same at once, one succeeds.

    Raises:
        ExpiredAssertion, ReplayedAssertion: too late, or taken before.
        RefusedAssertion: not signed by the host application, not for the portal, or not whole.
    """
    claims = _verified(token)
    expires_at = datetime.fromtimestamp(float(str(claims["exp"])), UTC) + LEEWAY
    UsedAssertion.objects.filter(expires_at__lt=timezone.now()).delete()
    try:
        with transaction.atomic():
            UsedAssertion.objects.create(token_hash=_hash(token), expires_at=expires_at)
    except IntegrityError:
        raise ReplayedAssertion("This was used already. Please begin again from your account.") from None
    return Assertion(str(claims["sub"]), str(claims["email"]), str(claims.get("name", "")))


def _verified(token: str) -> Mapping[str, object]:
    import jwt

    if not is_set_up():
        raise RefusedAssertion("The portal takes nobody's word for who you are.")
    if len(token) > LONGEST_TOKEN:
        raise RefusedAssertion("This is no assertion that can be read.")
    try:
        claims: dict[str, object] = jwt.decode(
            token,
            settings.DSR_ASSERTION_KEY,
            algorithms=[settings.DSR_ASSERTION_ALGORITHM],
            issuer=settings.DSR_ASSERTION_ISSUER,
            audience=settings.DSR_ASSERTION_AUDIENCE,
            leeway=LEEWAY,
            options={"require": REQUIRED, "verify_iat": True},
        )
    except jwt.ExpiredSignatureError:
        raise ExpiredAssertion("This has expired. Please begin again from your account.") from None
    except jwt.PyJWTError:
        raise RefusedAssertion("This was not signed by our own service, or not for us.") from None
    _refuse_faulty(claims)
    return claims


def _refuse_faulty(claims: Mapping[str, object]) -> None:
    """Refuse claims of the wrong shape, and a life longer than anybody needs to follow a button."""
    expires, issued = claims["exp"], claims["iat"]
    if not (isinstance(expires, int | float) and isinstance(issued, int | float)):
        raise RefusedAssertion("The assertion does not say when it was made.")
    if expires - issued > LONGEST_LIFE.total_seconds():
        raise RefusedAssertion("The assertion is good for longer than ten minutes.")
    for name, longest in LONGEST.items():
        value = claims.get(name, "")
        if not isinstance(value, str) or len(value) > longest or (name in REQUIRED and not value.strip()):
            raise RefusedAssertion("The assertion does not name the person.")
    _refuse_unusable_address(str(claims["email"]))


def _refuse_unusable_address(email: str) -> None:
    from django.core.exceptions import ValidationError

    try:
        validate_email(email)
    except ValidationError:
        raise RefusedAssertion("The assertion names no e-mail address.") from None


def _hash(token: str) -> str:
    """Hash what was signed, not how it was written: a signature may be spelt in several ways."""
    return hashlib.sha256(token.rpartition(".")[0].encode()).hexdigest()
