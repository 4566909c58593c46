"""The laws' periods as data: read from a document in TOML, every fault of it named."""

from __future__ import annotations

import tomllib
from collections import Counter
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from extractors.errors import DsrError

RIGHTS = ("access", "rectification", "erasure", "portability", "restriction", "objection", "automated_decision")

RightName = Literal[
    "access", "rectification", "erasure", "portability", "restriction", "objection", "automated_decision"
]
Place = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")]
Pausing = Literal["restart", "exclude", "none"]
MonthAndDay = Annotated[str, StringConstraints(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]

MOST_CLOSED_DAYS = 200


class FaultyRules(DsrError, ValueError):
    """Say everything that is wrong with a table of rules."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("The rules cannot be used: " + "; ".join(faults))
        self.faults = faults


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Length(_Part):
    """How long a period is."""

    length: Annotated[int, Field(ge=0, le=1_000)]
    unit: Literal["month", "day", "working_day"]

    def __str__(self) -> str:
        noun = {"month": "month", "day": "day", "working_day": "working day"}[self.unit]
        return f"{self.length} {noun}" if self.length == 1 else f"{self.length} {noun}s"


class Extension(Length):
    """By how much, how often and why a law lets the period be extended.

    Args:
        grounds: the words of `GROUNDS`.
        open_ended: whether the controller names the day itself.
        rights: the rights whose period may be extended; empty means all.
        sentence: what the law says, for whoever is refused an extension.
    """

    times: Annotated[int, Field(ge=1, le=12)] = 1
    open_ended: bool = False
    grounds: tuple[str, ...] = ()
    rights: tuple[RightName, ...] = ()
    sentence: str = ""


class Pause(_Part):
    """What waiting for the person does to the period.

    Args:
        clarification_rights: the rights for which asking what is meant pauses; empty means all.
        basis: whether the law itself says so, or guidance, on which a controller need not rely.
    """

    identity: Pausing = "none"
    clarification: Pausing = "none"
    clarification_rights: tuple[RightName, ...] = ()
    basis: Literal["law", "guidance"] = "law"


class Season(_Part):
    """A part of every year without working days, both ends included; it may span the turn of the year."""

    first: MonthAndDay
    last: MonthAndDay

    @model_validator(mode="after")
    def _leaves_working_days(self) -> Season:
        first, last = (31 * int(day[:2]) + int(day[3:]) for day in (self.first, self.last))
        if (last - first) % (12 * 31) > MOST_CLOSED_DAYS:
            raise ValueError("a season this long leaves too few working days")
        return self


class Appeal(_Part):
    """How soon the appeal against a refusal must be answered."""

    answer_days: Annotated[int, Field(ge=1, le=1_000)]
    extension_days: Annotated[int, Field(ge=0, le=1_000)] = 0


class Complaints(_Part):
    """How soon a complaint to the controller itself must be acknowledged."""

    acknowledge_days: Annotated[int, Field(ge=1, le=1_000)]


class Refusal(_Part):
    """What a refusal must tell."""

    content: tuple[str, ...] = ()


class Rule(_Part):
    """One version of one law's periods; see `rules.toml` for what each part means."""

    code: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9-]{2,20}$")]
    version: Annotated[int, Field(ge=1)]
    name: Annotated[str, StringConstraints(min_length=1)]
    law: Annotated[str, StringConstraints(min_length=1)]
    places: Annotated[tuple[Place, ...], Field(min_length=1)]
    rights: Annotated[tuple[RightName, ...], Field(min_length=1)]
    period: Length
    period_by_right: dict[RightName, Length] = {}
    acknowledge: Length | None = None
    starts: Literal["receipt", "complete"] = "receipt"
    roll: Literal["next_working_day", "none"]
    calendar: Literal["controller", "place"] = "place"
    closed: Season | None = None
    extension: Extension | None = None
    pause: Pause = Pause()
    refusal: Refusal = Refusal()
    appeal: Appeal | None = None
    complaints: Complaints | None = None
    silence: Literal["", "refusal"] = ""
    never_disclose: tuple[str, ...] = ()
    keep_records_months: Annotated[int, Field(ge=0, le=1_200)] = 0
    preserve_refused_days: Annotated[int, Field(ge=0, le=36_500)] = 0
    confidence: Literal["high", "medium", "low"]
    valid_from: date | None = None
    sources: dict[str, str] = {}

    @model_validator(mode="after")
    def _fits_together(self) -> Rule:
        if any(length.length == 0 for length in (self.period, *self.period_by_right.values())):
            raise ValueError("a period of no length is none")
        if self.extension and not (self.extension.length or self.extension.open_ended):
            raise ValueError("extension needs a length, or open_ended: true")
        return self

    def period_of(self, right: str) -> Length:
        """Give the period for a right."""
        return self.period_by_right.get(_named(right), self.period)

    def source(self, part: str) -> str:
        """Give the article that a part of the rule rests on."""
        return self.sources.get(part, self.law)

    def is_in_force(self, day: date) -> bool:
        """Whether the rule was in force on a day."""
        return self.valid_from is None or self.valid_from <= day

    def covers(self, place: str) -> bool:
        """Whether the rule is the law of a place, by its country where the part of it has none of its own."""
        return place in self.places or country_of(place) in self.places

    @property
    def identity(self) -> str:
        """Name the rule and its version: `GDPR/1`."""
        return f"{self.code}/{self.version}"


def _named(right: str) -> RightName:
    if right not in RIGHTS:
        raise ValueError(f"there is no right {right!r}")
    return right  # type: ignore[return-value]  # as just checked


class _Table(_Part):
    rule: Annotated[tuple[Rule, ...], Field(min_length=1)]


def country_of(place: str) -> str:
    """Give the country of a place, ISO 3166-1 alpha-2."""
    return place.partition("-")[0]


@cache
def shipped_rules() -> tuple[Rule, ...]:
    """Give the rules that the portal comes with."""
    return read_rules(files(__package__).joinpath("rules.toml").read_text(encoding="utf-8"))


def read_rules(text: str) -> tuple[Rule, ...]:
    """Read a table of rules.

    Raises:
        FaultyRules: it is no TOML, or a rule is wrong; with every fault, each with the rule and part it is in.
    """
    try:
        table = _Table.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise FaultyRules([f"not TOML: {error}"]) from None
    except RecursionError:
        raise FaultyRules(["not TOML of ours: parts within parts without end"]) from None
    except ValidationError as error:
        raise FaultyRules([_told(detail["loc"], detail["msg"]) for detail in error.errors()]) from None
    twice = [name for name, count in Counter(rule.identity for rule in table.rule).items() if count > 1]
    if twice:
        raise FaultyRules([f"{name} stands twice" for name in twice])
    return table.rule


def _told(path: tuple[int | str, ...], message: str) -> str:
    where = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")
    return f"{where}: {message}" if where else message
