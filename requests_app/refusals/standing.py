"""Which refusals of a request stand, and what they bind."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from requests_app import corrections, proofs, releases, restrictions
from requests_app.models import Outcome, Refusal
from requests_app.models.subject_request import RECORDED
from requests_app.refusals import grounds as known_grounds
from requests_app.refusals.telling import PART, WHOLE, Draft, late_since, law_of

if TYPE_CHECKING:
    from datetime import date, datetime

    from requests_app.models import SubjectRequest

WAITING = "A refusal is waiting to be approved: approve it or discard it first."
NO_WHOLE = "A request is refused by a refusal that two people have made: prepare one first."
NOT_OF_IDENTITY = "Before it is known who asks, a request is refused on the grounds of identity alone."
NOT_STUCK = "The person may still show who they are: wait for that, or let the request lapse by itself."
NO_PART = (
    "Something is withheld from this answer. Prepare a partial refusal, with its grounds, and let a second person "
    "approve it; then the rest can go out."
)
CHANGED = (
    "What is withheld has changed since the partial refusal was approved: prepare it anew, so that the person is told "
    "what is so."
)
OTHER_LAW = "The request falls under another law since the partial refusal was approved: prepare it anew."
LATE = (
    "The period has ended since the partial refusal was approved: prepare it anew and say why it comes late; the "
    "letter says so."
)
RESTRICTED = "The use of this data is restricted already: announce the end of that, and tell the person why."
NOT_FULL = "A partial refusal is approved: answer in part, or discard it first."


def waiting(request: SubjectRequest) -> Refusal | None:
    """Give the refusal that waits to be approved."""
    return request.refusals.filter(approved_at=None, discarded_at=None).first()


def decided(request: SubjectRequest, extent: Refusal.Extent | None = None) -> Refusal | None:
    """Give the newest refusal that was approved and not taken back."""
    rows = request.refusals.filter(approved_at__isnull=False, discarded_at=None)
    return (rows.filter(extent=extent) if extent else rows).first()


def current(request: SubjectRequest) -> Refusal | None:
    """Give the refusal that the team has to do with: what waits, else what was approved."""
    return waiting(request) or decided(request)


def draft_of(row: Refusal) -> Draft:
    """Read a refusal back into what was prepared."""
    return Draft(Refusal.Extent(row.extent), tuple(row.grounds), row.facts, tuple(row.withheld), row.late_reason)


def preserved(request: SubjectRequest) -> date | None:
    """Give the day until which what was refused has to be kept, that day included; None where no law wants it.

    Source: for example PDPA (Singapore) s. 22A, Personal Data Protection Regulations 2021 r. 8: at least 30 days.
    """
    days = [day for day in request.refusals.values_list("preserved_until", flat=True) if day]
    return max(days, default=None)


def preserved_from(request: SubjectRequest, approved_at: datetime) -> date | None:
    """Compute that day for a refusal approved at some time."""
    days = max((rule.preserve_refused_days for rule in law_of(request).rules), default=0)
    return timezone.localdate(approved_at) + timedelta(days=days) if days else None


def refusal_to_reject(request: SubjectRequest, outcome: str, *, is_staff: bool) -> str:
    """Say why a request cannot be refused now, whoever acts; a guard of the workflow."""
    if restrictions.standing(request):
        return RESTRICTED
    return "" if outcome == Outcome.REFUSED and decided(request, WHOLE) else NO_WHOLE


def is_stuck(request: SubjectRequest) -> bool:
    """Whether an unproven request stays so unless the team does something: it wrote it down, or is the last to ask."""
    is_recorded = request.channel in RECORDED and bool(proofs.outstanding(request))
    return is_recorded or proofs.is_up_to_team(request)


def refusal_to_refuse_unproven(request: SubjectRequest, outcome: str, *, is_staff: bool) -> str:
    """Say why a request of nobody knows whom cannot be refused now, whoever acts; a guard of the workflow.

    Source: GDPR Art. 11(2), 12(2), 12(6).
    """
    row = decided(request, WHOLE)
    if row is None:
        return NO_WHOLE
    named = [known_grounds.find(slug) for slug in row.grounds]
    if not named or not all(ground and ground.before_proof for ground in named):
        return NOT_OF_IDENTITY
    return "" if is_stuck(request) else NOT_STUCK


def refusal_to_complete(request: SubjectRequest, outcome: str, *, is_staff: bool) -> str:
    """Say why a request cannot be completed so now; a guard of the workflow.

    What the portal itself completes is partial too where a source could not be searched, which no ground is needed for.
    """
    if outcome == Outcome.REFUSED:
        return NO_WHOLE
    if is_staff and waiting(request):
        return WAITING
    row = decided(request, PART)
    if outcome != Outcome.PARTIAL:
        return NOT_FULL if row else ""
    if row is None:
        is_refused_apart = corrections.counts(request).rejected  # each with its reason, by somebody who may decide
        is_owed = (is_staff and not is_refused_apart) or releases.redactions(request).exists()
        return NO_PART if is_owed else ""
    return _obstacle(request, row) or (_late(request, row) if is_staff else "")


def refusal_to_release(request: SubjectRequest) -> str:
    """Say why an answer cannot be released as it is."""
    if waiting(request):
        return WAITING
    if row := decided(request, PART):
        return _obstacle(request, row) or _late(request, row)
    return NO_PART if releases.redactions(request).exists() else ""


def _obstacle(request: SubjectRequest, row: Refusal) -> str:
    """Say why an approved partial refusal does not cover what is withheld now, or not by the law of now."""
    if request.is_collected and row.digest != releases.digest(request):
        return CHANGED
    known = row.told.get("laws", [])
    return "" if known == [rule.identity for rule in law_of(request).rules] else OTHER_LAW


def _late(request: SubjectRequest, row: Refusal) -> str:
    return LATE if late_since(request) and not row.told.get("due_on") else ""
