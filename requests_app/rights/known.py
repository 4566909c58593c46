"""Finds the modules of the rights: nothing keeps a list of them."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from requests_app.models import Right

if TYPE_CHECKING:
    from collections.abc import Mapping

    from requests_app.rights.base import Rules

_SHARED = frozenset({"answers", "base", "known", "changed", "fields"})


def find(right: str) -> Rules:
    """Give what is known of a right.

    Raises:
        KeyError: there is no such right.
    """
    return all_rights()[Right(right)]


@cache
def all_rights() -> Mapping[Right, Rules]:
    """Give the rights in the order in which people are offered them."""
    folder = str(Path(__file__).parent)
    names = [module.name for module in pkgutil.iter_modules([folder]) if module.name not in _SHARED]
    rules: list[Rules] = [import_module(f"requests_app.rights.{name}").RULES for name in names]
    return {item.right: item for item in sorted(rules, key=lambda item: item.rank)}
