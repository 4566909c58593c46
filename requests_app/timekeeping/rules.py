"""The laws' periods in the database: those the portal comes with, and the team's own versions of them."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import Max

from extractors.errors import DsrError
from requests_app import audit
from requests_app.deadlines.rules import FaultyRules, Rule, read_rules, shipped_rules
from requests_app.models import LawRule

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class MissingWhy(DsrError, ValueError):
    """Say that a new version of a rule needs a word on why it is written."""


@dataclass(frozen=True, slots=True)
class KnownRule:
    """A rule and the row it is kept in."""

    row: LawRule
    rule: Rule


def load_after_migrating(**_signal: object) -> None:
    """Store the rules that the portal comes with, where it was migrated so far; a receiver of `post_migrate`."""
    if LawRule._meta.db_table in connection.introspection.table_names():
        load_shipped_rules()


def load_shipped_rules() -> int:
    """Store the rules that the portal comes with, as far as they are new; returns how many were.

    May be called again and at once. What is stored is never changed: a shipped rule that changes comes as a further
    version.
    """
    known = set(LawRule.objects.exclude(shipped_version=None).values_list("code", "shipped_version"))
    new = [rule for rule in shipped_rules() if (rule.code, rule.version) not in known]
    return sum(_store(rule, shipped_version=rule.version) for rule in new)


def known_rules() -> list[KnownRule]:
    """Give every version of every rule; those that the portal comes with are there in any case."""
    rows = LawRule.objects.order_by("code", "version")
    if not rows and load_shipped_rules():
        rows = rows.all()
    return [KnownRule(row, rule_of(row)) for row in rows]


def rule_of(row: LawRule) -> Rule:
    """Read a stored rule, its version counted as in the database."""
    return Rule.model_validate(row.document).model_copy(update={"version": row.version})


def as_toml(rule: Rule) -> str:
    """Write a rule as the team edits it: TOML, what is left at its default left out."""
    lines: list[str] = []
    for name, value in rule.model_dump(mode="json", exclude_defaults=True, exclude={"version"}).items():
        lines.append(f"{name} = {_value(value)}")
    return "\n".join(lines) + "\n"


def write_version(code: str, text: str, why: str, user: User) -> LawRule:
    """Store a new version of a law's rule; requests keep the version they were opened under.

    Args:
        text: the rule in TOML, without its version.
        why: what changed and where that can be read.

    Raises:
        FaultyRules: with every fault of the text, or it is another law's.
        MissingWhy: nothing says why.
    """
    if not why.strip():
        raise MissingWhy("Please say what changed, and where that can be read.")
    rule = _parsed(code, text)
    with transaction.atomic():
        row = _insert(rule, why=why.strip(), created_by=user)
        audit.record("rule.written", audit.Actor.staff(user), target=f"rule {row.pk}", code=code, version=row.version)
    return row


def _parsed(code: str, text: str) -> Rule:
    indented = f"[[rule]]\nversion = 1\n{text}"
    (rule, *more) = read_rules(indented)
    if more or rule.code != code:
        raise FaultyRules([f"code: this is the rule of {code}; write one rule, and keep its code"])
    return rule


def _store(rule: Rule, shipped_version: int) -> int:
    with transaction.atomic():
        if LawRule.objects.filter(code=rule.code, shipped_version=shipped_version).exists():
            return 0
        _insert(rule, shipped_version=shipped_version)
    return 1


def _insert(rule: Rule, **fields: object) -> LawRule:
    latest = LawRule.objects.filter(code=rule.code).aggregate(Max("version"))["version__max"] or 0
    document = rule.model_dump(mode="json", exclude={"version"}) | {"version": latest + 1}
    return LawRule.objects.create(code=rule.code, version=latest + 1, document=document, **fields)


def _value(value: object) -> str:
    """Write a value of plain JSON as TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        inside = ", ".join(f"{_key(name)} = {_value(part)}" for name, part in value.items())
        return f"{{ {inside} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, str):
        return _text(value)
    return str(value)


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _key(name: str) -> str:
    try:
        tomllib.loads(f"{name} = 1")
    except tomllib.TOMLDecodeError:
        return _text(name)
    return name
