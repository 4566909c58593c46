"""Tokens of the organisation's systems: made once, shown once, looked up by their hash."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from extractors.errors import DsrError
from requests_app import audit
from requests_app.models import ServiceToken

if TYPE_CHECKING:
    from requests_app.audit import Actor

PREFIX = "dsr_"


class UnnamedToken(DsrError, ValueError):
    """Say that a token needs a name of its own."""


@transaction.atomic
def mint(name: str, ability: ServiceToken.Ability, *, actor: Actor) -> str:
    """Make a token for a system, and give it; it is stored nowhere.

    Raises:
        UnnamedToken: the name is empty, too long, or taken.
    """
    name = " ".join(name.split())
    longest = ServiceToken._meta.get_field("name").max_length or 0
    if not name or len(name) > longest or ServiceToken.objects.filter(name=name).exists():
        raise UnnamedToken(f"name: please give the system a name of its own, of at most {longest} characters.")
    token = PREFIX + secrets.token_urlsafe(32)
    row = ServiceToken.objects.create(name=name, ability=ability, token_hash=_hash(token), created_by_id=actor.user_id)
    audit.record("token.made", actor, target=f"service token {row.pk}", ability=str(ability))
    return token


@transaction.atomic
def revoke(token_id: int, *, actor: Actor) -> bool:
    """End a token at once; returns whether it worked until now."""
    ended = ServiceToken.objects.filter(pk=token_id, revoked_at=None).update(revoked_at=timezone.now())
    if ended:
        audit.record("token.revoked", actor, target=f"service token {token_id}")
    return bool(ended)


def owner_of(token: str, ability: ServiceToken.Ability) -> ServiceToken | None:
    """Give the system that a token is of, if it may do what is asked; notes the day of its use."""
    row = ServiceToken.objects.filter(token_hash=_hash(token), ability=ability, revoked_at=None).first()
    today = timezone.localdate()
    if row and row.used_on != today:
        ServiceToken.objects.filter(~Q(used_on=today), pk=row.pk).update(used_on=today)
    return row


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
