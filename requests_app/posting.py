"""The stage that reaches people without a mailbox: letters that the team posts, and files that it hands over."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.dateformat import format as written

from extractors.errors import DsrError
from requests_app import audit, representing
from requests_app.models import Export, HandOver, Leased, OutboxMail
from requests_app.notifications import queue_mail
from requests_app.workflow import WORK, refuse_unless

if TYPE_CHECKING:
    from datetime import date

    from requests_app.audit import Actor
    from requests_app.models.leased import LeasedQuerySet


class UnpostableLetter(DsrError, ValueError):
    """Say that there is no letter of this kind to post, any more."""


class StrangersLetter(UnpostableLetter):
    """Say that a letter is not any more for whom it was written."""


class ImpossibleDay(DsrError, ValueError):
    """Say that something cannot have happened on a day."""


class NothingToHandOver(DsrError, ValueError):
    """Say that there are no files that could have been handed over."""


def letters_to_post() -> LeasedQuerySet:
    """Give the letters that wait to be posted, the oldest first."""
    waiting = OutboxMail.objects.filter(is_letter=True, posted_on=None, dropped_at=None)
    letters: LeasedQuerySet = waiting.select_related("request").order_by("created_at", "pk")
    return letters


def refuse_unless_theirs(letter: OutboxMail) -> None:
    """Refuse to print a letter to a representative whose authority has ended since it was written, or covers less.

    Raises:
        StrangersLetter: it is so.
    """
    if letter.is_to_post and not representing.is_addressee(letter.request, letter.template, letter.recipient):
        raise StrangersLetter(
            "This letter is not the representative's any more: their authority has ended, or does not cover it. Leave "
            "it unposted; what it tells is then sent to whom it is for now."
        )


@transaction.atomic
def note_posted(mail_id: int, posted_on: date, *, actor: Actor) -> None:
    """Put on record that a letter went out; of two who do so at once, one succeeds.

    Raises:
        UnpostableLetter: it was posted or given up before, or is a mail.
        StrangersLetter: it is not for whom it was written any more, and nobody ever printed it.
        ImpossibleDay: it is said to have gone before it was written, or later than today.
        PermissionRefused: not for this member of the team to do.
    """
    user_id = refuse_unless(actor, WORK, "post letters")
    letter = _locked(mail_id)
    if not hasattr(letter, "sent"):  # what was printed in time may well have gone out in time
        refuse_unless_theirs(letter)
    _refuse_unless_between(timezone.localdate(letter.created_at), posted_on, "written")
    sent_at = max(letter.created_at, min(_noon(posted_on), timezone.now()))
    OutboxMail.objects.filter(pk=mail_id).update(posted_on=posted_on, posted_by=user_id, sent_at=sent_at)
    _record("letter.posted", letter, actor, on=posted_on.isoformat())


@transaction.atomic
def give_up(mail_id: int, *, actor: Actor) -> None:
    """Leave a letter unposted that nobody needs any more; what is for somebody else by now is sent to them.

    Raises:
        UnpostableLetter: it was posted or given up before, or is a mail.
        PermissionRefused: not for this member of the team to do.
    """
    refuse_unless(actor, WORK, "post letters")
    letter = _locked(mail_id)
    OutboxMail.objects.filter(pk=mail_id).update(dropped_at=timezone.now())
    _record("letter.dropped", letter, actor)
    if not representing.is_addressee(letter.request, letter.template, letter.recipient):
        queue_mail(letter.request_id, letter.template, export_id=letter.export_id)


@transaction.atomic
def hand_over(export_id: int, way: HandOver.Way, given_on: date, *, actor: Actor) -> HandOver:
    """Put on record how and when the team itself gave the person their files.

    Raises:
        NothingToHandOver: the files were never made, or have been taken back.
        ImpossibleDay: it is said to have been before they were made, or later than today.
        PermissionRefused: not for this member of the team to do.
    """
    user_id = refuse_unless(actor, WORK, "hand files over")
    export = Export.objects.select_for_update().get(pk=export_id)
    if export.state != Leased.State.DONE or export.revoked_at:
        raise NothingToHandOver("These files are not made yet, or were taken back.")
    _refuse_unless_between(timezone.localdate(export.finished_at or export.created_at), given_on, "made")
    row = HandOver.objects.create(export=export, way=way, given_on=given_on, recorded_by_id=user_id)
    told = {"way": str(way), "on": given_on.isoformat()}
    audit.record("export.handed_over", actor, request_id=export.request_id, target=f"export {export_id}", **told)
    return row


def _locked(mail_id: int) -> OutboxMail:
    mail: OutboxMail = OutboxMail.objects.select_for_update().get(pk=mail_id)
    if not mail.is_letter:
        raise UnpostableLetter("This is a mail; the portal sends it by itself.")
    if not mail.is_to_post:
        raise UnpostableLetter("This letter was posted, or left unposted, before.")
    return mail


def _refuse_unless_between(first: date, day: date, done: str) -> None:
    if day < first:
        raise ImpossibleDay(f"Day: it was {done} on {written(first, 'j F Y')}; please give that day or a later one.")
    if day > timezone.localdate():
        raise ImpossibleDay("Day: please give today or an earlier day.")


def _noon(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(12)))


def _record(action: str, letter: OutboxMail, actor: Actor, **told: str) -> None:
    target = f"mail {letter.pk}"
    audit.record(action, actor, request_id=letter.request_id, target=target, mail=letter.template, **told)
