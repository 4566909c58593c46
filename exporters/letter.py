"""Who answers whom, about what: what a letter needs beside the answer itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Image:
    """A picture, held whole: a logo or a signature, PNG, JPEG or SVG."""

    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Controller:
    """Who is responsible for the data and answers (GDPR Art. 4(7)); empty where nothing is known.

    Args:
        address: the lines of the postal address, without the name.
        country: ISO 3166-1 alpha-2, or with a subdivision (ISO 3166-2): `DE`, `DE-BY`, `US-CA`.
        officer: the data protection officer's name (Art. 37), `officer_contact` how to reach them.
        representative: name and address of the representative in the Union (Art. 27).
        colour: `#rrggbb`, dark enough for white text upon it.
    """

    name: str
    address: tuple[str, ...] = ()
    country: str = ""
    email: str = ""
    phone: str = ""
    website: str = ""
    privacy_url: str = ""
    officer: str = ""
    officer_contact: str = ""
    representative: str = ""
    colour: str = "#17324d"
    logo: Image | None = None
    signatory: str = ""
    signatory_role: str = ""
    signature: Image | None = None


@dataclass(frozen=True, slots=True)
class Authority:
    """The supervisory authority that a person may complain to (GDPR Art. 77).

    Args:
        place: the country or subdivision it is competent for, like `Controller.country`.
        address: the lines of the postal address, the country last.
    """

    place: str
    name: str
    address: tuple[str, ...] = ()
    phone: str = ""
    email: str = ""
    website: str = ""
    complaint_url: str = ""


class SearchOutcome(StrEnum):
    """What became of the search of a source."""

    FOUND = "found"
    EMPTY = "empty"
    FAILED = "failed"  # it could not be searched
    PARTLY = "partly"  # searched without what other sources would have led to


@dataclass(frozen=True, slots=True)
class Searched:
    """One source that was searched for the person, found something or not.

    Args:
        at: when, aware, UTC; None where it never was.
        identifiers: the kinds searched by (`email`, `phone`, …), never their values.
        note: why it failed or is partial, in words for the person.
    """

    source: str
    label: str
    outcome: SearchOutcome
    at: datetime | None = None
    identifiers: tuple[str, ...] = ()
    records: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """The letter that an answer to a request begins with.

    Args:
        right: what was asked for, as `requests_app.models.Right` names it.
        recipient: the name of who asked.
        place: where they live, like `Controller.country`; empty where unknown.
        due_on: the last day of the period; None where no answer was owed.
        never_given: what is held and by law never given out, as "your social security number".
        decision: what a reviewer wrote to the person, plain text of several lines.
        on_behalf_of: the name of the person whose data it is, where the letter goes to who stands for them.
        addressed_to: the lines below the recipient's name; where there are none, it is their mailbox.
    """

    controller: Controller
    authority: Authority | None
    right: str
    recipient: str
    received_on: date
    due_on: date | None = None
    place: str = ""
    decision: str = ""
    never_given: tuple[str, ...] = ()
    contact_url: str = ""
    on_behalf_of: str = ""
    addressed_to: tuple[str, ...] = ()
