"""Writes one act on record; the only writer of audit entries."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self, TypeAlias

from requests_app.models import AuditEntry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.contrib.auth.base_user import AbstractBaseUser

ACTION = re.compile(r"[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*")
LONGEST_TEXT = 60
Detail: TypeAlias = int | str | list[int] | list[str]


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever acts; `user_id` names the member of the team, where it is one."""

    kind: AuditEntry.ActorKind
    user_id: int | None = None

    @classmethod
    def staff(cls, user: AbstractBaseUser) -> Self:
        """Name a member of the team."""
        return cls(AuditEntry.ActorKind.STAFF, user.pk)


SYSTEM = Actor(AuditEntry.ActorKind.SYSTEM)
SUBJECT = Actor(AuditEntry.ActorKind.SUBJECT)
STRANGER = Actor(AuditEntry.ActorKind.STRANGER)
REPRESENTATIVE = Actor(AuditEntry.ActorKind.AGENT)


def record(
    action: str,
    actor: Actor,
    *,
    request_id: int | None = None,
    target: str = "",
    **details: Detail,
) -> None:
    """Put an act on record, in the caller's transaction: both are kept or neither is.

    Args:
        action: `noun.verb`, such as `export.download`.
        request_id: the request it was about, where it was about one.
        target: what exactly was acted on, as `noun id`, at most 60 characters.
        details: ids, counts and words of our own, never a value that came from a person or a source.

    Raises:
        ValueError: one of these does not look so.
    """
    _entry(Act(action, request_id, target, details), actor).save(force_insert=True)


@dataclass(frozen=True, slots=True)
class Act:
    """One of many acts; see `record`."""

    action: str
    request_id: int | None = None
    target: str = ""
    details: Mapping[str, Detail] = field(default_factory=dict)


def record_all(acts: Iterable[Act], actor: Actor) -> None:
    """Put many acts on record by one statement, in their order; see `record`.

    Raises:
        ValueError: one of them does not look so; none is on record then.
    """
    AuditEntry.objects.bulk_create(_entry(act, actor) for act in acts)


def _entry(act: Act, actor: Actor) -> AuditEntry:
    action, target = act.action, act.target
    if not ACTION.fullmatch(action) or len(action) > LONGEST_TEXT:
        raise ValueError(f"An audit action is noun.verb in at most {LONGEST_TEXT} small letters; {action!r} is not.")
    if len(target) > LONGEST_TEXT:
        raise ValueError(f"The target of {action} is longer than {LONGEST_TEXT} characters; name it by its id.")
    for name, detail in act.details.items():
        if not _is_plain(detail):
            raise ValueError(f"The detail {name!r} of {action} is no whole number, text, yes or no, or list of these.")
    return AuditEntry(
        actor_kind=actor.kind,
        actor_id=actor.user_id,
        action=action,
        request_id=act.request_id,
        target=target,
        details=dict(act.details),
    )


def _is_plain(detail: object) -> bool:
    parts = detail if isinstance(detail, list) else [detail]
    return all(isinstance(part, int | str) for part in parts)
