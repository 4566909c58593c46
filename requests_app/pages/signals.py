"""What the form says of a signal of the browser by which people object to advertising."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from requests_app import browser_signals, places

if TYPE_CHECKING:
    from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal that was sent with the form.

    Args:
        counts: whether it is an objection where the person is likely to live; otherwise it may be one, and `where`
            says for whom.
    """

    counts: bool
    where: tuple[str, ...] = ()


def signal_of(request: HttpRequest, place: str) -> Signal | None:
    """Say what a browser's signal means for who fills the form in; None where there is none, or it means nothing.

    Args:
        place: where the person is likely to live; empty where nothing is known.
    """
    if browser_signals.counts(request.headers, place):
        return Signal(counts=True)
    if not browser_signals.may_count(request.headers, place):
        return None
    return Signal(counts=False, where=tuple(places.SUBDIVISIONS[law] for law in browser_signals.laws()))
