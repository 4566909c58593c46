"""What the team decides about an authority: accepted with a reason, not accepted, or ended."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from extractors.errors import DsrError
from requests_app import audit, cases, links, proofs, representing
from requests_app.cases import locked
from requests_app.identity.passing import go_on, mark_passed, to_be_told
from requests_app.models import (
    Channel,
    Identifier,
    IdentityCheck,
    Recipient,
    Representative,
    Right,
    Status,
    SubjectRequest,
)
from requests_app.notifications import queue_mail
from requests_app.workflow import WORK, MissingReason, perform, refuse_unless

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from requests_app.audit import Actor

LONGEST_REASON = 5000
State = Representative.State


class UnusableAuthority(DsrError, ValueError):
    """Say why an authority cannot be accepted, asked about or ended."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is accepted of an authority.

    Args:
        reason: what was looked at and why it is enough; kept with the request.
        is_person_known: whether the documents also show who the person is, so that they need not show it themselves.
    """

    reason: str = field(repr=False)
    rights: tuple[str, ...]
    receives_answer: bool = False
    valid_until: date | None = None
    is_person_known: bool = False


def accept(request_id: int, decision: Decision, *, actor: Actor) -> None:
    """Accept an authority, after looking at what shows it; the person is told, and the work may begin.

    What they asked for in the same letter is accepted too, as far as the authority covers it.

    Raises:
        UnusableAuthority: it was decided before, does not cover what is asked, has ended, or the mailbox is not proven.
        MissingReason: no reason is given.
        PermissionRefused: not for this member of the team to do.
    """
    refuse_unless(actor, WORK, "accept an authority")
    reason = _reason(decision.reason, "Please write what you looked at and why it is enough.")
    with transaction.atomic():
        request = locked(request_id)
        _refuse_unacceptable(request, _waiting(request), decision)
        letter = [each for each in letter_of(request) if each == request or _is_covered(each, decision)]
        for each in letter:
            _accept(each, replace(decision, reason=reason), actor)
        let_go_on(letter)


def let_go_on(letter: Sequence[SubjectRequest]) -> None:
    """Let the requests of a letter go on whose authority was accepted, and ask the person once for what is missing."""
    for each in letter:
        go_on(SubjectRequest.objects.get(pk=each.pk))  # as it stands now: those before it may have let it begin
    missing = {each.pk: {check.kind for check in proofs.outstanding(each)} for each in letter}
    unconfirmed = [each for each in letter if IdentityCheck.Kind.MAILBOX in missing[each.pk]]
    if unconfirmed:
        queue_mail(unconfirmed[0].pk, "confirm")
    for each in to_be_told(each for each in letter if each not in unconfirmed):
        queue_mail(each.pk, "identity")


def letter_of(request: SubjectRequest) -> list[SubjectRequest]:
    """Give a request, and what the same representative asked for in the same letter."""
    found = representing.representative_of(request)
    others = cases.of_same_sender(request) if found else []
    return [request, *(other for other in others if _is_by(found, representing.representative_of(other)))]


def refuse(request_id: int, reason: str, *, actor: Actor) -> None:
    """Not accept an authority; whoever asked is told why, and what nobody may ask for lapses, all of the letter.

    Raises:
        UnusableAuthority: it was decided before.
        MissingReason: no reason is given.
        PermissionRefused: not for this member of the team to do.
    """
    refuse_unless(actor, WORK, "refuse an authority")
    text = _reason(reason, "Please write why; whoever asked reads it.")
    with transaction.atomic():
        request = locked(request_id)
        _waiting(request)
        for each, found in of_letter(request, State.WAITING):
            audit.record("authority.refused", actor, request_id=each.pk)
            refuse_locked(each, found, actor=actor, reason=text)


def end(request_id: int, reason: str, *, actor: Actor) -> None:
    """End an authority that was accepted, as it is over or was taken back, for all of the letter; each of them is told.

    Raises:
        UnusableAuthority: there is none that counts.
        MissingReason: no reason is given.
        PermissionRefused: not for this member of the team to do.
    """
    refuse_unless(actor, WORK, "end an authority")
    text = _reason(reason, "Please write why; it is kept with the request.")
    with transaction.atomic():
        standing = of_letter(locked(request_id), State.ACCEPTED)
        if not standing:
            raise UnusableAuthority("There is no authority that could be ended.")
        for each, found in standing:
            end_locked(each, found, actor=actor, reason=text)


def refuse_locked(request: SubjectRequest, found: Representative, *, actor: Actor, reason: str = "") -> None:
    """Not accept an authority, with the request locked; the request lapses where nothing was begun."""
    Representative.objects.filter(pk=found.pk).update(
        state=State.REFUSED, decided_at=timezone.now(), decided_by=actor.user_id, decision=reason
    )
    links.revoke(request, recipient=Recipient.REPRESENTATIVE)
    queue_mail(request.pk, "authority_refused", recipient=Recipient.REPRESENTATIVE)
    if request.status == Status.SUBMITTED and request.channel == Channel.AGENT:
        perform(request.pk, "lapse", actor=audit.SYSTEM)


def end_locked(request: SubjectRequest, found: Representative, *, actor: Actor, reason: str = "") -> None:
    """End an authority, with the request locked; none of the representative's links opens anything any more."""
    now = timezone.now()
    decided = {"decision": f"{found.decision}\n\n{reason}".strip()[:LONGEST_REASON]} if reason else {}
    Representative.objects.filter(pk=found.pk).update(state=State.ENDED, decided_at=found.decided_at or now, **decided)
    links.revoke(request, recipient=Recipient.REPRESENTATIVE)
    audit.record("authority.ended", actor, request_id=request.pk)
    queue_mail(request.pk, "authority_ended")


