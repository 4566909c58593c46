"""What a notice may speak of; without links, as these are made when a mail is sent and never to look at it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils import timezone

from exporters.letter import Controller
from exporters.opening.asked import law_at
from requests_app import erasures, representing, restrictions
from requests_app.authorities import competent
from requests_app.letters.languages import language_of
from requests_app.letters.refused import refusal_of
from requests_app.models import AppealOrComplaint, Message, PeriodExtension, PersonWait, Recipient, Right

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from django.contrib.auth.models import User

    from requests_app.letters.writing import Context
    from requests_app.models import DataSource, Export, OutboxMail, SubjectRequest

APPEALS = ("appeal_received", "appeal_answered")


@dataclass(frozen=True, slots=True)
class Given:
    """What only the mail that is sent has: addresses with their tokens, and codes.

    Args:
        link: where the notice's button leads.
        obstacle: why the files asked for in the mail are not in it, by the name of its phrase.
        told: what the team wrote for this notice alone.
        together: the requests of one letter that its link is about, where there are several.
    """

    link: str = field(default="", repr=False)
    status_link: str = field(default="", repr=False)
    link_days: int = 0
    code: str = field(default="", repr=False)
    code_minutes: int = 0
    is_attached: bool = False
    obstacle: str = ""
    told: str = field(default="", repr=False)
    preferences_link: str = field(default="", repr=False)
    together: tuple[SubjectRequest, ...] = ()


@dataclass(frozen=True, slots=True)
class Reminded:
    """What a member of the team is reminded of, and the page to see it on."""

    reference: str
    right: str
    reminds_of: str
    due_on: date | None
    link: str = ""


def to_person(
    controller: Controller,
    request: SubjectRequest,
    export: Export | None = None,
    given: Given | None = None,
    written_at: datetime | None = None,
    recipient: Recipient | str = Recipient.PERSON,
) -> Context:
    """Put together what a notice to the person, or to who stands for them, may speak of."""
    known = given or Given()
    authority = competent(request.place, controller.country)
    return _common(controller, request.language, request.name, written_at) | {
        "request": request,
        "reference": request.reference,
        "address": request.postal_address or request.email,
        "by_post": not request.email,
        "received_on": timezone.localdate(request.submitted_at),
        "authority": authority,
        "law": law_at(authority.place if authority else request.place or controller.country),
        "export": export,
        "expires_at": export.expires_at if export else None,
        **_other(request),
        "refusal": refusal_of(request, request.language),
        "erasure": erasures.told(request, request.language) if request.pk and request.right == Right.ERASURE else None,
        **{name: getattr(known, name) for name in Given.__slots__},
        **_representative(request, recipient),
    }


def to_staff(controller: Controller, recipient: User, source: DataSource, link: str = "") -> Context:
    """Put together what a notice to a member of the team may speak of."""
    name = recipient.get_full_name() or recipient.get_username()
    known = {"recipient": recipient, "source": source, "link": link, "reference": "", "address": recipient.email}
    return _common(controller, "en", name, None) | known


def reminding(controller: Controller, recipient: User, reminders: Sequence[Reminded]) -> Context:
    """Put together what a reminder to a member of the team may speak of."""
    name = recipient.get_full_name() or recipient.get_username()
    known = {"recipient": recipient, "reminders": reminders, "reference": "", "address": recipient.email}
    return _common(controller, "en", name, None) | known


def told_of(mail: OutboxMail) -> str:
    """Give what the team wrote for a mail: a question, or the notice of an extension; the newest for a repetition.

    A message stands on the page of the request alone; only who has no mailbox is sent its text, on paper.
    """
    if mail.template == "message" and mail.is_letter:
        written = Message.objects.filter(request=mail.request_id, kind=Message.Kind.TO_PERSON)
        message = written.filter(mail=mail).first() or written.first()
        return message.text if message else ""
    if mail.template == "question":
        waits = PersonWait.objects.filter(request=mail.request_id)
        row = waits.filter(mail=mail).first() or waits.order_by("-pk").first()
        return row.question if row else ""
    if mail.template == "extended":
        extensions = PeriodExtension.objects.filter(request=mail.request_id).exclude(approved_at=None)
        extension = extensions.filter(mail=mail).first() or extensions.first()
        return extension.notice if extension else ""
    if mail.template == restrictions.ANNOUNCED:
        return _told_of_lifting(mail)
    return _told_of_appeal(mail) if mail.template in APPEALS else ""


def _told_of_lifting(mail: OutboxMail) -> str:
    """Say on which day a restriction ends, and why; a day that is later than it was meant where this goes out late."""
    standing = restrictions.standing(mail.request)
    lifting = restrictions.announced(standing) if standing else None
    if lifting is None:
        return ""
    language = language_of(mail.request.language)
    day = language.day(restrictions.ends_on(lifting))
    return f"{language.phrase('lifting.on', day=day)}\n\n{language.phrase('lifting.why')} {lifting.reason}"


def _told_of_appeal(mail: OutboxMail) -> str:
    """Say what comes next of an appeal or a complaint, or what came of it, in the language of the request."""
    rows, language = AppealOrComplaint.objects.filter(request=mail.request_id), language_of(mail.request.language)
    if mail.template == "appeal_received":
        row = rows.first()
        due = row.due_on if row else None
        return str(language.phrase("appeal.by", day=language.day(due)) if due else language.phrase("appeal.undelayed"))
    row = rows.exclude(answered_at=None).first()
    return f"{language.phrase(f'appeal.{row.outcome}')}\n\n{row.answer}" if row else ""


def _representative(request: SubjectRequest, recipient: Recipient | str) -> Context:
    """Name who stands for the person, and put them in the person's place where the notice is theirs."""
    found = representing.representative_of(request)
    known: Context = {"representative": found, "on_behalf_of": ""}
    if found is None or recipient != Recipient.REPRESENTATIVE:
        return known
    address = "\n".join(filter(None, (found.organisation, found.postal_address or found.email)))
    return known | {
        "addressee": found.name,
        "address": address,
        "by_post": not found.email,
        "on_behalf_of": request.name,
    }


def _other(request: SubjectRequest) -> Context:
    """Name the request with whose answer a duplicate is answered."""
    other = request.answered_with
    if other is None:
        return {"other": None, "other_received_on": None, "other_is_open": False}
    return {"other": other, "other_received_on": timezone.localdate(other.submitted_at), "other_is_open": other.is_open}


def _common(controller: Controller, language: str, addressee: str, written_at: datetime | None) -> Context:
    return {
        "controller": controller,
        "language": language,
        "addressee": addressee,
        "written_on": timezone.localdate(written_at),
    }
