"""What proof of identity a request needs, and whether it has it; how each is given is `requests_app.identity`'s."""

from __future__ import annotations

from requests_app.proofs.checks import (
    ORDER,
    UnprovenIdentity,
    begin,
    begin_all,
    in_order,
    is_proven,
    is_up_to_team,
    outstanding,
    refuse_unless_proven,
    take_as_given,
)
from requests_app.proofs.rules import download_checks_of, known_rules, load_shipped_rules, rule_of

__all__ = [
    "ORDER",
    "UnprovenIdentity",
    "begin",
    "begin_all",
    "download_checks_of",
    "in_order",
    "is_proven",
    "is_up_to_team",
    "known_rules",
    "load_shipped_rules",
    "outstanding",
    "refuse_unless_proven",
    "rule_of",
    "take_as_given",
]
