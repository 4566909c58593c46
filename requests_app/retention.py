"""The stage that ends things: lapsed and archived requests, expired exports, dossiers nobody needs, stray files."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from extractors.errors import DsrError
from requests_app import audit, limits, passphrases, storage
from requests_app.keys.stored import destroy_key
from requests_app.models import (
    Certificate,
    Channel,
    Export,
    KeptRows,
    KeyList,
    Leased,
    SecureLink,
    SourceChange,
    SourceSearch,
    Status,
    SubjectRequest,
    Upload,
)
from requests_app.models.subject_request import BY_THEMSELVES, ENDED
from requests_app.webhooks import events
from requests_app.workflow import ImpossibleTransition, perform

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from django.db.models import QuerySet

_log = logging.getLogger(__name__)
STRAY_SECONDS = 3600  # a file this old that no row names was left by a worker that died


def clean_up(now: datetime | None = None) -> None:
    """End whatever is over; may be run at any time, twice, and by two workers."""
    now = now or timezone.now()
    _perform_on("lapse", _never_confirmed(now))
    _perform_on(
        "archive",
        SubjectRequest.objects.filter(status__in=ENDED, closed_at__lte=now - timedelta(days=settings.DSR_ARCHIVE_DAYS)),
    )
    # What is not made yet expires once it is.
    for export in Export.objects.filter(state=Leased.State.DONE, expires_at__lte=now, removed_at=None):
        with _others_go_on(export):
            _remove_export(export, now)
    is_late = Q(request__closed_at__lte=now - timedelta(days=settings.DSR_DOSSIER_DAYS))
    # Of what was collected for somebody who wants nothing any more, nothing is to be shown or proven later.
    is_pointless = Q(request__status=Status.WITHDRAWN)
    for search in SourceSearch.objects.filter(is_late | is_pointless).exclude(segment=""):
        with _others_go_on(search):
            _remove_segment(search)
    for keys in KeyList.objects.filter(change__in=SourceChange.objects.filter(is_late | is_pointless)):
        with _others_go_on(keys):
            _remove_keys(keys)
    is_over = Q(closed_at__lte=now - timedelta(days=settings.DSR_DOSSIER_DAYS)) | Q(status=Status.WITHDRAWN)
    for request in SubjectRequest.objects.filter(is_over).exclude(passphrase=""):
        passphrases.forget(request)
    limits.forget_old(now)
    remove_stray_files()


def _never_confirmed(now: datetime) -> QuerySet[SubjectRequest]:
    """Give what is old enough, unless the person was sent a link again that is still to work."""
    # What the team recorded does not lapse by itself: a letter is answered, whoever opens a mail or not.
    # Nor what a representative has confirmed: somebody has to decide on their authority.
    is_unconfirmed = Q(channel__in=BY_THEMSELVES) | Q(channel=Channel.AGENT, representative__mailbox_proven_at=None)
    old = SubjectRequest.objects.filter(
        is_unconfirmed,
        status=Status.SUBMITTED,
        submitted_at__lte=now - timedelta(days=settings.DSR_LAPSE_DAYS),
    )
    links = SecureLink.objects.filter(request=OuterRef("pk"), purpose=SecureLink.Purpose.CONFIRM, expires_at__gt=now)
    return old.filter(~Exists(links))


def remove_stray_files(older_than_seconds: float = STRAY_SECONDS) -> int:
    """Delete files of the storage that no row names and no worker is writing; returns how many."""
    named = set(SourceSearch.objects.exclude(segment="").values_list("segment", flat=True))
    named |= set(Export.objects.exclude(file="").values_list("file", flat=True))
    named |= set(KeyList.objects.values_list("file", flat=True))
    named |= set(KeptRows.objects.exclude(file="").values_list("file", flat=True))
    named |= set(Certificate.objects.exclude(file="").values_list("file", flat=True))
    named |= set(Upload.objects.exclude(file="").values_list("file", flat=True))
    named |= {f"search-{pk}-{attempt}.segment" for pk, attempt in _running(SourceSearch)}
    named |= {f"export-{pk}-{attempt}.zip" for pk, attempt in _running(Export)}
    changing = _running(SourceChange)
    named |= {f"{stem}-{pk}-{attempt}.keys" for pk, attempt in changing for stem in ("shown", "fixed")}
    stray = [name for name, age in storage.names() if name not in named and age >= older_than_seconds]
    for name in stray:
        with _others_go_on(name):
            storage.delete(name)
    if stray:
        _log.warning("storage.stray_files_removed", extra={"files": len(stray)})
    return len(stray)


@contextmanager
def _others_go_on(thing: object) -> Iterator[None]:
    """Log what cannot be removed, and let the rest be; a file whose key is destroyed is found as a stray later."""
    try:
        yield
    except DsrError as error:
        _log.error("removal.failed", extra={"of": str(thing), "reason": type(error).__name__})


def _running(model: type[Leased]) -> QuerySet[Leased, tuple[int, int]]:
    return model.objects.filter(state=Leased.State.RUNNING).values_list("pk", "attempt")


def _perform_on(name: str, requests: QuerySet[SubjectRequest]) -> None:
    for pk in requests.values_list("pk", flat=True):
        try:
            perform(pk, name, actor=audit.SYSTEM)
        except ImpossibleTransition:  # somebody was faster
            continue


def _remove_export(export: Export, now: datetime) -> None:
    """Destroy the key first: from then on the file is unreadable wherever it was copied to."""
    with transaction.atomic():
        if not Export.objects.filter(pk=export.pk, removed_at=None).update(removed_at=now, file=""):
            return
        if export.key_id:
            destroy_key(export.key_id)
        audit.record("export.removed", audit.SYSTEM, request_id=export.request_id, target=f"export {export.pk}")
        events.note("export.expired", export.request_id, export_id=export.pk)
    if export.file:
        storage.delete(export.file)


def _remove_segment(search: SourceSearch) -> None:
    with transaction.atomic():
        if not SourceSearch.objects.filter(pk=search.pk, segment=search.segment).update(segment=""):
            return
        if search.key_id:
            destroy_key(search.key_id)
        audit.record("records.removed", audit.SYSTEM, request_id=search.request_id, target=f"search {search.pk}")
    storage.delete(search.segment)


def _remove_keys(keys: KeyList) -> None:
    """Destroy a list of the keys of rows that were shown, or changed; counts of them stay with the change."""
    with transaction.atomic():
        if not KeyList.objects.filter(pk=keys.pk).delete()[0]:
            return
        destroy_key(keys.key_id)
        change = keys.change
        audit.record("keys.removed", audit.SYSTEM, request_id=change.request_id, target=f"change {change.pk}")
    storage.delete(keys.file)
