"""Files that a worker which died has left in the storage."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from requests_app import storage
from requests_app.models import Certificate, Export, KeptRows, KeyList, Leased, SourceChange, SourceSearch, Upload
from requests_app.retention.running import others_go_on

if TYPE_CHECKING:
    from django.db.models import QuerySet

_log = logging.getLogger(__name__)
STRAY_SECONDS = 3600  # a file this old that no row names was left by a worker that died


def remove_stray_files(older_than_seconds: float = STRAY_SECONDS) -> int:
    """Delete files of the storage that no row names and no worker is writing; returns how many."""
    named = set(SourceSearch.objects.exclude(segment="").values_list("segment", flat=True))
    for model in (Export, KeptRows, KeyList, Certificate, Upload):
        named |= set(model._default_manager.exclude(file="").values_list("file", flat=True))
    named |= {f"search-{pk}-{attempt}.segment" for pk, attempt in _running(SourceSearch)}
    named |= {f"export-{pk}-{attempt}.zip" for pk, attempt in _running(Export)}
    changing = _running(SourceChange)
    named |= {f"{stem}-{pk}-{attempt}.keys" for pk, attempt in changing for stem in ("shown", "fixed", "marked")}
    stray = [name for name, age in storage.names() if name not in named and age >= older_than_seconds]
    for name in stray:
        with others_go_on(name):
            storage.delete(name)
    if stray:
        _log.warning("storage.stray_files_removed", extra={"files": len(stray)})
    return len(stray)


def _running(model: type[Leased]) -> QuerySet[Leased, tuple[int, int]]:
    return model.objects.filter(state=Leased.State.RUNNING).values_list("pk", "attempt")
