"""What stands against destroying anything of a person: holds, a refusal that waits, a copy that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from requests_app.models import LegalHold
from requests_app.persons import others_of
from requests_app.refusals import standing
from requests_app.rights.erasure import refusal_before_copies

if TYPE_CHECKING:
    from datetime import date

    from requests_app.models import SubjectRequest


def obstacle(request: SubjectRequest) -> str:
    """Say why nothing may be erased now; nothing where it may.

    A hold on any request of the same person counts: what is held there is the same person's data.
    """
    concerned = [request, *others_of(request)]
    return _held(concerned) or _preserved(concerned) or _refused(request) or refusal_before_copies(request)


def _held(requests: list[SubjectRequest]) -> str:
    holds = LegalHold.objects.filter(request__in=requests, lifted_at=None).order_by("pk")
    names = list(holds.values_list("request__reference", flat=True))
    return f"A legal hold stands on {', '.join(names)}: nothing may be erased until it is lifted." if names else ""


def _preserved(requests: list[SubjectRequest]) -> str:
    kept = {request.reference: day for request in requests if (day := _preserved_until(request))}
    if not kept:
        return ""
    last = max(kept.values())
    names = ", ".join(kept)
    return f"What was refused in {names} has to be kept until {last:%-d %B %Y}: nothing may be erased before that."


def _preserved_until(request: SubjectRequest) -> date | None:
    day = standing.preserved(request)
    return day if day and day >= timezone.localdate() else None


def _refused(request: SubjectRequest) -> str:
    return standing.WAITING if standing.waiting(request) else ""
