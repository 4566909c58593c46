"""Further files of an answer that was given already: other formats, the same again, or protected by a passphrase.

They are made of what was collected and released, so nothing is collected again and nobody has to release them again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from extractors.errors import DsrError
from requests_app import audit, limits, passphrases, releases
from requests_app.formats import in_order
from requests_app.models import AuditEntry, Export, Leased, SubjectRequest
from requests_app.models.subject_request import ANSWERED
from requests_app.queue import enqueue

if TYPE_CHECKING:
    from collections.abc import Iterable

    from requests_app.audit import Actor
    from requests_app.models import Approval

MOST_A_DAY = 5
DAY_SECONDS = 24 * 3600


class ImpossibleFiles(DsrError):
    """Say why no further files can be made, in words for the person."""


def standing_release(request: SubjectRequest) -> Approval | None:
    """Give the release that further files may be made by; None where they cannot be made.

    It is the newest that files were made by, as long as what it released is all there and the team took none of its
    files back. Of an answer that is a letter alone there is nothing more to make.
    """
    made = request.exports.filter(state=Leased.State.DONE).select_related("approval").order_by("-pk")
    newest: Export | None = made.first()
    if request.status not in ANSWERED or newest is None or newest.media_type != Export.MediaType.ZIP:
        return None
    approval: Approval = newest.approval
    is_taken_back = Export.objects.filter(approval=approval, revoked_at__isnull=False).exists()
    return approval if not is_taken_back and approval.digest == releases.digest(request) else None


def pending_export(request: SubjectRequest) -> Export | None:
    """Give the files that are being made, if any are."""
    pending: Export | None = request.exports.filter(state__in=(Leased.State.WAITING, Leased.State.RUNNING)).first()
    return pending


def order(request: SubjectRequest, formats: Iterable[str], *, actor: Actor) -> Export:
    """Have further files made; those there are stay until they expire.

    Of two who order at once, one does.

    Raises:
        ImpossibleFiles: nothing to make them of, some are being made, or no format is chosen.
        LimitReached: that was often enough for a day.
    """
    chosen = list(in_order(formats))
    if not chosen:
        raise ImpossibleFiles("Please choose at least one format.")
    _refuse_unless_possible(request)  # first, so that what is impossible is not counted
    limits.count("further_files", f"{request.pk} {actor.kind}", most=MOST_A_DAY, seconds=DAY_SECONDS)
    with transaction.atomic():
        locked = SubjectRequest.objects.select_for_update().get(pk=request.pk)
        return _ordered(locked, _refuse_unless_possible(locked), chosen, actor)


def protect(request: SubjectRequest, passphrase: str, *, actor: Actor) -> Export | None:
    """Protect the files by a passphrase: those made from now on, and those there are by making them again.

    What can be downloaded now is taken away once the protected files are ready.

    Returns:
        What is being made again; None where the files are still to be made, or there are none.

    Raises:
        UnusablePassphrase: weak, unreadable for some program, or easily guessed.
        ImpossibleFiles: the files cannot be made again, some are being made, or the passphrase is not theirs to change.
        LimitReached: that was often enough for a day.
    """
    passphrases.check_own_passphrase(request, passphrase)
    _refuse_unless_protectable(request, actor)
    limits.count("passphrase", f"{request.pk} {actor.kind}", most=MOST_A_DAY, seconds=DAY_SECONDS)
    with transaction.atomic():
        locked = SubjectRequest.objects.select_for_update().get(pk=request.pk)
        _refuse_unless_protectable(locked, actor)
        passphrases.set_passphrase(locked, passphrase, actor)
        formats = {slug for export in downloadable(locked) for slug in export.formats}
        if locked.is_open or not formats:
            return None
        chosen = list(in_order(formats))
        return _ordered(locked, _refuse_unless_possible(locked), chosen, actor, replaces_earlier=True)


def can_be_protected(request: SubjectRequest) -> bool:
    """Whether a passphrase set now protects anything: files that are still to come, or can be made again."""
    return request.is_collected and (request.is_open or standing_release(request) is not None)


def downloadable(request: SubjectRequest) -> list[Export]:
    """Give the exports that can be downloaded, the newest first."""
    done = request.exports.filter(
        state=Leased.State.DONE, removed_at=None, expires_at__gt=timezone.now(), is_for_transfer=False
    )
    return list(done.order_by("-pk"))


def order_for_transfer(request: SubjectRequest, formats: Iterable[str], *, actor: Actor) -> Export:
    """Have files made again without the passphrase, to be handed to another controller alone.

    The caller has made sure that who asks knows the passphrase.

    Raises:
        ImpossibleFiles, LimitReached: see `order`.
    """
    chosen = list(in_order(formats))
    if not chosen:
        raise ImpossibleFiles("Please choose at least one format.")
    _refuse_unless_possible(request)
    limits.count("further_files", f"{request.pk} {actor.kind}", most=MOST_A_DAY, seconds=DAY_SECONDS)
    with transaction.atomic():
        locked = SubjectRequest.objects.select_for_update().get(pk=request.pk)
        return _ordered(locked, _refuse_unless_possible(locked), chosen, actor, is_for_transfer=True)


def _ordered(request: SubjectRequest, approval: Approval, formats: list[str], actor: Actor, **what_for: bool) -> Export:
    export: Export = Export.objects.create(request=request, approval=approval, formats=formats, **what_for)
    audit.record("files.ordered", actor, request_id=request.pk, target=f"export {export.pk}", formats=formats)
    enqueue("render_export", export.pk)
    return export


def _refuse_unless_possible(request: SubjectRequest) -> Approval:
    if pending_export(request):
        raise ImpossibleFiles("Your files are being prepared already; please wait until they are ready.")
    approval = standing_release(request)
    if approval is None:
        raise ImpossibleFiles("What we had collected is deleted by now, or was taken back. You may ask for it anew.")
    return approval


def _refuse_unless_protectable(request: SubjectRequest, actor: Actor) -> None:
    """Refuse what cannot be protected, or not by them: whoever reads the mailbox has links, no passphrase of ours."""
    if actor.kind != AuditEntry.ActorKind.STAFF and passphrases.is_from_team(request):
        raise ImpossibleFiles("Our team gave you the passphrase of your files, so only our team can set another one.")
    if not request.is_open:
        _refuse_unless_possible(request)
    elif not request.is_collected:
        raise ImpossibleFiles("There are no files to protect: this request is answered by a letter.")
