"""The data sources that are configured: how they are reached, and by which map they are read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils import timezone

from extractors.datamap import DEFAULT_LANGUAGE, load, parse
from extractors.errors import DsrError, Fault, FaultyDataMap
from extractors.linking import UnknownSource, check_links
from extractors.registry import UnusableUrl, kind_of, open_source
from requests_app import audit
from requests_app.keys.stored import create_key, destroy_key, open_key
from requests_app.models import DataSource, DataSourceMap

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from sqlalchemy import URL

    from extractors.base import Extractor
    from extractors.datamap import DataMap
    from extractors.discovery.model import Inventory, Sampling
    from extractors.identifiers import Node

PURPOSE = "source connection"
_THIS_HOST = {"", "localhost", "127.0.0.1", "::1"}


class OwnDatabase(UnusableUrl):
    """Refuse the portal's own database: whoever configures sources would read sessions, requests and passwords."""


class MissingUrl(DsrError, ValueError):
    """Say that a source cannot be reached without an address."""


@transaction.atomic
def save(source: DataSource, url: str, map_text: str, user: User | None) -> DataSource:
    """Store a source, its address encrypted, and a new version of its map where the text has changed.

    Args:
        url: empty to keep the one stored.

    Raises:
        FaultyDataMap: with every fault of the map's text, or it is another source's; nothing is stored.
        UnusableUrl: no source kind serves it, or it is the portal's own database.
        MissingUrl: a new source without one.
    """
    data_map, faults = parse(map_text)
    if data_map is None or faults:
        raise FaultyDataMap(faults)
    _refuse_map_of_another(source, data_map)
    if not (url or source.connection):
        raise MissingUrl("A new source needs the address it is reached by.")
    extractor = _opened(url or url_of(source), data_map)
    if url:
        if source.connection:
            destroy_key(source.key_id)
        source.key = create_key()
        source.connection = open_key(source.key.pk).seal_text(url, PURPOSE)
    source.kind = extractor.slug
    is_new = source.pk is None
    source.save()
    if source.current_map is None or source.current_map.text != map_text:
        source.current_map = _add_version(source, map_text, user)
        source.save(update_fields=["current_map"])
    audit.record(
        "source.created" if is_new else "source.changed",
        audit.Actor.staff(user) if user else audit.SYSTEM,
        target=f"source {source.pk}",
        map_version=source.current_map.version,
        has_new_address=bool(url),
        is_sensitive=source.is_sensitive,
    )
    return source


def url_of(source: DataSource) -> str:
    """Decrypt how a source is reached; never to be shown.

    Raises:
        KeyDestroyed, MissingKey, DamagedArtefact: see `open_key`.
    """
    return open_key(source.key_id).open_text(source.connection, PURPOSE)


def extractor(source: DataSource, version: DataSourceMap, language: str = DEFAULT_LANGUAGE) -> Extractor:
    """Give what reads a source by one version of its map; nothing is connected to yet.

    Args:
        language: of the words about what is read, where the map has them in several.
    """
    return _opened(url_of(source), map_of(version, language))


def linked_source(name: str) -> Extractor:
    """Give what reads a source by its short name, for the links of another one; nothing is connected to yet.

    Raises:
        UnknownSource: there is none, or it is switched off.
        DsrError: see `extractor`.
    """
    source = DataSource.objects.filter(slug=name, is_enabled=True).select_related("current_map").first()
    if source is None or source.current_map is None:
        raise UnknownSource(f"there is no source {name}, or it is switched off")
    return extractor(source, source.current_map)


