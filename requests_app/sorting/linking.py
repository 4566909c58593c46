"""Links between requests, as the team decides; nothing is ever merged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from extractors.errors import DsrError
from requests_app import audit, cases
from requests_app.models import Outcome, RequestLink, Status, SubjectRequest
from requests_app.models.subject_request import OPEN
from requests_app.sorting import likeness
from requests_app.spelling import address_key
from requests_app.workflow import WORK, perform, refuse_unless

if TYPE_CHECKING:
    from requests_app.audit import Actor
    from requests_app.sorting.likeness import Proposal

Kind = RequestLink.Kind


class UnlinkableRequests(DsrError, ValueError):
    """Say why two requests are not linked so."""


class NoDuplicate(DsrError, ValueError):
    """Say why a request cannot be closed as a duplicate of another."""


@dataclass(frozen=True, slots=True)
class Linked:
    """Another request, and how the team said it belongs to this one."""

    request: SubjectRequest
    link: RequestLink


def decide(request_id: int, other_id: int, kind: RequestLink.Kind, *, actor: Actor) -> RequestLink:
    """Say how two requests belong together, or change what was said.

    Raises:
        UnlinkableRequests: it is the same one, there is no such other, or one was closed as a duplicate of the other.
        PermissionRefused: not for this member of the team to do.
    """
    refuse_unless(actor, WORK, "link requests")
    with transaction.atomic():
        first, second = _locked(request_id, other_id)
        if kind != Kind.DUPLICATE and (first.answered_with_id == second.pk or second.answered_with_id == first.pk):
            raise UnlinkableRequests("One of them was closed as a duplicate of the other; that stays on record.")
        decided = {"kind": kind, "decided_at": timezone.now(), "decided_by_id": actor.user_id}
        link, _ = RequestLink.objects.update_or_create(first=first, second=second, defaults=decided)
        for one, another in ((first, second), (second, first)):
            audit.record("request.linked", actor, request_id=one.pk, target=f"request {another.pk}", kind=str(kind))
    return link


def links_of(request: SubjectRequest) -> list[Linked]:
    """Give the requests that the team said something about, the newest first."""
    links = RequestLink.objects.filter(Q(first=request) | Q(second=request)).select_related("first", "second")
    found = [Linked(link.second if link.first_id == request.pk else link.first, link) for link in links]
    return sorted(found, key=lambda item: -item.request.pk)


def undecided(request: SubjectRequest) -> list[Proposal]:
    """Propose the requests about which the team has said nothing yet, apart from those of the same letter."""
    known = {item.request.pk for item in links_of(request)} | {other.pk for other in cases.of_same_sender(request)}
    return likeness.proposals(likeness.person_of(request), apart_from={request.pk, *known})


def close_as_duplicate(request_id: int, other_id: int, *, actor: Actor) -> None:
    """Close a request that the team said is the same as another; the person is told which one is answered.

    Raises:
        NoDuplicate: nobody said so, the other is not answered, came later, or somebody else might read the notice.
        ImpossibleTransition: it has ended.
        PermissionRefused: not for this member of the team to do.
    """
    refuse_unless(actor, WORK, "close requests as duplicates")
    with transaction.atomic():
        first, second = _locked(request_id, other_id)
        request, other = (first, second) if first.pk == request_id else (second, first)
        said = RequestLink.objects.filter(first=first, second=second, kind=Kind.DUPLICATE)
        if not said.exists():
            raise NoDuplicate("Please say first that it is the same request again.")
        if obstacle := _obstacle(request, other):
            raise NoDuplicate(obstacle)
        SubjectRequest.objects.filter(pk=request.pk).update(answered_with=other)
        perform(request.pk, "duplicate", actor=actor)


def close_letter_as_duplicate(request_id: int, other_id: int, *, actor: Actor) -> int:
    """Close a request as a duplicate of another, and what else its letter asks for where that of the other does too.

    Returns:
        How many requests were closed.

    Raises:
        NoDuplicate, ImpossibleTransition, PermissionRefused: see `close_as_duplicate`.
    """
    with transaction.atomic():
        pairs = twins(SubjectRequest.objects.get(pk=request_id), SubjectRequest.objects.get(pk=other_id))
        ids = {each.pk for pair in pairs for each in pair}
        list(SubjectRequest.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
        close_as_duplicate(request_id, other_id, actor=actor)
        for request, other in pairs:
            decide(request.pk, other.pk, Kind.DUPLICATE, actor=actor)
            close_as_duplicate(request.pk, other.pk, actor=actor)
    return 1 + len(pairs)


def twins(request: SubjectRequest, other: SubjectRequest) -> list[tuple[SubjectRequest, SubjectRequest]]:
    """Pair what else two letters both ask for, where the one may be closed as a duplicate of the other."""
    known = {each.right: each for each in cases.others_of(other)}
    pairs = [(each, known[each.right]) for each in cases.others_of(request) if each.right in known]
    return [(each, twin) for each, twin in pairs if each != twin and can_be_closed(each, twin)]


def can_be_closed(request: SubjectRequest, other: SubjectRequest) -> bool:
    """Whether a request may be closed as a duplicate of another, once the team said that it is one."""
    return request.is_open and not _obstacle(request, other)


def _obstacle(request: SubjectRequest, other: SubjectRequest) -> str:
    """Say why it is not closed; the longer period must not win, and nobody learns of a request that is not theirs."""
    if request.right != other.right:
        return "The other asks for something else."
    if other.status not in (*OPEN, Status.COMPLETED) or other.outcome in (Outcome.DUPLICATE, Outcome.SPAM):
        return "The other is neither at work nor answered, so it cannot stand for this one."
    if (other.submitted_at, other.pk) > (request.submitted_at, request.pk):
        return "The other came later. Please close that one, so that the earlier deadline is kept."
    if request.status == Status.SUBMITTED and not _is_reached_alike(request, other):
        return (
            "Nobody has shown yet that it is the same person, and the notice would go elsewhere. "
            "Please have them show first who they are."
        )
    return ""


def _is_reached_alike(request: SubjectRequest, other: SubjectRequest) -> bool:
    if request.email or other.email:
        return request.email.lower() == other.email.lower()
    address = address_key(request.postal_address)
    return bool(address) and address == address_key(other.postal_address)


def _locked(request_id: int, other_id: int) -> tuple[SubjectRequest, SubjectRequest]:
    """Lock both, the earlier row first, so that no two wait for one another."""
    if request_id == other_id:
        raise UnlinkableRequests("This is the same request.")
    rows = list(SubjectRequest.objects.select_for_update().filter(pk__in=(request_id, other_id)).order_by("pk"))
    if len(rows) != 2:
        raise UnlinkableRequests("There is no such request.")
    return rows[0], rows[1]
