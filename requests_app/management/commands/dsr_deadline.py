"""`dsr_deadline`: when is an answer due, and why?"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.conf import settings

from requests_app.deadlines.choosing import Proposal, leading
from requests_app.deadlines.rules import RIGHTS, FaultyRules, read_rules, shipped_rules
from requests_app.management.deadline_questions import Unusable, read_question
from requests_app.management.headless import PROBLEM, WRONG_USAGE, PlainCommand

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Mapping, Sequence

    from requests_app.deadlines.rules import Rule

_COMPARED = ("due", "due_if_suspended", "first_due", "target", "acknowledge")


class Command(PlainCommand):
    """Compute when an answer is due, with every step."""

    help = "Compute when an answer is due by the law of a place, and explain every step."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the place and what happened."""
        asked = parser.add_mutually_exclusive_group(required=True)
        asked.add_argument("--place", help="where the person lives: DE, DE-BY, US-CA")
        asked.add_argument("--vectors", type=Path, metavar="FILE", help="a JSON list of questions with their answers")
        parser.add_argument(
            "--controller", default="", metavar="PLACE", help="where the controller is (default: --place)"
        )
        parser.add_argument("--received", metavar="DATE", help="the day of receipt, or an instant: 2026-03-05")
        parser.add_argument("--right", default="access", choices=RIGHTS)
        told = "extended: by so much, in the law's unit (default: as much as it allows)"
        parser.add_argument("--extended", nargs="?", type=int, const=-1, default=0, metavar="N", help=told)
        parser.add_argument("--until", metavar="DATE", help="the day named, where the law lets one name it")
        for name in ("identity", "clarification"):
            parser.add_argument(f"--{name}", nargs="+", action="append", default=[], metavar=("ASKED", "ANSWERED"))
        parser.add_argument("--fee-paid", metavar="DATE", help="the day a fee was paid that the law allows")
        parser.add_argument("--rules", type=Path, metavar="FILE", help="another table of rules")
        parser.add_argument("--json", action="store_true", help="print the result for machines")

    def run(self, **options: Any) -> int | None:
        """Print the dates and the steps, or what differs from the answers of a file."""
        rules = self._rules(options["rules"])
        if options["vectors"]:
            return self._compare(options["vectors"], rules, as_json=options["json"])
        try:
            answer = answered(options, rules)
        except Unusable as error:
            self.fail(WRONG_USAGE, f"--{error}")
        self.stdout.write(json.dumps(answer, indent=2, ensure_ascii=False) if options["json"] else _told(answer))
        return None

    def _rules(self, path: Path | None) -> Sequence[Rule]:
        if path is None:
            return shipped_rules()
        try:
            return read_rules(path.read_text(encoding="utf-8"))
        except FaultyRules as error:
            self.fail(PROBLEM, str(error))
        except (OSError, UnicodeDecodeError) as error:
            self.fail(PROBLEM, f"{path} cannot be read ({type(error).__name__}).")

    def _compare(self, path: Path, rules: Sequence[Rule], *, as_json: bool) -> int:
        """Answer every question of a file and print those whose answer is another."""
        try:
            vectors = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            self.fail(PROBLEM, f"{path} cannot be read as a list of questions in JSON ({type(error).__name__}).")
        if not isinstance(vectors, list):
            self.fail(PROBLEM, f"{path} holds no list of questions.")
        differing = [told for number, vector in enumerate(vectors, 1) if (told := _difference(number, vector, rules))]
        if as_json:
            self.stdout.write(json.dumps({"vectors": len(vectors), "differing": differing}, ensure_ascii=False))
        else:
            for told in differing:
                self.stdout.write(_difference_told(told))
            self.stdout.write(f"{len(vectors) - len(differing)} of {len(vectors)} as expected")
        return PROBLEM if differing else 0


def answered(given: Mapping[str, object], rules: Sequence[Rule]) -> dict[str, Any]:
    """Answer one question.

    Args:
        given: see `deadline_questions.read_question`.

    Raises:
        Unusable: a value of it is wrong.
    """
    asked = read_question(given, ZoneInfo(settings.TIME_ZONE))
    propose = partial(leading, controller=asked.controller, person=asked.place, rules=rules)
    proposals = propose(asked.facts)
    if asked.extended:
        by = asked.extended_by(proposals[0].rule)
        proposals = propose(replace(asked.facts, extended_by=by, extended_under=proposals[0].rule.code))
    return _as_json(proposals[0], proposals[1:])


def _as_json(proposal: Proposal, others: Sequence[Proposal]) -> dict[str, Any]:
    deadline, rule = proposal.deadline, proposal.rule
    return {
        "due": deadline.due.isoformat(),
        "due_if_suspended": deadline.due_if_suspended.isoformat(),
        "first_due": deadline.first_due.isoformat(),
        "target": deadline.target.isoformat(),
        "acknowledge": deadline.acknowledge.isoformat() if deadline.acknowledge else None,
        "rule": {"code": rule.code, "version": rule.version, "confidence": rule.confidence, "name": rule.name},
        "is_voluntary": proposal.is_voluntary,
        "is_paused": deadline.is_paused,
        "is_before_rule": deadline.is_before_rule,
        "holidays": {"place": proposal.place, "from": deadline.holidays_from},
        "steps": [{"date": step.date.isoformat(), "why": step.why, "source": step.source} for step in deadline.steps],
        "also": [{"rule": other.rule.code, "due": other.deadline.due.isoformat()} for other in others],
    }


def _told(answer: Mapping[str, Any]) -> str:
    rule = answer["rule"]
    lines = [f"{rule['name']} ({rule['code']}, version {rule['version']})"]
    lines += ["Check this with counsel: it was not read at its source."] if rule["confidence"] != "high" else []
    lines += ["No law obliges; the rule is kept voluntarily."] if answer["is_voluntary"] else []
    lines += [f"  {step['date']}  {step['why']} ({step['source']})" for step in answer["steps"]]
    lines += ["The clock stands still until the person answers; the days below are the earliest."] * answer["is_paused"]
    lines.append(f"Due {answer['due']}")
    if answer["due_if_suspended"] != answer["due"]:
        lines.append(f"Due {answer['due_if_suspended']} where waiting for the person suspends the period")
    if answer["acknowledge"]:
        lines.append(f"Confirm the receipt by {answer['acknowledge']}")
    return "\n".join(lines)


def _difference(number: int, vector: object, rules: Sequence[Rule]) -> dict[str, Any] | None:
    if not isinstance(vector, dict):
        return {"vector": number, "problem": "it is no object with place, received and what is expected."}
    try:
        answer = answered(vector, rules)
    except Unusable as error:
        return {"vector": number, "problem": str(error)}
    if not any(name in vector for name in _COMPARED):
        return {"vector": number, "problem": f"due is missing: nothing is expected (known: {', '.join(_COMPARED)})."}
    wrong = {name: answer[name] for name in _COMPARED if name in vector and vector[name] != answer[name]}
    if not wrong:
        return None
    expected = {name: vector[name] for name in wrong}
    return {"vector": number, "question": dict(vector), "expected": expected, "got": wrong, "steps": answer["steps"]}


def _difference_told(told: Mapping[str, Any]) -> str:
    if "problem" in told:
        return f"vector {told['vector']}: {told['problem']}"
    parts = [f"{name} {told['got'][name]}, expected {day}" for name, day in told["expected"].items()]
    steps = [f"    {step['date']}  {step['why']}" for step in told["steps"]]
    return "\n".join([f"vector {told['vector']}: {'; '.join(parts)}", *steps])
