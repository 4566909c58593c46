"""What the team does with a list: hand it in, say how it is read, have it taken in, throw it away."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from extractors.errors import DsrError
from requests_app import audit, uploads
from requests_app.importing.checking import State, counts_of
from requests_app.importing.columns import BY_NAME, faults_of
from requests_app.importing.dates import DateOrder
from requests_app.importing.lists import ENCODINGS, UnusableList
from requests_app.importing.opened import Options, proposed
from requests_app.intake.recording import Proof
from requests_app.models import ImportLine, Leased, RequestImport, Upload
from requests_app.queue import enqueue
from requests_app.workflow import WORK, refuse_unless

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from requests_app.audit import Actor
    from requests_app.uploads import ExaminedFile

FOR_ALL = ("right", "channel", "place", "language", "received")
"""The fields that may be said for the whole list."""


class FaultyReading(DsrError, ValueError):
    """Say what is missing before a list can be read."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__(" ".join(faults))
        self.faults = faults


class ImpossibleImport(DsrError, ValueError):
    """Say that a list does not stand where this can be done."""


class Stage(StrEnum):
    """Where a list stands, for whoever looks on."""

    ASSIGNING = "assigning"
    CHECKING = "checking"
    CHECKED = "checked"
    TAKING_IN = "taking in"
    TAKEN_IN = "taken in"
    FAILED = "failed"
    THROWN_AWAY = "thrown away"


def stage_of(run: RequestImport) -> Stage:
    """Say where a list stands."""
    if run.is_open:
        return Stage.CHECKING if run.is_dry_run else Stage.TAKING_IN
    if run.state == Leased.State.DONE and not run.is_dry_run:
        return Stage.TAKEN_IN
    if run.upload.removed_at:
        return Stage.THROWN_AWAY
    if run.state == Leased.State.FAILED:
        return Stage.FAILED
    return Stage.CHECKED if run.finished_at else Stage.ASSIGNING


@transaction.atomic
def hand_in(file: ExaminedFile, *, actor: Actor) -> RequestImport:
    """Keep a list, and have it checked at once where all its columns are recognised.

    Raises:
        PermissionRefused: not for whoever does not work on requests.
        UnusableList: it is none.
        UnusableFile, UnwritableOutput: see `uploads.take`.
    """
    refuse_unless(actor, WORK, "import requests")
    options, columns = proposed(file.content)
    upload = uploads.take(file, Upload.Kind.IMPORT, actor=actor)
    run: RequestImport = RequestImport.objects.create(
        upload=upload,
        columns=columns,
        options=options.as_json(),
        state=Leased.State.DONE,
        created_by_id=actor.user_id,
    )
    audit.record("import.handed_in", actor, target=f"import {run.pk}")
    if not faults_of(columns, options.defaults):
        _begin(run, actor)
        run.refresh_from_db()
    return run


@transaction.atomic
def assign(run_id: int, columns: Mapping[int, str], options: Options, *, actor: Actor) -> None:
    """Say how a list is read, and have it checked anew.

    Raises:
        PermissionRefused: not for whoever does not work on requests.
        FaultyReading: with everything that is missing or wrong.
        ImpossibleImport: it is taken in, or thrown away.
    """
    refuse_unless(actor, WORK, "import requests")
    run = _locked(run_id, Stage.ASSIGNING, Stage.CHECKING, Stage.CHECKED, Stage.FAILED)
    if not run.is_dry_run:
        raise ImpossibleImport("Some of this list was taken in already; try the rest again.")
    said = {name: text.strip() for name, text in options.defaults.items() if name in FOR_ALL and text.strip()}
    kept = {position: name for position, name in sorted(columns.items()) if name in BY_NAME}
    if faults := [*faults_of(kept, said), *_faults_of(options)]:
        raise FaultyReading(faults)
    RequestImport.objects.filter(pk=run.pk).update(columns=kept, options=replace(options, defaults=said).as_json())
    _begin(run, actor)


