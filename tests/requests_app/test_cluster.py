from __future__ import annotations

import multiprocessing
import os
import signal

from requests_app.cluster import OwnedLock, SurvivingQueue

FORKED = multiprocessing.get_context("fork")


def test_a_lock_is_free_again_once_its_owner_is_killed():
    lock, is_taken = OwnedLock(), FORKED.Event()

    def own():
        with lock:
            is_taken.set()
            signal.pause()

    owner = FORKED.Process(target=own, daemon=True)
    owner.start()
    assert is_taken.wait(10)
    assert not lock.acquire(timeout=0.05)
    assert not lock.acquire(block=False)
    heir = FORKED.Process(target=lock.acquire, daemon=True)
    heir.start()
    heir.join(0.3)
    assert heir.is_alive()
    os.kill(owner.pid, signal.SIGKILL)
    owner.join(10)
    heir.join(10)
    assert heir.exitcode == 0


def test_what_a_killed_reader_waited_for_comes_to_the_next():
    tasks, results = SurvivingQueue(), SurvivingQueue()

    def work():
        for task in iter(tasks.get, "STOP"):
            results.put(task * 2)

    readers = [FORKED.Process(target=work, daemon=True) for _ in range(3)]
    for reader in readers:
        reader.start()
    for reader in readers[:2]:
        os.kill(reader.pid, signal.SIGKILL)
        reader.join(10)
    for number in range(20):
        tasks.put(number)
    assert sorted(results.get(timeout=10) for _ in range(20)) == [number * 2 for number in range(20)]
    tasks.put("STOP")
    readers[2].join(10)
    assert readers[2].exitcode == 0
