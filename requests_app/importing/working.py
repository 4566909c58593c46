"""What a worker does with a list: the dry run, or taking it in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from requests_app import audit, leases
from requests_app.importing.checking import check
from requests_app.importing.taking import take_in
from requests_app.models import RequestImport

if TYPE_CHECKING:
    from requests_app.leases import Work


def import_requests(import_id: int) -> None:
    """Check a list or take it in, if there is anything to be done."""
    leases.run(RequestImport, import_id, _import, _note_given_up)


def _import(work: Work) -> None:
    run = RequestImport.objects.select_related("upload", "wanted_by").get(pk=work.pk)
    if run.is_dry_run:
        check(run, work)
    else:
        take_in(run, work)


def _note_given_up(import_id: int) -> None:
    audit.record("import.failed", audit.SYSTEM, target=f"import {import_id}")
