"""The authorities that people may complain to."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from exporters.letter import Authority

_UNION = frozenset(
    "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE IS LI NO".split()  # noqa: SIM905
)
"""The states of the European Economic Area."""


def competent(place: str, country: str) -> Authority | None:
    """Name the authority of the place where a person lives, else of the place where the controller sits.

    A subdivision without an authority of its own has that of its country. In Germany the authority of a Land watches
    over companies: where only the person's country is known, the Land of the controller decides. The acts of American
    states bind companies from a certain size on: somebody there may complain of a European controller in Europe.

    Args:
        place: where the person lives, ISO 3166-1 alpha-2 or ISO 3166-2; empty where unknown.
        country: where the controller is established, likewise.

    Source: GDPR Art. 77(1).
    """
    is_from_afar = _country(place) == "US" and _country(country) in _UNION
    if is_from_afar or place == _country(country):
        place = country
    return _of(place) or _of(country)


def is_in_union(country: str) -> bool:
    """Whether a country, ISO 3166-1 alpha-2, is a state of the European Economic Area."""
    return country in _UNION


def places() -> tuple[str, ...]:
    """List the places that have an authority here."""
    return tuple(_table())


def _of(place: str) -> Authority | None:
    return _table().get(place) or _table().get(_country(place))


def _country(place: str) -> str:
    return place.partition("-")[0]


@cache
def _table() -> dict[str, Authority]:
    known = tomllib.loads(files(__package__).joinpath("authorities.toml").read_text(encoding="utf-8"))
    return {place: _authority(place, **entry) for place, entry in known.items()}


def _authority(place: str, address: list[str], **entry: str) -> Authority:
    return Authority(place=place, address=tuple(address), **entry)
