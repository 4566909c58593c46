"""What the person has to say about who asks for them: asked by a mail of their own, and free to end it at any time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from requests_app import audit, limits, links, representing
from requests_app.cases import locked
from requests_app.identity.passing import mark_passed
from requests_app.intake import DAY_SECONDS
from requests_app.mandates.deciding import UnusableAuthority, end_locked, let_go_on, letter_of, of_letter, refuse_locked
from requests_app.models import Identifier, IdentityCheck, Recipient, Representative, SecureLink
from requests_app.models.subject_request import OPEN
from requests_app.notifications import queue_mail
from requests_app.workflow import WORK, refuse_unless

if TYPE_CHECKING:
    from collections.abc import Sequence

    from requests_app.audit import Actor
    from requests_app.models import SubjectRequest

MOST_QUESTIONS_A_DAY = 3  # to one mailbox, whoever says that they ask for it
State = Representative.State


def ask(request: SubjectRequest) -> bool:
    """Ask the person by mail whether somebody may ask for them, a few times a day at most; returns whether it is."""
    most = MOST_QUESTIONS_A_DAY
    if not limits.is_within("authority", request.email.lower(), most=most, seconds=DAY_SECONDS):
        return False
    queue_mail(request.pk, "authority")
    audit.record("authority.asked", audit.SYSTEM, request_id=request.pk)
    return True


@transaction.atomic
def ask_person(request_id: int, *, actor: Actor) -> None:
    """Ask the person, as the team is in doubt.

    Raises:
        UnusableAuthority: the law does not let them be asked, there is nothing to ask, or it was asked too often.
        PermissionRefused: not for this member of the team to do.
    """
    refuse_unless(actor, WORK, "ask the person about their representative")
    request = locked(request_id)
    found = representing.representative_of(request)
    if found is None or not is_askable(found, request):
        raise UnusableAuthority("There is nothing to ask the person here.")
    if not representing.may_ask(found, request):
        raise UnusableAuthority("The person cannot be asked: they have no mailbox, or the law does not let you ask.")
    if not ask(request):
        raise UnusableAuthority("The person was asked often enough today; please try again tomorrow.")


def look_up_asked(token: str, *, address: str | None) -> SubjectRequest:
    """Give the request whose representative the person is asked about, changing nothing.

    Raises:
        LinkError, LimitReached: see `links.opened`.
    """
    return _link(token, address).request


def is_askable(found: Representative, request: SubjectRequest) -> bool:
    """Whether the person still has to say something: it is undecided, or the time it was given for is over."""
    is_over = found.state == State.ACCEPTED and representing.is_over(found)
    return request.status in OPEN and (found.state == State.WAITING or is_over)


def answer(token: str, *, agrees: bool, receives_answer: bool = False, address: str | None) -> SubjectRequest:
    """Take what the person says; their own mailbox is proven by it too. Once it is decided, nothing changes.

    It counts for all that was asked for in the same letter.

    Args:
        receives_answer: whether the answer goes to the representative instead of the person.

    Raises:
        LinkError, LimitReached: see `links.opened`.
    """
    link = _link(token, address)
    with transaction.atomic():
        request = locked(link.request_id)
        letter = _askable(letter_of(request))
        if not letter or letter[0][0] != request:
            return request
        SecureLink.objects.filter(pk=link.pk).update(used_at=timezone.now())
        for each, found in letter:
            if agrees:
                _agree(each, found, receives_answer=receives_answer)
            else:
                audit.record("authority.denied", audit.SUBJECT, request_id=each.pk)
                refuse_locked(each, found, actor=audit.SUBJECT)
        if agrees:
            let_go_on([each for each, _ in letter])
    request.refresh_from_db()
    return request


def end_by_person(request_id: int) -> None:
    """End an authority, as the person wants it from the page of a request; from then on all of the letter is theirs.

    Raises:
        UnusableAuthority: there is none that counts.
    """
    with transaction.atomic():
        letter = of_letter(locked(request_id), State.ACCEPTED, State.WAITING)
        if not letter:
            raise UnusableAuthority("There is no authority that could be ended.")
        for each, found in letter:
            end_locked(each, found, actor=audit.SUBJECT)
            Representative.objects.filter(pk=found.pk, confirmed_at=None).update(confirmed_at=timezone.now())
            _prove_mailbox(each)
        let_go_on([each for each, _ in letter])


def _askable(letter: Sequence[SubjectRequest]) -> list[tuple[SubjectRequest, Representative]]:
    pairs = [(each, representing.representative_of(each)) for each in letter]
    return [(each, found) for each, found in pairs if found and is_askable(found, each)]


def _agree(request: SubjectRequest, found: Representative, *, receives_answer: bool) -> None:
    now = timezone.now()
    Representative.objects.filter(pk=found.pk).update(
        state=State.ACCEPTED,
        confirmed_at=now,
        decided_at=now,
        receives_answer=receives_answer,
        valid_until=None if representing.is_over(found) else found.valid_until,
    )
    given = "representative" if receives_answer else "person"
    audit.record("authority.confirmed", audit.SUBJECT, request_id=request.pk, answer_to=given)
    queue_mail(request.pk, "authority_accepted", recipient=Recipient.PERSON)
    _prove_mailbox(request)


def _prove_mailbox(request: SubjectRequest) -> None:
    """Take the person's mailbox as proven, as a link of a mail sent there was opened."""
    own = Identifier.objects.filter(request=request, kind=Identifier.Kind.EMAIL, proven_at=None)
    own.update(proof=Identifier.Proof.MAILBOX, proven_at=timezone.now())
    check = request.identity_checks.filter(kind=IdentityCheck.Kind.MAILBOX, passed_at=None).first()
    if check:
        mark_passed(check, actor=audit.SUBJECT)


def _link(token: str, address: str | None) -> SecureLink:
    return links.opened(token, SecureLink.Purpose.AUTHORITY, address=address)
