"""An automated decision that somebody contests, and the colleagues who review it, for the tests of the stages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.models import Group, User
from django.utils import timezone

from requests_app import deciding, sources, tasks
from requests_app.audit import Actor
from requests_app.deciding import Facts, Finding
from requests_app.models import DataSource, Right, SourceSearch, SubjectRequest
from tests.requests_app.portal import MAP, a_request, a_shop, confirmed

if TYPE_CHECKING:
    from pathlib import Path

LOGIC = "Points are given for paid and unpaid invoices; below 50 points no credit is given."
SCORED = MAP.replace("label: Web shop\n", f"label: Web shop\ninformation: {{automated_decisions: '{LOGIC}'}}\n")
VIEW = "The invoice of March was paid in time."
EXPLANATION = "The system counted an invoice as unpaid that you had paid in time. Without it you have the credit."
STANDS = Finding("confirmed", EXPLANATION, "Your account since 2024.")
CHANGED = Finding("changed", EXPLANATION, "Your account since 2024.", "Your credit is granted from today.")


def a_scoring_shop(folder: Path) -> DataSource:
    """Configure a shop whose data map tells how its machine decides."""
    return sources.save(DataSource(slug="shop", label="Web shop"), a_shop(folder), SCORED, None)


def colleague(name: str, role: str = "Reviewer") -> User:
    """Give a member of the team of this name, in one role."""
    user, _ = User.objects.get_or_create(username=name, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user


def contested(folder: Path) -> SubjectRequest:
    """Have Ann contest the refusal of a credit, and what is held about her found."""
    a_scoring_shop(folder)
    request = confirmed(right=Right.AUTOMATED_DECISION)
    told = {"decision": "You refused me a credit.", "view": VIEW}
    SubjectRequest.objects.filter(pk=request.pk).update(particulars=told)
    for search in SourceSearch.objects.filter(request=request):
        tasks.collect_source(search.pk)
    request.refresh_from_db()
    return request


def the_facts(request: SubjectRequest, **fields: object) -> Facts:
    """Write down what is reviewed: a refusal by the scoring, from the customer's record."""
    search = request.searches.first()
    used = ((search.pk, "customers"),) if search else ()
    known = {"decision": "Refusal of a credit", "decided_by": "Scoring 4", "logic": "", "collections": used}
    return Facts(**known | fields)


def without_sources(**fields: object) -> tuple[SubjectRequest, Actor]:
    """Put a request into the database of which all is recorded and a reviewer named; no source was searched for it."""
    fields = {"right": Right.AUTOMATED_DECISION, "verified_at": timezone.now(), **fields}
    request, reviewer = a_request(**fields), colleague("rosa")
    processor = Actor.staff(colleague("petra", "Processor"))
    deciding.record(request.pk, the_facts(request, used="Your invoices."), actor=processor)
    deciding.assign(request.pk, reviewer.pk, actor=processor)
    return request, Actor.staff(reviewer)


def under_review(folder: Path) -> tuple[SubjectRequest, Actor]:
    """Have everything recorded and a reviewer named; gives who reviews."""
    request = contested(folder)
    processor, reviewer = Actor.staff(colleague("petra", "Processor")), colleague("rosa")
    deciding.record(request.pk, the_facts(request), actor=processor)
    deciding.assign(request.pk, reviewer.pk, actor=processor)
    return request, Actor.staff(reviewer)
