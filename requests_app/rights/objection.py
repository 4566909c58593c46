"""Objection (GDPR Art. 21): to direct marketing it always holds and at once; to all else it is weighed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from requests_app.models import Outcome, Right, Suppression
from requests_app.models.subject_request import BY_SWITCH
from requests_app.rights.base import Act, Choice, Question, Rules
from requests_app.rights.changed import refusal_while_undone

if TYPE_CHECKING:
    from requests_app.models import Approval, SubjectRequest

SCOPE = Question(
    "scope",
    "What do you object to?",
    "",
    (
        Choice("marketing", "Advertising", "Stops at once, and everywhere. Art. 21(2)"),
        Choice("analytics", "Statistics and profiles of my use", "We look at it and tell you. Art. 21(1)"),
        Choice("all", "Every use that I did not agree to", "Advertising stops at once; we look at the rest. Art. 21"),
    ),
    default="marketing",
)
ACTS: dict[str, tuple[Approval.Act, ...]] = {
    "marketing": (Act.OBJECTION_MARKETING,),
    "analytics": (Act.OBJECTION_ANALYTICS,),
    "all": (Act.OBJECTION_MARKETING, Act.OBJECTION_ANALYTICS, Act.OBJECTION_ALL),
}
"""What an objection asks for: who objects to every use objects to advertising and statistics too."""
SCOPES: dict[Approval.Act, Suppression.Scope] = {
    Act.OBJECTION_MARKETING: Suppression.Scope.MARKETING,
    Act.OBJECTION_ANALYTICS: Suppression.Scope.ANALYTICS,
    Act.OBJECTION_ALL: Suppression.Scope.ALL,
}
UNWEIGHED = "The objection is not weighed yet: weigh it on the page of the request."
NOT_UPHELD = "The objection was not upheld: it is refused, by two people, or weighed again."


def scope_of(request: SubjectRequest) -> str:
    """Say what a person objects to, by the slug of the answer."""
    scope = RULES.answer(request, SCOPE.name)
    return scope if scope in ACTS else SCOPE.default


def at_once(request: SubjectRequest) -> tuple[Approval.Act, ...]:
    """Give what stops without anybody weighing it.

    Direct marketing always does (GDPR Art. 21(3)), and what the operator lets people switch off by themselves.
    """
    acts = ACTS[scope_of(request)]
    return acts if request.channel in BY_SWITCH else tuple(act for act in acts if act is Act.OBJECTION_MARKETING)


def weighed(request: SubjectRequest) -> tuple[Approval.Act, ...]:
    """Give what somebody has to weigh first."""
    settled = at_once(request)
    return tuple(act for act in ACTS[scope_of(request)] if act not in settled)


def is_upheld(request: SubjectRequest) -> bool | None:
    """Whether the objection weighs more, as it was weighed last; None where nobody has weighed it."""
    newest = request.weighings.first()
    return newest.is_upheld if newest else None


def in_effect(request: SubjectRequest) -> tuple[Approval.Act, ...]:
    """Give what has to have stopped by now, unless the person has allowed it again."""
    acts = at_once(request) + (weighed(request) if is_upheld(request) else ())
    return tuple(act for act in acts if not is_lifted(request, act))


def outcome(request: SubjectRequest) -> Outcome | None:
    """Say how the portal ends an objection: in part, where two people have refused a part of it."""
    is_refused = request.refusals.filter(extent="part", approved_at__isnull=False, discarded_at=None).exists()
    return Outcome.PARTIAL if is_refused else Outcome.FULL


def is_lifted(request: SubjectRequest, act: Approval.Act) -> bool:
    """Whether what was stopped was allowed again."""
    entries = request.suppressions.filter(scope=SCOPES[act])
    return entries.exists() and not entries.filter(lifted_at=None).exists()


def obstacle(request: SubjectRequest, outcome: str, /, *, is_staff: bool) -> str:
    """Say where the data is still used, or that nobody has weighed yet whether it may be."""
    if outcome == Outcome.FULL and weighed(request) and not is_upheld(request):
        return UNWEIGHED if is_upheld(request) is None else NOT_UPHELD
    undone = (refusal_while_undone(request, act, "The objection") for act in in_effect(request))
    return next(filter(None, undone), "")


RULES = Rules(
    Right.OBJECTION,
    rank=6,
    article="GDPR Art. 21",
    explanation="Tell us to stop using your data, for example for advertising.",
    gives="an end to advertising; for other uses, our decision and its reasons",
    asks="objects",
    questions=(SCOPE,),
    at_once=at_once,
    ends_by_itself=True,
    steps=("Submitted", "Confirmed", "In progress", "Stopped"),
    obstacle=obstacle,
    outcome=outcome,
    is_harmless=True,
    notice="objected",
    notice_in_part="partial",
)
