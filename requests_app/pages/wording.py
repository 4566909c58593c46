"""The seven rights in plain words."""

from __future__ import annotations

from dataclasses import dataclass

from requests_app.models import Right

WITHIN_DAYS = "Usually within a few days"
WITHIN_A_MONTH = "Usually within one month"


@dataclass(frozen=True, slots=True)
class RightWording:
    """One right as the form explains it.

    Args:
        gives: completes "You get …".
        takes: how long it is likely to take.
    """

    right: Right
    explanation: str
    gives: str
    takes: str = WITHIN_A_MONTH


RIGHTS = (
    RightWording(
        Right.ACCESS,
        "See all we hold about you, why, and who receives it.",
        "one file to download, with all your data in it",
        WITHIN_DAYS,
    ),
    RightWording(
        Right.PORTABILITY,
        "Have your data in a form that another service can read.",
        "one file to download, made for programs",
        WITHIN_DAYS,
    ),
    RightWording(
        Right.RECTIFICATION,
        "Have something put right that is wrong or incomplete.",
        "word of what was corrected, or why it was not",
    ),
    RightWording(
        Right.ERASURE,
        "Have your data deleted, unless a law obliges us to keep it.",
        "word of what was erased, and of what had to stay and why",
    ),
    RightWording(
        Right.RESTRICTION,
        "Have your data kept but not used, for example while you dispute it.",
        "word that its use has stopped, and notice before it resumes",
    ),
    RightWording(
        Right.OBJECTION,
        "Tell us to stop using your data, for example for advertising.",
        "an end to advertising; for other uses, our decision and its reasons",
    ),
    RightWording(
        Right.AUTOMATED_DECISION,
        "Have a person look again at what a computer decided about you.",
        "a decision by a person, with its reasons",
    ),
)
