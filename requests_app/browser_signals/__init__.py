"""Signals of the browser by which people object to advertising everywhere at once: the Global Privacy Control.

Source: https://www.w3.org/TR/gpc/; the laws in `laws.toml`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

HEADER = "Sec-GPC"
LAST_CHANGED = "2026-11-26"
"""When how the signal is honoured last changed, as `/.well-known/gpc.json` tells."""


@dataclass(frozen=True, slots=True)
class Law:
    """A law by which the signal counts.

    Args:
        place: as `places` lists it.
        since: the first day on which it has to be honoured.
        source: the law, in the way it is quoted.
    """

    place: str
    since: date
    source: str


def is_sent(headers: Mapping[str, str]) -> bool:
    """Whether a browser sends the signal; nothing but a 1 is one (GPC §3.3)."""
    return headers.get(HEADER, "") == "1"


def law_of(place: str) -> Law | None:
    """Give the law by which the signal counts for who lives somewhere; None where there is none."""
    law = laws().get(place)
    return law if law and law.since <= timezone.localdate() else None


def counts(headers: Mapping[str, str], place: str) -> bool:
    """Whether a browser's signal is an objection to advertising of who lives somewhere.

    Args:
        place: as `places` lists it; empty where it is not known.
    """
    return is_sent(headers) and (settings.DSR_GPC == "all" or law_of(place) is not None)


def may_count(headers: Mapping[str, str], place: str) -> bool:
    """Whether it would count in a part of a country that somebody did not name.

    Args:
        place: a country, or empty where nothing is known.
    """
    return is_sent(headers) and any(law.startswith(f"{place}-") or not place for law in laws())


@cache
def laws() -> Mapping[str, Law]:
    """Give the laws by the places they hold in."""
    text = files(__package__).joinpath("laws.toml").read_text(encoding="utf-8")
    return {law["place"]: Law(**law) for law in tomllib.loads(text)["law"]}