@transaction.atomic
def take_in(run_id: int, *, sends_mails: bool, actor: Actor) -> int:
    """Have the requests of a list taken in that were found ready; returns how many those are.

    Raises:
        PermissionRefused: not for whoever does not work on requests.
        ImpossibleImport: it is not checked yet, holds none, or was taken in before.
    """
    user_id = refuse_unless(actor, WORK, "import requests")
    run = _locked(run_id, Stage.CHECKED)
    ready = counts_of(run)[State.READY]
    if not ready:
        raise ImpossibleImport("No line of this list can be taken in.")
    RequestImport.objects.filter(pk=run.pk).start_afresh(
        is_dry_run=False, sends_mails=sends_mails, wanted_by=user_id, wanted_at=timezone.now()
    )
    audit.record("import.wanted", actor, target=f"import {run.pk}", requests=ready, mails=int(sends_mails))
    enqueue("import_requests", run.pk)
    return ready


@transaction.atomic
def retry(run_id: int, *, actor: Actor) -> None:
    """Start failed work on a list afresh; what was taken in stays.

    Raises:
        PermissionRefused: not for whoever does not work on requests.
        ImpossibleImport: it has not failed.
    """
    refuse_unless(actor, WORK, "import requests")
    run = _locked(run_id, Stage.FAILED)
    RequestImport.objects.retry(run.pk)
    audit.record("work.retried", actor, target=f"import {run.pk}")
    enqueue("import_requests", run.pk)


@transaction.atomic
def throw_away(run_id: int, *, actor: Actor) -> None:
    """Destroy a list that was not taken in; its report stays, which names nobody.

    Raises:
        PermissionRefused: not for whoever does not work on requests.
        ImpossibleImport: it is being worked on, or was taken in.
    """
    refuse_unless(actor, WORK, "import requests")
    run = _locked(run_id, Stage.ASSIGNING, Stage.CHECKED, Stage.FAILED)
    uploads.remove(run.upload, actor=actor)


def forget_old(before: datetime) -> int:
    """Destroy lists handed in before a moment whose columns nobody ever assigned; returns how many.

    Those that were checked, or failed, go by the schedule of retention.
    """
    idle = RequestImport.objects.filter(state=Leased.State.DONE, finished_at=None, created_at__lt=before)
    left = idle.filter(upload__removed_at=None).select_related("upload")
    return sum(uploads.remove(run.upload, actor=audit.SYSTEM) for run in left)


def _begin(run: RequestImport, actor: Actor) -> None:
    """Throw the report away and have another written."""
    ImportLine.objects.filter(run=run).delete()
    RequestImport.objects.filter(pk=run.pk).start_afresh(lines=0)
    audit.record("import.read", actor, target=f"import {run.pk}")
    enqueue("import_requests", run.pk)


def _faults_of(options: Options) -> list[str]:
    faults = []
    if options.encoding not in {"", *ENCODINGS}:
        faults.append("Please choose among the letters offered.")
    if options.date_order not in set(DateOrder):
        faults.append("Please choose among the orders of dates offered.")
    if options.proof not in set(Proof):
        faults.append("Please choose among the ways offered of making sure who people are.")
    if options.proof == Proof.TEAM and not options.proof_reason.strip():
        faults.append("Please say how you made sure who they are; it is kept on record.")
    return faults


def _locked(run_id: int, *stages: Stage) -> RequestImport:
    run: RequestImport = RequestImport.objects.select_for_update(of=("self",)).select_related("upload").get(pk=run_id)
    stage = stage_of(run)
    if stage not in stages:
        raise ImpossibleImport(f"This list is {stage}; that cannot be done with it now.")
    return run


__all__ = [
    "FOR_ALL",
    "FaultyReading",
    "ImpossibleImport",
    "Stage",
    "UnusableList",
    "assign",
    "forget_old",
    "hand_in",
    "retry",
    "stage_of",
    "take_in",
    "throw_away",
]
