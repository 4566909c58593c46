"""The check of a document: the person hands it in, the team looks and decides, and with that it is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from requests_app import audit, proofs, questions, uploads
from requests_app.cases import locked
from requests_app.identity.base import CheckKind, Given, Kind, RefusedAnswer, Shown
from requests_app.identity.passing import answer_wait, count_attempt, go_on, is_answerable, mark_passed
from requests_app.models import IdentityCheck, PersonWait, SubjectRequest, Upload
from requests_app.models.subject_request import AT_WORK
from requests_app.notifications import queue_mail
from requests_app.retention.holding import held
from requests_app.uploads.examining import largest
from requests_app.uploads.types import labels
from requests_app.workflow import WORK, MissingReason, refuse_unless

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from requests_app.audit import Actor

MOST_FILES = 2  # both sides of a card
MOST_TIMES = 3
HELD = (
    "A hold keeps everything of this request, and with a decision the document would go. Have the hold lifted, or pass "
    "the check by hand with what you saw; the document then goes once the hold is lifted and the request has ended."
)


class DocumentCheck(CheckKind):
    """A picture of a document, with all blackened that nobody needs; looked at by a person, never by a machine."""

    kind = Kind.DOCUMENT
    label = "A document that the team looks at"
    asks = "hand in a picture of a document, with everything blackened that we do not need"
    most_attempts = MOST_TIMES
    counts_attempts = False

    def page(self, check: IdentityCheck) -> Shown:
        """Show what is needed, and what becomes of it."""
        about = {
            "is_handed_in": files_of(check.request).exists(),
            "times_left": MOST_TIMES - check.attempts,
            "refused": check.reason if check.decided_by_id else "",
            "taken": f"Up to {MOST_FILES}: {labels(Upload.Kind.IDENTITY)}; each at most {largest()}.",
        }
        return Shown("document.html", about)

    def answer(self, check: IdentityCheck, given: Given) -> bool:
        """Keep what was handed in until somebody has looked at it."""
        if not given.files:
            raise RefusedAnswer("Please choose the picture first.")
        if len(given.files) > MOST_FILES:
            raise RefusedAnswer(f"Please choose at most {MOST_FILES} files.")
        if files_of(check.request).exists():
            raise RefusedAnswer("We have your document already; our team looks at it.")
        if not count_attempt(check, MOST_TIMES):
            raise RefusedAnswer("You handed in as many documents as you may. Our team writes to you.")
        for file in given.files:
            uploads.take(file, Upload.Kind.IDENTITY, actor=audit.SUBJECT, request=check.request)
        _note(check, "identity.handed_in", audit.SUBJECT)
        if [other.pk for other in proofs.outstanding(check.request)] == [check.pk]:
            answer_wait(check.request)
        return False


def files_of(request: SubjectRequest) -> QuerySet[Upload]:
    """Give the documents that nobody has decided about yet."""
    return Upload.objects.filter(request=request, kind=Upload.Kind.IDENTITY, removed_at=None)


def accept(check_id: int, *, actor: Actor) -> None:
    """Take a document as proof of who the person is, and delete it in the same act.

    Raises:
        RefusedAnswer: nothing was handed in, it was decided about already, or a hold keeps it.
        PermissionRefused: not for this member of the team to do.
    """
    refuse_unless(actor, WORK, "decide about a document")
    with transaction.atomic():
        check = _handed_in(check_id)
        _remove_files(check.request, actor)
        mark_passed(check, actor=actor)
        go_on(check.request)


def refuse(check_id: int, reason: str, *, actor: Actor) -> None:
    """Say that a document does not show who the person is, delete it, and let them try again a few times.

    Args:
        reason: told to the person.

    Raises:
        MissingReason: no reason is given.
        RefusedAnswer, PermissionRefused: see `accept`.
    """
    refuse_unless(actor, WORK, "decide about a document")
    reason = reason.replace("\r\n", "\n").replace("\x00", "").strip()
    if not reason:
        raise MissingReason("Please write what is missing; the person reads it.")
    with transaction.atomic():
        check = _handed_in(check_id)
        _remove_files(check.request, actor)
        is_over = check.attempts >= MOST_TIMES
        failed_at = timezone.now() if is_over else None
        decided = {"reason": reason, "failed_at": failed_at, "decided_by": actor.user_id}
        IdentityCheck.objects.filter(pk=check_id).update(**decided)
        _note(check, "identity.refused", actor)
        if is_over:
            _note(check, "identity.exhausted", audit.SYSTEM)
        _tell(check.request, reason, actor)


def _handed_in(check_id: int) -> IdentityCheck:
    check = IdentityCheck.objects.get(pk=check_id, kind=Kind.DOCUMENT)
    check.request = locked(check.request_id)
    check.refresh_from_db(fields=["passed_at", "failed_at", "attempts"])
    if not is_answerable(check) or not files_of(check.request).exists():
        raise RefusedAnswer("There is no document to decide about.")
    return check


def _remove_files(request: SubjectRequest, actor: Actor) -> None:
    """Delete what was decided about, unless a hold keeps it: then nothing can be decided that would delete it."""
    if held(timezone.now()).filter(pk=request.pk).exists():
        raise RefusedAnswer(HELD)
    for upload in files_of(request):
        uploads.remove(upload, actor=actor)


def _tell(request: SubjectRequest, reason: str, actor: Actor) -> None:
    """Tell the person; where the law's clock knows it, it stands still again."""
    is_waited_for = request.waits.filter(kind=PersonWait.Kind.IDENTITY, answered_at=None).exists()
    if request.status in AT_WORK and not is_waited_for:
        questions.ask(request.pk, PersonWait.Kind.IDENTITY, reason, actor=actor)
    else:
        queue_mail(request.pk, "identity")


def _note(check: IdentityCheck, action: str, actor: Actor) -> None:
    audit.record(action, actor, request_id=check.request_id, target=f"check {check.pk}", kind=check.kind)
