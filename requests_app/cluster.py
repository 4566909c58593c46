"""What the clusters of django-q2 need so that the death of one of their processes stops none of the others."""

from __future__ import annotations

import fcntl
import os
import tempfile
import time
from typing import Any

from django_q import cluster, queues

PAUSE_SECONDS = 0.01


class OwnedLock:
    """A lock between processes that the system takes from a process that dies.

    The semaphore of a `multiprocessing.Queue` stays taken for ever where its owner is killed, and a process that waits
    for work holds it all the time: all others would wait behind a dead one. Inherited by fork; one thread of a process
    may use it.
    """

    def __init__(self) -> None:
        with tempfile.TemporaryFile() as file:
            self._descriptor = os.dup(file.fileno())

    def acquire(self, block: bool = True, timeout: float | None = None) -> bool:
        """Wait for the lock, as long as it takes or so many seconds; returns whether it is taken."""
        if block and timeout is None:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX)
            return True
        ends_at = time.monotonic() + (timeout or 0 if block else 0)
        while not self._try():
            if time.monotonic() >= ends_at:
                return False
            time.sleep(PAUSE_SECONDS)
        return True

    def release(self) -> None:
        """Give it back."""
        fcntl.lockf(self._descriptor, fcntl.LOCK_UN)

    def _try(self) -> bool:
        try:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def __enter__(self) -> bool:
        """Wait for the lock."""
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        """Give it back."""
        self.release()


class SurvivingQueue(queues.Queue):  # type: ignore[misc]  # django-q2 has no types
    """A queue between processes that goes on when one of them is killed while it waits."""

    _rlock: Any
    _wlock: Any

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._rlock, self._wlock = OwnedLock(), OwnedLock()


def survive_deaths() -> None:
    """Let the cluster that this process becomes use such queues."""
    cluster.Queue = SurvivingQueue
