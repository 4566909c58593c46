"""Whom a change is about: the proven identifiers of a request, and what other sources lead to."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import orjson

from extractors.errors import DsrError
from extractors.identifiers import Identifiers
from extractors.linking import carry_over
from requests_app import planning, sources
from requests_app.changing.key_lists import CARRIED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from extractors.base import Extractor
    from extractors.identifiers import ForeignNode
    from requests_app.changing.key_lists import Draft, ReadList
    from requests_app.models import SubjectRequest


class NothingProven(DsrError):
    """Say that nothing can be changed about a person none of whose identifiers is proven."""

    permanent = True


class Unlinked(DsrError):
    """Say that a source cannot be changed, as another that leads to its rows could not be read."""

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.permanent = permanent


def proven_ids(request: SubjectRequest) -> list[int]:
    """List the ids of what is proven about a person: what an approval binds, naming nobody."""
    return list(planning.counted(request).values_list("pk", flat=True))


def identifiers_of(request: SubjectRequest) -> Identifiers:
    """Give the proven identifiers of a person.

    Raises:
        NothingProven: there is none.
    """
    proven = planning.counted(request).values_list("kind", "value")
    if not proven:
        raise NothingProven("No identifier of this person is proven yet.")
    return Identifiers.of(proven)


def linked(extractor: Extractor, identifiers: Identifiers) -> Identifiers:
    """Add what the links of a source compare with, read from the other sources that are switched on.

    What is known of it already stays.

    Raises:
        Unlinked: one of them cannot be read, so that rows would be overlooked.
    """
    known = carry_over(extractor, sources.linked_source, identifiers)
    for collection, names in known.cut.items():
        failures = [known.failures[name] for name in names]
        permanent = any(getattr(failure, "permanent", False) for failure in failures)
        text = f"Rows of {collection} are found over {', '.join(names)}, which could not be read: {failures[0]}"
        raise Unlinked(text, permanent=permanent)
    return _with(known.identifiers, identifiers.carried)


def write_carried(listing: Draft, identifiers: Identifiers) -> None:
    """Put into a list what was carried over: once the other sources are changed, nobody finds it again."""
    import pyarrow as pa

    for (source, (collection, columns)), values in identifiers.carried.items():
        if values:
            arrays = [pa.array(column, pa.string()) for column in zip(*values, strict=True)]
            node = orjson.dumps([source, collection, columns]).decode()
            names = [f"c{number}" for number in range(len(columns))]
            listing.write(node, CARRIED, pa.RecordBatch.from_arrays(arrays, names))


def with_carried(shown: ReadList, identifiers: Identifiers) -> Identifiers:
    """Add what was carried over when a list was made."""
    carried: defaultdict[ForeignNode, set[tuple[str, ...]]] = defaultdict(set)
    for section in shown.sections([CARRIED]):
        source, collection, columns = orjson.loads(section.collection)
        for rows in section.batches:
            columns_of = [column.to_pylist() for column in rows.columns]
            carried[source, (collection, tuple(columns))].update(zip(*columns_of, strict=True))
    return _with(identifiers, carried)


def _with(identifiers: Identifiers, carried: Mapping[ForeignNode, Iterable[tuple[str, ...]]]) -> Identifiers:
    """Add values carried over to those that are known."""
    nodes = identifiers.carried.keys() | carried.keys()
    both = {node: {*identifiers.carried.get(node, ()), *carried.get(node, ())} for node in nodes}
    return replace(identifiers, carried={node: tuple(sorted(values)) for node, values in both.items()})
