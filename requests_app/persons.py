"""The requests of one person: those that the same mailbox has proven, and those that the team said are theirs."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from django.db.models import Q

from requests_app.models import Identifier, RequestLink, SubjectRequest

if TYPE_CHECKING:
    from django.db.models import QuerySet

Kind = RequestLink.Kind


def others_of(request: SubjectRequest) -> QuerySet[SubjectRequest]:
    """Give the other requests of the same person, without those that the team said are not related.

    A mailbox counts on either side only once it is proven: what somebody typed makes no request theirs.
    """
    said = _said(request)
    theirs = Q(pk__in=said[Kind.SAME_PERSON] | said[Kind.DUPLICATE]) | _of_mailboxes(request)
    apart = {request.pk, *said[Kind.UNRELATED]}
    return SubjectRequest.objects.filter(theirs, pseudonymised_at=None).exclude(pk__in=apart).order_by("pk")


def _of_mailboxes(request: SubjectRequest) -> Q:
    proven = Identifier.objects.proven()
    mailboxes = proven.filter(request=request, kind=Identifier.Kind.EMAIL).values_list("kind", "value")
    return Q(pk__in=proven.alike(mailboxes).values("request"))


def _said(request: SubjectRequest) -> defaultdict[str, set[int]]:
    """Give the requests that the team said something about, by what that was."""
    said: defaultdict[str, set[int]] = defaultdict(set)
    links = RequestLink.objects.filter(Q(first=request) | Q(second=request)).values_list("first", "second", "kind")
    for first, second, kind in links:
        said[kind].add(second if first == request.pk else first)
    return said
