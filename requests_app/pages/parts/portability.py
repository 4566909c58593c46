"""To whom the person handed their files, who fetched them, and the way to do so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import path

from requests_app import transferring
from requests_app.models import Right
from requests_app.pages import transferring as pages
from requests_app.pages.files import find_offered
from requests_app.pages.parts.base import Part

if TYPE_CHECKING:
    from requests_app.models import Export, SubjectRequest
    from requests_app.transferring import HandedOver

ORDER = 30


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
    transfers = transferring.transfers_of(asked)
    return Part("portal/portability/part.html", Elsewhere(transfers, offered)) if offered or transfers else None


urlpatterns = [
    path("r/<str:token>/transfer", pages.begin, name="status-transfer"),
    path("r/<str:token>/transfers/<int:number>/end", pages.end_from_status, name="status-transfer-end"),
    path("d/<str:token>/transfer", pages.hand_over, name="download-transfer"),
    path("d/<str:token>/transfer/<int:number>/end", pages.end_from_download, name="download-transfer-end"),
    path("t/<str:token>", pages.fetch, name="transfer"),
]