def links_to(source: DataSource) -> list[tuple[DataSource, Fault, Node]]:
    """List the links of other enabled sources that lead to this one: whose, where it stands, and where it leads."""
    others = DataSource.objects.filter(is_enabled=True, current_map__isnull=False).exclude(pk=source.pk)
    found = []
    for other in others.filter(current_map__text__contains=f"{source.slug}.").select_related("current_map"):
        data_map, _ = parse(other.current_map.text) if other.current_map else (None, ())
        for _, path, (name, node) in data_map.foreign_links() if data_map else ():
            if name == source.slug:
                told = f"leads here, to {node[0]}, which this map does not have"
                found.append((other, Fault(f"{other.slug}: {path}", told), node))
    return found


def map_of(version: DataSourceMap, language: str = DEFAULT_LANGUAGE) -> DataMap:
    """Read the map of one version.

    Args:
        language: see `extractors.datamap.parse`.

    Raises:
        FaultyDataMap: it is none any more.
    """
    return load(version.text, language)


def inventory(source: DataSource, sampling: Sampling) -> Inventory:
    """Look at everything a source has; see `Extractor.inventory`."""
    url = url_of(source)
    return kind_of(url).inventory(url, source.slug, sampling)


def check(source: DataSource, user: User | None) -> list[Fault]:
    """Connect to a source, and those its map links to, and hold its map against them; the result is stored in words.

    Returns:
        What is worth a warning.

    Raises:
        DsrError: it cannot be reached, or the map does not fit.
    """
    if source.current_map is None:
        raise MissingUrl("This source has no data map yet.")
    try:
        reading = extractor(source, source.current_map)
        warnings = reading.check()
        faults, unchecked = check_links(reading.data_map, linked_source)
        if faults:
            raise FaultyDataMap(faults)
        astray = [fault for _, fault, node in links_to(source) if node[0] not in reading.data_map.collections]
        warnings = [*warnings, *unchecked, *astray]
    except DsrError as error:
        _store_check(source, f"failed: {error}", user)
        raise
    _store_check(source, "\n".join(["fits", *map(str, warnings)]), user)
    return warnings


def _opened(url: str, data_map: DataMap) -> Extractor:
    found = open_source(url, data_map)
    if found.slug == connection.vendor and _is_own_database(url):
        raise OwnDatabase("This is the portal's own database, which is no source.")
    return found


def _is_own_database(url: str) -> bool:
    """Whether a URL leads to the portal's database, as far as files and names of hosts tell."""
    from sqlalchemy import make_url

    target, own = make_url(url), connection.settings_dict
    if connection.vendor == "sqlite":
        theirs, ours = Path(target.database or ""), Path(own["NAME"])
        return theirs.exists() and ours.exists() and theirs.samefile(ours)
    return _place(target) == (_host(own["HOST"]), str(own["PORT"] or 5432), own["NAME"])


def _place(target: URL) -> tuple[str, str, str]:
    asked = {name: value for name, value in target.query.items() if isinstance(value, str)}
    host = _host(asked.get("host", target.host or ""))
    return host, asked.get("port", str(target.port or 5432)), asked.get("dbname", target.database or "")


def _host(name: str) -> str:
    return "" if name in _THIS_HOST or name.startswith("/") else name.lower()


def _refuse_map_of_another(source: DataSource, data_map: DataMap) -> None:
    """Keep two sources from sharing a name in an answer, in which they would be one."""
    if data_map.source != source.slug:
        told = f"names {data_map.source!r}, but the short name of this source is {source.slug!r}; they must be the same"
        raise FaultyDataMap([Fault("source", told)])


def _store_check(source: DataSource, result: str, user: User | None) -> None:
    DataSource.objects.filter(pk=source.pk).update(checked_at=timezone.now(), check_result=result)
    actor = audit.Actor.staff(user) if user else audit.SYSTEM
    audit.record("source.checked", actor, target=f"source {source.pk}", fits=result.startswith("fits"))


def _add_version(source: DataSource, text: str, user: User | None) -> DataSourceMap:
    latest = source.maps.order_by("-version").first()
    version = latest.version + 1 if latest else 1
    return DataSourceMap.objects.create(source=source, version=version, text=text, created_by=user)
