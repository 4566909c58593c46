"""Those who were given a person's data, and have to be told that it was corrected, erased or restricted.

Source: GDPR Art. 19. The data maps name the recipients; the team tells each, and says how, or why that cannot be done.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from extractors.errors import DsrError
from requests_app import audit, sources, uploads
from requests_app.controller import controller
from requests_app.models import Approval, RecipientNotice, SubjectRequest, Upload
from requests_app.workflow import WORK, refuse_unless

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from extractors.datamap import CollectionPart, DataMap
    from requests_app.audit import Actor
    from requests_app.models import SourceChange
    from requests_app.models.subject_request import SubjectRequestQuerySet
    from requests_app.uploads import ExaminedFile

Act = Approval.Act
TOLD_OF = frozenset({Act.RECTIFICATION, Act.ERASURE, Act.RESTRICTION})
"""The acts that recipients have to be told of."""
LONGEST_LABEL, LONGEST_WORDS = 255, 500

_ASKED = {
    "rectification": "corrected data of a person that we had disclosed to you. Please correct the same data.",
    "erasure": "erased data of a person that we had disclosed to you. Please erase the same data, and any copies, "
    "unless a law obliges you to keep it.",
    "restriction": "restricted the use of data of a person that we had disclosed to you. Please keep the same data, "
    "and do not use it until we tell you that the restriction has ended.",
}
_OTHERWISE = (
    "dealt with a request about data of a person that we had disclosed to you. Please do: [what has to be done]."
)
_LETTER = """To: {recipient}
Subject: Data of a person that you received from us, our reference {reference}

To whom it may concern,

we have {asked} We tell you so as Article 19 of the GDPR obliges us to.

What it concerns: {about}
Whom it concerns: [the one identifier by which you and they both know the person, and nothing more]

Please confirm with our reference that you have done so, or say why you cannot.

