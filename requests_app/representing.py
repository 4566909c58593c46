"""What a representative may do and be told: by the state, the end and the scope of their authority, as they are now.

Source: GDPR Art. 12(2), EDPB Guidelines 01/2022 §§79-88 (who acts for somebody shows by what authority, the answer goes
where that says); 11 CCR § 7063 (authorised agents under the CCPA).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from extractors.errors import DsrError
from requests_app.models import Recipient, Representative, Right, SecureLink
from requests_app.models.subject_request import BY_THEMSELVES

if TYPE_CHECKING:
    from requests_app.models import SubjectRequest

State = Representative.State
PERSON, REPRESENTATIVE = Recipient.PERSON, Recipient.REPRESENTATIVE
BOTH = (PERSON, REPRESENTATIVE)

# The answer, and what only whoever has the answer can use.
ANSWERS = frozenset(
    {
        "erased",
        "ready",
        "nothing_held",
        "completed",
        "corrections_open",
        "rectified",
        "decision_reviewed",
        "objected",
        "restricted",
        "refused",
        "partial",
        "undownloaded",
        "download_code",
    }
)
# What whoever conducts the case has to know.
BUSINESS = frozenset({"received", "question", "message", "extended", "progress"})
# What each of them has to know: a link of theirs is void, the request is over, the data will be used again.
EVERYBODY = frozenset({"new_links", "withdrawn", "lifting_announced", "lifted"})
# What is nothing on paper, which is how somebody without a mailbox is written to.
BY_LINK_ALONE = frozenset({"new_links", "undownloaded", "download_code"})
# What a representative is told of their own authority, whatever became of it.
OF_AUTHORITY = frozenset({"represent", "authority_refused", "authority_ended"})

# Who stands for somebody who cannot stand for themselves; that person is asked nothing and told nothing.
IN_PLACE = (Representative.Kind.PARENT, Representative.Kind.COURT)
# Whom the person is asked about as soon as they ask; about a lawyer only where the team is in doubt.
ASKED_ABOUT = (Representative.Kind.AGENT, Representative.Kind.RELATIVE)
CALIFORNIA = "US-CA"


class NotAddressee(DsrError, PermissionError):
    """Say that somebody is not to be told something."""


class UnsettledAuthority(DsrError, PermissionError):
    """Say that nobody knows yet whether somebody may ask for the person, or that they may not any more."""

    permanent = True


def representative_of(request: SubjectRequest) -> Representative | None:
    """Give who asks for the person of a request, whatever their authority is worth."""
    return Representative.objects.filter(request=request.pk).first() if request.pk else None


def standing(request: SubjectRequest) -> Representative | None:
    """Give who may act for the person now: accepted, not ended, not too late, and for this right."""
    found = representative_of(request)
    return found if found and is_standing(found, request) else None


def acting_for(request: SubjectRequest) -> Representative | None:
    """Give who acts for the person, or says that they do, as long as nobody has ended it."""
    found = representative_of(request)
    return found if found and found.state in {State.WAITING, State.ACCEPTED} else None


def is_standing(found: Representative, request: SubjectRequest) -> bool:
    """Whether an authority counts now, for this request."""
    return found.state == State.ACCEPTED and not is_over(found) and request.right in found.rights


def is_over(found: Representative) -> bool:
    """Whether an authority was given for a time that is over."""
    return found.valid_until is not None and found.valid_until < timezone.localdate()


def receiver(request: SubjectRequest) -> Recipient:
    """Say who gets the answer."""
    found = standing(request)
    return REPRESENTATIVE if found and found.receives_answer else PERSON


def addressees(request: SubjectRequest, template: str) -> tuple[Recipient, ...]:
    """Say who gets a notice; what is not known here goes to the person alone.

    Of what is released to a representative, the person is told by a notice of its own (`answer_given`).
    """
    found = representative_of(request)
    if found is None:
        return (PERSON,)
    if template in OF_AUTHORITY:
        is_for_both = template == "authority_ended" and bool(request.email) and not stands_in_place(found)
        return BOTH if is_for_both else (REPRESENTATIVE,)
    if not is_standing(found, request):
        return (PERSON,)
    if template in BY_LINK_ALONE and not found.email:
        return (PERSON,)
    if template in EVERYBODY:
        return (REPRESENTATIVE,) if stands_in_place(found) or not request.email else BOTH
    is_theirs = template in BUSINESS or (template in ANSWERS and found.receives_answer)
    return (REPRESENTATIVE,) if is_theirs else (PERSON,)


def is_addressee(request: SubjectRequest, template: str, recipient: Recipient | str) -> bool:
    """Whether a notice may be told to somebody; whatever is about the person may be told to them."""
    return recipient == PERSON or REPRESENTATIVE in addressees(request, template)


def is_told_apart(request: SubjectRequest, template: str, chosen: tuple[Recipient, ...]) -> bool:
    """Whether the person is told by a notice of its own that the answer went to their representative."""
    found = representative_of(request)
    is_answer = template in ANSWERS and PERSON not in chosen
    return is_answer and bool(found and not stands_in_place(found) and request.email)


def refuse_unless_addressee(request: SubjectRequest, template: str, recipient: Recipient | str) -> None:
    """Refuse to tell a representative what is not theirs to know, or not any more.

    Raises:
        NotAddressee: by now, it is not.
    """
    if not is_addressee(request, template, recipient):
        raise NotAddressee("This is not the representative's to know: their authority does not cover it, or has ended.")


def admits(link: SecureLink) -> bool:
    """Whether a link still opens something to whom it was mailed; a person's own always does.

    A representative sees how the request stands from the day they asked until their authority ends, and downloads
    only where the answer is theirs; so does another controller by the link that they made for it.
    """
    if link.recipient == PERSON:
        return True
    found = representative_of(link.request)
    if found is None or found.state in {State.REFUSED, State.ENDED} or is_over(found):
        return False
    if link.purpose in {SecureLink.Purpose.DOWNLOAD, SecureLink.Purpose.TRANSFER}:
        return receiver(link.request) == REPRESENTATIVE
    return link.request.right in found.rights


def is_settled(request: SubjectRequest) -> bool:
    """Whether nothing about an authority stands in the way of the work.

    What the person sent themselves is theirs, whoever stands for them later. Where an authority ended or ran out after
    it was accepted, the request is the person's own from then on, if they ever confirmed it.
    """
    found = representative_of(request)
    if found is None or request.channel in BY_THEMSELVES or is_standing(found, request):
        return True
    was_accepted = found.state in {State.ACCEPTED, State.ENDED} and request.right in found.rights
    return was_accepted and found.confirmed_at is not None


def refuse_unless_settled(request: SubjectRequest) -> None:
    """Refuse to begin, release or complete what nobody may have asked for.

    Raises:
        UnsettledAuthority: the authority is not accepted, or has ended without the person ever having confirmed it.
    """
    if not is_settled(request):
        raise UnsettledAuthority("The authority of the representative is not settled; see it on the request's page.")


def stands_in_place(found: Representative) -> bool:
    """Whether they stand for somebody who cannot act: a child, or whoever a court gave a guardian."""
    return found.kind in IN_PLACE


def may_ask(found: Representative, request: SubjectRequest) -> bool:
    """Whether the law lets the person be asked to confirm an authority.

    Source: 11 CCR § 7063(a) lets it, for requests to know, delete and correct; for an opt-out a signed permission is
    enough (§ 7026(j)). A child, or whoever has a guardian, is not asked.
    """
    is_opt_out = request.place == CALIFORNIA and request.right == Right.OBJECTION
    return bool(request.email) and not stands_in_place(found) and not is_opt_out


def asks_by_itself(found: Representative, request: SubjectRequest) -> bool:
    """Whether the person is asked without anybody of the team deciding so: a lawyer's power of attorney is enough."""
    return found.kind in ASKED_ABOUT and may_ask(found, request)


def address_of(request: SubjectRequest, recipient: Recipient | str) -> str:
    """Give the mailbox of the person or of their representative; empty where they have none."""
    if recipient == PERSON:
        return request.email
    found = representative_of(request)
    return found.email if found else ""
