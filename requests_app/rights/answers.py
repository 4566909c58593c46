"""What people answer to the questions of a right: checked, kept, and told again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from extractors.errors import DsrError
from requests_app.rights.base import LONGEST_ANSWER
from requests_app.rights.known import find

if TYPE_CHECKING:
    from collections.abc import Mapping

    from requests_app.models import SubjectRequest
    from requests_app.rights.base import Question


class UnusableAnswer(DsrError, ValueError):
    """Say why an answer cannot be kept; `question` is what it answers."""

    def __init__(self, question: Question, message: str) -> None:
        super().__init__(message)
        self.question = question


@dataclass(frozen=True, slots=True)
class Answered:
    """A question as it was asked, and the answer in words."""

    label: str
    words: str = field(repr=False)


def field_name(right: str, question: Question) -> str:
    """Name the field, or the column, of a question: two rights may ask for the same."""
    return f"{right}_{question.name}"


def checked(right: str, typed: Mapping[str, str]) -> dict[str, str]:
    """Give the answers to what a right asks, as they are kept; where none was given, what is assumed.

    Answers to what it does not ask are left out.

    Raises:
        UnusableAnswer: it is none of those offered, or too long.
    """
    given = {question.name: _checked(question, typed.get(question.name, "")) for question in find(right).questions}
    return {name: answer for name, answer in given.items() if answer}


def told(request: SubjectRequest) -> list[Answered]:
    """Give what a person answered, in the order of the questions."""
    kept = [(question, request.particulars.get(question.name)) for question in find(request.right).questions]
    return [Answered(question.label, question.label_of(str(answer))) for question, answer in kept if answer]


def _checked(question: Question, typed: str) -> str:
    answer = typed.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").strip() or question.default
    if question.choices and answer and answer not in {choice.slug for choice in question.choices}:
        raise UnusableAnswer(question, f"“{question.label}”: please choose one of the answers offered.")
    if len(answer) > LONGEST_ANSWER:
        raise UnusableAnswer(question, f"“{question.label}”: please use at most {LONGEST_ANSWER:,} characters.")
    return answer
