"""Many records at once: what `record` writes for each, in a handful of statements for all."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from requests_app import audit, proofs, signals
from requests_app.intake.mailboxes import as_held
from requests_app.intake.recording import Proof, checked, fields_of, identifiers_of, record
from requests_app.intake.taking import begin_work, refuse_future
from requests_app.keys.stored import create_keys
from requests_app.models import Identifier, IdentityCheck, SubjectRequest, Webhook
from requests_app.notifications import queue_mails
from requests_app.timekeeping.clock import open_clocks
from requests_app.webhooks import events
from requests_app.workflow import WORK, refuse_unless

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from requests_app.audit import Actor
    from requests_app.intake.recording import Record

    Pairs = Sequence[tuple[SubjectRequest, Record]]


@transaction.atomic
def record_all(typed: Sequence[Record], *, actor: Actor) -> list[SubjectRequest]:
    """Take in many requests that came to the team, all of them or none; gives them in their order.

    Those that come with files, ask for several rights, or whose work begins at once, are taken in one by one. The mails
    of the others are fed to the queue by the sweep, so that nobody who waits for one stands behind them.

    Raises:
        PermissionRefused, FutureReceipt, FaultyRecord, UnusableFile: see `record`.
    """
    user_id = refuse_unless(actor, WORK, "record requests")
    taken: dict[int, SubjectRequest] = {}
    plain: dict[int, Record] = {}
    for place, each in enumerate(typed):
        if each.files or each.also or each.proof == Proof.TEAM:
            taken[place] = record(each, actor=actor)
        else:
            refuse_future(each.received_at)
            plain[place] = checked(each)
    taken |= zip(plain, _create(list(plain.values()), user_id), strict=True)
    pairs = [(taken[place], known) for place, known in plain.items()]
    _announce(pairs, actor)
    _prove(pairs, actor)
    return [taken[place] for place in range(len(typed))]


def _create(records: Sequence[Record], user_id: int) -> list[SubjectRequest]:
    now = timezone.now()
    shared = {"delivery_way": settings.DSR_DELIVERY, "recorded_by_id": user_id, "recorded_at": now}
    keys = create_keys(len(records))
    requests = SubjectRequest.objects.bulk_create(
        SubjectRequest(**shared | fields_of(known) | {"submitted_at": known.received_at, "key": key})
        for known, key in zip(records, keys, strict=True)
    )
    Identifier.objects.bulk_create(
        Identifier(request=request, kind=kind, value=value)
        for request, known in zip(requests, records, strict=True)
        for kind, value in dict.fromkeys(_identifiers(known))
    )
    return requests


def _identifiers(known: Record) -> Iterable[tuple[str, str]]:
    if known.email:
        yield Identifier.Kind.EMAIL, as_held(known.email)
    yield from identifiers_of(known)


def _announce(pairs: Pairs, actor: Actor) -> None:
    """Put new requests on record, open their clocks, and tell others; see `taking.announce`."""
    acts = []
    for request, known in pairs:
        told: dict[str, int | str] = {
            "right": str(known.right),
            "channel": str(known.channel),
            "proof": str(known.proof),
            "files": 0,
        }
        acts.append(audit.Act("request.recorded", request.pk, details={**told}))
    audit.record_all(acts, actor)
    open_clocks([request for request, _ in pairs], actor=audit.SYSTEM)
    is_anybody_told = Webhook.objects.filter(ended_at=None).exists()
    for request, _ in pairs:
        if is_anybody_told:
            events.note("request.created", request.pk)
        known_outside = {"reference": request.reference, "right": request.right, "status": request.status}
        transaction.on_commit(partial(signals.request_created.send_robust, sender=SubjectRequest, **known_outside))


def _prove(pairs: Pairs, actor: Actor) -> None:
    """Ask people to show who they are, where they can be written to and the table of proofs wants it."""
    asked = [request for request, known in pairs if known.proof == Proof.CHECKS]
    IdentityCheck.objects.bulk_create(
        IdentityCheck(request=request, kind=IdentityCheck.Kind.TEAM, sent=0, asked_by_id=actor.user_id)
        for request, known in pairs
        if known.proof == Proof.LATER
    )
    to_pass = {check.request_id for check in proofs.begin_all(asked)}
    queue_mails([request for request in asked if request.pk in to_pass], "confirm")
    for request in asked:
        if request.pk not in to_pass:
            begin_work(request)
