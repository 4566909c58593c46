"""Writing: the team to the person, and the person, or who stands for them, to the team."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from extractors.errors import DsrError
from requests_app import audit, limits, questions, representing, restrictions, uploads
from requests_app.controller import controller
from requests_app.conversation.reading import is_for_representative, note_read
from requests_app.models import Message, Representative, SubjectRequest, Upload
from requests_app.notifications import queue_mail
from requests_app.workflow import WORK, PermissionRefused, refuse_unless

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from requests_app.audit import Actor
    from requests_app.models import OutboxMail, PersonWait
    from requests_app.uploads import ExaminedFile

LONGEST = 5000
MOST_FILES = 5
MOST_FILES_OF_REQUEST = 50  # of each side: nobody takes the room of another
MOST_REPLIES_AN_HOUR = 20
OVER = (Representative.State.REFUSED, Representative.State.ENDED)


class UnusableMessage(DsrError, ValueError):
    """Say why a message cannot be sent, and what to do."""


def write(request_id: int, text: str, files: Sequence[ExaminedFile] = (), *, actor: Actor) -> Message:
    """Write to the person; a mail without a word of it tells whoever conducts the case that it is there.

    Raises:
        UnusableMessage: it is empty or too long, brings too many files, or the request has ended.
        PermissionRefused: not for this member of the team to do.
    """
    user_id = refuse_unless(actor, WORK, "write to the person")
    cleaned = _cleaned(text, files)
    with transaction.atomic():
        request = SubjectRequest.objects.select_for_update().get(pk=request_id)
        if closed_because(request):
            raise UnusableMessage("This request has ended, so nobody looks at its page for messages. Write a mail.")
        message = Message.objects.create(
            request=request, kind=Message.Kind.TO_PERSON, text=cleaned, author_id=user_id, mail=_notification(request)
        )
        _attach(message, files, request, actor)
        target = f"message {message.pk}"
        audit.record("message.sent", actor, request_id=request_id, target=target, files=len(files))
    return message


def reply(
    request_id: int,
    text: str,
    files: Sequence[ExaminedFile] = (),
    *,
    actor: Actor,
    answers: Collection[int] | None = None,
) -> Message:
    """Write to the team; what it asked and nobody answered is answered by it, so that the law's clock runs again.

    Args:
        actor: the person, or who stands for them.
        answers: the open questions that it answers, by their ids; None for all.

    Raises:
        UnusableMessage: it is empty or too long, brings too many files, or the request has ended.
        LimitReached: too many within the hour.
        NotAddressee: a representative whose authority is refused or over.
        PermissionRefused: somebody else than these two.
    """
    _refuse_stranger(request_id, actor)
    cleaned = _cleaned(text, files)
    limits.count("message", f"{request_id} {actor.kind}", most=MOST_REPLIES_AN_HOUR, seconds=3600)
    with transaction.atomic():
        request = SubjectRequest.objects.select_for_update().get(pk=request_id)
        if reason := closed_because(request):
            raise UnusableMessage(reason)
        message = Message.objects.create(
            request=request,
            kind=Message.Kind.FROM_PERSON,
            text=cleaned,
            is_of_representative=actor == audit.REPRESENTATIVE,
        )
        _attach(message, files, request, actor)
        target = f"message {message.pk}"
        audit.record("message.received", actor, request_id=request_id, target=target, files=len(files))
        note_read(request, message.pk, actor=actor)
        for wait in _open_questions(request, actor, answers):
            questions.answer(wait.pk, cleaned, actor=actor)
            request.waits.filter(pk=wait.pk).update(reply=message)
    return message


def closed_because(request: SubjectRequest) -> str:
    """Say why nobody can write any more, and what to do instead; empty where they can.

    About the end of a restriction the person may object, long after the request was answered.
    """
    if request.is_open or restrictions.standing(request):
        return ""
    email = controller().email
    contact = f" or write to {email} and name {request.reference}" if email else ""
    way = f"please send a new request{contact}"
    return f"This request has ended, so its messages are closed. If something is missing or wrong, {way}."


def _refuse_stranger(request_id: int, actor: Actor) -> None:
    if actor not in (audit.SUBJECT, audit.REPRESENTATIVE):
        raise PermissionRefused("Only the person writes to the team here. Write down what came otherwise as a note.")
    if actor == audit.REPRESENTATIVE:
        found = Representative.objects.filter(request=request_id).first()
        if found is None or found.state in OVER or representing.is_over(found):
            raise representing.NotAddressee("The authority of the representative has ended.")


def _cleaned(text: str, files: Sequence[ExaminedFile]) -> str:
    cleaned = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").strip()
    if not cleaned:
        raise UnusableMessage("Please write a few words, also where you send a file.")
    if len(cleaned) > LONGEST:
        raise UnusableMessage(f"The message has {len(cleaned):,} characters; please keep it to {LONGEST:,}.")
    if len(files) > MOST_FILES:
        raise UnusableMessage(f"Please send at most {MOST_FILES} files with a message.")
    return cleaned


def _attach(message: Message, files: Sequence[ExaminedFile], request: SubjectRequest, actor: Actor) -> None:
    own = Message.objects.filter(kind=message.kind, is_of_representative=message.is_of_representative)
    there = request.uploads.filter(kind=Upload.Kind.MESSAGE, message__in=own).count()
    if files and there + len(files) > MOST_FILES_OF_REQUEST:
        raise UnusableMessage(f"A request has room for {MOST_FILES_OF_REQUEST} files; {there} are there already.")
    for file in files:
        uploads.take(file, Upload.Kind.MESSAGE, actor=actor, request=request, message=message)


def _open_questions(request: SubjectRequest, actor: Actor, answers: Collection[int] | None) -> list[PersonWait]:
    if actor == audit.REPRESENTATIVE and not is_for_representative(request):
        return []
    waits = request.waits.filter(answered_at=None, asked_at__lte=timezone.now())
    return list(waits if answers is None else waits.filter(pk__in=answers))


def _notification(request: SubjectRequest) -> OutboxMail:
    """Give the mail that tells of a message: one that is still to be sent tells of this one, too."""
    waiting = request.mails.filter(template="message", sent_at=None).order_by("-pk").first()
    return waiting if waiting and waiting.is_open else queue_mail(request.pk, "message")
