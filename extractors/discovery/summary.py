"""Says in a few plain lines what was found and what a person should look at first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from extractors.batches import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from extractors.discovery.model import Proposal

FIRST_TO_CHECK = 8
DOUBTFUL = 0.6
WEIGHTY = ("identifiers", "links")


def summarise(proposal: Proposal) -> Iterator[str]:
    """Yield what was found, in lines for a terminal."""
    collections: Mapping[str, Mapping[str, Any]] = proposal.document["collections"]
    people = [
        name for name, part in collections.items() if "user_id" in part.get("identifiers", {}) and not part.get("links")
    ]
    by_address = [name for name, part in collections.items() if "identifiers" in part]
    context = [name for name, part in collections.items() if part.get("context")]
    secrets = sum(
        bool(field.get("secret")) for part in collections.values() for field in part.get("fields", {}).values()
    )
    yield f"Accounts: {_listed(people) or 'no table found'}."
    yield f"Found by identifiers: {_listed(by_address)}."
    links = sum(len(part.get("links", ())) for part in collections.values())
    yield f"{counted(len(collections), 'collection')} ({len(context)} for context only), {counted(links, 'link')}."
    yield f"{counted(secrets, 'secret column')} kept back; {counted(len(proposal.left_out), 'table')} left out."
    yield from (f"Note: {note}." for note in proposal.inventory.notes)
    yield from _doubts(proposal)


def _doubts(proposal: Proposal) -> Iterator[str]:
    """Name what decides whose rows are found and is not sure; and that erasing is for a person to decide."""
    doubtful = [
        reason
        for reason in proposal.reasons
        if reason.confidence < DOUBTFUL and any(f".{part}" in reason.path for part in WEIGHTY)
    ]
    if doubtful:
        yield "Please check first:"
        for reason in sorted(doubtful, key=lambda reason: (reason.confidence, reason.path))[:FIRST_TO_CHECK]:
            yield f"  {reason.path.removeprefix('collections.')}: {reason.text}"
    yield "Every erase rule and every ground for keeping is a suggestion: somebody has to decide."


def _listed(names: list[str]) -> str:
    return ", ".join(names)
