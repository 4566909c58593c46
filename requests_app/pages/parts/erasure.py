"""An erasure on the request's own page: what will happen and how to stop it; then what went, what stays, and proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from requests_app import certificates, erasures, links, representing
from requests_app.client import network_of
from requests_app.erasures import Told
from requests_app.letters.erased import by_fate, lines_of
from requests_app.letters.languages import ENGLISH, language_of
from requests_app.models import Outcome, Recipient, Right, SecureLink, SourceChange, Status
from requests_app.pages.parts.base import Part
from requests_app.pages.refusals import secret_page

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.http import HttpRequest
    from django.urls import URLPattern

    from requests_app.models import Certificate, SubjectRequest

ORDER = 10
ENDED = (Status.COMPLETED, Status.ARCHIVED)
STILL_TOLD = (*ENDED, Status.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Line:
    """What was erased of one collection."""

    label: str
    words: str


@dataclass(frozen=True, slots=True)
class SourceLines:
    """What was erased from one source, and what stays in it."""

    label: str
    gone: tuple[Line, ...]
    kept: tuple[str, ...]
    on: datetime | None


@dataclass(frozen=True, slots=True)
class Shown:
    """What the part shows.

    Args:
        undo_until: until when the person can still stop it; None where nothing waits, or it has begun.
        is_begun: whether it was approved and cannot be stopped any more.
    """

    is_open: bool
    undo_until: datetime | None
    is_begun: bool
    is_none_held: bool
    sources: tuple[SourceLines, ...]
    certificate: Certificate | None


def part_of(asked: SubjectRequest) -> Part | None:
    """Show the part while an erasure is worked on, and what it came to."""
    if asked.right != Right.ERASURE or asked.status not in (Status.VERIFIED, Status.IN_PROGRESS, *STILL_TOLD):
        return None
    is_ended = asked.status in ENDED
    told = erasures.told(asked) if asked.status in STILL_TOLD else Told()
    lines = tuple(line for line in map(_lines, told.sources) if line.gone or line.kept)
    if asked.status == Status.WITHDRAWN:  # what went before they withdrew is told; what would have stayed is not
        lines = tuple(line for line in lines if line.gone)
        if not lines:
            return None
    undo_until, is_begun = _undo_until(asked)
    shown = Shown(
        is_open=asked.is_open,
        undo_until=undo_until,
        is_begun=is_begun,
        is_none_held=asked.outcome == Outcome.NONE_HELD,
        sources=lines,
        certificate=erasures.certificate_of(asked) if is_ended else None,
    )
    return Part("portal/erasure/part.html", shown, _headline(shown, told))


@require_safe
@secret_page(SecureLink.Purpose.STATUS)
def download_certificate(request: HttpRequest, token: str) -> HttpResponse:
    """Give the certificate of the erasure to the person, on record; back to the page where there is none."""
    asked = links.opened(token, SecureLink.Purpose.STATUS, address=network_of(request)).request
    is_theirs = not links.is_for_representative(token) or representing.receiver(asked) == Recipient.REPRESENTATIVE
    certificate = erasures.certificate_of(asked) if asked.status in ENDED and is_theirs else None
    if certificate is None or not certificate.file:
        return redirect("status", token=token)
    content = certificates.document(certificate, user=None)
    headers = {"Content-Disposition": f'attachment; filename="certificate-{certificate.number}.pdf"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


urlpatterns: Sequence[URLPattern] = (
    path("r/<str:token>/erasure/certificate", download_certificate, name="status-certificate"),
)


def _headline(shown: Shown, told: Told) -> str:
    if shown.undo_until:
        return "Your data will be erased"
    if shown.is_none_held:
        return "We hold no data about you"
    if shown.certificate is None:
        return ""
    return "Your data is erased, but for what has to stay" if told.is_anything_kept else "Your data is erased"


def _undo_until(asked: SubjectRequest) -> tuple[datetime | None, bool]:
    """Say until when it can be stopped, and whether it was begun."""
    if asked.status != Status.IN_PROGRESS:
        return None, False
    changes = list(asked.changes.filter(act="erasure", phase=SourceChange.Phase.CHANGE))
    ends = [change.undo_until for change in changes if change.undo_until and not change.is_applied]
    last = max(ends, default=None)
    if last and last > timezone.now() and not any(change.began or change.is_applied for change in changes):
        return last, False
    return None, bool(changes)


def _lines(source: erasures.Source) -> SourceLines:
    """Put into words what went, so far as it did, and what stays."""
    english = language_of(ENGLISH)
    is_done = source.change.is_applied or source.is_left_out
    gone = tuple(Line(item.label, by_fate(item, english)) for item in source.collections if item.goes and is_done)
    kept = tuple(lines_of(source, english)) if is_done else ()
    return SourceLines(source.label, gone, kept, source.change.applied_at)
