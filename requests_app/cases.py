"""What belongs to one letter: which requests, in which order they are answered, and which of them one person sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from requests_app.models import Case, Right, SubjectRequest
from requests_app.models.subject_request import COLLECTED, OPEN
from requests_app.spelling import address_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet

AT_ONCE = (Right.RESTRICTION, Right.OBJECTION)


def others_of(request: SubjectRequest) -> QuerySet[SubjectRequest]:
    """Give the other requests of the same letter."""
    requests = SubjectRequest.objects.filter(case=request.case_id) if request.case_id else SubjectRequest.objects.none()
    return requests.exclude(pk=request.pk).order_by("pk")


def of_same_sender(request: SubjectRequest) -> list[SubjectRequest]:
    """Give the others of the same letter that the same person sent: from the same mailbox, or else by name and address.

    What the team joined may have come from another mailbox; nobody who opens one learns of what came from the other.
    """
    return [other for other in others_of(request) if _is_alike(request, other)]


def locked(request_id: int) -> SubjectRequest:
    """Give a request that nobody else changes until the transaction ends, nor the others of its letter.

    Those of one letter are locked in one order, so that no two wait for one another.
    """
    case_id = SubjectRequest.objects.values_list("case", flat=True).get(pk=request_id)
    chosen = SubjectRequest.objects.filter(case=case_id) if case_id else SubjectRequest.objects.filter(pk=request_id)
    rows = {row.pk: row for row in chosen.select_for_update().order_by("pk")}
    found = rows.get(request_id)
    return found if found and found.case_id == case_id else locked(request_id)  # it was joined, or split, meanwhile


def bind(requests: Sequence[SubjectRequest]) -> None:
    """Make what was asked for in one letter a case, in whose order it is answered; one alone needs none.

    What was asked for beside one of them before stays apart: somebody else may have typed it. Call it with the
    requests locked, or new.
    """
    ids = {request.pk for request in requests}
    if len(ids) < 2 or ids == _bound_with(requests[0]):
        return
    case = Case.objects.create()
    SubjectRequest.objects.filter(pk__in=ids).update(case=case, joined_at=None)
    for request in requests:
        request.case = case


def in_order(requests: Iterable[SubjectRequest]) -> list[SubjectRequest]:
    """Sort the requests of a letter as it makes sense: what holds at once, what is read, and what is erased last."""
    return sorted(requests, key=lambda request: (_rank(request.right), request.pk))


def has_open_copy(requests: Iterable[SubjectRequest]) -> bool:
    """Whether a copy of the data is among them that is not answered yet."""
    return any(request.right in COLLECTED and request.status in OPEN for request in requests)


def _bound_with(request: SubjectRequest) -> set[int]:
    return {request.pk, *others_of(request).values_list("pk", flat=True)}


def _rank(right: str) -> int:
    if right == Right.ERASURE:
        return 3
    return 0 if right in AT_ONCE else 1 if right in COLLECTED else 2


def _is_alike(request: SubjectRequest, other: SubjectRequest) -> bool:
    if request.email or other.email:
        return request.email.lower() == other.email.lower()
    is_same_name = bool(request.name_key) and request.name_key == other.name_key
    return is_same_name and address_key(request.postal_address) == address_key(other.postal_address)
