"""Discovers a source: look, judge, ask, propose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from extractors.discovery.findings import findings
from extractors.discovery.model import Sampling
from extractors.discovery.proposing import propose, questions
from extractors.registry import kind_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from extractors.discovery.model import Proposal


def discover(
    url: str, source: str, sampling: Sampling | None = None, tell: Callable[[str], None] = lambda _: None
) -> Proposal:
    """Propose a data map for a source that nobody described; reads only, within the bounds of the sampling.

    Args:
        source: what the source is to be called.
        tell: is told what is being done, in words.

    Raises:
        UnusableUrl: no source kind serves the URL.
        UnchangeableSource: sources of its kind cannot be discovered.
        SourceUnavailable: the source cannot be reached or went away.
    """
    kind, bounds = kind_of(url), sampling or Sampling()
    tell("Looking at the tables and samples of their rows")
    inventory = kind.inventory(url, source, bounds)
    tell("Judging what the columns mean")
    found = findings(inventory)
    asked = questions(inventory, found)
    if asked:
        tell("Comparing rows with the rows they point at")
    answers = kind.compared(url, inventory, asked, bounds) if asked else {}
    tell("Proposing a data map")
    return propose(inventory, found, answers)
