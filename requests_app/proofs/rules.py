"""The table of what proof is asked for by right and place, and which of its lines counts."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import TYPE_CHECKING

from django.db import IntegrityError, connection, transaction

from requests_app.authorities import is_in_union
from requests_app.models import IdentityCheck, IdentityRule
from requests_app.places import country_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests_app.models import SubjectRequest

UNION = "EEA"


def rule_of(right: str, place: str) -> IdentityRule:
    """Give the line of the table that counts for a right in a place, the most specific one.

    Args:
        place: ISO 3166-1 alpha-2 or ISO 3166-2; empty where the person did not say.
    """
    known = {(rule.right, rule.place): rule for rule in known_rules()}
    return next(known[line] for line in _from_the_most_specific(right, place) if line in known)


def download_checks_of(request: SubjectRequest) -> tuple[IdentityCheck.Kind, ...]:
    """Give what is asked for once more before the files of a request are given out."""
    return tuple(IdentityCheck.Kind(kind) for kind in rule_of(request.right, request.place).download_checks)


def known_rules() -> list[IdentityRule]:
    """Give the table; the line of any right in any place is always there."""
    rules = list(IdentityRule.objects.all())
    if not rules:
        load_shipped_rules()
        rules = list(IdentityRule.objects.all())
    return rules


def load_after_migrating(**_signal: object) -> None:
    """Store the table that the portal comes with, where it was migrated so far; a receiver of `post_migrate`."""
    if IdentityRule._meta.db_table in connection.introspection.table_names():
        load_shipped_rules()


def load_shipped_rules() -> int:
    """Store the table that the portal comes with, unless there is one; returns how many lines were stored.

    May be called again and at once. What the team changed stays as it is.
    """
    if IdentityRule.objects.exists():
        return 0
    shipped = tomllib.loads(files(__package__).joinpath("rules.toml").read_text(encoding="utf-8"))["rule"]
    try:
        with transaction.atomic():
            return len(IdentityRule.objects.bulk_create(IdentityRule(**line) for line in shipped))
    except IntegrityError:  # somebody was a moment faster
        return 0


def _from_the_most_specific(right: str, place: str) -> Iterator[tuple[str, str]]:
    country = country_of(place)
    union = [UNION] if is_in_union(country) else []
    places = [*dict.fromkeys(part for part in (place, country, *union) if part)]
    yield from ((right, each) for each in places)
    yield right, ""
    yield from (("", each) for each in places)
    yield "", ""
