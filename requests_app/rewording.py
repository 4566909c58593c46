"""The act of changing the words of notices: each change is a version of its own, and can be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone

from extractors.errors import DsrError
from requests_app import audit
from requests_app.letters import checking
from requests_app.letters.notices import NOTICES, Reader
from requests_app.letters.texts import ANY_RIGHT
from requests_app.models import NoticeText, Right
from requests_app.workflow import refuse_unless

if TYPE_CHECKING:
    from requests_app.audit import Actor
    from requests_app.letters.checking import Fault
    from requests_app.models.notice_text import NoticeTextQuerySet

MANAGE = "requests_app.manage_notices"
_RIGHTS = (ANY_RIGHT, *Right.values)


class UnusableWords(DsrError, ValueError):
    """Say that words cannot be kept; `faults` names what is wrong with them."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(" ".join(fault.text for fault in faults))
        self.faults = faults


class ChangedMeanwhile(DsrError, ValueError):
    """Say that somebody else changed the same words."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where words belong: a notice, for a right or any, in a language."""

    notice: str
    right: str
    language: str


def keep(place: Place, subject: str, body: str, *, based_on: int | None, actor: Actor) -> NoticeText:
    """Keep words as a new version, which every mail from now on is written in.

    Args:
        based_on: the id of the version that was changed; None where there was none in force.

    Raises:
        UnusableWords: see `checking.faults`, or there is no such place for words.
        ChangedMeanwhile: another version is in force by now.
        PermissionRefused: not for this member of the team to do.
    """
    user_id = refuse_unless(actor, MANAGE, "change the words of notices")
    _refuse_unless_known(place)
    cleaned = " ".join(subject.split()), body.replace("\r\n", "\n").replace("\x00", "").strip()
    if found := checking.faults(place.notice, *cleaned):
        raise UnusableWords(found)
    try:
        with transaction.atomic():
            _refuse_unless_newest(place, based_on)
            row = NoticeText.objects.create(
                notice=place.notice,
                right=place.right,
                language=place.language,
                version=_next_version(place),
                subject=cleaned[0],
                body=cleaned[1],
                created_by_id=user_id,
            )
            _record("notice.changed", row, actor)
    except IntegrityError:
        raise _changed() from None
    return row


@transaction.atomic
def withdraw(row_id: int, *, actor: Actor, with_earlier: bool = False) -> None:
    """Take the version in force back, so that the one before counts again.

    Args:
        with_earlier: take all before it back too, so that the words that come with the portal count again.

    Raises:
        ChangedMeanwhile: it is not in force any more, or another one is.
        PermissionRefused: not for this member of the team to do.
    """
    refuse_unless(actor, MANAGE, "change the words of notices")
    row = NoticeText.objects.get(pk=row_id)
    place = Place(row.notice, row.right, row.language)
    _refuse_unless_newest(place, row_id)
    rows = versions_of(place).in_force() if with_earlier else NoticeText.objects.in_force().filter(pk=row_id)
    for taken in list(rows):
        if NoticeText.objects.in_force().filter(pk=taken.pk).update(withdrawn_at=timezone.now()):
            _record("notice.withdrawn", taken, actor)


def versions_of(place: Place) -> NoticeTextQuerySet:
    """Give the versions of the words at a place, the newest first."""
    found: NoticeTextQuerySet = NoticeText.objects.filter(
        notice=place.notice, right=place.right, language=place.language
    )
    return found.order_by("-version")


def _refuse_unless_known(place: Place) -> None:
    notice = NOTICES.get(place.notice)
    if notice is None or notice.reader is not Reader.PERSON or place.right not in _RIGHTS or not place.language:
        raise UnusableWords([checking.Fault("body", "There is no such notice.")])


def _refuse_unless_newest(place: Place, expected: int | None) -> None:
    row = versions_of(place).in_force().select_for_update().first()
    if (row.pk if row else None) != expected:
        raise _changed()


def _next_version(place: Place) -> int:
    newest = versions_of(place).first()
    return newest.version + 1 if newest else 1


def _changed() -> ChangedMeanwhile:
    return ChangedMeanwhile("Somebody else changed these words meanwhile. Look at theirs below, then save again.")


def _record(action: str, row: NoticeText, actor: Actor) -> None:
    target = f"notice text {row.pk}"
    told = {"notice": row.notice, "right": row.right, "language": row.language, "version": str(row.version)}
    audit.record(action, actor, request_id=None, target=target, **told)
