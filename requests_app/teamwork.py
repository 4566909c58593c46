"""The stage in which the team organises its work: who does it, what they tell one another, which mails go out again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.db import transaction

from extractors.errors import DsrError
from requests_app import audit, places
from requests_app.models import ComputedDeadline, Leased, Message, OutboxMail, SubjectRequest
from requests_app.notifications import queue_mail
from requests_app.timekeeping import clock
from requests_app.workflow import WORK, refuse_unless

if TYPE_CHECKING:
    from requests_app.audit import Actor


MANAGE_RULES = "requests_app.manage_rules"


class UnknownColleague(DsrError, LookupError):
    """Say that nobody of the team is meant."""


class EmptyNote(DsrError, ValueError):
    """Say that a note says nothing, or too much."""


class UnknownPlace(DsrError, LookupError):
    """Say that there is no such place."""


class UnchangeablePlace(DsrError, ValueError):
    """Say that a place changes nothing any more."""


class UnsentMail(DsrError, ValueError):
    """Say that a mail has not been sent yet, so that there is nothing to repeat."""


@transaction.atomic
def assign(request_id: int, user_id: int | None, *, actor: Actor) -> bool:
    """Give a request to a member of the team, or to nobody; returns whether that is a change.

    Raises:
        UnknownColleague: no such member, or one who may not sign in any more.
    """
    team = get_user_model().objects.filter(is_active=True, is_staff=True)
    if user_id is not None and not team.filter(pk=user_id).exists():
        raise UnknownColleague("Please choose somebody of the team.")
    request = SubjectRequest.objects.select_for_update().get(pk=request_id)
    if request.assignee_id == user_id:
        return False
    SubjectRequest.objects.filter(pk=request_id).update(assignee=user_id)
    target = f"user {user_id}" if user_id else ""
    audit.record("request.assigned", actor, request_id=request_id, target=target)
    return True


@transaction.atomic
def change_place(request_id: int, place: str, *, actor: Actor) -> bool:
    """Change where the person lives and compute the deadline anew; returns whether that is a change.

    Raises:
        UnknownPlace: there is no such place.
        UnchangeablePlace: the request has ended.
        PermissionRefused: not for this member of the team to do.
    """
    refuse_unless(actor, WORK, "change the place")
    if place and not places.is_known(place):
        raise UnknownPlace("Please choose a place of the list.")
    request = SubjectRequest.objects.select_for_update().get(pk=request_id)
    if not request.is_open:
        raise UnchangeablePlace("This request has ended; its deadline stays as it was.")
    if request.place == place:
        return False
    SubjectRequest.objects.filter(pk=request_id).update(place=place)
    audit.record("request.place_changed", actor, request_id=request_id)
    clock.choose_anew(request_id, ComputedDeadline.Cause.PLACE, actor=actor)
    return True


def move_to_rules_of_today(request_id: int, *, actor: Actor) -> None:
    """Compute the deadline of a request by the laws' periods as they are now, not as they were when it came.

    Raises:
        StoppedClock: the request has ended.
        PermissionRefused: not for this member of the team to do.
    """
    refuse_unless(actor, MANAGE_RULES, "move a request to other rules")
    clock.choose_anew(request_id, ComputedDeadline.Cause.MOVED, actor=actor)


@transaction.atomic
def note(request_id: int, text: str, *, actor: Actor) -> Message:
    """Keep a note of the team on a request; the person never sees it.

    Raises:
        EmptyNote: it is empty or too long, or retention has taken out whom it would be about.
    """
    text, longest = text.strip(), Message._meta.get_field("text").max_length or 0
    if not text:
        raise EmptyNote("Please write the note first.")
    if len(text) > longest:
        raise EmptyNote(f"The note has {len(text):,} characters; please keep it to {longest:,}.")
    request = SubjectRequest.objects.select_for_update().get(pk=request_id)
    if request.pseudonymised_at:
        raise EmptyNote(
            "What was personal in this request is gone, and what is noted now would stay: note it elsewhere."
        )
    kept = Message.objects.create(request=request, text=text, author_id=actor.user_id)
    audit.record("note.added", actor, request_id=request_id, target=f"note {kept.pk}")
    return kept


@transaction.atomic
def repeat_mail(mail: OutboxMail, *, actor: Actor) -> OutboxMail:
    """Send what a mail said once more, with links of its own, as the first may never have been read.

    Raises:
        UnsentMail: it has not been sent yet, or retention has taken out what it said.
    """
    if mail.request.messages_removed_at:
        raise UnsentMail("What this mail said was removed at the end of its time; it cannot be sent once more.")
    if mail.code_id:
        raise UnsentMail("A code is not sent twice: whoever needs one asks for another on the page of the download.")
    if mail.state != Leased.State.DONE or mail.is_to_post:
        raise UnsentMail(f"This {'letter' if mail.is_letter else 'mail'} has not been sent yet.")
    repeated = queue_mail(mail.request_id, mail.template, export_id=mail.export_id, recipient=mail.recipient)
    target = f"mail {repeated.pk}"
    audit.record("mail.repeated", actor, request_id=mail.request_id, target=target, mail=mail.template)
    return repeated
