"""The register: entered when a restriction or an objection takes effect, lifted, and asked."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from extractors.errors import UnusableIdentifier
from extractors.identifiers import spellings
from requests_app import audit
from requests_app.keys.hashing import KeyedHash
from requests_app.keys.stored import create_key, open_key
from requests_app.models import Suppression
from requests_app.webhooks import events

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from requests_app.audit import Actor
    from requests_app.models import EncryptionKey, SubjectRequest

PURPOSE = "suppressed identifier"


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands about one identifier: each scope with the moment since when."""

    scopes: dict[Suppression.Scope, datetime] = field(default_factory=dict)

    @property
    def is_suppressed(self) -> bool:
        """Whether anything stands."""
        return bool(self.scopes)


@transaction.atomic
def enter(request: SubjectRequest, pairs: Iterable[tuple[str, str]], scope: Suppression.Scope, *, actor: Actor) -> int:
    """Enter identifiers of a person; those that stand already stay as they are.

    Args:
        pairs: kind and value of proven identifiers.

    Returns:
        How many are new.

    Raises:
        UnusableIdentifier: a value that nobody could have.
    """
    key = _key() or create_key()
    hashed = _Hasher(key)
    hashes = {hashed(kind, value) for kind, value in pairs}
    standing = set(_standing(hashes).filter(scope=scope).values_list("hash", flat=True))
    new = [Suppression(scope=scope, hash=text, key=key, request=request) for text in sorted(hashes - standing)]
    Suppression.objects.bulk_create(new, ignore_conflicts=True)
    audit.record("suppression.entered", actor, request_id=request.pk, scope=str(scope), identifiers=len(new))
    if new:
        events.note("suppression.entered", request.pk, scope=str(scope))
    return len(new)


@transaction.atomic
def lift(
    request: SubjectRequest, scope: Suppression.Scope, *, actor: Actor, way: Suppression.LiftedWay | None = None
) -> int:
    """End what a request entered for a scope; returns how many entries that were. History keeps them.

    Args:
        way: by which the person themselves said so.
    """
    standing = Suppression.objects.filter(request=request, scope=scope, lifted_at=None)
    lifted = standing.update(lifted_at=timezone.now(), lifted_by=actor.user_id, lifted_way=way or "")
    audit.record("suppression.lifted", actor, request_id=request.pk, scope=str(scope), identifiers=lifted)
    if lifted:
        events.note("suppression.lifted", request.pk, scope=str(scope))
    return lifted


@transaction.atomic
def lift_entry(entry: Suppression, *, actor: Actor, way: Suppression.LiftedWay | None = None) -> int:
    """End a single entry whose request is gone; returns whether it stood."""
    lifted = Suppression.objects.filter(pk=entry.pk, lifted_at=None).update(
        lifted_at=timezone.now(), lifted_by=actor.user_id, lifted_way=way or ""
    )
    if lifted:
        target = f"suppression {entry.pk}"
        audit.record("suppression.lifted", actor, target=target, scope=str(entry.scope), identifiers=lifted)
    return lifted


def standing_of(pairs: Iterable[tuple[str, str]], scope: Suppression.Scope) -> list[Suppression]:
    """Give what stands for a scope about a person, in the order it was entered.

    Args:
        pairs: kind and value of what they are known by.

    Raises:
        UnusableIdentifier: a value that nobody could have.
    """
    key = _key()
    if key is None:
        return []
    hashed = _Hasher(key)
    hashes = {hashed(kind, value) for kind, value in pairs}
    return list(_standing(hashes).filter(scope=scope).select_related("request").order_by("pk"))


def entries_of(kind: str, value: str) -> list[Suppression]:
    """Give what was ever entered about an identifier, the newest first.

    Raises:
        UnusableIdentifier: nobody could have such a value.
    """
    spellings(kind, value)
    key = _key()
    if key is None:
        return []
    found = Suppression.objects.filter(hash=_Hasher(key)(kind, value)).select_related("request", "lifted_by")
    standing, lifted = found.filter(lifted_at=None), found.filter(lifted_at__isnull=False)  # each has an index
    return sorted([*standing, *lifted], key=attrgetter("pk"), reverse=True)


def counts() -> list[tuple[Suppression.Scope, int, int]]:
    """Count the entries of each scope: how many stand, how many were lifted."""
    counted = Suppression.objects.values("scope").annotate(
        standing=Count("pk", filter=Q(lifted_at=None)), lifted=Count("lifted_at")
    )
    by_scope = {found["scope"]: (found["standing"], found["lifted"]) for found in counted.order_by()}
    return [(scope, *by_scope.get(scope, (0, 0))) for scope in Suppression.Scope]


def look_up(pairs: Sequence[tuple[str, str]]) -> list[Standing]:
    """Say what stands about each of some identifiers, in their order; nothing where nothing was ever entered.

    One query, however many are asked for. About a value that nobody could have, nothing stands.
    """
    found = [Standing() for _ in pairs]
    key = _key()
    if key is None:
        return found
    hashed = _Hasher(key)
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, (kind, value) in enumerate(pairs):
        with suppress(UnusableIdentifier):
            places[hashed(kind, value)].append(place)
    for text, scope, since in _standing(places).values_list("hash", "scope", "since"):
        for place in places[text]:
            found[place].scopes[Suppression.Scope(scope)] = since
    return found


def _standing(hashes: Iterable[str]) -> QuerySet[Suppression]:
    return Suppression.objects.filter(hash__in=list(hashes), lifted_at=None)


def _key() -> EncryptionKey | None:
    """Give the key of the register, which stands below the ring alone; None before the first entry."""
    first = Suppression.objects.order_by("pk").select_related("key").first()
    return first.key if first else None


class _Hasher:
    """Hashes identifiers, however they are spelt."""

    def __init__(self, key: EncryptionKey) -> None:
        self._hash = KeyedHash(open_key(key.pk), PURPOSE)

    def __call__(self, kind: str, value: str) -> str:
        return self._hash.of(f"{kind}\0{spellings(kind, value)[0]}")
