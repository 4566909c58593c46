"""Chains entries into seals, some time after they were written, so that no act waits for another."""

from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from requests_app.audit.chain import BEGINNING, hash_of_entries, hash_of_seal, rows_of
from requests_app.models import AuditEntry, AuditSeal

SEALED_AT_ONCE = 2000
# Longer than any task or page may run, six hours: how far behind the newest seal a transaction's entries are looked
# for. What was committed even later is never sealed, and shows as that when the trail is verified.
LATE = timedelta(hours=7)


def seal() -> AuditSeal | None:
    """Seal all entries that are committed and in no seal yet; returns the last seal made, None where none was.

    Acts never wait for it. Of several sealers at once the first to insert a number wins, and the others leave the rest
    to it: it may be called at any time, anywhere.
    """
    last = AuditSeal.objects.last()
    waiting = _waiting(last)
    made = None
    for start in range(0, len(waiting), SEALED_AT_ONCE):
        made_now = _follow(last, waiting[start : start + SEALED_AT_ONCE])
        if not _insert(made_now):
            break
        last = made = made_now
    return made


def head() -> tuple[int, str]:
    """Give the number and the hash of the last seal: whoever keeps them elsewhere can tell whether the end was cut."""
    return AuditSeal.objects.values_list("number", "hash").last() or (0, BEGINNING)


def number_of(hash_: str) -> int | None:
    """Give the number of the seal that has a hash; None where none has."""
    return AuditSeal.objects.filter(hash=hash_).values_list("number", flat=True).first()


def _waiting(last: AuditSeal | None) -> list[int]:
    """List the entries that neither `last` nor a seal before it holds, in ascending order.

    The seals are read before the entries: a seal made meanwhile makes the number of the next one taken, so that no
    entry is ever sealed twice.
    """
    if last is None:
        return list(AuditEntry.objects.order_by("pk").values_list("pk", flat=True))
    seals = AuditSeal.objects.order_by("-number").filter(number__lte=last.number)
    settled = seals.filter(sealed_at__lt=last.sealed_at - LATE).values_list("number", "highest_id")
    number, floor = settled.first() or (0, 0)
    sealed = {pk for ids in seals.filter(number__gt=number).values_list("entry_ids", flat=True) for pk in ids}
    above = AuditEntry.objects.filter(pk__gt=floor).order_by("pk").values_list("pk", flat=True)
    return [pk for pk in above.iterator() if pk not in sealed]


def _follow(last: AuditSeal | None, entry_ids: list[int]) -> AuditSeal:
    rows = rows_of(entry_ids)
    new = AuditSeal(
        number=last.number + 1 if last else 1,
        sealed_at=timezone.now(),
        entry_ids=entry_ids,
        highest_id=max(entry_ids[-1], last.highest_id if last else 0),
        entries_hash=hash_of_entries(rows[pk] for pk in entry_ids),
        previous_hash=last.hash if last else BEGINNING,
    )
    new.hash = hash_of_seal(new)
    return new


def _insert(new: AuditSeal) -> bool:
    try:
        with transaction.atomic():
            new.save(force_insert=True)
    except IntegrityError:
        if AuditSeal.objects.filter(number=new.number).exists():
            return False
        raise
    return True
