"""The nightly look at every source: does its map still fit, and has it come to hold what the map says nothing about.

Managers get a mail when something is new since the night before, not every night that it stands.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from extractors.changes import UnchangeableSource
from extractors.discovery.drift import Drift, Severity, drift, outline
from extractors.discovery.model import Sampling
from extractors.errors import DsrError, FaultyDataMap
from requests_app import audit, notifications, sources
from requests_app.models import DataSource, DataSourceMap
from requests_app.roles import MANAGER

SAMPLING = Sampling(rows=200, seconds=60)
State = DataSource.Drift


@dataclass(frozen=True, slots=True)
class _Look:
    """What one look at a source told."""

    state: DataSource.Drift
    changes: list[dict[str, Any]]
    outline: dict[str, Any] | None = None


def check_source(source_id: int) -> None:
    """Look at a source, store what has drifted, and tell the managers what is new; may be called again.

    What is switched off or has no map is left alone. A source that is down keeps what was known of it.
    """
    source = DataSource.objects.select_related("current_map").filter(pk=source_id, is_enabled=True).first()
    if source is None or source.current_map is None:
        return
    _store(source_id, source.current_map, _look(source, source.current_map))


def _look(source: DataSource, version: DataSourceMap) -> _Look:
    broken: list[Drift] = []
    try:
        sources.check(source, None)
    except FaultyDataMap as error:
        broken = [Drift(Severity.BROKEN, fault.path, f"{fault.path}: {fault.message}.") for fault in error.faults]
    except DsrError:  # in words in the result of the check
        return _Look(State.DOWN, source.drift)
    try:
        changes, seen = _compared(source, version)
    except UnchangeableSource:  # its kind can be read, and not looked around in
        changes, seen = [], None
    except DsrError:
        return _Look(State.DOWN, source.drift)
    if not any(change.severity is Severity.BROKEN for change in changes):
        changes = [*broken, *changes]
    has_drifted = any(change.severity is not Severity.NOTICE for change in changes)
    return _Look(State.DRIFTED if has_drifted else State.FITS, [asdict(change) for change in changes], seen)


def _compared(source: DataSource, version: DataSourceMap) -> tuple[list[Drift], dict[str, Any]]:
    from extractors.discovery.findings import findings

    inventory = sources.inventory(source, SAMPLING)
    found = findings(inventory)
    return drift(sources.map_of(version), version.outline, inventory, found), outline(inventory, found)


def _store(source_id: int, version: DataSourceMap, look: _Look) -> None:
    """Keep what a look told; the first one of a map's version is what later ones are compared with."""
    with transaction.atomic():
        source = DataSource.objects.select_for_update().get(pk=source_id)
        new = _new(source, look)
        DataSource.objects.filter(pk=source_id).update(drift_state=look.state, drift=look.changes)
        if look.outline is not None:
            DataSourceMap.objects.filter(pk=version.pk, outline__isnull=True).update(outline=look.outline)
        if new:
            audit.record("source.drifted", audit.SYSTEM, target=f"source {source_id}", state=look.state, new=len(new))
            for manager in User.objects.filter(groups__name=MANAGER, is_active=True).exclude(email="").order_by("pk"):
                notifications.queue_staff_mail(manager.pk, "source_drifted", source_id)


def _new(source: DataSource, look: _Look) -> list[str]:
    """Name what managers were not told of yet; reasons may be worded anew every night, places are not."""
    if look.state == State.DOWN:
        return [] if source.drift_state == State.DOWN else ["down"]
    known = {_place(change) for change in source.drift}
    return [_place(change) for change in look.changes if _is_grave(change) and _place(change) not in known]


def _place(change: dict[str, Any]) -> str:
    return f"{change['severity']} {change['where']}"


def _is_grave(change: dict[str, Any]) -> bool:
    return bool(change["severity"] != Severity.NOTICE)
