"""The stage by which the team works with the register of those whose data must not be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from extractors.errors import DsrError, UnusableIdentifier
from requests_app import audit, planning, restrictions
from requests_app.models import Identifier, Message, SubjectRequest, Suppression
from requests_app.models.subject_request import AT_WORK
from requests_app.suppression import register
from requests_app.workflow import DECIDE, WORK, MissingReason, refuse_unless

if TYPE_CHECKING:
    from requests_app.audit import Actor

VIEW = "requests_app.view_subjectrequest"
ACTS = {scope: act for act, scope in planning.SCOPES.items()}
"""What puts a person into the register, by what their data must not be used for."""


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
    if scope == Suppression.Scope.RESTRICTION:
        raise NothingToEnter("A restriction is more than an entry: restrict the use of the data on the request's page.")
    proven = list(planning.counted(request).values_list("kind", "value"))
    if not proven:
        raise NothingToEnter("Nothing that the person is known by is proven to be theirs yet.")
    return register.enter(request, proven, Suppression.Scope(scope), actor=actor)


@transaction.atomic
def lift(entry_id: int, reason: str, *, actor: Actor) -> int:
    """End what a request entered for a scope, in the sources too; returns how many identifiers that were.

    The reason is kept as a note on the request, unless it is known no more whose that was. History keeps the entries.
    A restriction in force does not end here: the person is told before (GDPR Art. 18(3)).

    Raises:
        PermissionRefused: not for whoever may not decide.
        MissingReason: there is none, or it is too long.
        NothingToLift: it was lifted before, or is of a restriction in force.
    """
    refuse_unless(actor, DECIDE, "lift an entry of the register")
    text, entry = _text_of(reason), Suppression.objects.get(pk=entry_id)
    request = SubjectRequest.objects.select_for_update().filter(pk=entry.request_id or 0).first()
    text = f"Lifted in the register: {entry.get_scope_display()}. {text}"
    lifted = _lift_of(request, entry, actor) if request else register.lift_entry(entry, actor=actor)
    if not lifted:
        raise NothingToLift("This entry was lifted before.")
    if request and not request.pseudonymised_at:
        note = Message.objects.create(request=request, text=text, author_id=actor.user_id)
        audit.record("note.added", actor, request_id=request.pk, target=f"note {note.pk}")
    return lifted


def _text_of(reason: str) -> str:
    text, longest = reason.strip(), (Message._meta.get_field("text").max_length or 0) // 2
    if not text:
        raise MissingReason("Please say why the data may be used again; it is kept with the request.")
    if len(text) > longest:
        raise MissingReason(f"Please keep the reason to {longest:,} characters.")
    return text


def _lift_of(request: SubjectRequest, entry: Suppression, actor: Actor) -> int:
    """End all that a request entered for the scope of an entry, if that stands."""
    if restrictions.standing(request) and entry.scope == Suppression.Scope.RESTRICTION:
        raise NothingToLift(
            "A restriction ends only after the person was told: announce its end on the page of the request."
        )
    together = Suppression.objects.select_for_update().filter(request=request, scope=entry.scope, lifted_at=None)
    entries = set(together.values_list("pk", flat=True))
    if entry.pk not in entries:
        return 0
    planning.take_back(request, ACTS[Suppression.Scope(entry.scope)], None, actor=actor)
    return len(entries)
