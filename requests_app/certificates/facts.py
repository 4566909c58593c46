"""What the records of both kinds say alike: the request, and members of the team."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exporters.certificate.records import RequestFacts, StaffMember
from extractors.errors import DsrError
from requests_app.models import AuditEntry, Right

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from requests_app.models import SubjectRequest

ARTICLES = {
    Right.ACCESS: "GDPR Art. 15",
    Right.RECTIFICATION: "GDPR Art. 16",
    Right.ERASURE: "GDPR Art. 17",
    Right.RESTRICTION: "GDPR Art. 18",
    Right.PORTABILITY: "GDPR Art. 20",
    Right.OBJECTION: "GDPR Art. 21",
    Right.AUTOMATED_DECISION: "GDPR Art. 22(3)",
}


class NotCertifiable(DsrError, ValueError):
    """Say that there is nothing to certify, or not yet; its text says why."""


def request_facts(request: SubjectRequest, *, names_person: bool = False) -> RequestFacts:
    """Name the request by its reference; who asked only where that is wanted."""
    person = request.name if names_person else None
    right = Right(request.right)
    return RequestFacts(request.reference, str(right), ARTICLES[right], request.submitted_at, person)


def staff_member(user: User) -> StaffMember:
    """Name a member of the team with the roles they have today."""
    roles = ", ".join(user.groups.order_by("name").values_list("name", flat=True))
    return StaffMember(user.get_full_name() or user.get_username(), roles or ("Administrator" * user.is_superuser))


def entries_about(request: SubjectRequest, *actions: str, target: str = "") -> list[AuditEntry]:
    """Read from the audit trail what was done, the oldest first."""
    entries = AuditEntry.objects.filter(request_id=request.pk, action__in=actions).order_by("pk")
    return list(entries.filter(target=target) if target else entries)
