"""Requests that the team records: what came by letter, e-mail, telephone or in person, with the day it came."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models, transaction
from django.utils import timezone

from extractors.errors import DsrError, UnusableIdentifier
from extractors.identifiers import spellings
from requests_app import audit, cases, places, uploads
from requests_app.controller import controller
from requests_app.formats import in_order, usual_formats
from requests_app.intake.asked import Asked, parts_of
from requests_app.intake.mailboxes import UnusableMailbox, mailbox
from requests_app.intake.taking import announce, ask_for_proof, begin_work, create, refuse_future
from requests_app.models import Channel, Identifier, IdentityCheck, Right, SubjectRequest, Upload
from requests_app.models.subject_request import COLLECTED, RECORDED
from requests_app.rights import answers
from requests_app.spelling import name_key
from requests_app.workflow import WORK, refuse_unless

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from django.core.files.uploadedfile import UploadedFile

    from requests_app.audit import Actor
    from requests_app.uploads import ExaminedFile

CHANNELS = RECORDED
MOST_FILES, MOST_NUMBERS = 10, 10


class FaultyRecord(DsrError, ValueError):
    """Say what is wrong with what was typed; `field` names where, as `Record` does."""

    def __init__(self, field_name: str, message: str) -> None:
        super().__init__(message)
        self.field = field_name


class Proof(models.TextChoices):
    """How it is made sure that the person is who they say."""

    CHECKS = "checks", "We write to their e-mail address, and they follow the link"
    TEAM = "team", "We have made sure already"
    LATER = "later", "It is still to be shown"


@dataclass(frozen=True, slots=True)
class Record:
    """What somebody of the team writes down, as it was typed.

    Args:
        received_at: when it reached the organisation, whoever of it: the law counts from then on.
        numbers: what else the person is known by, such as customer numbers.
        proof_reason: how the team made sure who they are; never shown to the person.
        particulars: the answers to what the right asks, by the names of the questions.
        also: the other rights that the same letter asks for.
    """

    channel: Channel
    received_at: datetime
    name: str = field(repr=False)
    right: Right
    email: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    postal_address: str = field(default="", repr=False)
    place: str = ""
    details: str = field(default="", repr=False)
    language: str = "en"
    formats: tuple[str, ...] = ()
    delivery_way: str = ""
    numbers: tuple[str, ...] = field(default=(), repr=False)
    proof: Proof = Proof.CHECKS
    proof_reason: str = field(default="", repr=False)
    files: Sequence[UploadedFile[bytes] | ExaminedFile] = field(default=(), repr=False)
    particulars: Mapping[str, str] = field(default_factory=dict, repr=False)
    also: tuple[Asked, ...] = ()


@transaction.atomic
def record(typed: Record, *, actor: Actor) -> SubjectRequest:
    """Take in what came to the team, a request for each right that it asks for; nobody counts how many.

    Returns:
        The first of them.

    Raises:
        PermissionRefused: not for this member of the team to do.
        FutureReceipt: it is said to have come later than now.
        FaultyRecord: something is missing or cannot be; names the field.
        UnusableFile: a file cannot be taken; see `uploads.take`.
    """
    user_id = refuse_unless(actor, WORK, "record requests")
    refuse_future(typed.received_at)
    known = checked(typed)
    made = [_create(part, user_id) for part in parts_of(known)]
    cases.bind(made)
    told: dict[str, int | str] = {"channel": str(known.channel), "proof": str(known.proof), "files": len(known.files)}
    for request in made:
        announce(request, "request.recorded", actor=actor, **told)
        for file in known.files:
            uploads.take(file, Upload.Kind.EVIDENCE, actor=actor, request=request)
    _prove(made, known, actor)
    made[0].refresh_from_db()
    return made[0]


def _create(part: Record, user_id: int) -> SubjectRequest:
    request = create(part.received_at, recorded_by_id=user_id, recorded_at=timezone.now(), **fields_of(part))
    for kind, value in identifiers_of(part):
        Identifier.objects.get_or_create(request=request, kind=kind, value=value)
    return request


def checked(typed: Record) -> Record:
    """Give what was typed as it is kept.

    Raises:
        FaultyRecord: see `record`.
    """
    known = replace(
        typed,
        name=_line(typed.name),
        email=_mailbox(typed.email),
        phone=phone_of(typed.phone, typed.place),
        postal_address=_lines(typed.postal_address),
        details=_lines(typed.details),
        proof_reason=_lines(typed.proof_reason),
        numbers=tuple(dict.fromkeys(filter(None, map(_line, typed.numbers)))),
        particulars=_answers(typed),
        formats=_formats(typed),
        also=tuple(replace(each, formats=_formats(each), particulars=_answers(each)) for each in typed.also),
    )
    for name, message in _faults(known):
        raise FaultyRecord(name, message)
    _refuse_too_long(known)
    return known


def _formats(asked: Record | Asked) -> tuple[str, ...]:
    return in_order(asked.formats) or usual_formats(asked.right) if asked.right in COLLECTED else ()


def _answers(typed: Record | Asked) -> dict[str, str]:
    try:
        return answers.checked(typed.right, typed.particulars)
    except answers.UnusableAnswer as error:
        raise FaultyRecord(answers.field_name(typed.right, error.question), str(error)) from None


def phone_of(typed: str, place: str) -> str:
    """Write a telephone number in international form; without a country code it is one of where the person lives.

    Raises:
        FaultyRecord: it is no number.
    """
    import phonenumbers

    if not typed.strip():
        return ""
    country = places.country_of(place or controller().country) or None
    try:
        number = phonenumbers.parse(typed.strip(), country)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise FaultyRecord("phone", "Please write the number with its country code, as in +49 30 1234567.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _faults(known: Record) -> Iterator[tuple[str, str]]:
    if known.channel not in RECORDED:
        yield "channel", "Please say how it came."
    if not known.name:
        yield "name", "Please give the person's name."
    if not (known.email or known.postal_address or known.phone):
        yield "postal_address", "Please give an e-mail address, a postal address or a telephone number to answer to."
    if known.place and not places.is_known(known.place):
        yield "place", "Please choose a place of the list."
    if len(known.numbers) > MOST_NUMBERS:
        yield "numbers", f"Please give at most {MOST_NUMBERS}."
    if len(known.files) > MOST_FILES:
        yield "files", f"Please choose at most {MOST_FILES} files."
    yield from _faults_of_proof(known)


def _faults_of_proof(known: Record) -> Iterator[tuple[str, str]]:
    if known.proof == Proof.CHECKS and not known.email:
        yield "proof", "There is no e-mail address to write to; please choose another way, or give one."
    if known.proof != Proof.TEAM:
        return
    if not known.proof_reason:
        yield "proof_reason", "Please say how you made sure who they are; it is kept on record."
    is_searched = any(part.right in COLLECTED for part in parts_of(known))
    if is_searched and not (known.email or known.phone or known.numbers):
        yield (
            "numbers",
            "Nothing says by what to search: please give an e-mail address, a telephone number or a customer number, "
            "or choose that who they are is still to be shown.",
        )


def _refuse_too_long(known: Record) -> None:
    for name in ("name", "postal_address", "details"):
        longest = getattr(SubjectRequest._meta.get_field(name), "max_length", None) or 0
        if len(getattr(known, name)) > longest:
            raise FaultyRecord(name, f"Please use at most {longest:,} characters.")
    if any(len(number) > 200 for number in known.numbers):
        raise FaultyRecord("numbers", "Please use at most 200 characters for each.")


def _prove(requests: Sequence[SubjectRequest], known: Record, actor: Actor) -> None:
    if known.proof == Proof.CHECKS:
        ask_for_proof(requests)
        return
    for request in requests:
        check = IdentityCheck.objects.create(
            request=request, kind=IdentityCheck.Kind.TEAM, sent=0, asked_by_id=actor.user_id
        )
        if known.proof == Proof.TEAM:
            _pass(check, known.proof_reason, actor)
            begin_work(request)


def _pass(check: IdentityCheck, reason: str, actor: Actor) -> None:
    """Take what the person is known by as proven, on the word of whoever made sure."""
    now = timezone.now()
    IdentityCheck.objects.filter(pk=check.pk).update(passed_at=now, decided_by=actor.user_id, reason=reason)
    known = Identifier.objects.filter(request=check.request_id)
    known.update(proof=Identifier.Proof.STAFF, proven_at=now)
    audit.record("identity.proven", actor, request_id=check.request_id, target=f"check {check.pk}", proof="staff")


def fields_of(known: Record) -> dict[str, object]:
    """Give a checked record as the fields of a request."""
    names = ("channel", "right", "name", "email", "phone", "postal_address", "place", "details", "language")
    fields: dict[str, object] = {name: getattr(known, name) for name in names}
    fields |= {"formats": list(known.formats), "name_key": name_key(known.name), "particulars": dict(known.particulars)}
    return fields | ({"delivery_way": known.delivery_way} if known.delivery_way else {})


def identifiers_of(known: Record) -> tuple[tuple[str, str], ...]:
    """Give what a checked record says the person is known by, beside the mailbox: kinds and values."""
    return tuple(_further_identifiers(known))


def _further_identifiers(known: Record) -> Iterator[tuple[str, str]]:
    if known.phone:
        yield Identifier.Kind.PHONE, spellings(Identifier.Kind.PHONE, known.phone)[0]
    for number in known.numbers:
        try:
            yield Identifier.Kind.USER_ID, spellings(Identifier.Kind.USER_ID, number)[0]
        except UnusableIdentifier:
            raise FaultyRecord("numbers", "One of them cannot be searched for; please write it anew.") from None


def _mailbox(typed: str) -> str:
    if not typed.strip():
        return ""
    try:
        validate_email(typed.strip())
        return mailbox(typed.strip())
    except (ValidationError, UnusableMailbox):
        raise FaultyRecord("email", "Please enter a whole e-mail address, like name@example.org.") from None


def _line(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").strip()
