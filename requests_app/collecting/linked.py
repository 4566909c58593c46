"""What a search takes from the other sources that its map links to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from extractors.errors import DsrError
from extractors.linking import UnknownSource, carry_over, reason_of
from requests_app import sources
from requests_app.models import DataSource

if TYPE_CHECKING:
    from extractors.base import Extractor
    from extractors.identifiers import Identifiers
    from extractors.linking import Linked
    from requests_app.models import SourceSearch


class WaitingForSource(DsrError, ConnectionError):
    """Say that a source is not searched yet, as another one that leads to its rows cannot be read now."""


def linked(search: SourceSearch, extractor: Extractor, identifiers: Identifiers) -> Linked:
    """Read from other sources what a search goes by, as they are now; a further attempt reads it anew.

    The last attempt goes on without those that cannot be read; so does every attempt where a link leads to a source
    that is not searched at all.

    Raises:
        WaitingForSource: one cannot be read now, and attempts are left.
        DsrError: the source itself cannot be read.
    """
    found = carry_over(extractor, sources.linked_source, identifiers)
    own = extractor.data_map.source
    for name, failure in found.failures.items():
        if name == own:
            raise failure
        if search.attempts_left and not isinstance(failure, UnknownSource):
            label = labels(found)[name]
            raise WaitingForSource(f"Waiting for {label}, from which this source is linked. {failure}")
    return found


def labels(found: Linked) -> dict[str, str]:
    """Give what the sources that could not be read are called."""
    known = dict(DataSource.objects.filter(slug__in=found.failures).values_list("slug", "label"))
    return {name: known.get(name, name) for name in found.failures}


def shortfall(found: Linked) -> str:
    """Say for the team what the search had to go without; empty where it lacks nothing."""
    named = labels(found)
    names = sorted({name for missing in found.cut.values() for name in missing})
    reasons = "; ".join(reason_of(name, found.failures[name], named) for name in names)
    return f"Incomplete ({', '.join(found.cut)}): {reasons}." if reasons else ""
