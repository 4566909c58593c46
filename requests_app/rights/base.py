"""What a right declares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from requests_app.models import Approval, Outcome, Right

if TYPE_CHECKING:
    from collections.abc import Callable

    from requests_app.models import SubjectRequest

Act = Approval.Act
WITHIN_DAYS, WITHIN_A_MONTH = "Usually within a few days", "Usually within one month"
LONGEST_ANSWER = 2000


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer that a question offers, and what it means in plain words."""

    slug: str
    label: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What a right asks beside name and mailbox.

    Args:
        name: under which the answer stands in `SubjectRequest.particulars`; of the form's field, behind the right's.
        label: the question, in words to the person.
        choices: one of which is the answer; none for a text of at most `LONGEST_ANSWER` characters.
        default: the answer of whoever gives none; empty where nothing is assumed.
    """

    name: str
    label: str
    help: str = ""
    choices: tuple[Choice, ...] = ()
    default: str = ""

    def label_of(self, answer: str) -> str:
        """Give the words of an answer; those of an answer that is no more stand as they are."""
        return next((choice.label for choice in self.choices if choice.slug == answer), answer)


class Obstacle(Protocol):
    """Says what keeps a request from being completed."""

    def __call__(self, request: SubjectRequest, outcome: str, /, *, is_staff: bool) -> str:
        """Give the sentence that says so; nothing where nothing does."""


def no_obstacle(request: SubjectRequest, outcome: str, /, *, is_staff: bool) -> str:
    """Let it be completed."""
    return ""


def nothing_at_once(request: SubjectRequest) -> tuple[Approval.Act, ...]:
    """Leave everything to be decided on."""
    return ()


def in_full(request: SubjectRequest) -> Outcome | None:
    """End as answered in full."""
    return Outcome.FULL


def third_step(request: SubjectRequest) -> int:
    """Stand at the third step as long as the request is in progress."""
    return 2


@dataclass(frozen=True, slots=True)
class Rules:
    """What differs between one right and the others.

    Args:
        rank: where people find it among the others, from 1.
        article: of the GDPR.
        explanation: what it is, in one plain sentence to the person.
        gives: completes "You get …".
        takes: how long it is likely to take.
        asks: completes "A person who …", to the team.
        questions: asked on the form.
        steps: the way from the form to the answer, as the person sees it; the first two are behind whoever is
            confirmed, the last is the answer.
        step: says how many of the steps are behind a request that is in progress; of files, the exports say it.
        reads: whether the sources are searched when the work begins, and what is found is kept for the answer.
        when_read: the letter that tells the person once that every source was read; empty where none does.
        gives_files: whether the answer is files made of what was found.
        previews: the act whose consequences are looked at in every source when the work begins, for two people to
            decide on.
        at_once: the acts that take effect without anybody's decision when the work begins.
        ends_by_itself: whether the request is completed by the portal once all that it asks for is done.
        outcome: how the portal ends it; None while it cannot tell.
        obstacle: what keeps a request from being completed, beside what holds for all rights.
        is_harmless: whether somebody else could ask for it without learning, changing or destroying anything of the
            person's, so that no proof of identity need be asked for.
        notice: the letter that tells of the end; empty where the files' own mail does.
        notice_in_part: the one that tells of an end in part, where that is another.
    """

    right: Right
    rank: int
    article: str
    explanation: str
    gives: str
    asks: str
    questions: tuple[Question, ...] = ()
    takes: str = WITHIN_A_MONTH
    steps: tuple[str, ...] = ("Submitted", "Confirmed", "In progress", "Answered")
    step: Callable[[SubjectRequest], int] = third_step
    reads: bool = False
    when_read: str = ""
    gives_files: bool = False
    previews: Approval.Act | None = None
    at_once: Callable[[SubjectRequest], tuple[Approval.Act, ...]] = nothing_at_once
    ends_by_itself: bool = False
    outcome: Callable[[SubjectRequest], Outcome | None] = in_full
    obstacle: Obstacle = no_obstacle
    is_harmless: bool = False
    notice: str = "completed"
    notice_in_part: str = ""

    def question(self, name: str) -> Question | None:
        """Find a question by its name."""
        return next((question for question in self.questions if question.name == name), None)

    def answer(self, request: SubjectRequest, name: str) -> str:
        """Give what a person answered, or what is assumed where they did not."""
        question = self.question(name)
        return str(request.particulars.get(name) or (question.default if question else ""))
