"""Sources that are not any more as their maps have them, or cannot be reached."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from extractors.batches import counted
from requests_app.models import DataSource
from requests_app.suggestions.base import Icon, Suggestion, at_source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests_app.suggestions.base import Look

ORDER = 5
TOLD = {
    "danger": "{} would let a secret out",
    "broken": "{} that the map names cannot be read any more",
    "warning": "{} may hold personal data that the map says nothing about",
}


def suggest(look: Look) -> Iterator[Suggestion]:
    """Name those that this request has to do with, or will."""
    concerned = {item.source.pk for item in look.found}
    for source in look.enabled:
        if concerned and source.pk not in concerned:
            continue
        if source.drift_state == DataSource.Drift.DOWN:
            words, because = f"{source.label} could not be reached last night.", "the nightly look at it failed"
        elif source.drift_state == DataSource.Drift.DRIFTED:
            words, because = f"{source.label} has changed since its map was written.", _told(source)
        else:
            continue
        yield Suggestion(Icon.SOURCE, words, because, "Look at the source", at_source(source))


def _told(source: DataSource) -> str:
    counts = Counter(str(change.get("severity")) for change in source.drift)
    told = [TOLD[severity].format(counted(counts[severity], "thing")) for severity in TOLD if counts[severity]]
    return ", ".join(told) or "the nightly look found it so"
