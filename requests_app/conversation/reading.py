"""Reading: what was said, the oldest first, questions and answers among the messages, and who has seen it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from operator import attrgetter
from typing import TYPE_CHECKING

from django.utils import timezone

from requests_app import audit, representing
from requests_app.models import AuditEntry, Message, Recipient, Upload

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.models import User

    from requests_app.audit import Actor
    from requests_app.models import PersonWait, SubjectRequest


class Side(StrEnum):
    """Who said something."""

    PERSON = "person"
    REPRESENTATIVE = "representative"
    TEAM = "team"


@dataclass(frozen=True, slots=True)
class Said:
    """Something that was said: a message, or a question, or an answer that somebody wrote down.

    Args:
        author: of the team; None for the person, and where nobody knows any more.
        message: None where it is a question, or an answer of the telephone.
        question: that it asks.
        answered: the questions that it answers.
        is_unread: whether nobody of the other side has read it.
    """

    side: Side
    at: datetime
    text: str = field(repr=False)
    author: User | None = None
    message: Message | None = None
    question: PersonWait | None = None
    answered: tuple[PersonWait, ...] = ()
    files: tuple[Upload, ...] = ()
    is_unread: bool = False

    @property
    def is_open_question(self) -> bool:
        """Whether an answer is waited for."""
        return self.question is not None and self.question.answered_at is None


def conversation(request: SubjectRequest, viewer: Recipient | str | None = None) -> list[Said]:
    """Give what was said, the oldest first; notes of the team are none of it.

    Args:
        viewer: whose link it is read by, None for the team. Whoever stands for the person without their authority
            being accepted, or of use for messages, sees what they wrote themselves and no more.
    """
    said = [*_messages(request), *_questions(request)]
    if viewer == Recipient.REPRESENTATIVE and not is_for_representative(request):
        said = [item for item in said if item.side is Side.REPRESENTATIVE]
    return sorted(said, key=attrgetter("at"))


def find_file(request: SubjectRequest, upload_id: int, viewer: Recipient | str) -> Upload | None:
    """Give a file of the conversation that somebody outside the team may have; None where there is none."""
    files = (file for item in conversation(request, viewer) for file in item.files)
    return next((file for file in files if file.pk == upload_id and file.file), None)


def note_read(request: SubjectRequest, up_to: int, *, actor: Actor) -> int:
    """Note that what the other side wrote was read, up to a message; returns how many were unread until now.

    Whoever stands for the person reads nothing that is not theirs to know.
    """
    if actor == audit.REPRESENTATIVE and not is_for_representative(request):
        return 0
    rows = Message.objects.filter(request=request.pk, pk__lte=up_to)
    is_team = actor.kind == AuditEntry.ActorKind.STAFF
    unread = rows.unread_by_team() if is_team else rows.unread_by_person()
    if count := unread.update(read_at=timezone.now()):
        audit.record("message.read", actor, request_id=request.pk, target=f"message {up_to}", messages=count)
    return count


def unread_by_person(said: list[Said]) -> int:
    """Count what the person has not read."""
    return sum(item.side is Side.TEAM and item.is_unread for item in said)


def is_for_representative(request: SubjectRequest) -> bool:
    """Whether messages are for who stands for the person, by their authority as it is now."""
    return representing.is_addressee(request, "message", Recipient.REPRESENTATIVE)


def _messages(request: SubjectRequest) -> list[Said]:
    rows = request.messages.exchanged().select_related("author").prefetch_related("files", "answered")
    return [
        Said(
            _side(row),
            row.created_at,
            row.text,
            author=row.author,
            message=row,
            answered=tuple(row.answered.all()),
            files=tuple(row.files.all()),
            is_unread=row.read_at is None,
        )
        for row in rows.order_by("created_at", "pk")
    ]


def _questions(request: SubjectRequest) -> list[Said]:
    """Give the questions, and the answers that came by another way than a message."""
    said = []
    for wait in request.waits.select_related("asked_by").order_by("pk"):
        said.append(Said(Side.TEAM, wait.asked_at, wait.question, author=wait.asked_by, question=wait))
        if wait.answered_at and wait.reply_id is None:
            said.append(Said(Side.PERSON, wait.answered_at, wait.answer, answered=(wait,)))
    return said


def _side(row: Message) -> Side:
    if row.kind == Message.Kind.TO_PERSON:
        return Side.TEAM
    return Side.REPRESENTATIVE if row.is_of_representative else Side.PERSON
