"""The questions of `dsr_deadline`, from the command line or a file: read, and what is wrong with them named."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from requests_app.deadlines.clock import Facts, Wait
from requests_app.deadlines.rules import RIGHTS
from requests_app.places import country_of, is_known

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from zoneinfo import ZoneInfo

    from requests_app.deadlines.rules import Rule

_PLACE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_USUAL_MISTAKES = {"UK": "GB", "EL": "GR"}
_FIRST_YEAR, _LAST_YEAR = 1970, 2199
_ALL = -1


class Unusable(ValueError):
    """Say which value of a question is wrong, and how it should look."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about one request.

    Args:
        extended: by how much, in the unit of the law's extension; -1 for as much as it allows.
    """

    place: str
    controller: str
    facts: Facts
    extended: int

    def extended_by(self, rule: Rule) -> int:
        """Give by how much the law that leads is extended; of one that knows no length the clock says so itself.

        Raises:
            Unusable: it allows less.
        """
        most = rule.extension.length if rule.extension else 0
        if self.extended > most:
            allowed = f"at most {rule.extension}" if most else "no extension by a length"
            raise Unusable(f"extended: {rule.name} allows {allowed}.")
        return max(most, 1) if self.extended == _ALL else self.extended


def read_question(given: Mapping[str, object], zone: ZoneInfo) -> Question:
    """Read a question.

    Args:
        given: `place`, `received`, and as far as they matter `controller`, `right`, `extended`, `until`, `fee_paid`,
            `identity_asked`, `identity_answered` and the same of `clarification`, or `identity` and `clarification`
            as pairs of days.
        zone: where an instant becomes a day.

    Raises:
        Unusable: a value is missing or wrong.
    """
    place, controller = _place(given, "place"), _place(given, "controller")
    if not place and not controller:
        raise Unusable("place is missing: where the person lives, like DE, DE-BY or US-CA.")
    received = _day(given, "received", zone)
    if received is None:
        raise Unusable("received is missing: the day of receipt, like 2026-03-05.")
    facts = Facts(
        received=received,
        right=_right(given),
        identity=_waits(given, "identity", received, zone),
        clarification=_waits(given, "clarification", received, zone),
        extended_until=_day(given, "until", zone),
        fee_paid=_day(given, "fee_paid", zone),
    )
    return Question(place, controller or place, facts, _extended(given))


def _place(given: Mapping[str, object], name: str) -> str:
    value = given.get(name)
    if value is None or value == "":
        return ""
    place = value.strip().upper() if isinstance(value, str) else ""
    if not _PLACE.fullmatch(place):
        raise Unusable(f"{name}: {value!r} is no place like DE, DE-BY or US-CA.")
    country = country_of(place)
    if not is_known(country):
        meant = f"; {_USUAL_MISTAKES[country]} is meant" if country in _USUAL_MISTAKES else ""
        raise Unusable(f"{name}: there is no country {country} in ISO 3166-1{meant}.")
    return place


def _right(given: Mapping[str, object]) -> str:
    right = given.get("right") or "access"
    if not isinstance(right, str) or right not in RIGHTS:
        raise Unusable(f"right: there is no right {right!r}; there are {', '.join(RIGHTS)}.")
    return right


def _extended(given: Mapping[str, object]) -> int:
    value = given.get("extended")
    if value is None or isinstance(value, bool):
        return _ALL if value else 0
    if not isinstance(value, int) or value < _ALL:
        raise Unusable("extended: takes true, or a whole number in the unit of the law's extension.")
    return value


def _waits(given: Mapping[str, object], name: str, received: date, zone: ZoneInfo) -> tuple[Wait, ...]:
    return tuple(_wait(pair, name, received, zone) for pair in _pairs(given, name))


def _pairs(given: Mapping[str, object], name: str) -> Iterator[dict[str, object]]:
    """Yield the questions to the person, each as `asked` and `answered`."""
    pairs = given.get(name) or []
    if not isinstance(pairs, list) or not all(isinstance(pair, list) and len(pair) in {1, 2} for pair in pairs):
        raise Unusable(f"{name}: takes pairs of days, [[asked, answered], …].")
    yield from (dict(zip((f"{name}_asked", f"{name}_answered"), pair, strict=False)) for pair in pairs)
    own = {key: given.get(key) for key in (f"{name}_asked", f"{name}_answered")}
    if any(own.values()):
        yield own


def _wait(pair: Mapping[str, object], name: str, received: date, zone: ZoneInfo) -> Wait:
    asked, answered = _day(pair, f"{name}_asked", zone), _day(pair, f"{name}_answered", zone)
    if asked is None:
        raise Unusable(f"{name}_asked is missing: an answer follows a question.")
    if asked < received:
        raise Unusable(f"{name}_asked: the question comes before the request.")
    if answered and answered < asked:
        raise Unusable(f"{name}_answered: the answer comes before the question.")
    return Wait(asked, answered)


def _day(given: Mapping[str, object], name: str, zone: ZoneInfo) -> date | None:
    """Read a day, or the day of an instant in the portal's time zone; None where none is given."""
    value = given.get(name)
    if value is None or value == "":
        return None
    wrong = Unusable(f"{name}: {value!r} is no day like 2026-03-05.")
    if not isinstance(value, str):
        raise wrong
    try:
        instant = datetime.fromisoformat(value.strip())
        day = instant.astimezone(zone).date() if instant.tzinfo else instant.date()
    except (ValueError, OverflowError):
        raise wrong from None
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise Unusable(f"{name}: {value!r} is not between {_FIRST_YEAR} and {_LAST_YEAR}.")
    return day