def _accept(request: SubjectRequest, decision: Decision, actor: Actor) -> None:
    found = _waiting(request)
    Representative.objects.filter(pk=found.pk, state=State.WAITING).update(
        state=State.ACCEPTED,
        decided_at=timezone.now(),
        decided_by=actor.user_id,
        decision=decision.reason,
        rights=list(decision.rights),
        receives_answer=decision.receives_answer,
        valid_until=decision.valid_until,
    )
    given = "representative" if decision.receives_answer else "person"
    audit.record("authority.accepted", actor, request_id=request.pk, answer_to=given, rights=list(decision.rights))
    if request.email and not representing.stands_in_place(found):
        queue_mail(request.pk, "authority_accepted", recipient=Recipient.PERSON)
    if decision.is_person_known:
        _take_as_known(request, decision.reason, actor)


def _is_covered(request: SubjectRequest, decision: Decision) -> bool:
    """Whether what was asked for in the same letter can be accepted with it."""
    found = representing.representative_of(request)
    if found is None or found.state != State.WAITING:
        return False
    try:
        _refuse_unacceptable(request, found, decision)
    except UnusableAuthority:
        return False
    return True


def _is_by(found: Representative | None, other: Representative | None) -> bool:
    """Whether two requests came from the same representative."""
    if found is None or other is None:
        return False
    return (found.email.lower(), found.name, found.kind) == (other.email.lower(), other.name, other.kind)


def of_letter(request: SubjectRequest, *states: State) -> list[tuple[SubjectRequest, Representative]]:
    """Give the authorities of a request and of the others of its letter, where that of the request stands so."""
    known = [(each, representing.representative_of(each)) for each in letter_of(request)]
    found = [(each, authority) for each, authority in known if authority and authority.state in states]
    return found if found and found[0][0] == request else []


def _waiting(request: SubjectRequest) -> Representative:
    found = Representative.objects.select_for_update().filter(request=request).first()
    if found is None or found.state != State.WAITING:
        raise UnusableAuthority("There is no authority that waits for a decision.")
    return found


def _refuse_unacceptable(request: SubjectRequest, found: Representative, decision: Decision) -> None:
    if not request.is_open:
        raise UnusableAuthority("This request has ended; there is nothing to accept.")
    if request.channel == Channel.AGENT and found.mailbox_proven_at is None:
        raise UnusableAuthority("Whoever asks has not confirmed their mailbox yet; it may be anybody's.")
    if request.right not in decision.rights or set(decision.rights) - set(Right.values):
        raise UnusableAuthority("The authority does not cover what is asked for; please do not accept it then.")
    if decision.valid_until and decision.valid_until < timezone.localdate():
        raise UnusableAuthority("The authority has ended by the day given; please give a later day, or none.")


def _take_as_known(request: SubjectRequest, reason: str, actor: Actor) -> None:
    """Take who the person is, and what they are known by, as shown by the documents."""
    known = Identifier.objects.filter(request=request, proven_at=None)
    known.update(proof=Identifier.Proof.STAFF, proven_at=timezone.now())
    for check in proofs.outstanding(request):
        mark_passed(check, actor=actor, reason=reason)


def _reason(text: str, missing: str) -> str:
    cleaned = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if not cleaned:
        raise MissingReason(missing)
    if len(cleaned) > LONGEST_REASON:
        raise MissingReason(f"The text has {len(cleaned):,} characters; please keep it to {LONGEST_REASON:,}.")
    return cleaned
