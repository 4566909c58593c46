"""What is done to a letter as a whole: joined and split by the team, withdrawn, or erased before its copy is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from extractors.errors import DsrError
from requests_app import audit, cases, persons
from requests_app.models import Approval, AuditEntry, Case, IdentityCheck, Right, SourceChange, Status, SubjectRequest
from requests_app.models.subject_request import BY_THEMSELVES, COLLECTED, OPEN
from requests_app.workflow import TRANSITIONS, WORK, MissingReason, perform, refuse_unless

if TYPE_CHECKING:
    from collections.abc import Sequence

    from requests_app.audit import Actor

LONGEST_REASON = 2000


class UnjoinableRequests(DsrError, ValueError):
    """Say why two requests are not answered as one letter, or not apart."""


class NothingToWaive(DsrError, ValueError):
    """Say that no copy comes before an erasure here, or not any more."""


def join(request_id: int, other_id: int, *, actor: Actor) -> None:
    """Answer two requests of one person as if they had come in one letter; nothing else of them changes.

    Raises:
        UnjoinableRequests: they are not known to be of one person, one has ended or nobody has confirmed it, both
            belong to letters, or an erasure that would have to wait is approved already.
        PermissionRefused: not for this member of the team to do.
    """
    refuse_unless(actor, WORK, "join requests")
    with transaction.atomic():
        request, other = _locked(request_id, other_id)
        if problem := _obstacle(request, other):
            raise UnjoinableRequests(problem)
        case = request.case or other.case or Case.objects.create()
        now = timezone.now()
        for each in (request, other):
            if each.case_id is None:
                SubjectRequest.objects.filter(pk=each.pk).update(case=case, joined_at=now)
                audit.record("case.joined", actor, request_id=each.pk, target=f"case {case.pk}")


def split(request_id: int, *, actor: Actor) -> None:
    """Answer a request apart again that the team joined to others.

    Raises:
        UnjoinableRequests: it stands alone, or its letter itself asked for the others.
        PermissionRefused: not for this member of the team to do.
    """
    refuse_unless(actor, WORK, "split requests")
    with transaction.atomic():
        request = cases.locked(request_id)
        others = list(cases.others_of(request))
        if not others:
            raise UnjoinableRequests("This request is answered by itself already.")
        if request.joined_at is None and any(other.joined_at is None for other in others):
            raise UnjoinableRequests(
                "It was asked for in the same letter as others, so that it stays with them. Where the person does "
                "without the copy that comes first, note that they said so."
            )
        leaving = [request] if request.joined_at else others
        left = [each for each in (request, *others) if each not in leaving]
        for each in leaving if len(left) > 1 else [request, *others]:
            SubjectRequest.objects.filter(pk=each.pk).update(case=None, joined_at=None)
            audit.record("case.split", actor, request_id=each.pk, target=f"case {request.case_id}")


def can_be_split(request: SubjectRequest) -> bool:
    """Whether the team joined a request to the others of its case."""
    return bool(request.joined_at) and cases.others_of(request).exists()


def joinable(request: SubjectRequest) -> list[SubjectRequest]:
    """Give the requests of the same person that may be answered together with a request."""
    if request.status not in OPEN:
        return []
    known = persons.others_of(request).filter(status__in=OPEN)
    return [other for other in known if not _obstacle(request, other)]


def waive_copy(request_id: int, *, actor: Actor, reason: str = "") -> None:
    """Let the data be erased before its copy is there, as the person says they do without; again, it does nothing.

    Args:
        actor: the person on the page of any of the requests, or the team for who said so in a letter.
        reason: how they said it; needed of the team, and kept with the case.

    Raises:
        NothingToWaive: no copy comes before an erasure here.
        MissingReason: the team does not say how the person said so.
        PermissionRefused: not for this member of the team to do.
    """
    is_staff = actor.kind == AuditEntry.ActorKind.STAFF
    text = reason.replace("\r\n", "\n").replace("\x00", "").strip()
    if is_staff:
        refuse_unless(actor, WORK, "note that somebody does without a copy")
        if not text or len(text) > LONGEST_REASON:
            raise MissingReason(f"Please write when and how they said so, in at most {LONGEST_REASON:,} characters.")
    with transaction.atomic():
        request = cases.locked(request_id)
        letter = [request, *cases.others_of(request)] if is_staff else letter_of(request)
        if not copies_before_erasure(letter):
            raise NothingToWaive("There is no copy here for which an erasure waits.")
        waived = {"copy_waived_at": timezone.now(), "copy_waived_by": actor.user_id, "waiver_reason": text}
        if Case.objects.filter(requests=request, copy_waived_at=None).update(**waived):
            for each in letter:
                audit.record("case.copy_waived", actor, request_id=each.pk, target=f"case {request.case_id}")


def copies_before_erasure(letter: Sequence[SubjectRequest]) -> list[SubjectRequest]:
    """Give the copies of a letter that are to be answered before what is open of it is erased."""
    is_erased = any(each.right == Right.ERASURE and each.status in OPEN for each in letter)
    return [each for each in letter if is_erased and each.right in COLLECTED and each.status in OPEN]


def letter_of(request: SubjectRequest) -> list[SubjectRequest]:
    """Give what a person asked for in one letter and has shown to be theirs, in the order in which it is answered."""
    others = [other for other in cases.of_same_sender(request) if _is_shown(other)]
    return cases.in_order([request, *others])


def withdraw(request_id: int, *, actor: Actor, reason: str = "", whole_letter: bool = False) -> list[int]:
    """Withdraw a request, and where that is wanted what else the person asked for in the same letter.

    Returns:
        The requests that were withdrawn.

    Raises:
        ImpossibleTransition: it has ended.
        PermissionRefused: not for this member of the team to do.
    """
    with transaction.atomic():
        request = cases.locked(request_id)
        is_staff = actor.kind == AuditEntry.ActorKind.STAFF
        letter = cases.others_of(request) if is_staff else letter_of(request)
        others = [each for each in letter if each != request and TRANSITIONS["withdraw"].is_possible(each)]
        chosen = [request, *(others if whole_letter else ())]
        for each in chosen:
            perform(each.pk, "withdraw", actor=actor, reason=reason)
    return [each.pk for each in chosen]


def _is_shown(request: SubjectRequest) -> bool:
    """Whether whoever has the mailbox of a request has shown that they have it."""
    checks = IdentityCheck.objects.filter(request=request, kind=IdentityCheck.Kind.MAILBOX, passed_at__isnull=False)
    return request.verified_at is not None or checks.exists()


def _locked(request_id: int, other_id: int) -> tuple[SubjectRequest, SubjectRequest]:
    """Lock two requests and all that they are answered with, in one order."""
    if request_id == other_id:
        raise UnjoinableRequests("This is the same request.")
    both = SubjectRequest.objects.filter(pk__in=(request_id, other_id))
    bound = SubjectRequest.objects.filter(case__in=both.exclude(case=None).values("case"))
    ids = {*both.values_list("pk", flat=True), *bound.values_list("pk", flat=True)}
    rows = {row.pk: row for row in SubjectRequest.objects.select_for_update().filter(pk__in=ids).order_by("pk")}
    if request_id not in rows or other_id not in rows:
        raise UnjoinableRequests("There is no such request.")
    return rows[request_id], rows[other_id]


def _obstacle(request: SubjectRequest, other: SubjectRequest) -> str:
    """Say why two requests are not joined; nothing where they may be."""
    if not persons.others_of(request).filter(pk=other.pk).exists():
        return "Please say first that they are of the same person."
    if request.case_id and request.case_id == other.case_id:
        return "They are answered together already."
    if request.case_id and other.case_id:
        return "Each of them was asked for together with others; that stays as it is."
    if any(each.status not in OPEN for each in (request, other)):
        return "One of them has ended."
    if any(each.status == Status.SUBMITTED and each.channel in BY_THEMSELVES for each in (request, other)):
        return "Nobody has confirmed one of them yet."
    return _late(request, other)


def _late(request: SubjectRequest, other: SubjectRequest) -> str:
    """Say that a copy would come too late, as the erasure before which it comes is approved."""
    letter = [*_letter(request), *_letter(other)]
    approved = SourceChange.objects.filter(act=Approval.Act.ERASURE, phase=SourceChange.Phase.CHANGE)
    if cases.has_open_copy(letter) and approved.filter(request__in=letter, request__status__in=OPEN).exists():
        return "The erasure is approved already, so that the copy would come too late. Take the approval back first."
    return ""


def _letter(request: SubjectRequest) -> list[SubjectRequest]:
    return [request, *cases.others_of(request)]
