"""The stage by which the team works with the register of those whose data must not be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from extractors.errors import DsrError, UnusableIdentifier
from requests_app import audit, planning
from requests_app.models import Identifier, Message, SubjectRequest, Suppression
from requests_app.models.subject_request import AT_WORK
from requests_app.notifications import queue_mail
from requests_app.suppression import register
from requests_app.workflow import DECIDE, WORK, MissingReason, refuse_unless

if TYPE_CHECKING:
    from requests_app.audit import Actor

VIEW = "requests_app.view_subjectrequest"


class NothingToEnter(DsrError, ValueError):
    """Say that nothing of a request can be entered, and why."""


class NothingToLift(DsrError, ValueError):
    """Say that an entry does not stand any more."""


def look_up(kind: str, value: str, *, actor: Actor) -> list[Suppression]:
    """Give what was ever entered about an identifier, the newest first; who asked is on record, the value never.

    Raises:
        PermissionRefused: not for whoever may not look at requests.
        UnusableIdentifier: nobody could have such a value.
    """
    refuse_unless(actor, VIEW, "look into the register")
    if kind not in Identifier.Kind.values:
        raise UnusableIdentifier("Please choose what kind of identifier it is.")
    found = register.entries_of(kind, value)
    standing = sum(entry.lifted_at is None for entry in found)
    audit.record("suppression.looked_up", actor, kind=kind, entries=len(found), standing=standing)
    return found


@transaction.atomic
def enter(request_id: int, scope: str, *, actor: Actor) -> int:
    """Enter what a person is known by, of a request at work; returns how many identifiers are new.

    Raises:
        PermissionRefused: not for whoever does not work on requests.
        NothingToEnter: the request is not at work, nothing of it is proven, or there is no such scope.
    """
    refuse_unless(actor, WORK, "enter anybody into the register")
    request = SubjectRequest.objects.select_for_update().get(pk=request_id)
    if request.status not in AT_WORK:
        raise NothingToEnter("This request is not at work. Only what is at work can be entered.")
    if scope not in Suppression.Scope.values:
        raise NothingToEnter("Please choose what the data must not be used for.")
    proven = list(planning.counted(request).values_list("kind", "value"))
    if not proven:
        raise NothingToEnter("Nothing that the person is known by is proven to be theirs yet.")
    entered = register.enter(request, proven, Suppression.Scope(scope), actor=actor)
    if entered and scope == Suppression.Scope.RESTRICTION:
        queue_mail(request.pk, "restricted")
    return entered


@transaction.atomic
def lift(entry_id: int, reason: str, *, actor: Actor) -> int:
    """End what a request entered for a scope; returns how many identifiers that were.

    The reason is kept as a note on the request, unless it is known no more whose that was. History keeps the entries.

    Raises:
        PermissionRefused: not for whoever may not decide.
        MissingReason: there is none, or it is too long.
        NothingToLift: it was lifted before.
    """
    refuse_unless(actor, DECIDE, "lift an entry of the register")
    entry = Suppression.objects.select_related("request").get(pk=entry_id)
    reason, longest = reason.strip(), Message._meta.get_field("text").max_length or 0
    if not reason:
        raise MissingReason("Please say why the data may be used again; it is kept with the request.")
    text = f"Lifted in the register: {entry.get_scope_display()}. {reason}"
    if len(text) > longest:
        raise MissingReason(f"Please keep the reason to {longest // 2:,} characters.")
    if entry.request is None:
        lifted = register.lift_entry(entry, actor=actor)
    else:
        lifted = register.lift(entry.request, Suppression.Scope(entry.scope), actor=actor) if _stands(entry) else 0
    if not lifted:
        raise NothingToLift("This entry was lifted before.")
    if entry.request and not entry.request.pseudonymised_at:
        note = Message.objects.create(request=entry.request, text=text, author_id=actor.user_id)
        audit.record("note.added", actor, request_id=entry.request.pk, target=f"note {note.pk}")
        if entry.scope == Suppression.Scope.RESTRICTION:
            queue_mail(entry.request.pk, "lifted")  # GDPR Art. 18(3)
    return lifted


def _stands(entry: Suppression) -> bool:
    return Suppression.objects.select_for_update().filter(pk=entry.pk, lifted_at=None).exists()
