"""To whom the person handed their files, who fetched them, and the way to do so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import path
from django.utils import timezone

from requests_app import transferring
from requests_app.models import Download, Right
from requests_app.pages import transferring as pages
from requests_app.pages.files import find_offered
from requests_app.pages.parts.base import Part

if TYPE_CHECKING:
    from requests_app.models import Export, SubjectRequest, Transfer

ORDER = 30
MOST_FETCHES = 20


@dataclass(frozen=True, slots=True)
class HandedOver:
    """Files that another service may fetch, or could.

    Args:
        fetches: the newest of them.
        times: how often they were fetched.
    """

    transfer: Transfer
    is_working: bool
    fetches: list[Download]
    times: int


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What the part shows; `export` is what can be handed over now."""

    transfers: list[HandedOver]
    export: Export | None


def part_of(asked: SubjectRequest) -> Part | None:
    """Give the part: of portability alone, once there are files."""
    if asked.right != Right.PORTABILITY:
        return None
    offered = find_offered(asked, "") if transferring.is_offered(asked) else None
    transfers = transfers_of(asked)
    return Part("portal/portability/part.html", Elsewhere(transfers, offered)) if offered or transfers else None


def transfers_of(asked: SubjectRequest) -> list[HandedOver]:
    """List to whom files were handed over, the newest first, and what was fetched."""
    rows = asked.transfers.select_related("export__request", "link")
    return [_handed_over(transfer) for transfer in rows]


def _handed_over(transfer: Transfer) -> HandedOver:
    now, link = timezone.now(), transfer.link
    is_open = link is not None and link.revoked_at is None and not link.is_expired(now)
    fetches = Download.objects.filter(link=transfer.link_id or 0)
    is_working = is_open and transfer.export.is_ready(now)
    return HandedOver(transfer, is_working, list(fetches[:MOST_FETCHES]), fetches.count())


urlpatterns = [
    path("r/<str:token>/transfer", pages.begin, name="status-transfer"),
    path("r/<str:token>/transfers/<int:number>/end", pages.end_from_status, name="status-transfer-end"),
    path("d/<str:token>/transfer", pages.hand_over, name="download-transfer"),
    path("d/<str:token>/transfer/<int:number>/end", pages.end_from_download, name="download-transfer-end"),
    path("t/<str:token>", pages.fetch, name="transfer"),
]
