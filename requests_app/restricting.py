"""The stage that restricts the use of a person's data, and ends it once the person was told.

Source: GDPR Art. 18. One person decides to restrict: it takes nothing away, and protects. It ends only after the person
was told (Art. 18(3)), by itself, on the day that was announced.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING

import orjson
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from extractors.errors import DsrError
from extractors.identifiers import spellings
from requests_app import audit, planning, proofs, restrictions
from requests_app.models import (
    Approval,
    DataSource,
    Leased,
    Lifting,
    Message,
    OutboxMail,
    Restriction,
    Right,
    SourceChange,
    Status,
    SubjectRequest,
    Suppression,
)
from requests_app.notifications import queue_letter, queue_mail
from requests_app.queue import enqueue
from requests_app.refusals import standing as refusals
from requests_app.rights.changed import undone
from requests_app.suppression import register
from requests_app.workflow import DECIDE, WORK, MissingReason, refuse_unless

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from requests_app.audit import Actor

Act = Approval.Act
RESTRICTED = "restricted"
"""The letter that tells that the data is restricted."""
BY_HAND = (Act.RESTRICTION, Act.LIFTING)
UNWANTED = (Status.WITHDRAWN, Status.REJECTED, Status.LAPSED)
MOST_AT_ONCE = 200


class NotRestrictable(DsrError, ValueError):
    """Say that the data of a request cannot be restricted now, and why."""


class NotLiftable(DsrError, ValueError):
    """Say that the end of a restriction cannot be announced, told otherwise or called off now, and why."""


class TooEarly(DsrError, ValueError):
    """Say that a restriction cannot end so early: the person has to know before."""


def restrict(request_id: int, ground: str, *, actor: Actor) -> Restriction:
    """Restrict the use of a person's data: in the register at once, in every source by a task each.

    Raises:
        PermissionRefused: the member of the team may not work on requests.
        NotRestrictable: there is no such ground, the request is not in progress or about to be refused, nothing that
            the person is known by is theirs for certain, or it is restricted already.
        UnprovenIdentity, UnsettledAuthority: it is not clear who asks.
    """
    user_id = refuse_unless(actor, WORK, "restrict the use of data")
    if ground not in Restriction.Ground.values:
        raise NotRestrictable("Please choose why the use of the data is restricted.")
    try:
        with transaction.atomic():
            request = _restrictable(request_id)
            approval = Approval.objects.create(
                request=request, act=Act.RESTRICTION, digest=_digest(request, ground), approved_by_id=user_id
            )
            row = Restriction.objects.create(request=request, ground=ground, approval=approval)
            audit.record("restriction.decided", actor, request_id=request_id, target=_named(row), ground=ground)
            planning.take_effect(request, Act.RESTRICTION, approval, actor=actor)
    except IntegrityError:
        raise NotRestrictable("The use of this data is restricted already.") from None
    return row


def announce(request_id: int, reason: str, lift_on: date, *, actor: Actor) -> Lifting:
    """Tell the person on which day a restriction ends, and why; it ends then by itself, and not before they were told.

    Raises:
        PermissionRefused: the member of the team may not decide.
        MissingReason: there is none, or it is too long.
        TooEarly: the day is closer than the setting DSR_LIFTING_NOTICE_DAYS lets it be.
        NotLiftable: nothing is in force, or its end is announced already.
    """
    user_id = refuse_unless(actor, DECIDE, "end a restriction")
    text, longest = reason.strip(), Lifting._meta.get_field("reason").max_length or 0
    if not 0 < len(text) <= longest:
        raise MissingReason(f"Reason: please say in 1 to {longest:,} characters why it ends; the person reads it.")
    try:
        with transaction.atomic():
            row = _in_force(request_id)
            is_known = row.request.pseudonymised_at is None
            _refuse_early(lift_on, is_known=is_known)
            approval = Approval.objects.create(
                request=row.request,
                act=Act.LIFTING,
                digest=_digest(row.request, text, lift_on.isoformat()),
                approved_by_id=user_id,
            )
            lifting = Lifting.objects.create(restriction=row, reason=text, lift_on=lift_on, approval=approval)
            if is_known:  # the mail speaks of the lifting, which has to be there first
                lifting.mail = queue_mail(request_id, restrictions.ANNOUNCED)
                lifting.save(update_fields=["mail"])
            _record("lifting.announced", lifting, actor, on=lift_on.isoformat())
    except IntegrityError:
        raise NotLiftable("The end of this restriction is announced already: call that off first.") from None
    return lifting


@transaction.atomic
def call_off(lifting_id: int, *, actor: Actor) -> None:
    """Keep a restriction in force whose end was announced; the person is written to by a message, if at all.

    Raises:
        PermissionRefused: the member of the team may not decide.
        NotLiftable: it has ended meanwhile, or this was called off before.
    """
    user_id = refuse_unless(actor, DECIDE, "call this off")
    lifting = _locked(lifting_id)
    lifting.called_off_at, lifting.called_off_by_id = timezone.now(), user_id
    lifting.save(update_fields=["called_off_at", "called_off_by"])
    _forget(lifting)
    _record("lifting.called_off", lifting, actor)


@transaction.atomic
def post_instead(lifting_id: int, *, actor: Actor) -> OutboxMail:
    """Have the announcement of an end posted as a letter, where the mail did not arrive.

    Raises:
        PermissionRefused: the member of the team may not work on requests.
        NotLiftable: it is over, the mail may still arrive, or a letter waits to be posted already.
        NotAddressee: it is not theirs to know any more.
    """
    refuse_unless(actor, WORK, "post letters")
    lifting = _locked(lifting_id)
    sent = list(restrictions.notices(lifting))
    if not sent or not all(is_lost(mail) for mail in sent):
        raise NotLiftable("The person was told already, or a mail or a letter is on its way.")
    letter = queue_letter(lifting.restriction.request_id, restrictions.ANNOUNCED, sent[-1].recipient)
    _record("lifting.posted_instead", lifting, actor)
    return letter


@transaction.atomic
def see_to_by_hand(change_id: int, how: str, *, actor: Actor) -> None:
    """Take it on oneself that a source is marked, or restored, which the portal could not do; how stays as a note.

    Raises:
        PermissionRefused: the member of the team may not decide.
        MissingReason: it is not said how.
        NotRestrictable: the portal has not given up on it, or did it.
    """
    user_id = refuse_unless(actor, DECIDE, "see to a source by hand")
    text, longest = how.strip(), (Message._meta.get_field("text").max_length or 0) // 2
    if not 0 < len(text) <= longest:
        raise MissingReason(f"Please say in 1 to {longest:,} characters how you see to it; it stays with the team.")
    change = SourceChange.objects.select_related("source", "request").get(pk=change_id)
    given_up = SourceChange.objects.filter(pk=change_id, act__in=BY_HAND, state=Leased.State.FAILED, is_left_out=False)
    if not given_up.filter(applied_at=None, called_off_at=None).update(is_left_out=True):
        raise NotRestrictable("Only what the portal has given up can be seen to by hand.")
    target = f"change {change_id}"
    audit.record("change.left_out", actor, request_id=change.request_id, target=target, has_reason=True)
    if change.request.pseudonymised_at is None:
        note = Message.objects.create(
            request=change.request, text=f"By hand in {change.source.label}: {text}", author_id=user_id
        )
        audit.record("note.added", actor, request_id=change.request_id, target=f"note {note.pk}")
    enqueue("finish_request", change.request_id)


def is_lost(mail: OutboxMail) -> bool:
    """Whether a mail did not reach anybody, and never will."""
    is_given_up = mail.state == OutboxMail.State.FAILED or mail.dropped_at is not None
    return is_given_up or mail.delivery in restrictions.UNDELIVERED


def sweep() -> None:
    """End what has to end, and tell of what is done; called every minute, and may be called by two at once."""
    for lifting in Lifting.objects.filter(called_off_at=None, done_at=None, lift_on__lte=timezone.localdate()):
        _lift(lifting.pk)
    for row in restrictions.in_force().filter(request__status__in=UNWANTED)[:MOST_AT_ONCE]:
        _end_unwanted(row.pk)
    for row, source in _left_out_by_chance():
        with suppress(IntegrityError):  # somebody was faster
            planning.take_effect_in(source, row.request, Act.RESTRICTION, row.approval)
    untold = restrictions.in_force().exclude(request__mails__template=RESTRICTED)
    for row in untold.select_related("request")[:MOST_AT_ONCE]:
        _tell(row.request)


def _left_out_by_chance() -> Iterator[tuple[Restriction, DataSource]]:
    """Give the restrictions in force that some source has not heard of, as it came or was switched on later."""
    for source in DataSource.objects.filter(is_enabled=True, current_map__isnull=False):
        heard = SourceChange.objects.filter(request=OuterRef("request"), source=source, act=Act.RESTRICTION)
        unheard = restrictions.in_force().filter(~Exists(heard), request__pseudonymised_at=None)
        for row in unheard.exclude(request__status__in=UNWANTED).select_related("request", "approval")[:MOST_AT_ONCE]:
            yield row, source


@transaction.atomic
def _lift(lifting_id: int) -> None:
    """End a restriction, if its person was told and the day has come."""
    lifting = Lifting.objects.get(pk=lifting_id)
    SubjectRequest.objects.select_for_update().get(pk=lifting.restriction.request_id)
    lifting = Lifting.objects.select_for_update().select_related("restriction__request").get(pk=lifting_id)
    if not restrictions.may_end(lifting):
        return
    Lifting.objects.filter(pk=lifting_id).update(done_at=timezone.now())
    _record("lifting.done", lifting, audit.SYSTEM)
    _end(lifting.restriction, lifting.approval)
    if lifting.mail_id:
        queue_mail(lifting.restriction.request_id, "lifted")


@transaction.atomic
def _end_unwanted(restriction_id: int) -> None:
    """End a restriction at once whose request the person took back, or that came from nobody."""
    row = Restriction.objects.get(pk=restriction_id)
    request = SubjectRequest.objects.select_for_update().get(pk=row.request_id)
    row = Restriction.objects.select_related("request").get(pk=restriction_id)
    if row.ended_at or request.status not in UNWANTED:
        return
    for lifting in row.liftings.filter(called_off_at=None, done_at=None).select_related("restriction"):
        Lifting.objects.filter(pk=lifting.pk).update(called_off_at=timezone.now())
        _forget(lifting)
    _end(row, None)


def _forget(lifting: Lifting) -> None:
    """Void the approval of an end that was called off, and let nobody post a letter that tells of it."""
    now = timezone.now()
    Approval.objects.filter(pk=lifting.approval_id).update(voided_at=now)
    restrictions.notices(lifting).filter(is_letter=True, posted_on=None, dropped_at=None).update(dropped_at=now)


def _end(row: Restriction, approval: Approval | None) -> None:
    Restriction.objects.filter(pk=row.pk).update(ended_at=timezone.now())
    audit.record("restriction.ended", audit.SYSTEM, request_id=row.request_id, target=_named(row))
    planning.take_back(row.request, Act.RESTRICTION, approval, actor=audit.SYSTEM)
    _keep_for_others(row)


def _keep_for_others(row: Restriction) -> None:
    """Enter again, under another request of the same person, what that one restricts too: it stood once for both."""
    theirs = _spelt(row.request)
    others = restrictions.in_force().exclude(request=row.request_id).select_related("request")
    for other in others.order_by("pk"):
        if not theirs or theirs & _spelt(other.request):
            pairs = planning.counted(other.request).values_list("kind", "value")
            register.enter(other.request, pairs, Suppression.Scope.RESTRICTION, actor=audit.SYSTEM)


def _spelt(request: SubjectRequest) -> set[tuple[str, str]]:
    return {(kind, spellings(kind, value)[0]) for kind, value in request.identifiers.values_list("kind", "value")}


def _tell(request: SubjectRequest) -> None:
    """Tell once that the data is restricted, when it is in every source; where the portal completes, that tells."""
    if request.pseudonymised_at or undone(request, Act.RESTRICTION):
        return
    if request.right == Right.RESTRICTION and request.status == Status.IN_PROGRESS:
        enqueue("finish_request", request.pk)
        return
    with transaction.atomic():
        SubjectRequest.objects.select_for_update().get(pk=request.pk)
        if not request.mails.filter(template=RESTRICTED).exists():
            queue_mail(request.pk, RESTRICTED)


def _restrictable(request_id: int) -> SubjectRequest:
    request = SubjectRequest.objects.select_for_update().get(pk=request_id)
    if request.status != Status.IN_PROGRESS:
        raise NotRestrictable("The request is not in progress.")
    if refusals.waiting(request):
        raise NotRestrictable(refusals.WAITING)
    if restrictions.standing(request):
        raise NotRestrictable("The use of this data is restricted already.")
    proofs.refuse_unless_proven(request)
    if not planning.counted(request).exists():
        raise NotRestrictable("Nothing that the person is known by is proven to be theirs yet.")
    return request


def _in_force(request_id: int) -> Restriction:
    request = SubjectRequest.objects.select_for_update().get(pk=request_id)
    row = restrictions.standing(request)
    if row is None:
        raise NotLiftable("No restriction of this request is in force.")
    return row


def _locked(lifting_id: int) -> Lifting:
    known = Lifting.objects.select_related("restriction").get(pk=lifting_id)
    SubjectRequest.objects.select_for_update().get(pk=known.restriction.request_id)
    lifting = Lifting.objects.select_related("restriction__request").get(pk=lifting_id)
    if not lifting.is_open:
        raise NotLiftable("The restriction has ended, or its end was called off before.")
    return lifting


def _refuse_early(lift_on: date, *, is_known: bool) -> None:
    """Refuse a day that leaves the person no time; where nobody is known any more who could be told, any will do."""
    first = restrictions.earliest_end(timezone.localdate()) if is_known else timezone.localdate()
    if lift_on < first:
        raise TooEarly(f"Day: please choose {first:%-d %B %Y} or a later day; the person has to know before it ends.")


def _digest(request: SubjectRequest, *decided: str) -> str:
    """Bind what was decided, and about whom, naming nobody."""
    known = list(planning.counted(request).values_list("pk", flat=True))
    return hashlib.sha256(orjson.dumps([request.pk, known, decided])).hexdigest()


def _named(row: Restriction) -> str:
    return f"restriction {row.pk}"


def _record(action: str, lifting: Lifting, actor: Actor, **details: str) -> None:
    audit.record(action, actor, request_id=lifting.restriction.request_id, target=f"lifting {lifting.pk}", **details)
