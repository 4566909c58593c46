"""Lets an iterator run ahead of whoever reads it, so that two stages of a stream work at the same time."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from concurrent.futures import Future

Item = TypeVar("Item")


def ahead(items: Generator[Item], depth: int = 2, stop: Callable[[], None] = lambda: None) -> Generator[Item]:
    """Yield the items of a generator, which runs in a thread of its own up to `depth` items ahead.

    Nothing runs before the first item is asked for. Whatever the generator raises is raised here, in its turn. It is
    run and closed in that one thread, which has ended once this generator is exhausted or closed.

    Args:
        depth: at least 1; so many items, and the one being read, are alive at a time.
        stop: called from here when reading ends early, to end what the thread may be waiting for.
    """
    end = object()
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as thread:
        waiting: deque[Future[Item | object]] = deque(thread.submit(next, items, end) for _ in range(depth))
        try:
            while (item := waiting.popleft().result()) is not end:
                waiting.append(thread.submit(next, items, end))
                yield item  # type: ignore[misc]  # only the sentinel is no Item
        except BaseException:
            stop()
            raise
        finally:
            for future in waiting:
                future.cancel()
            thread.submit(items.close)
