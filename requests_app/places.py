"""Where people live, as far as the law asks: countries, and the parts of them that have a law or an authority."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# What CLDR lists beside countries: unions, islands counted twice, places made up for tests.
_NO_COUNTRIES = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"})
# Browsers come with it all over the world.
_SAYS_NOTHING = frozenset({"en-US"})
_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z]{4})?-([A-Za-z]{2})$")

SUBDIVISIONS = {
    "CA-QC": "Québec",
    "DE-BW": "Baden-Württemberg",
    "DE-BY": "Bayern",
    "DE-BE": "Berlin",
    "DE-BB": "Brandenburg",
    "DE-HB": "Bremen",
    "DE-HH": "Hamburg",
    "DE-HE": "Hessen",
    "DE-MV": "Mecklenburg-Vorpommern",
    "DE-NI": "Niedersachsen",
    "DE-NW": "Nordrhein-Westfalen",
    "DE-RP": "Rheinland-Pfalz",
    "DE-SL": "Saarland",
    "DE-SN": "Sachsen",
    "DE-ST": "Sachsen-Anhalt",
    "DE-SH": "Schleswig-Holstein",
    "DE-TH": "Thüringen",
    "GB-ENG": "England",
    "GB-NIR": "Northern Ireland",
    "GB-SCT": "Scotland",
    "GB-WLS": "Wales",
    "US-CA": "California",
    "US-CO": "Colorado",
    "US-CT": "Connecticut",
    "US-DE": "Delaware",
    "US-IN": "Indiana",
    "US-KY": "Kentucky",
    "US-MD": "Maryland",
    "US-MN": "Minnesota",
    "US-MT": "Montana",
    "US-NE": "Nebraska",
    "US-NH": "New Hampshire",
    "US-NJ": "New Jersey",
    "US-OR": "Oregon",
    "US-RI": "Rhode Island",
    "US-TN": "Tennessee",
    "US-TX": "Texas",
    "US-VA": "Virginia",
}
"""Parts of countries by ISO 3166-2, in their own names: those with a law, an authority or holidays of their own."""


def name_of(place: str, language: str = "en") -> str:
    """Name a place for people: `Germany (Bayern)`; a code that nobody knows stands as it is."""
    country = _countries(language).get(country_of(place), country_of(place))
    part = SUBDIVISIONS.get(place, place.partition("-")[2])
    return f"{country} ({part})" if part else country


def country_of(place: str) -> str:
    """Give the country of a place, ISO 3166-1 alpha-2."""
    return place.partition("-")[0]


def is_known(place: str) -> bool:
    """Whether a place can be chosen."""
    return place in SUBDIVISIONS or place in _countries("en")


def choices(language: str = "en") -> list[tuple[str, str]]:
    """List all places with their names, by name; a country's parts follow it."""
    return list(_choices(language))


def proposed(accept_language: str) -> str:
    """Tell from a browser's languages where its owner may live; empty where they do not say.

    Args:
        accept_language: the header Accept-Language (RFC 9110 §12.5.4), the languages preferred first.
    """
    for part in accept_language.split(","):
        tag = part.partition(";")[0].strip()
        match = _TAG.match(tag)
        if match and tag not in _SAYS_NOTHING and is_known(match[1].upper()):
            return match[1].upper()
    return ""


def _choices(language: str) -> Iterator[tuple[str, str]]:
    for country, _ in sorted(_countries(language).items(), key=lambda item: _alphabetical(item[1])):
        yield country, name_of(country, language)
        yield from ((place, name_of(place, language)) for place in SUBDIVISIONS if place.startswith(f"{country}-"))


def _alphabetical(name: str) -> str:
    """Write a name as lists sort it: Åland and Österreich stand among A and O."""
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold() or name


@cache
def _countries(language: str) -> dict[str, str]:
    from babel import Locale, UnknownLocaleError

    try:
        locale = Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        locale = Locale("en")
    names = {code: str(name) for code, name in locale.territories.items()}
    return {code: name for code, name in names.items() if re.fullmatch("[A-Z]{2}", code) and code not in _NO_COUNTRIES}
