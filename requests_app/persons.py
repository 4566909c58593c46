"""The requests of one person: those that the same mailbox has proven, and those that the team said are theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from requests_app.models import Identifier, RequestLink, SubjectRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

Kind = RequestLink.Kind


def others_of(request: SubjectRequest) -> QuerySet[SubjectRequest]:
    """Give the other requests of the same person, without those that the team said are not related.

    A mailbox counts on either side only once it is proven: what somebody typed makes no request theirs.
    """
    said = {kind: set(_linked(request, kind)) for kind in Kind}
    theirs = Q(pk__in=said[Kind.SAME_PERSON] | said[Kind.DUPLICATE]) | _of_mailboxes(request)
    apart = {request.pk, *said[Kind.UNRELATED]}
    return SubjectRequest.objects.filter(theirs, pseudonymised_at=None).exclude(pk__in=apart).order_by("pk")


def _of_mailboxes(request: SubjectRequest) -> Q:
    mailboxes = Identifier.objects.filter(kind=Identifier.Kind.EMAIL).exclude(proof="")
    known = Q(pk__in=())
    for address in mailboxes.filter(request=request).values_list("value", flat=True):
        known |= Q(Exists(mailboxes.filter(request=OuterRef("pk"), value__iexact=address)))
    return known


def _linked(request: SubjectRequest, kind: RequestLink.Kind) -> Iterator[int]:
    for first, second in RequestLink.objects.filter(Q(first=request) | Q(second=request), kind=kind).values_list(
        "first", "second"
    ):
        yield second if first == request.pk else first
