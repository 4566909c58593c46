"""The conversation as the page of a request shows it to the person, or to who stands for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms

from requests_app import conversation
from requests_app.conversation import LONGEST, MOST_FILES, Side
from requests_app.models import Recipient, Upload
from requests_app.pages.forms import TOO_LONG
from requests_app.rights.fields import Lines
from requests_app.uploads import UploadsField

if TYPE_CHECKING:
    from requests_app.conversation import Said
    from requests_app.models import PersonWait, SubjectRequest

OUR_TEAM = "Our team"


class MessageForm(forms.Form):
    """Takes what is written to the team, and the files that come with it.

    Args:
        questions: the open ones; where there are several, it is asked which ones it answers.
    """

    text = Lines(
        label="Your message",
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 4}),
        error_messages={"required": "Please write a few words, also where you send a file.", "max_length": TOO_LONG},
    )
    answers = forms.MultipleChoiceField(
        label="Which questions does it answer?",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "One of the questions was answered meanwhile. Please look again."},
    )
    attached = UploadsField(Upload.Kind.MESSAGE, most=MOST_FILES, label="Files", required=False)

    def __init__(self, questions: list[PersonWait], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "message-%s", **kwargs})
        if len(questions) > 1:
            self.fields["answers"].choices = [(wait.pk, wait.question) for wait in questions]  # type: ignore[attr-defined]
            self.fields["answers"].initial = [wait.pk for wait in questions]
        else:
            del self.fields["answers"]
            self.fields["text"].label = "Your answer" if questions else "Your message"

    def chosen(self) -> list[int] | None:
        """Give the questions that it answers, by their ids; None for all there are."""
        return [int(pk) for pk in self.cleaned_data["answers"]] if "answers" in self.fields else None


@dataclass(frozen=True, slots=True)
class Line:
    """Something that was said, as whoever reads the page would say it.

    Args:
        is_own: whether they said it themselves.
        is_new: whether they have not read it.
    """

    said: Said
    who: str
    is_own: bool
    is_new: bool


@dataclass(frozen=True, slots=True)
class Thread:
    """The conversation.

    Args:
        closed_because: why nobody can write any more; empty where they can.
        last: the id of the newest message, up to which it is read.
    """

    lines: list[Line]
    questions: list[PersonWait]
    unread: int
    closed_because: str
    last: int
    form: MessageForm


def thread_of(
    asked: SubjectRequest, viewer: Recipient | str = Recipient.PERSON, form: MessageForm | None = None
) -> Thread:
    """Put the conversation together.

    Args:
        form: as it was sent, where it is not right.
    """
    said = conversation.conversation(asked, viewer)
    questions = _open_questions(said) if asked.is_open else []
    return Thread(
        lines=[_line(item, asked, viewer) for item in said],
        questions=questions,
        unread=conversation.unread_by_person(said),
        closed_because=conversation.closed_because(asked),
        last=max((item.message.pk for item in said if item.message), default=0),
        form=form or MessageForm(questions),
    )


def sent_form(asked: SubjectRequest, viewer: Recipient | str, *sent: Any) -> MessageForm:
    """Give the form as it was sent."""
    return MessageForm(_open_questions(conversation.conversation(asked, viewer)), *sent)


def _line(item: Said, asked: SubjectRequest, viewer: Recipient | str) -> Line:
    is_own = item.side.value == viewer
    others = {
        Side.TEAM: OUR_TEAM,
        Side.PERSON: asked.name,
        Side.REPRESENTATIVE: "Your representative",
    }
    is_new = item.side is Side.TEAM and item.is_unread
    return Line(item, "You" if is_own else others[item.side], is_own, is_new)


def _open_questions(said: list[Said]) -> list[PersonWait]:
    return [item.question for item in said if item.question and item.is_open_question]
