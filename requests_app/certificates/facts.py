"""What the records of both kinds say alike: the request, and members of the team."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exporters.certificate.records import RequestFacts, StaffMember
from extractors.errors import DsrError
from requests_app import rights
from requests_app.models import AuditEntry

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from requests_app.models import SubjectRequest


class NotCertifiable(DsrError, ValueError):
    """Say that there is nothing to certify, or not yet; its text says why."""


def request_facts(request: SubjectRequest, *, names_person: bool = False) -> RequestFacts:
    """Name the request by its reference; who asked only where that is wanted."""
    person = request.name if names_person else None
    article = rights.find(request.right).article
    return RequestFacts(request.reference, request.right, article, request.submitted_at, person)


def staff_member(user: User) -> StaffMember:
    """Name a member of the team with the roles they have today."""
    roles = ", ".join(user.groups.order_by("name").values_list("name", flat=True))
    return StaffMember(user.get_full_name() or user.get_username(), roles or ("Administrator" * user.is_superuser))


def entries_about(request: SubjectRequest, *actions: str, target: str = "") -> list[AuditEntry]:
    """Read from the audit trail what was done, the oldest first."""
    entries = AuditEntry.objects.filter(request_id=request.pk, action__in=actions).order_by("pk")
    return list(entries.filter(target=target) if target else entries)