{sender}
"""


class UnusableNotice(DsrError, ValueError):
    """Say what is missing before a recipient can be ticked off or added."""


class SettledNotice(DsrError, ValueError):
    """Say that a recipient was ticked off already, or is not."""


@dataclass(frozen=True, slots=True)
class Named:
    """A recipient that a map names, and the labels of the collections that it was given."""

    label: str
    collections: list[str]


@dataclass(frozen=True, slots=True)
class Standing:
    """The recipients of a request, and how many still wait to be told."""

    notices: list[RecipientNotice]

    @property
    def waiting(self) -> int:
        """How many are neither told nor given up."""
        return sum(not notice.is_settled for notice in self.notices)


def note(change: SourceChange, rows: Mapping[str, int]) -> None:
    """List who has to be told of a change; call it in the transaction that ends the change.

    Who is listed already and waits is told of both at once; who was told before has to be told again.

    Args:
        rows: how many rows were changed, by collection.
    """
    if change.act not in TOLD_OF:
        return
    data_map = sources.map_of(change.map)
    named = _named(data_map, [name for name, count in rows.items() if count])
    if not named:
        return
    waiting = RecipientNotice.objects.filter(request=change.request_id, settled_at=None)
    known = {row.label.casefold() for row in waiting}
    listed = {"request_id": change.request_id, "source_id": change.source_id}
    missing = [RecipientNotice(label=item.label, **listed) for key, item in named.items() if key not in known]
    RecipientNotice.objects.bulk_create(missing, ignore_conflicts=True)  # another source may name them just now, too
    for row in waiting.select_for_update():
        if item := named.get(row.label.casefold()):
            about = [f"{data_map.label or change.source.label}: {name}" for name in item.collections]
            row.about = [*row.about, *(name for name in about if name not in row.about)]
            row.save(update_fields=["about"])
    audit.record(
        "recipients.noted",
        audit.SYSTEM,
        request_id=change.request_id,
        target=f"change {change.pk}",
        recipients=len(named),
        act=str(change.act),
        source=change.source_id,
    )


def standing(request: SubjectRequest) -> Standing:
    """Give the recipients of a request, those who wait first."""
    rows = request.recipients.select_related("settled_by", "evidence", "added_by")
    return Standing(sorted(rows, key=lambda row: row.is_settled))


def untold(requests: SubjectRequestQuerySet) -> SubjectRequestQuerySet:
    """Keep the requests of which a recipient waits to be told, also those that have ended."""
    return requests.filter(Exists(RecipientNotice.objects.filter(request=OuterRef("pk"), settled_at=None)))


@transaction.atomic
def add(request_id: int, label: str, *, actor: Actor) -> RecipientNotice:
    """List a recipient that no map names.

    Raises:
        UnusableNotice: no name is given, it is listed already, or who asked is not known any more.
        PermissionRefused: not for this member of the team to do.
    """
    user_id = refuse_unless(actor, WORK, "list recipients")
    request = SubjectRequest.objects.select_for_update().get(pk=request_id)
    label = " ".join(label.split())
    if not 0 < len(label) <= LONGEST_LABEL:
        raise UnusableNotice(f"Please name the recipient, in at most {LONGEST_LABEL} characters.")
    if request.pseudonymised_at:
        raise UnusableNotice("What was personal in this request is gone; nobody can be told of it any more.")
    if label.casefold() in {row.label.casefold() for row in request.recipients.filter(settled_at=None)}:
        raise UnusableNotice("This recipient is listed already.")
    row: RecipientNotice = RecipientNotice.objects.create(request=request, label=label, added_by_id=user_id)
    _record("recipient.added", row, actor)
    return row


@transaction.atomic
def tell(notice_id: int, told_on: date, way: str, *, actor: Actor, file: ExaminedFile | None = None) -> RecipientNotice:
    """Put on record that a recipient was told; of two who do so at once, one succeeds.

    Args:
        way: how, in words.
        file: that proves it.

    Raises:
        UnusableNotice: it is not said how, or the day cannot be.
        SettledNotice: they were ticked off already.
        PermissionRefused: not for this member of the team to do.
        UnwritableOutput, KeyDestroyed: the file cannot be kept.
    """
    user_id = refuse_unless(actor, WORK, "tick recipients off")
    row = _locked(notice_id)
    way = _words(way, "Please say how they were told, for example by which mail")
    if told_on > timezone.localdate():
        raise UnusableNotice("They cannot have been told on a day that is still to come.")
    if told_on < timezone.localdate(row.request.submitted_at):
        raise UnusableNotice("They cannot have been told before the request came.")
    if file:
        row.evidence = uploads.take(file, Upload.Kind.RECIPIENT, actor=actor, request=row.request)
    row.told_on, row.way = told_on, way
    _settle(row, user_id)
    _record("recipient.told", row, actor, on=told_on.isoformat(), has_proof=bool(file))
    return row


@transaction.atomic
def give_up(notice_id: int, because: str, *, actor: Actor) -> RecipientNotice:
    """Put on record that telling a recipient is impossible, or would take a disproportionate effort.

    Raises:
        UnusableNotice: it is not said why.
        SettledNotice: they were ticked off already.
        PermissionRefused: not for this member of the team to do.
    """
    user_id = refuse_unless(actor, WORK, "tick recipients off")
    row = _locked(notice_id)
    row.impossible_because = _words(because, "Please say why they cannot be told")
    _settle(row, user_id)
    _record("recipient.given_up", row, actor)
    return row


@transaction.atomic
def reopen(notice_id: int, *, actor: Actor) -> None:
    """Take back that a recipient was ticked off; the file that was to prove it is deleted.

    Raises:
        SettledNotice: they were not ticked off, or wait once more already.
        PermissionRefused: not for this member of the team to do.
    """
    refuse_unless(actor, WORK, "tick recipients off")
    row = _locked(notice_id, is_settled=True)
    if row.request.recipients.filter(settled_at=None, label=row.label).exists():
        raise SettledNotice("This recipient waits to be told of a later change already.")
    if row.evidence:
        uploads.remove(row.evidence, actor=actor)
    row.told_on = row.settled_at = row.settled_by = row.evidence = None
    row.way = row.impossible_because = ""
    row.save()
    _record("recipient.reopened", row, actor)


@transaction.atomic
def remove(notice_id: int, *, actor: Actor) -> None:
    """Take a recipient off the list that the team itself had added.

    Raises:
        SettledNotice: they were ticked off already.
        UnusableNotice: a data map names them.
        PermissionRefused: not for this member of the team to do.
    """
    refuse_unless(actor, WORK, "list recipients")
    row = _locked(notice_id)
    if row.added_by_id is None:
        raise UnusableNotice("A data map names this recipient: tell them, or say why that cannot be done.")
    _record("recipient.removed", row, actor)
    row.delete()


def letter(notice: RecipientNotice) -> str:
    """Write what a recipient is told, to be sent by the team: what to do, by reference, and nobody's data."""
    sender = controller()
    lines = (sender.name, *sender.address, sender.email)
    return _LETTER.format(
        recipient=notice.label,
        reference=notice.request.reference,
        asked=_ASKED.get(notice.request.right, _OTHERWISE),
        about="; ".join(notice.about) or "[which data]",
        sender="\n".join(filter(None, lines)),
    )


def _named(data_map: DataMap, collections: list[str]) -> dict[str, Named]:
    """Give the recipients of some collections, by small letters: as they are written, and what each was given."""
    named: dict[str, Named] = {}
    for name in collections:
        if part := data_map.collections.get(name):
            for label in _recipients_of(data_map, part):
                named.setdefault(label.casefold(), Named(label, [])).collections.append(part.label or name)
    return named


def _recipients_of(data_map: DataMap, part: CollectionPart) -> list[str]:
    """Give who was given a collection: whom it names itself, else whom its source does."""
    own = part.information
    states_own = own is not None and "recipients" in own.model_fields_set
    named = own.recipients if own and states_own else data_map.information.recipients
    return [cut for label in named if (cut := " ".join(label.split())[:LONGEST_LABEL])]


def _locked(notice_id: int, *, is_settled: bool = False) -> RecipientNotice:
    row = (
        RecipientNotice.objects.select_for_update(of=("self",)).select_related("request", "evidence").get(pk=notice_id)
    )
    if row.is_settled != is_settled:
        raise SettledNotice(
            "This recipient waits to be told." if is_settled else "This recipient was ticked off already."
        )
    return row


def _settle(row: RecipientNotice, user_id: int) -> None:
    row.settled_at, row.settled_by_id = timezone.now(), user_id
    row.save()


def _words(text: str, missing: str) -> str:
    text = text.strip()
    if not 0 < len(text) <= LONGEST_WORDS:
        raise UnusableNotice(f"{missing}, in at most {LONGEST_WORDS} characters.")
    return text


def _record(action: str, row: RecipientNotice, actor: Actor, **details: str | bool) -> None:
    audit.record(action, actor, request_id=row.request_id, target=f"recipient {row.pk}", **details)
