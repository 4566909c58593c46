"""The checks of a request: which there are, which of them are still to be passed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from extractors.errors import DsrError
from requests_app import representing
from requests_app.models import Identifier, IdentityCheck, Status
from requests_app.proofs.rules import rule_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from requests_app.models import SubjectRequest

Kind = IdentityCheck.Kind
ORDER = (Kind.ASSERTION, Kind.MAILBOX, Kind.SMS, Kind.CHALLENGE, Kind.DOCUMENT, Kind.TEAM)
"""What costs the person least comes first, and the mailbox before anything that tells of what is held."""


class UnprovenIdentity(DsrError, PermissionError):
    """Say that the person has not shown yet who they are, so that nothing is given out, changed or told."""

    permanent = True


def begin(request: SubjectRequest) -> list[IdentityCheck]:
    """Bring the checks of a request in line with the table, and give those to be passed; may be called again.

    Until the request is confirmed, what the table does not ask for any more is dropped, unless the person began with
    it or the team asked for it.
    """
    wanted = _wanted(request)
    checks = request.identity_checks.filter(purpose=IdentityCheck.Purpose.BEGIN)
    if request.status == Status.SUBMITTED:
        untouched = checks.filter(passed_at=None, failed_at=None, attempts=0, asked_by=None)
        untouched.exclude(kind__in=wanted).delete()
    known = set(checks.values_list("kind", flat=True))
    for kind in wanted:
        if kind not in known:
            _new(request, kind, _mailbox(request)).save(force_insert=True)
    return outstanding(request)


def begin_all(requests: Sequence[SubjectRequest]) -> list[IdentityCheck]:
    """Make the checks of many new requests, which have none yet, in a few statements; see `begin`."""
    emails = Identifier.objects.filter(request__in=requests, kind=Identifier.Kind.EMAIL).order_by("-pk")
    mailboxes = {identifier.request_id: identifier for identifier in emails}
    wanted: dict[tuple[str, str, bool], list[Kind]] = {}
    made = []
    for request in requests:
        case = (request.right, request.place, bool(request.email))
        if case not in wanted:
            wanted[case] = _wanted(request)
        made += [_new(request, kind, mailboxes.get(request.pk)) for kind in wanted[case]]
    return IdentityCheck.objects.bulk_create(made)


def take_as_given(request: SubjectRequest) -> int:
    """Let what somebody is known by count unproven, where the law wants no proof; returns how much that is.

    It is for rights that are harmless alone, which the caller sees to.

    Source: 11 CCR § 7060(b).
    """
    if rule_of(request.right, request.place).checks or request.identity_checks.exists():
        return 0
    unproven = request.identifiers.filter(proof=Identifier.Proof.NONE)
    return unproven.update(proof=Identifier.Proof.NOT_NEEDED, proven_at=timezone.now())


def outstanding(request: SubjectRequest) -> list[IdentityCheck]:
    """Give the checks that have to be passed before the work goes on, in the order in which they are asked for.

    One that was failed is among them: the team decides what becomes of it.
    """
    checks = request.identity_checks.filter(purpose=IdentityCheck.Purpose.BEGIN, passed_at=None)
    return in_order(checks.select_related("identifier"))


def is_proven(request: SubjectRequest) -> bool:
    """Whether nothing has to be shown any more, nor by what authority somebody asks for the person."""
    checks = request.identity_checks.filter(purpose=IdentityCheck.Purpose.BEGIN, passed_at=None)
    return representing.is_settled(request) and not checks.exists()


def is_up_to_team(request: SubjectRequest) -> bool:
    """Whether the person can do nothing more to show who they are: it was tried too often, or the team makes sure."""
    remaining = outstanding(request)
    is_begun = bool(remaining) and remaining[0].kind != Kind.MAILBOX
    return is_begun and (remaining[0].failed_at is not None or remaining[0].kind == Kind.TEAM)


def refuse_unless_proven(request: SubjectRequest) -> None:
    """Refuse what is for the person alone.

    Raises:
        UnprovenIdentity: something is still to be shown.
        UnsettledAuthority: it is not clear that whoever asks for the person may.
    """
    representing.refuse_unless_settled(request)
    if outstanding(request):
        raise UnprovenIdentity("The person has not shown yet who they are; see Identity on the page of the request.")


def in_order(checks: Iterable[IdentityCheck]) -> list[IdentityCheck]:
    """Sort checks as they are asked for."""
    return sorted(checks, key=lambda check: ORDER.index(Kind(check.kind)))


def _wanted(request: SubjectRequest) -> list[Kind]:
    """Name the checks that the table asks for; of somebody without a mailbox the team makes sure itself."""
    kinds = [Kind(kind) for kind in rule_of(request.right, request.place).checks]
    return [Kind.TEAM] if kinds and not request.email else kinds


def _new(request: SubjectRequest, kind: Kind, mailbox: Identifier | None) -> IdentityCheck:
    is_of_mailbox = kind == Kind.MAILBOX
    identifier = mailbox if is_of_mailbox else None
    return IdentityCheck(request=request, kind=kind, identifier=identifier, sent=1 if is_of_mailbox else 0)


def _mailbox(request: SubjectRequest) -> Identifier | None:
    return request.identifiers.filter(kind=Identifier.Kind.EMAIL).order_by("pk").first()
