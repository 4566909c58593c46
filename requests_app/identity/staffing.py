"""What the team does about checks: asks for more, lets the person try again, passes one by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from extractors.errors import DsrError
from requests_app import audit, questions
from requests_app.cases import locked
from requests_app.identity.kinds import all_kinds
from requests_app.identity.passing import go_on, mark_passed
from requests_app.models import IdentityCheck, PersonWait, Status
from requests_app.models.subject_request import AT_WORK, OPEN
from requests_app.notifications import queue_mail
from requests_app.workflow import WORK, MissingReason, refuse_unless

if TYPE_CHECKING:
    from requests_app.audit import Actor
    from requests_app.identity.base import CheckKind
    from requests_app.models import SubjectRequest

LONGEST_REASON = 5000


class UnaskableCheck(DsrError, ValueError):
    """Say why a check cannot be asked for, or changed."""


def askable(request: SubjectRequest) -> list[CheckKind]:
    """List what the team may ask for on a request."""
    known = set(request.identity_checks.filter(purpose="begin").values_list("kind", flat=True))
    kinds = all_kinds().values()
    return [kind for kind in kinds if kind.is_asked_by_team and not kind.obstacle() and kind.kind not in known]


def ask_for(request_id: int, slug: str, why: str, *, actor: Actor) -> IdentityCheck:
    """Ask the person for a further proof of who they are; where the law knows it, the clock stands still until then.

    Args:
        why: told to the person: what gives rise to the doubt.

    Raises:
        UnaskableCheck: nobody can be asked for it here, or it was asked for before.
        MissingReason: no reason is given.
        PermissionRefused: not for this member of the team to do.

    Source: GDPR Art. 12(6).
    """
    refuse_unless(actor, WORK, "ask the person who they are")
    reason = _reason(why, "Please write why you doubt who the person is; they read it.")
    with transaction.atomic():
        request = locked(request_id)
        if request.status not in OPEN or not request.email:
            raise UnaskableCheck("Nobody can be asked here: the request has ended, or there is no mailbox to ask by.")
        if slug not in {kind.kind for kind in askable(request)}:
            raise UnaskableCheck("This cannot be asked for here, or was asked for before.")
        check = IdentityCheck.objects.create(
            request=request, kind=slug, sent=0, asked_by_id=actor.user_id, reason=reason
        )
        audit.record("identity.asked", actor, request_id=request_id, target=f"check {check.pk}", kind=slug)
        if request.status in AT_WORK:
            questions.ask(request_id, PersonWait.Kind.IDENTITY, reason, actor=actor)
        if go_on(request) and request.status == Status.SUBMITTED:
            queue_mail(request_id, "identity")
    check.refresh_from_db()
    return check


def pass_by_hand(check_id: int, reason: str, *, actor: Actor) -> None:
    """Take a check as passed, as the person has shown otherwise who they are.

    Args:
        reason: how; kept with the check.

    Raises:
        UnaskableCheck: it was passed before, or its request has ended.
        MissingReason: no reason is given.
        PermissionRefused: not for this member of the team to do.
    """
    refuse_unless(actor, WORK, "pass a check of identity")
    reason = _reason(reason, "Please write how the person has shown who they are.")
    with transaction.atomic():
        check = _open_check(check_id)
        if not mark_passed(check, actor=actor, reason=reason):
            raise UnaskableCheck("This was shown already.")
        go_on(check.request)


def let_try_again(check_id: int, *, actor: Actor) -> None:
    """Give a person who answered wrongly too often as many attempts again, and tell them by mail.

    Raises:
        UnaskableCheck: it was not failed, or its request has ended.
        PermissionRefused: not for this member of the team to do.
    """
    refuse_unless(actor, WORK, "let the person try again")
    with transaction.atomic():
        check = _open_check(check_id)
        failed = IdentityCheck.objects.filter(pk=check_id, failed_at__isnull=False, passed_at=None)
        if not failed.update(failed_at=None, attempts=0, sent=0, code_hash=""):
            raise UnaskableCheck("There are attempts left; nothing has to be given.")
        audit.record("identity.renewed", actor, request_id=check.request_id, target=f"check {check_id}")
        if go_on(check.request):
            queue_mail(check.request_id, "identity")


def _open_check(check_id: int) -> IdentityCheck:
    check = IdentityCheck.objects.get(pk=check_id)
    check.request = locked(check.request_id)
    if check.request.status not in OPEN:
        raise UnaskableCheck("This request has ended; nobody has to show anything any more.")
    check.refresh_from_db(fields=["passed_at", "failed_at", "attempts"])
    return check


def _reason(text: str, missing: str) -> str:
    cleaned = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if not cleaned:
        raise MissingReason(missing)
    if len(cleaned) > LONGEST_REASON:
        raise MissingReason(f"The text has {len(cleaned):,} characters; please keep it to {LONGEST_REASON:,}.")
    return cleaned
