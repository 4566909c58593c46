"""Tells a watcher whether the portal lives (`/healthz`) and whether it can do its work (`/readyz`)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import Error as DatabaseFailure
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Q
from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from django_q.models import OrmQ, Schedule

from requests_app.models import Export, KeptRows, Leased, SourceChange, SourceSearch

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from django.http import HttpRequest, HttpResponseBase

STUCK_SECONDS = 180
FEWEST_FREE_BYTES = 256 * 1024 * 1024


class ProbesMiddleware:
    """Answers the probes before anything looks at the host they name, as they ask by the address of a machine."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a probe; pass on everything else."""
        probe = {"/healthz": show_life, "/readyz": show_readiness}.get(request.path_info, self.get_response)
        return probe(request)


@require_safe
def show_life(request: HttpRequest) -> HttpResponse:
    """Answer, which is all there is to say."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def show_readiness(request: HttpRequest) -> JsonResponse:
    """Answer with every check by name, true or false; 503 when one is false."""
    has_database = _holds(_reaches_database)
    checks = {"database": has_database, "storage": _holds(_has_room)}
    # Not asked without a database, each of them would wait for it in vain.
    checks |= {name: has_database and _holds(check) for name, check in CHECKS_OF_TABLES.items()}
    return JsonResponse(checks, status=200 if all(checks.values()) else 503)


def is_writable(folder: Path) -> bool:
    """Whether files can be made in a folder, or the folder itself can."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def _holds(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except (DatabaseFailure, OSError):
        return False


def _reaches_database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True


def _has_room() -> bool:
    folder: Path = settings.DSR_STORAGE_DIR
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    return is_writable(folder) and shutil.disk_usage(existing).free >= FEWEST_FREE_BYTES


def _is_migrated() -> bool:
    return _latest_migrations() <= MigrationRecorder(connection).applied_migrations().keys()


@cache
def _latest_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).graph.leaf_nodes())


def _quick_worker_lives() -> bool:
    """A living one runs the schedules, one of them every minute, and lets no task wait."""
    late = timezone.now() - timedelta(seconds=STUCK_SECONDS)
    schedules = Schedule.objects.exclude(repeats=0).filter(next_run__lt=late)
    return not (schedules.exists() or _has_waited("quick", late))


def _heavy_worker_lives() -> bool:
    """A living one either lets no task wait, or is at work and prolongs a lease."""
    now = timezone.now()
    if not _has_waited("heavy", now - timedelta(seconds=STUCK_SECONDS)):
        return True
    work = Q(state=Leased.State.RUNNING, claimable_at__gt=now)
    return any(model.objects.filter(work).exists() for model in (SourceSearch, Export, SourceChange, KeptRows))


def _has_waited(queue: str, since: datetime) -> bool:
    """Whether a task stands there that no worker took since; the lock of a task that was taken lies in the future."""
    return bool(OrmQ.objects.filter(key=queue, lock__lt=since).exists())


CHECKS_OF_TABLES: dict[str, Callable[[], bool]] = {
    "migrations": _is_migrated,
    "quick_worker": _quick_worker_lives,
    "heavy_worker": _heavy_worker_lives,
}
