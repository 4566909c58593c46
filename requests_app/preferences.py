"""The stage of people's preferences: what their data may be used for, as the register has it, and as they switch it.

Switching something off is an objection that is proven already, with a reference, an audit trail and a letter. Switching
it on again takes back every objection that stands for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from extractors.errors import DsrError
from requests_app import audit, browser_signals, limits, planning, proofs
from requests_app.identity.passing import go_on, mark_passed
from requests_app.intake.mailboxes import as_held
from requests_app.intake.taking import announce, create
from requests_app.models import (
    Channel,
    Identifier,
    IdentityCheck,
    Outcome,
    Right,
    Status,
    SubjectRequest,
    Suppression,
)
from requests_app.models.subject_request import BY_SWITCH, OPEN
from requests_app.notifications import queue_mail
from requests_app.rights import objection
from requests_app.spelling import name_key
from requests_app.suppression import register
from requests_app.workflow import perform

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from django.db.models import QuerySet

    from requests_app.assertions import Assertion

Scope = Suppression.Scope
MARKETING, ANALYTICS, ALL = Scope.MARKETING, Scope.ANALYTICS, Scope.ALL
MOST_SWITCHES_AN_HOUR = 20
MOST_LINKS_AN_HOUR = 10
MOST_MAILS_A_DAY = 3
DAY_SECONDS = 24 * 3600
SHOWN = {
    Identifier.Proof.MAILBOX: (IdentityCheck.Kind.MAILBOX,),
    Identifier.Proof.ASSERTION: (IdentityCheck.Kind.ASSERTION, IdentityCheck.Kind.MAILBOX),
}
"""Which checks are passed by the way a person came."""
ACTS = {scope: act for act, scope in objection.SCOPES.items()}


class NotSwitchable(DsrError, ValueError):
    """Say that something is not for people to switch by themselves."""


@dataclass(frozen=True, slots=True)
class Person:
    """Whose preferences they are: somebody who has shown that a mailbox is theirs, or is signed in at our own service.

    Args:
        known_by: kinds and values of what is theirs, the mailbox first.
        proof: by what it was shown.
    """

    email: str = field(repr=False)
    name: str = field(repr=False)
    place: str
    language: str
    known_by: tuple[tuple[str, str], ...] = field(repr=False)
    proof: Identifier.Proof = Identifier.Proof.MAILBOX


@dataclass(frozen=True, slots=True)
class Preference:
    """One use of a person's data.

    Args:
        since: when it was stopped; None where it goes on.
        is_switchable: whether the person may switch it by themselves.
        is_off_for_all: whether it stands still because the person objected to every use.
    """

    scope: Scope
    since: datetime | None
    is_switchable: bool
    is_off_for_all: bool = False

    @property
    def is_on(self) -> bool:
        """Whether the data is used for it."""
        return self.since is None and not self.is_off_for_all


@dataclass(frozen=True, slots=True)
class Change:
    """Something that was switched.

    Args:
        way: by which, in words; empty where nobody knows any more.
        reference: of the objection by which it was switched off.
    """

    at: datetime
    scope: Scope
    is_on: bool
    way: str = ""
    reference: str = ""


def person_of(request: SubjectRequest) -> Person:
    """Say who opens a link that was mailed to the person of a request: whatever else of them was proven counts too."""
    mailbox = (str(Identifier.Kind.EMAIL), as_held(request.email))
    proven = request.identifiers.proven().order_by("pk").values_list("kind", "value")
    known_by = dict.fromkeys((mailbox, *proven))
    return Person(request.email, request.name, request.place, request.language, tuple(known_by))


def signed_in(assertion: Assertion, place: str, language: str) -> Person:
    """Say who is signed in at our own service, which vouches for mailbox and id.

    Args:
        place: where our own service says they live; empty for where they said so when they asked before.
    """
    earlier = _known(assertion.email).exclude(place="").first()
    mailbox = (str(Identifier.Kind.EMAIL), as_held(assertion.email))
    known_by = (mailbox, (str(Identifier.Kind.USER_ID), assertion.subject))
    lives_in = place or (earlier.place if earlier else "")
    name = assertion.name or assertion.email
    return Person(assertion.email, name, lives_in, language, known_by, Identifier.Proof.ASSERTION)


def preferences_of(person: Person) -> list[Preference]:
    """Give what the register says of a person; the objection to every use only where it stands."""
    standing = {scope: _since(person, scope) for scope in (MARKETING, ANALYTICS, ALL)}
    is_for_all = standing[ALL] is not None
    found = [
        Preference(scope, standing[scope], str(scope) in settings.DSR_PREFERENCES, is_for_all)
        for scope in (MARKETING, ANALYTICS)
    ]
    return [*found, Preference(ALL, standing[ALL], is_switchable=True)] if is_for_all else found


def history_of(person: Person) -> list[Change]:
    """Give what was switched, the newest first; of several things a person is known by, once."""
    found: dict[tuple[datetime, Scope, bool], Change] = {}
    for pair in person.known_by:
        for entry in register.entries_of(*pair):
            if entry.scope != Scope.RESTRICTION:
                found |= {(item.at, item.scope, item.is_on): item for item in _changes(entry)}
    return sorted(found.values(), key=lambda item: item.at, reverse=True)


def switch_off(person: Person, scope: Scope, *, channel: Channel = Channel.PREFERENCE) -> SubjectRequest | None:
    """Stop a use of a person's data; returns the objection, or None where it is stopped already.

    Of two who switch at once, one makes the objection.

    Raises:
        LimitReached: it was switched too often.
        NotSwitchable: it is weighed first.
    """
    if str(scope) not in settings.DSR_PREFERENCES:
        raise NotSwitchable("Please object by the form: we look at it, and tell you what we decide.")
    with transaction.atomic():
        _wait_for_others(person)
        if _since(person, scope) or _since(person, ALL):
            return None
        request = _unproven(person, scope) or _objection(person, scope, channel)
        if go_on(request):
            queue_mail(request.pk, "identity")
    return request


def switch_on(person: Person, scope: Scope, *, way: Suppression.LiftedWay) -> int:
    """Allow a use again, and restore what stood in the sources; returns how many objections that took back.

    Args:
        way: whether the person was asked to confirm it against the signal of their browser.

    Raises:
        LimitReached: it was switched too often.
        NotSwitchable: there is no such use.
    """
    if scope not in ACTS:
        raise NotSwitchable("This is not for you to switch; please write to us.")
    with transaction.atomic():
        _wait_for_others(person)
        requests: dict[int, SubjectRequest] = {}
        for entry in _standing(person, scope):
            if entry.request is None:
                register.lift_entry(entry, actor=audit.SUBJECT, way=way)
            else:
                requests[entry.request.pk] = entry.request
        for request in requests.values():
            _take_back(request, scope, way)
    return len(requests)


def honour_signal(person: Person, headers: Mapping[str, str]) -> SubjectRequest | None:
    """Take the signal of a browser as an objection to advertising, once, where the law says that it is one.

    Who allowed advertising after they were told of the signal is not asked again (11 CCR § 7025(c)(3)).

    Returns:
        The objection; None where the signal changes nothing.
    """
    if not browser_signals.counts(headers, person.place) or _allowed_in_spite(person):
        return None
    try:
        return switch_off(person, MARKETING, channel=Channel.SIGNAL)
    except limits.LimitReached:
        return None


def send_link(email: str, *, address: str | None) -> None:
    """Mail the link to somebody's preferences; quiet about whether anybody of that mailbox is known.

    Raises:
        LimitReached: too many from this address.
    """
    if address:
        limits.count("preferences", address, most=MOST_LINKS_AN_HOUR, seconds=3600)
    if not limits.is_within("preferences_mail", email.lower(), most=MOST_MAILS_A_DAY, seconds=DAY_SECONDS):
        return
    with transaction.atomic():
        request = _known(email).first()
        if request:
            queue_mail(request.pk, "preferences")


def _known(email: str) -> QuerySet[SubjectRequest]:
    """Give the requests of a mailbox that somebody has shown to be theirs, or need not, the newest first."""
    theirs = Identifier.objects.counting().filter(kind=Identifier.Kind.EMAIL).values("request")
    known = SubjectRequest.objects.of_mailbox(email).filter(pk__in=theirs, pseudonymised_at=None)
    return known.exclude(outcome=Outcome.SPAM).order_by("-pk")


def _wait_for_others(person: Person) -> None:
    """Count the switch; who switches for the same mailbox at the same moment waits until this transaction ends."""
    limits.count("preference", person.email.lower(), most=MOST_SWITCHES_AN_HOUR, seconds=3600)


def _since(person: Person, scope: Scope) -> datetime | None:
    return min((entry.since for entry in register.standing_of(person.known_by, scope)), default=None)


def _standing(person: Person, scope: Scope) -> list[Suppression]:
    """Give what stands for a person, also by what only their earlier objections know of them."""
    own = register.standing_of(person.known_by, scope)
    requests = SubjectRequest.objects.filter(right=Right.OBJECTION, pk__in=_known(person.email).values("pk"))
    theirs = Suppression.objects.filter(request__in=requests, scope=scope, lifted_at=None).select_related("request")
    return list({entry.pk: entry for entry in (*own, *theirs)}.values())


def _allowed_in_spite(person: Person) -> bool:
    entries = (entry for entry in register.entries_of(*person.known_by[0]) if entry.scope == MARKETING)
    newest = next(iter(entries), None)
    return bool(newest and newest.lifted_at and newest.lifted_way == Suppression.LiftedWay.CONFIRMED)


def _changes(entry: Suppression) -> Iterable[Change]:
    scope, request = Scope(entry.scope), entry.request
    way = request.get_channel_display() if request else ""
    yield Change(entry.since, scope, is_on=False, way=way, reference=request.reference if request else "")
    if entry.lifted_at:
        lifted = "our team" if entry.lifted_by_id else entry.get_lifted_way_display()
        yield Change(entry.lifted_at, scope, is_on=True, way=lifted)


def _objection(person: Person, scope: Scope, channel: Channel) -> SubjectRequest:
    """Make the objection, proven by how the person came."""
    request = create(
        timezone.now(),
        email=person.email,
        right=Right.OBJECTION,
        channel=channel,
        name=person.name,
        name_key=name_key(person.name),
        place=person.place,
        language=person.language,
        particulars={objection.SCOPE.name: str(scope)},
    )
    for kind, value in person.known_by:
        known, _ = Identifier.objects.get_or_create(request=request, kind=kind, value=value)
        Identifier.objects.filter(pk=known.pk).update(proof=person.proof, proven_at=timezone.now())
    announce(request, "request.submitted", actor=audit.SUBJECT, channel=str(channel))
    proofs.begin(request)
    shown = {"request": request, "purpose": IdentityCheck.Purpose.BEGIN}
    IdentityCheck.objects.get_or_create(**shown, kind=SHOWN[person.proof][0], defaults={"sent": 0})
    for check in request.identity_checks.filter(kind__in=SHOWN[person.proof], passed_at=None):
        mark_passed(check, actor=audit.SUBJECT, proof=person.proof)
    return request


def _unproven(person: Person, scope: Scope) -> SubjectRequest | None:
    """Give the objection that was made before, and waits until more is shown than the mailbox."""
    waiting = SubjectRequest.objects.of_mailbox(person.email).filter(status=Status.SUBMITTED, channel__in=BY_SWITCH)
    return next((request for request in waiting if objection.scope_of(request) == scope), None)


def _take_back(request: SubjectRequest, scope: Scope, way: Suppression.LiftedWay) -> None:
    """Take one objection back; one that is still at work has nothing more to do, unless it asks for more."""
    locked = SubjectRequest.objects.select_for_update().get(pk=request.pk)
    is_all_of_it = objection.ACTS[objection.scope_of(locked)] == (ACTS[scope],)
    if locked.status in OPEN and locked.right == Right.OBJECTION and is_all_of_it:
        perform(locked.pk, "withdraw", actor=audit.SUBJECT)
    planning.take_back(locked, ACTS[scope], None, actor=audit.SUBJECT, way=way)
