"""Which law's period leads: the controller's and the person's place each propose, the earliest day leads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from requests_app.deadlines.clock import TARGET_SHARE, Deadline, Facts, compute
from requests_app.deadlines.rules import shipped_rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from requests_app.deadlines.rules import Rule

VOLUNTARY = "GDPR"


@dataclass(frozen=True, slots=True)
class Proposal:
    """One rule's answer.

    Args:
        place: whose public holidays count.
        is_voluntary: whether no law obliges, so that the rule is kept of the controller's own will.
    """

    rule: Rule
    place: str
    deadline: Deadline
    is_voluntary: bool = False


def leading(
    facts: Facts,
    *,
    controller: str = "",
    person: str = "",
    rules: Sequence[Rule] | None = None,
    voluntary: str = VOLUNTARY,
    target_share: float = TARGET_SHARE,
) -> tuple[Proposal, ...]:
    """List the rules that grant the right, the one that leads first.

    The GDPR is owed to anybody by a controller established in the Union (Art. 3(1)). Where no law grants the right,
    the controller's own rule is kept, else the one called `voluntary`, and marked. A law that was not yet in force
    when the request came leads only where no other does.

    Args:
        controller: where the controller is established; empty where unknown.
        person: where the person lives; empty where unknown.
    """
    known = shipped_rules() if rules is None else rules
    proposed = list(_proposals(known, facts, controller, person, target_share))
    found = [proposal for proposal in proposed if not proposal.deadline.is_before_rule] or proposed
    if not found:
        rule = _own_rule(known, facts, controller or person, voluntary)
        place = controller or person
        found = [Proposal(rule, place, compute(rule, facts, place, target_share=target_share), is_voluntary=True)]
    return tuple(sorted(found, key=lambda proposal: proposal.deadline.due))


def rules_of(rules: Iterable[Rule], place: str, facts: Facts) -> list[Rule]:
    """Give the law of a place for a request: the most particular one, in the version in force when it came.

    Of a request older than every version, the oldest version counts.
    """
    granting = [rule for rule in rules if place and rule.covers(place) and facts.right in rule.rights]
    particular = [rule for rule in granting if place in rule.places]
    versions: dict[str, list[Rule]] = {}
    for rule in particular or granting:
        versions.setdefault(rule.code, []).append(rule)
    return [_in_force(of_law, facts) for of_law in versions.values()]


def _proposals(
    rules: Sequence[Rule], facts: Facts, controller: str, person: str, target_share: float
) -> Iterator[Proposal]:
    of_controller = rules_of(rules, controller, facts)
    proposed = {rule.identity for rule in of_controller}
    of_person = [rule for rule in rules_of(rules, person, facts) if rule.identity not in proposed]
    for rule, own in [*((rule, controller) for rule in of_controller), *((rule, person) for rule in of_person)]:
        place = controller if rule.calendar == "controller" and rule.covers(controller) else own
        yield Proposal(rule, place, compute(rule, facts, place, target_share=target_share))


def _own_rule(rules: Sequence[Rule], facts: Facts, place: str, voluntary: str) -> Rule:
    at_place = [rule for rule in rules if place and rule.covers(place)]
    named = [rule for rule in rules if rule.code == voluntary]
    return _in_force(at_place or named or list(rules), facts)


def _in_force(versions: Sequence[Rule], facts: Facts) -> Rule:
    ordered = sorted(versions, key=lambda rule: (rule.valid_from is not None, rule.valid_from, rule.version))
    begun = [rule for rule in ordered if rule.valid_from is None or rule.valid_from <= facts.received]
    return begun[-1] if begun else ordered[0]
