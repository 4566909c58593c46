"""What there is to correct, on the page of the request: the way to the pages where that is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import path

from requests_app import corrections, proofs, rectifying
from requests_app.models import Right
from requests_app.pages import correcting
from requests_app.pages.parts.base import Part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.urls import URLPattern

    from requests_app.corrections import Counts
    from requests_app.models import SubjectRequest

ORDER = 20
_PAGE = "r/<str:token>/corrections"
urlpatterns: Sequence[URLPattern] = (
    path(_PAGE, correcting.show, name="corrections"),
    path(f"{_PAGE}/code", correcting.enter_code, name="corrections-code"),
    path(f"{_PAGE}/code/send", correcting.send_code, name="corrections-code-send"),
    path(f"{_PAGE}/write", correcting.write, name="corrections-write"),
    path(f"{_PAGE}/take-back/<int:correction>", correcting.take_back, name="corrections-take-back"),
    path(f"{_PAGE}/<int:search>/<int:number>", correcting.show_collection, name="corrections-collection"),
    path(f"{_PAGE}/<int:search>/<int:number>/<int:ordinal>", correcting.correct, name="corrections-record"),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page of the request says of corrections: how many, no value of them."""

    is_open: bool
    counts: Counts


def part_of(asked: SubjectRequest) -> Part | None:
    """Lead to the corrections, as soon as there is something to do or to see there."""
    if asked.right != Right.RECTIFICATION or not proofs.is_proven(asked):
        return None
    shown = Shown(rectifying.is_open(asked), corrections.counts(asked))
    if not (shown.is_open or shown.counts.total):
        return None
    headline = "Tell us what is wrong" if shown.is_open and not shown.counts.total else ""
    return Part("portal/rectification/part.html", shown, headline)
