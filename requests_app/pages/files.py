"""The files of a request, as its own page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings

from requests_app import codes
from requests_app.formats import all_formats, wording_of
from requests_app.models import Leased
from requests_app.models.subject_request import ANSWERED
from requests_app.pages.forms import FurtherFilesForm
from requests_app.pages.standing import is_used_up
from requests_app.rendering import further

if TYPE_CHECKING:
    from datetime import datetime

    from requests_app.formats import FormatWording
    from requests_app.models import Export, SubjectRequest

MOST_LISTED = 100


@dataclass(frozen=True, slots=True)
class FilesOfFormat:
    """What an export holds of one format; `listed` are its first files."""

    wording: FormatWording
    count: int
    size_bytes: int
    listed: list[dict[str, str | int]]

    @property
    def opens_with(self) -> str:
        """The file to open first, where there are several; empty where it does not matter."""
        return f"{self.wording.slug}/{self.wording.opens_with}" if self.wording.opens_with else ""


@dataclass(frozen=True, slots=True)
class OfferedFiles:
    """An export that can be downloaded."""

    export: Export
    formats: list[FilesOfFormat]
    is_used_up: bool

    @property
    def is_letter(self) -> bool:
        """Whether it is a letter alone, as nothing is held."""
        return self.export.media_type == self.export.MediaType.PDF


@dataclass(frozen=True, slots=True)
class FurtherFiles:
    """What else can be made of the answer.

    Args:
        pending: what is being made now.
        kept_until: when what was collected will be deleted.
        has_failed: whether what was ordered last could not be made.
        is_over: whether there were files once, and there will be none again.
        is_taken_back: whether that is because the team took them back.
        form: offers the formats that are not there yet; none where all are.
    """

    is_possible: bool
    pending: Export | None
    kept_until: datetime | None
    has_failed: bool
    is_over: bool
    is_taken_back: bool
    form: FurtherFilesForm | None


def offered_files(request: SubjectRequest) -> list[OfferedFiles]:
    """Give what can be downloaded, the newest first."""
    return [
        OfferedFiles(export, _by_format(export, is_listed=not codes.is_required(export)), is_used_up(export))
        for export in further.downloadable(request)
    ]


def further_files(request: SubjectRequest, form: FurtherFilesForm | None = None) -> FurtherFiles:
    """Say what else can be made; where no files are left, all formats, those of before chosen.

    Args:
        form: as it was sent, where it is not right.
    """
    is_answered = request.status in ANSWERED
    newest = request.exports.filter(is_for_transfer=False).order_by("-pk").first()
    pending = further.pending_export(request) if is_answered else None
    is_possible = further.standing_release(request) is not None
    return FurtherFiles(
        is_possible=is_possible,
        pending=pending if pending and not pending.is_for_transfer else None,
        kept_until=request.closed_at + timedelta(days=settings.DSR_DOSSIER_DAYS) if request.closed_at else None,
        has_failed=is_answered and newest is not None and newest.state == Leased.State.FAILED,
        is_over=is_answered and newest is not None and not further.downloadable(request) and not is_possible,
        is_taken_back=request.exports.filter(revoked_at__isnull=False).exists(),
        form=form or _offering(missing_formats(request), newest.formats if newest else []),
    )


def missing_formats(request: SubjectRequest) -> list[FormatWording]:
    """Give the formats of which no files can be downloaded now."""
    there = {slug for export in further.downloadable(request) for slug in export.formats}
    return [item for item in all_formats() if item.slug not in there]


def _offering(missing: list[FormatWording], earlier: list[str]) -> FurtherFilesForm | None:
    is_all = len(missing) == len(all_formats())
    return FurtherFilesForm(missing, initial={"formats": earlier if is_all else []}) if missing else None


def find_offered(request: SubjectRequest, export_id: str) -> Export | None:
    """Give the export of this id that can be downloaded, or the newest without an id; None where there is none."""
    exports = further.downloadable(request)
    wanted = [export for export in exports if not export_id or str(export.pk) == export_id]
    return wanted[0] if wanted and not is_used_up(wanted[0]) else None


def _by_format(export: Export, *, is_listed: bool) -> list[FilesOfFormat]:
    """Group the files by their formats; unlisted where a mailed code comes first, as their names tell what is held."""
    most = MOST_LISTED if is_listed else 0
    files: dict[str, list[dict[str, str | int]]] = {slug: [] for slug in export.formats}
    for member in export.members:
        folder, separator, _ = str(member["path"]).partition("/")
        if separator:
            files.setdefault(folder, []).append(member)
    return [
        FilesOfFormat(wording_of(slug), len(found), sum(int(file["bytes"]) for file in found), found[:most])
        for slug, found in files.items()
    ]
