"""Does leased work: claims it, keeps the lease alive meanwhile, and records how it ended."""

from __future__ import annotations

import logging
import time
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING

from django.db import Error as DjangoDatabaseError
from django.db import connection, transaction

from extractors.errors import DsrError
from requests_app.models import leased

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from requests_app.models import Leased

_log = logging.getLogger(__name__)
PROGRESS_SECONDS = 1.0


class LostLease(DsrError):
    """Say that the work was given to another worker meanwhile; what this one made must be thrown away."""


class EndedWork(DsrError):
    """Say that the work has become pointless, so that no attempt follows."""

    permanent = True


class Work:
    """One attempt at leased work."""

    def __init__(self, model: type[Leased], pk: int, attempt: int) -> None:
        self.model = model
        self.pk = pk
        self.attempt = attempt
        self._told_at = 0.0

    def progress(self, percent: int, step: str, **numbers: object) -> None:
        """Show how far the work is, at most once a second, which also prolongs the lease.

        Nothing depends on it: where our database is away or busy just now, the work goes on.

        Raises:
            LostLease: somebody else has it.
        """
        if time.monotonic() - self._told_at < PROGRESS_SECONDS:
            return
        try:
            self.keep(percent=percent, step=step[:120], **numbers)
        except DjangoDatabaseError as error:
            _log.warning(
                "progress.untold", extra={"work": self.model.__name__, "id": self.pk, "reason": type(error).__name__}
            )
            connection.close_if_unusable_or_obsolete()
        finally:
            self._told_at = time.monotonic()

    def keep(self, **fields: object) -> None:
        """Store what this attempt has so far, which also prolongs the lease.

        Raises:
            LostLease: somebody else has it.
        """
        if not self.model.objects.beat(self.pk, self.attempt, **fields):
            raise self._lost()

    def finish(self, **result: object) -> None:
        """Flip to the result, inside the caller's transaction.

        Raises:
            LostLease: somebody else has it.
        """
        if not self.model.objects.finish(self.pk, self.attempt, **result):
            raise self._lost()

    def rest(self, until: datetime, **so_far: object) -> None:
        """Lay the work aside until there is more of it to do.

        Raises:
            LostLease: somebody else has it.
        """
        if not self.model.objects.rest(self.pk, self.attempt, until, **so_far):
            raise self._lost()

    def put_off(self, until: datetime, requeue_at: datetime) -> None:
        """Give the work back untried, for a reason that is not its own.

        Raises:
            LostLease: somebody else has it.
        """
        if not self.model.objects.put_off(self.pk, self.attempt, until, requeue_at):
            raise self._lost()

    def start_afresh(self, **fields: object) -> None:
        """Have all of it done anew, by whoever claims it next.

        Raises:
            LostLease: somebody else has it.
        """
        if not self.model.objects.held(self.pk, self.attempt).start_afresh(**fields):
            raise self._lost()

    def _lost(self) -> LostLease:
        return LostLease(f"The lease of {self.model.__name__} {self.pk} is lost.")


def run(
    model: type[Leased],
    pk: int,
    work: Callable[[Work], None],
    given_up: Callable[[int], None] = lambda _: None,
) -> None:
    """Do the work of a row, if it is to be done; never raises, as a queue would keep what is raised.

    Args:
        work: does it and calls `Work.finish`; what it raises is recorded, and tried again unless `permanent`, after
            `retry_after_seconds` at the earliest, where the error has one.
        given_up: told the row's id, in one transaction with the note that no attempt follows.
    """
    try:
        attempt = model.objects.claim(pk)
        if attempt is None:
            _give_up(model, pk, given_up)
        else:
            _attempt(model, pk, attempt, work, given_up)
    except DjangoDatabaseError as error:
        # The row still says that the work is to be done; the sweep queues it again once its lease has run out.
        _log.exception("database.lost", extra={"work": model.__name__, "id": pk, "reason": type(error).__name__})


def _give_up(model: type[Leased], pk: int, given_up: Callable[[int], None]) -> None:
    with transaction.atomic():
        if model.objects.give_up_exhausted(pk):
            given_up(pk)


def _attempt(
    model: type[Leased], pk: int, attempt: int, work: Callable[[Work], None], given_up: Callable[[int], None]
) -> None:
    try:
        with _heartbeat(model, pk, attempt):
            work(Work(model, pk, attempt))
    except LostLease:
        _log.warning("lease.lost", extra={"work": model.__name__, "id": pk, "attempt": attempt})
    except DsrError as error:
        _fail(model, pk, attempt, error, given_up)
    except Exception as error:  # noqa: BLE001 - whatever it is, the row must say that it ended
        _log.exception("work.failed", extra={"work": model.__name__, "id": pk, "attempt": attempt})
        _fail(model, pk, attempt, DsrError(f"Unexpected {type(error).__name__}; the log says where."), given_up)


def _fail(model: type[Leased], pk: int, attempt: int, error: DsrError, given_up: Callable[[int], None]) -> None:
    is_permanent = bool(getattr(error, "permanent", False))
    pause = float(getattr(error, "retry_after_seconds", 0))
    connection.close_if_unusable_or_obsolete()  # the database may be what failed
    with transaction.atomic():
        if model.objects.fail(pk, attempt, str(error), is_permanent=is_permanent, least_pause_seconds=pause):
            given_up(pk)


@contextmanager
def _heartbeat(model: type[Leased], pk: int, attempt: int) -> Iterator[None]:
    """Prolong the lease from a thread: a source may take longer over its first row than a lease lasts."""
    is_over = Event()

    def beat() -> None:
        while not is_over.wait(leased.LEASE_SECONDS / 3):
            try:
                is_held = model.objects.beat(pk, attempt)
            except Exception:  # noqa: BLE001 - the next beat may succeed
                _log.exception("heartbeat.failed", extra={"work": model.__name__, "id": pk})
            else:
                if not is_held:
                    break
            finally:
                connection.close()

    thread = Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()
