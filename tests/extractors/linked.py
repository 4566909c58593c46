"""Several databases that link to one another, and the ways to read one of them with what the others hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from extractors.base import Scope
from extractors.datamap import DataMap
from extractors.identifiers import Identifiers
from extractors.linking import Linked, UnknownSource, carry_over
from extractors.registry import open_source
from tests.extractors.sql.sources import records, run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from extractors.base import Extractor

    NewUrl = Callable[[str, str], str]

ANN = Identifiers.of([("user_id", "1"), ("email", "ann@x.org")])


def new_urls(folder: Path, **servers: Callable[[str], str]) -> NewUrl:
    """Give `new(kind, name)`: the URL of a new database, an SQLite file or on one of the servers."""
    return lambda kind, name: f"sqlite:///{folder / name}.db" if kind == "sqlite" else servers[kind](name)


def a_source(url: str, slug: str, script: str, **collections: dict[str, Any]) -> Extractor:
    """Fill a database and give what reads it."""
    run(url, *re.split(r";\s+(?=CREATE|INSERT|ANALYZE)", script))
    return open_source(
        url, DataMap.model_validate({"version": 1, "source": slug, "label": slug.upper(), "collections": collections})
    )


def linked(wanted: str, sources: Mapping[str, Extractor], person: Identifiers = ANN) -> Linked:
    """Read from all sources what one of them needs."""

    def open_(slug: str) -> Extractor:
        if slug not in sources:
            raise UnknownSource(f"There is no source {slug}")
        return sources[slug]

    return carry_over(sources[wanted], open_, person)


def counts(wanted: str, sources: Mapping[str, Extractor], person: Identifiers = ANN) -> dict[str, int]:
    """Count a person's rows in a source, which must be what an extract holds."""
    identifiers = linked(wanted, sources, person).identifiers
    found = sources[wanted].search(identifiers)
    extracted = records(sources[wanted], identifiers, Scope.ALL)
    assert {name: len(rows) for name, rows in extracted.items()} == found
    return found
