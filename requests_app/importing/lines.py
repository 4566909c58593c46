"""One row of a list as the request it asks for, or what is wrong with it, field by field."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from extractors.errors import DsrError
from requests_app.importing.columns import BY_NAME, OWN, QUESTIONS, squeezed
from requests_app.importing.dates import DateOrder, received_at
from requests_app.importing.words import answer_of, channel_of, language_of, place_of, rights_of
from requests_app.intake.asked import Asked, parts_of
from requests_app.intake.mailboxes import UnusableMailbox, mailbox
from requests_app.intake.recording import FaultyRecord, Proof, Record, checked, identifiers_of
from requests_app.models import Channel, Right, SubjectRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

TO_ANSWER_TO = ("email", "address", "phone")
_RENAMED = {"received": "received_at", "address": "postal_address", "number": "numbers"}
_POSTCODES = {"postcode", "postalcode", "zip", "zipcode", "plz", "postleitzahl", "codepostal", "codigopostal", "cap"}
_HOUSE_NUMBERS = {"housenumber", "hausnummer", "huisnummer", "number", "nr", "no"}
_NO_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffd]")


@dataclass(frozen=True, slots=True)
class Reading:
    """How the rows of a list are to be understood.

    Args:
        columns: which field each column is, by its position from 0.
        headings: of the columns, as they stand in the list.
        defaults: what is said for the whole list, where a cell is empty or there is no such column.
        date_order: of dates that may be read two ways.
        language: of the portal's letters where nothing is said.
        proof: how it is made sure that people are who they say, where they can be written to.
        proof_reason: how the team made sure, where it did.
    """

    columns: Mapping[int, str]
    headings: Sequence[str] = ()
    defaults: Mapping[str, str] = field(default_factory=dict)
    date_order: DateOrder = DateOrder.UNKNOWN
    language: str = "en"
    proof: Proof = Proof.CHECKS
    proof_reason: str = field(default="", repr=False)


class FaultyLine(DsrError, ValueError):
    """Say what is wrong with a row: the label of each field, and never what stands in it."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        labels = {name: item.label for name, item in BY_NAME.items()}
        super().__init__("; ".join(f"{labels.get(name, name)}: {told}" for name, told in faults.items()) + ".")
        self.faults = dict(faults)


def read_line(cells: Sequence[str], reading: Reading, *, now: datetime) -> Record:
    """Read a row.

    Raises:
        FaultyLine: with every fault of it.
    """
    given = _given(cells, reading)
    faults: dict[str, str] = {}
    read: dict[str, Any] = {}
    for field_ in OWN:
        try:
            read[field_.name] = _read(field_.name, given.get(field_.name, ""), reading, now)
        except ValueError as error:
            faults[field_.name] = str(error)
    particulars = _particulars(given, read.get("right", ()), faults)
    if not any(given.get(name) for name in TO_ANSWER_TO):
        faults["email"] = "is empty, and so are postal address and telephone; one of the three is needed"
    if faults:
        raise FaultyLine(faults)
    own, *others = (Asked(right, particulars=particulars[right]) for right in read.pop("right"))
    return _record(read | {"right": own.right, "particulars": own.particulars, "also": tuple(others)}, reading)


def _particulars(
    given: Mapping[str, str], rights: Sequence[Right], faults: dict[str, str]
) -> dict[Right, dict[str, str]]:
    """Read the answers to what the rights ask; what is wrong with one is put into `faults`."""
    answers: dict[Right, dict[str, str]] = {right: {} for right in rights}
    for name, (asking, question) in QUESTIONS.items():
        text = given.get(name, "")
        try:
            if text and rights and asking not in rights:
                raise ValueError("answers what is asked of another right")
            if text and rights:
                answers[asking][question.name] = answer_of(question, text)
        except ValueError as error:
            faults[name] = str(error)
    return answers


def _record(read: Mapping[str, Any], reading: Reading) -> Record:
    """Make what was read a record, as the stage of intake would keep it."""
    fields = {_RENAMED.get(name, name): value for name, value in read.items()}
    is_asked = reading.proof is Proof.CHECKS and not fields["email"]
    proof = Proof.LATER if is_asked else reading.proof
    try:
        record = checked(Record(**fields, proof=proof, proof_reason=reading.proof_reason))
        identifiers_of(record)
    except FaultyRecord as error:
        name = next((name for name, renamed in _RENAMED.items() if renamed == error.field), error.field)
        raise FaultyLine({name: str(error).rstrip(".")}) from None
    return record


def mark_of(right: str, email: str, name: str, postal_address: str, phone: str) -> str:
    """Name person and right: by the mailbox, or by name, address and telephone however they are spaced."""
    parts = (name, postal_address, phone)
    person = email.lower() or "\0".join(re.sub(r"[\W_]", "", text.casefold()) for text in parts)
    return f"{right}\0{person}"


