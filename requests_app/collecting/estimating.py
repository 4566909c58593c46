"""Estimates how many rows a source will give, beside reading them."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from threading import Timer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from extractors.base import Extractor, Scope
    from extractors.identifiers import Identifiers

_log = logging.getLogger(__name__)
DELAY_SECONDS = 1.0
"""How long a search may take before it is worth estimating."""
MOST_SECONDS = 4.0
"""How long it may take to estimate, of which one collection gets half: a row is counted in a twentieth of the time in
which it is read, so that this is long only beside a search that is longer."""


@contextmanager
def estimated_beside(extractor: Extractor, identifiers: Identifiers, scope: Scope) -> Iterator[Mapping[str, int]]:
    """Give the rows expected by collection: empty at first, filled by a thread once that is known.

    Nothing waits for the thread, and it touches no database of ours. A source that gives its rows meanwhile is worth
    more than a number: whatever goes wrong is only logged.
    """
    known: dict[str, int] = {}

    def estimate() -> None:
        try:
            known.update(extractor.estimate(identifiers, scope, seconds=MOST_SECONDS))
        except Exception as error:  # noqa: BLE001 - nobody could be told
            _log.info("estimate.failed", extra={"source": extractor.data_map.source, "reason": type(error).__name__})

    timer = Timer(DELAY_SECONDS, estimate)
    timer.daemon = True
    timer.name = "estimate"
    timer.start()
    try:
        yield known
    finally:
        timer.cancel()
