from __future__ import annotations

import threading
from collections.abc import Generator

import pytest

from extractors.ahead import ahead


def threads_of_ahead() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("ahead")]


def counting(made: list[int], until: int = 100) -> Generator[int]:
    for number in range(until):
        made.append(number)
        yield number


def test_the_items_come_in_their_order():
    assert list(ahead(counting([]))) == list(range(100))
    assert not threads_of_ahead()


def test_an_empty_generator_is_exhausted_at_once():
    assert list(ahead(counting([], until=0))) == []


def test_nothing_runs_before_the_first_item_is_asked_for():
    made: list[int] = []
    ahead(counting(made)).close()
    assert made == []


def test_the_producer_works_while_the_consumer_holds_an_item():
    made_second = threading.Event()

    def items() -> Generator[int]:
        yield 1
        made_second.set()
        yield 2

    running = ahead(items())
    assert next(running) == 1
    assert made_second.wait(10)
    running.close()


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_the_producer_is_never_further_ahead_than_agreed(depth: int):
    made: list[int] = []
    for number in ahead(counting(made), depth):
        assert len(made) <= number + 1 + depth


def test_an_error_of_the_producer_is_raised_in_its_turn():
    def items() -> Generator[int]:
        yield 1
        raise LookupError("broken")

    running = ahead(items())
    assert next(running) == 1
    with pytest.raises(LookupError, match="broken"):
        next(running)
    assert not threads_of_ahead()


def test_closing_early_closes_the_producer_in_its_own_thread_and_ends_it():
    seen: list[tuple[str, int]] = []

    def items() -> Generator[int]:
        seen.append(("started", threading.get_ident()))
        try:
            while True:
                yield 1
        finally:
            seen.append(("closed", threading.get_ident()))

    running = ahead(items())
    next(running)
    running.close()
    (started, first), (closed, second) = seen
    assert (started, closed) == ("started", "closed")
    assert first == second != threading.get_ident()
    assert not threads_of_ahead()


def test_closing_early_stops_what_an_inner_stream_waits_for():
    is_stopped, is_waiting = threading.Event(), threading.Event()

    def received() -> Generator[int]:
        yield 1
        is_waiting.set()
        assert is_stopped.wait(10)
        raise ConnectionError("stopped")

    def rendered() -> Generator[int]:
        yield from ahead(received(), stop=is_stopped.set)

    running = ahead(rendered())
    assert next(running) == 1
    assert is_waiting.wait(10)
    running.close()
    assert is_stopped.is_set()
    assert not threads_of_ahead()
