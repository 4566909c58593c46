"""Which law's period leads: the controller's and the person's place each propose, the earliest day leads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from requests_app.deadlines.clock import TARGET_SHARE, Deadline, Facts, compute
from requests_app.deadlines.rules import shipped_rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from requests_app.deadlines.rules import Rule

VOLUNTARY = "GDPR"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A rule that proposes a day.

    Args:
        place: whose public holidays count.
        is_voluntary: whether no law obliges, so that the rule is kept of the controller's own will.
    """

    rule: Rule
    place: str
    is_voluntary: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """One rule's answer; see `Candidate`."""

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
    """List what the rules that grant the right propose, the one that leads first; see `candidates` and `ranked`."""
    known = shipped_rules() if rules is None else rules
    found = candidates(facts, controller=controller, person=person, rules=known, voluntary=voluntary)
    return ranked(found, facts, target_share=target_share)


def candidates(
    facts: Facts, *, controller: str, person: str, rules: Sequence[Rule], voluntary: str = VOLUNTARY
) -> tuple[Candidate, ...]:
    """List the rules that grant the right.

    The GDPR is owed to anybody by a controller established in the Union (Art. 3(1)). Where no law grants the right,
    the controller's own rule is kept, else the one called `voluntary`, and marked. A law that was not yet in force
    when the request came counts only where no other does.

    Args:
        controller: where the controller is established; empty where unknown.
        person: where the person lives; empty where unknown.
    """
    found = tuple(_granting(rules, facts, controller, person))
    in_force = tuple(item for item in found if item.rule.is_in_force(facts.received))
    place = controller or person
    return in_force or found or (Candidate(_own_rule(rules, facts, place, voluntary), place, is_voluntary=True),)


def ranked(found: Iterable[Candidate], facts: Facts, *, target_share: float = TARGET_SHARE) -> tuple[Proposal, ...]:
    """Compute what each rule proposes, the earliest day first.

    An extension is one of the law that it was made under, `facts.extended_under`. Telling the person once extends
    the periods of the other laws too, as far as they go; a law without extension is not extended, and may lead then.
    """
    plain = replace(facts, extended_by=0, extended_until=None)
    proposed = _in_order([_proposal(item, plain, target_share) for item in found])
    if not (facts.extended_by or facts.extended_until):
        return proposed
    code = facts.extended_under or proposed[0].rule.code
    own = [_proposal(item, facts, target_share) for item in proposed if item.rule.code == code]
    until = max((item.deadline.due for item in own), default=None)
    others = [item for item in proposed if item.rule.code != code]
    return _in_order([*own, *(_proposal(item, _told(item, facts, until), target_share) for item in others)])


def rules_of(rules: Iterable[Rule], place: str, facts: Facts) -> list[Rule]:
    """Give the law of a place for a request: the most particular one, in the version in force when it came.

    Of a request older than every version, the oldest version counts.
    """
    versions: dict[str, list[Rule]] = {}
    for rule in rules:
        versions.setdefault(rule.code, []).append(rule)
    in_force = [_in_force(of_law, facts) for of_law in versions.values()]
    granting = [rule for rule in in_force if place and rule.covers(place) and facts.right in rule.rights]
    return [rule for rule in granting if place in rule.places] or granting


def _granting(rules: Sequence[Rule], facts: Facts, controller: str, person: str) -> Iterator[Candidate]:
    found: list[Candidate] = []
    for own in (controller, person):
        for rule in rules_of(rules, own, facts):
            place = controller if rule.calendar == "controller" and rule.covers(controller) else own
            found.append(Candidate(rule, place))
    yield from (item for number, item in enumerate(found) if item not in found[:number])


def _in_order(proposed: Sequence[Proposal]) -> tuple[Proposal, ...]:
    return tuple(sorted(proposed, key=lambda proposal: proposal.deadline.due))


def _proposal(item: Candidate | Proposal, facts: Facts, share: float) -> Proposal:
    deadline = compute(item.rule, facts, item.place, target_share=share)
    return Proposal(item.rule, item.place, deadline, item.is_voluntary)


def _told(plain: Proposal, facts: Facts, until: date | None) -> Facts:
    """Give what a rule sees of an extension that was made under another law, to the day `until`."""
    extension, told_on = plain.rule.extension, facts.extended_on
    if extension is None or (told_on and told_on > plain.deadline.first_due):
        return replace(facts, extended_by=0, extended_until=None)
    by, named = (0, until) if extension.open_ended else (extension.length, None)
    return replace(facts, extended_by=by, extended_until=named)


def _own_rule(rules: Sequence[Rule], facts: Facts, place: str, voluntary: str) -> Rule:
    at_place = [rule for rule in rules if place and rule.covers(place)]
    particular = [rule for rule in at_place if place in rule.places]
    named = [rule for rule in rules if rule.code == voluntary]
    return _in_force(particular or at_place or named or list(rules), facts)


def _in_force(versions: Sequence[Rule], facts: Facts) -> Rule:
    ordered = sorted(versions, key=lambda rule: (rule.valid_from is not None, rule.valid_from, rule.version))
    begun = [rule for rule in ordered if rule.is_in_force(facts.received)]
    return begun[-1] if begun else ordered[0]
