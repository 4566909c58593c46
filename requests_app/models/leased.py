"""Work that a worker does under a lease, so that a worker's death is noticed and the work done by another."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

if TYPE_CHECKING:
    from datetime import datetime

LEASE_SECONDS = 90
QUEUED_SECONDS = 600  # how long a task may wait in the queue before it is thought lost
MOST_ATTEMPTS = 5
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 20, 3600


class LeasedQuerySet(models.QuerySet[Any]):
    """Every change of a lease, each one conditional UPDATE: of two workers one wins."""

    def open(self) -> Self:
        """Keep the work that is neither done nor given up."""
        return self.filter(state__in=(Leased.State.WAITING, Leased.State.RUNNING))

    def claim(self, pk: int) -> int | None:
        """Take the work and count the attempt before it is made.

        Returns:
            The attempt's number from 1; None when it is done, given up, resting after a failure, or another's.
        """
        now = timezone.now()
        lease = now + timedelta(seconds=LEASE_SECONDS)
        free = self.open().filter(pk=pk, claimable_at__lte=now, attempts_left__gt=0)
        claimed = free.update(
            state=Leased.State.RUNNING,
            attempt=F("attempt") + 1,
            attempts_left=F("attempts_left") - 1,
            claimable_at=lease,
            requeue_at=lease,
            started_at=now,
            percent=0,
            step="",
        )
        return self.values_list("attempt", flat=True).get(pk=pk) if claimed else None

    def give_up_exhausted(self, pk: int) -> bool:
        """End work whose every attempt ended its worker; returns whether this call did."""
        now = timezone.now()
        exhausted = self.open().filter(pk=pk, claimable_at__lte=now, attempts_left=0)
        most = self.model.most_attempts()
        reason = f"Given up after {most} attempts; the worker stopped each time. Its log may say why."
        return bool(exhausted.update(state=Leased.State.FAILED, finished_at=now, last_error=reason))

    def held(self, pk: int, attempt: int) -> Self:
        """Keep the work while this attempt holds its lease."""
        return self.filter(pk=pk, attempt=attempt, state=Leased.State.RUNNING)

    def beat(self, pk: int, attempt: int, **progress: Any) -> bool:
        """Prolong the lease; returns whether it is still held."""
        lease = timezone.now() + timedelta(seconds=LEASE_SECONDS)
        return bool(self.held(pk, attempt).update(claimable_at=lease, requeue_at=lease, **progress))

    def finish(self, pk: int, attempt: int, **result: Any) -> bool:
        """Flip to the result; returns whether the lease was still held."""
        done = {"state": Leased.State.DONE, "finished_at": timezone.now(), "percent": 100, "last_error": ""}
        return bool(self.held(pk, attempt).update(**done, **result))

    def fail(self, pk: int, attempt: int, reason: str, *, is_permanent: bool, least_pause_seconds: float = 0) -> bool:
        """Rest before the next attempt, or give up; returns whether it was given up."""
        now = timezone.now()
        left = self.held(pk, attempt).values_list("attempts_left", flat=True).first() or 0
        is_over = is_permanent or left == 0
        pause = self.model.pause_seconds(self.model.most_attempts() - left)
        again = now + timedelta(seconds=max(pause, least_pause_seconds))
        state = Leased.State.FAILED if is_over else Leased.State.WAITING
        failed = self.held(pk, attempt).update(
            state=state,
            claimable_at=again,
            requeue_at=again,
            last_error=reason[:500],
            finished_at=now if is_over else None,
        )
        return bool(failed) and is_over

    def retry(self, pk: int) -> bool:
        """Start afresh with work that was given up, or that rests; returns whether there was any.

        The attempts count on: a worker thought dead must not hold the lease of an attempt of the same number.
        """
        resting = Q(state=Leased.State.FAILED) | Q(state=Leased.State.WAITING)
        return bool(self.filter(resting, pk=pk).start_afresh())

    def start_afresh(self, **fields: Any) -> int:
        """Make all of this work that is to be done, whatever came of it; returns how much it is.

        A worker still at it finds its lease lost.
        """
        queued = timezone.now() + timedelta(seconds=QUEUED_SECONDS)
        return self.update(**self._afresh(), claimable_at=timezone.now(), requeue_at=queued, **fields)

    def rest(self, pk: int, attempt: int, until: datetime, **so_far: Any) -> bool:
        """Lay the work aside until there is more of it to do; returns whether the lease was still held."""
        return bool(self.held(pk, attempt).update(**self._afresh() | so_far, claimable_at=until, requeue_at=until))

    def put_off(self, pk: int, attempt: int, until: datetime, requeue_at: datetime) -> bool:
        """Give work back untried, so that no attempt is used up; returns whether the lease was still held.

        What came of earlier attempts stays.
        """
        given_back = {"state": Leased.State.WAITING, "attempts_left": F("attempts_left") + 1}
        return bool(self.held(pk, attempt).update(**given_back, claimable_at=until, requeue_at=requeue_at))

    def take_overdue(self, now: datetime, most: int = 500) -> list[int]:
        """Give the work that stands without a task or a lease, and note that it is queued again."""
        overdue = self.open().filter(requeue_at__lte=now)
        queued = now + timedelta(seconds=QUEUED_SECONDS)
        oldest = list(overdue.order_by("requeue_at").values_list("pk", flat=True)[:most])
        return [pk for pk in oldest if overdue.filter(pk=pk).update(requeue_at=queued)]

    def _afresh(self) -> dict[str, Any]:
        return {
            "state": Leased.State.WAITING,
            "attempts_left": self.model.most_attempts(),
            "last_error": "",
            "finished_at": None,
            "percent": 0,
            "step": "",
        }


def _queued_until() -> datetime:
    return timezone.now() + timedelta(seconds=QUEUED_SECONDS)


class Leased(models.Model):
    """Work with a lease, an attempt counted before it is made, a time for the next, the last error, a visible end.

    `claimable_at` is when a worker may take it (after a pause, or when the lease has run out); `requeue_at` is when
    the sweep queues it again.
    """

    class State(models.TextChoices):
        """Where the work stands."""

        WAITING = "waiting", "waiting"
        RUNNING = "running", "running"
        DONE = "done", "done"
        FAILED = "failed", "failed"

    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempt = models.PositiveSmallIntegerField(default=0)
    attempts_left = models.PositiveSmallIntegerField(default=MOST_ATTEMPTS)
    claimable_at = models.DateTimeField(default=timezone.now)
    requeue_at = models.DateTimeField(default=_queued_until)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    percent = models.PositiveSmallIntegerField(default=0)
    step = models.CharField(max_length=120, blank=True)
    last_error = models.CharField(max_length=500, blank=True)

    objects: ClassVar[Any] = LeasedQuerySet.as_manager()

    class Meta:
        """Every kind of leased work has a table of its own."""

        abstract = True

    @classmethod
    def most_attempts(cls) -> int:
        """Say how often work is tried before it is given up."""
        return MOST_ATTEMPTS

    @classmethod
    def pause_seconds(cls, failures: int) -> float:
        """Say how long work rests after so many failures in a row."""
        return float(min(FIRST_PAUSE_SECONDS * 4 ** (failures - 1), LONGEST_PAUSE_SECONDS))

    @property
    def is_open(self) -> bool:
        """Whether it is neither done nor given up."""
        return self.state in {Leased.State.WAITING, Leased.State.RUNNING}

    @property
    def is_resting(self) -> bool:
        """Whether it waits for its next attempt after a failure."""
        return self.state == Leased.State.WAITING and bool(self.last_error)