def mark_of_record(record: Record) -> str:
    """Name the person and all that a record asks for; see `mark_of`."""
    rights = "+".join(str(part.right) for part in parts_of(record))
    return mark_of(rights, record.email, record.name, record.postal_address, record.phone)


def marks_of_parts(record: Record) -> list[str]:
    """Name the person and each right that a record asks for, as `mark_of` names what is at work."""
    known = (record.email, record.name, record.postal_address, record.phone)
    return [mark_of(part.right, *known) for part in parts_of(record)]


def _given(cells: Sequence[str], reading: Reading) -> dict[str, str]:
    """Put together what stands about each field, of one column or several."""
    parts: dict[str, list[tuple[str, str]]] = {}
    for position, name in sorted(reading.columns.items()):
        cell = cells[position].strip() if position < len(cells) else ""
        heading = reading.headings[position] if position < len(reading.headings) else ""
        if cell:
            parts.setdefault(name, []).append((heading, cell))
    columns = list(reading.columns.values())
    joined = {name: _joined(name, found, is_several=columns.count(name) > 1) for name, found in parts.items()}
    return {**reading.defaults, **joined}


def _joined(name: str, parts: Sequence[tuple[str, str]], *, is_several: bool) -> str:
    if name == "details" and is_several:
        return "\n".join(f"{heading}: {cell}" if heading else cell for heading, cell in parts)
    if name == "address":
        return _address(parts)
    return (";" if name == "number" else " ").join(cell for _, cell in parts)


def _address(parts: Sequence[tuple[str, str]]) -> str:
    """Write an address in lines: a house number stands behind its street, a town behind its postcode."""
    text = ""
    before = ""
    for heading, cell in parts:
        is_behind = squeezed(heading) in _HOUSE_NUMBERS or squeezed(before) in _POSTCODES
        text += (" " if is_behind else "\n") + cell if text else cell
        before = heading
    lines = text.split("\n") if "\n" in text else text.split(",")
    return "\n".join(line.strip() for line in lines if line.strip())


def _read(name: str, text: str, reading: Reading, now: datetime) -> object:
    if _NO_TEXT.search(text):
        raise ValueError("holds signs that are no text; say above which letters the list is written in")
    if name == "received":
        return received_at(_needed(text), reading.date_order, now=now)
    return _READERS[name](text) if text or name in {"right", "name"} else _UNSAID.get(name, reading.language)


def _needed(text: str) -> str:
    if not text:
        raise ValueError("is empty")
    return text


def _rights(text: str) -> list[Right]:
    rights = rights_of(_needed(text))
    if not rights:
        raise ValueError("is none of the seven rights, such as access, erasure or Art. 15")
    return rights


def _name(text: str) -> str:
    return _short(" ".join(_needed(text).split()), SubjectRequest._meta.get_field("name").max_length)


def _email(text: str) -> str:
    try:
        validate_email(text)
        return mailbox(text)
    except (ValidationError, UnusableMailbox):
        raise ValueError("is no whole e-mail address of one mailbox") from None


def _place(text: str) -> str:
    place = place_of(text)
    if not place:
        raise ValueError("is no country or part of one that is known; write it as DE or DE-BY")
    return place


def _channel(text: str) -> Channel:
    channel = channel_of(text)
    if channel is None:
        raise ValueError("is no known way, such as letter, e-mail, telephone or in person")
    return channel


def _language(text: str) -> str:
    language = language_of(text)
    if not language:
        raise ValueError("is no known language; write it as en or de")
    return language


def _short(text: str, longest: int | None) -> str:
    if longest is not None and len(text) > longest:
        raise ValueError(f"is longer than {longest:,} characters")
    return text


def _phone(text: str) -> str:
    return _short(text, SubjectRequest._meta.get_field("phone").max_length)


def _postal_address(text: str) -> str:
    return _short(text, SubjectRequest._meta.get_field("postal_address").max_length)


def _details(text: str) -> str:
    return _short(text, SubjectRequest._meta.get_field("details").max_length)


def _numbers(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in re.split(r"[;\n]", text) if part.strip())


_UNSAID: dict[str, object] = {
    "email": "",
    "phone": "",
    "address": "",
    "place": "",
    "details": "",
    "number": (),
    "channel": Channel.MAIL,
}
_READERS: dict[str, Callable[[str], object]] = {
    "right": _rights,
    "name": _name,
    "email": _email,
    "phone": _phone,
    "address": _postal_address,
    "place": _place,
    "channel": _channel,
    "language": _language,
    "details": _details,
    "number": _numbers,
}
