"""`dsr_deadline`: when is an answer due, and why?"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from requests_app.deadlines.choosing import Proposal, leading
from requests_app.deadlines.clock import Facts, Wait
from requests_app.deadlines.rules import RIGHTS, FaultyRules, read_rules, shipped_rules
from requests_app.management.headless import PROBLEM, WRONG_USAGE, PlainCommand

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Mapping, Sequence

    from requests_app.deadlines.rules import Rule

_PLACE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_COMPARED = ("due", "due_if_suspended", "target", "acknowledge")


class Unusable(ValueError):
    """Say which value of a question is wrong, and how it should look."""


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
            parser.add_argument(f"--{name}", nargs=2, action="append", default=[], metavar=("ASKED", "ANSWERED"))
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
            self.fail(WRONG_USAGE, str(error))
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
        except (OSError, ValueError) as error:
            self.fail(PROBLEM, f"{path} cannot be read as a list of questions in JSON ({type(error).__name__}).")
        if not isinstance(vectors, list) or not all(isinstance(vector, dict) for vector in vectors):
            self.fail(PROBLEM, f"{path} holds no list of questions.")
        differing = [told for number, vector in enumerate(vectors, 1) if (told := _difference(number, vector, rules))]
        if as_json:
            self.stdout.write(json.dumps({"vectors": len(vectors), "differing": differing}, ensure_ascii=False))
        else:
            for told in differing:
                self.stdout.write(_difference_told(told))
            self.stdout.write(f"{len(vectors) - len(differing)} of {len(vectors)} as expected")
        return PROBLEM if differing else 0


def answered(question: Mapping[str, Any], rules: Sequence[Rule]) -> dict[str, Any]:
    """Answer one question.

    Args:
        question: the command's options, or an entry of a file of vectors (`clarification_asked` and
            `clarification_answered` stand there for the pair).

    Raises:
        Unusable: a value of it is wrong.
    """
    place = _place(question, "place")
    controller = _place(question, "controller") or place
    facts = _facts(question)
    proposals = leading(facts, controller=controller, person=place, rules=rules)
    if by := _extended_by(question.get("extended"), proposals[0].rule):
        facts = replace(facts, extended_by=by)
        proposals = leading(facts, controller=controller, person=place, rules=rules)
    return _as_json(proposals[0], proposals[1:])


def _extended_by(asked: object, rule: Rule) -> int:
    """Read by how much to extend: a number, or as much as the law allows (`true`, or -1)."""
    if not asked:
        return 0
    if asked is True or asked == -1:
        return rule.extension.length if rule.extension else 1
    if not isinstance(asked, int) or asked < 0:
        raise Unusable("--extended: takes a whole number, in the unit of the law's extension.")
    if rule.extension and asked > rule.extension.length:
        raise Unusable(f"--extended: {rule.name} allows at most {rule.extension}.")
    return asked


def _facts(question: Mapping[str, Any]) -> Facts:
    if not question.get("received"):
        raise Unusable("--received is missing: the day of receipt, like 2026-03-05.")
    right = question.get("right") or "access"
    if right not in RIGHTS:
        raise Unusable(f"--right: there is no right {right!r}; there are {', '.join(RIGHTS)}.")
    return Facts(
        received=_day(question["received"], "received"),
        right=right,
        identity=_waits(question, "identity"),
        clarification=_waits(question, "clarification"),
        extended_until=_day(question["until"], "until") if question.get("until") else None,
    )


def _waits(question: Mapping[str, Any], name: str) -> tuple[Wait, ...]:
    pairs = list(question.get(name) or [])
    if question.get(f"{name}_asked"):
        pairs.append((question[f"{name}_asked"], question.get(f"{name}_answered")))
    waits = [Wait(_day(asked, name), _day(told, name) if told else None) for asked, told in pairs]
    if any(wait.answered and wait.answered < wait.asked for wait in waits):
        raise Unusable(f"--{name}: the answer comes before the question.")
    return tuple(waits)


def _day(text: object, name: str) -> date:
    """Read a day, or the day of an instant in the portal's time zone."""
    try:
        if "T" not in str(text):
            return date.fromisoformat(str(text))
        instant = datetime.fromisoformat(str(text))
    except ValueError:
        raise Unusable(f"--{name}: {text!r} is no day like 2026-03-05.") from None
    from django.conf import settings

    return instant.astimezone(ZoneInfo(settings.TIME_ZONE)).date() if instant.tzinfo else instant.date()


def _place(question: Mapping[str, Any], name: str) -> str:
    place = str(question.get(name) or "").upper()
    if place and not _PLACE.fullmatch(place):
        raise Unusable(f"--{name}: {place!r} is no place like DE, DE-BY or US-CA.")
    return place


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
    lines.append(f"Due {answer['due']}")
    if answer["due_if_suspended"] != answer["due"]:
        lines.append(f"Due {answer['due_if_suspended']} where waiting for the person suspends the period")
    if answer["acknowledge"]:
        lines.append(f"Confirm the receipt by {answer['acknowledge']}")
    return "\n".join(lines)


def _difference(number: int, vector: Mapping[str, Any], rules: Sequence[Rule]) -> dict[str, Any] | None:
    try:
        answer = answered(vector, rules)
    except Unusable as error:
        return {"vector": number, "problem": str(error)}
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
