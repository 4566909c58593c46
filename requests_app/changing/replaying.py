"""Erases again whom a restored backup brought back, found by nothing but the register's hashes."""

from __future__ import annotations

import secrets
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import transaction

from extractors.changes import UnchangeableSource, UndecidedErasure
from extractors.errors import DsrError, SourceUnavailable, UnusableIdentifier
from extractors.identifiers import EMAIL, Identifiers, link_kind, link_parts, spellings
from requests_app import audit, sources
from requests_app.changing import keeping, key_lists, register, results
from requests_app.changing.people import linked
from requests_app.changing.witnesses import Listing
from requests_app.models import DataSource, EncryptionKey, ErasedIdentifier, RegisteredErasure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from extractors.base import Extractor
    from extractors.changes import Erasure
    from extractors.identifiers import ForeignNode
    from requests_app.models import DataSourceMap

MOST_HASHES_A_QUERY = 500
Known = tuple[str, str]
"""An identifier as it stands in the source: its kind and value."""


class NoMap(DsrError, ValueError):
    """Say that a source has no data map to be erased by."""


@dataclass(slots=True)
class Replay:
    """What erasing again does, or did: `erasures` are those of the register, `persons` those of them found again.

    `refused` says why persons were left as they are, and how many.
    """

    erasures: int
    persons: int = 0
    found: int = 0
    changed: int = 0
    kept: int = 0
    left: int = 0
    refused: dict[str, int] = field(default_factory=dict)

    @property
    def is_proven(self) -> bool:
        """Whether of nobody more was found afterwards than what is kept."""
        return not (self.left or self.refused)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the register who is in the source again; `request_id` is the request of their erasure."""

    request_id: int | None
    known: frozenset[Known] = field(repr=False)

    def identifiers(self, links: Mapping[str, ForeignNode]) -> Identifiers:
        """Give what they are known by in the source, as it stands there.

        Args:
            links: what the source links to, by the kind of the values.
        """
        values: defaultdict[str, set[str]] = defaultdict(set)
        carried: defaultdict[ForeignNode, set[tuple[str, ...]]] = defaultdict(set)
        for kind, value in self.known:
            if kind in links:
                carried[links[kind]].add(link_parts(value))
            else:
                values[kind].update(_spelt(kind, value))
        return Identifiers(
            {kind: tuple(sorted(found)) for kind, found in values.items()},
            {node: tuple(sorted(rows)) for node, rows in carried.items()},
        )


def replay(source: DataSource, *, since: datetime | None = None, apply: bool) -> Replay:
    """Erase again, each in a transaction of their own, the persons of the register whom the source holds.

    May be stopped and called again. The source is read through once; memory grows with the persons found alone.

    Args:
        since: leaves out the erasures that are older, as the backup had them already; None for all.

    Raises:
        DsrError: see `Extractor.everyones_identifiers` and `Extractor.erase`; persons erased by then stay so.
    """
    if source.current_map is None:
        raise NoMap(f"The source {source.slug} has no data map.")
    erasures = RegisteredErasure.objects.filter(source=source, **({"erased_at__gte": since} if since else {}))
    extractor = sources.extractor(source, source.current_map)
    told = Replay(erasures.count())
    for person in _people(source, extractor, since) if told.erasures else ():
        told.persons += 1
        try:
            _erase(source.current_map, extractor, person, told, apply=apply)
        except (UndecidedErasure, UnchangeableSource, SourceUnavailable) as error:
            if isinstance(error, SourceUnavailable) and not error.permanent:
                raise
            told.refused[str(error)] = told.refused.get(str(error), 0) + 1
    numbers = {"erasures": told.erasures, "persons": told.persons, "changed": told.changed, "left": told.left}
    action = "source.erasures_replayed" if apply else "source.erasures_counted"
    audit.record(action, audit.SYSTEM, target=f"source {source.pk}", refused=sum(told.refused.values()), **numbers)
    return told


def _erase(version: DataSourceMap, extractor: Extractor, person: Person, told: Replay, *, apply: bool) -> None:
    links = {link_kind(node): node for _, _, node in extractor.data_map.foreign_links()}
    identifiers = linked(extractor, person.identifiers(links))
    if apply:
        erasure = _erase_for_good(version, extractor, identifiers, person.request_id)
    else:
        erasure = extractor.erase(identifiers, apply=False)
        if erasure.undecided:
            raise UndecidedErasure(erasure.undecided)
    counts = results.total(results.told(erasure))
    told.found += counts["found"]
    told.changed += counts["changed"]
    told.kept += counts["kept"]
    told.left += counts["left"]


def _erase_for_good(
    version: DataSourceMap, extractor: Extractor, identifiers: Identifiers, request_id: int | None
) -> Erasure:
    """Erase somebody, and write down what is kept of them for some years; the restored source may hold more of it."""
    source = version.source
    stem = f"replay-{source.pk}-{secrets.token_hex(8)}"
    with key_lists.draft(f"{stem}.keys", source) as listing:
        witness = Listing(listing, keeping.with_last_day(extractor.data_map))
        key = register.hash_key(register.register_key())
        erasure = extractor.erase(identifiers, apply=True, witness=witness, hash_key=key)
        with keeping.kept_rows(stem, source, [listing.read()]) as kept:
            with transaction.atomic():
                kept.store(request_id=request_id, version=version)
                target, changed = f"source {source.pk}", results.total(results.told(erasure))["changed"]
                audit.record("erasure.replayed", audit.SYSTEM, request_id=request_id, target=target, changed=changed)
            kept.keep()
    return erasure


def _people(source: DataSource, extractor: Extractor, since: datetime | None) -> list[Person]:
    """Find who of the register is in the source, each person once, however often they were erased."""
    found: defaultdict[int, set[Known]] = defaultdict(set)
    for erasure_id, known in _matches(source, extractor, since):
        found[erasure_id].add(known)
    requests = dict(RegisteredErasure.objects.filter(pk__in=found).values_list("pk", "request_id"))
    persons: list[tuple[int | None, set[Known]]] = []
    owner: dict[Known, int] = {}
    for erasure_id, theirs in sorted(found.items()):
        same = sorted({owner[item] for item in theirs if item in owner})
        merged = theirs.union(*(persons[number][1] for number in same))
        for number in same:
            persons[number] = (None, set())
        owner |= dict.fromkeys(merged, len(persons))
        persons.append((requests[erasure_id], merged))
    return [Person(request_id, frozenset(known)) for request_id, known in persons if known]


def _matches(source: DataSource, extractor: Extractor, since: datetime | None) -> Iterator[tuple[int, Known]]:
    """Yield the erasures of the register that an identifier in the source belongs to."""
    registered = ErasedIdentifier.objects.filter(erasure__source=source)
    if since:
        registered = registered.filter(erasure__erased_at__gte=since)
    keys = EncryptionKey.objects.filter(pk__in=registered.values("erasure__key"))
    hashes = [register.Hashes(source.pk, key) for key in keys]
    for kind, values in extractor.everyones_identifiers():
        for part in _parts(values):
            known = {each.of(kind, value): (kind, value) for value in part for each in hashes}
            rows = registered.filter(hash__in=known).values_list("erasure_id", "hash")
            yield from ((erasure_id, known[digest]) for erasure_id, digest in rows)


def _parts(values: list[str]) -> Iterable[list[str]]:
    return (values[first : first + MOST_HASHES_A_QUERY] for first in range(0, len(values), MOST_HASHES_A_QUERY))


def _spelt(kind: str, value: str) -> tuple[str, ...]:
    """Spell an e-mail address as a search does; whatever else stands in the source is compared as it stands."""
    if kind != EMAIL:
        return (value,)
    try:
        return (value, *spellings(kind, value))
    except UnusableIdentifier:
        return (value,)
