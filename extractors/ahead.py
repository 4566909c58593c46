"""Lets an iterator run ahead of whoever reads it, so that two stages of a stream work at the same time."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from threading import local
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from concurrent.futures import Future

Item = TypeVar("Item")


class _Thread(local):
    """What the generator running in a thread reads ahead itself."""

    stops: list[Callable[[], None]] | None = None


_thread = _Thread()


def ahead(items: Generator[Item], depth: int = 2, stop: Callable[[], None] = lambda: None) -> Generator[Item]:
    """Yield the items of a generator, which runs in a thread of its own up to `depth` items ahead.

    Nothing runs before the first item is asked for. Whatever the generator raises is raised here, in its turn. It is
    run and closed in that one thread, which has ended once this generator is exhausted or closed.

    Args:
        depth: at least 1; so many items, and the one being read, are alive at a time.
        stop: called when reading ends early, here or in a stream that reads this one ahead, to end what the thread
            may be waiting for.
    """
    end = object()
    inner: list[Callable[[], None]] = []
    outer = _thread.stops if _thread.stops is not None else []

    def step() -> Item | object:
        _thread.stops = inner
        return next(items, end)

    def stop_all() -> None:
        for stop_one in (stop, *inner):
            stop_one()

    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as thread:
        waiting: deque[Future[Item | object]] = deque(thread.submit(step) for _ in range(depth))
        outer.append(stop_all)
        try:
            while (item := waiting.popleft().result()) is not end:
                waiting.append(thread.submit(step))
                yield item  # type: ignore[misc]  # only the sentinel is no Item
        except BaseException:
            stop_all()
            raise
        finally:
            outer.remove(stop_all)
            for future in waiting:
                future.cancel()
            thread.submit(items.close)
