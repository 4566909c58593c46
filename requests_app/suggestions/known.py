"""Finds the suggestions: nothing keeps a list of them."""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from requests_app.suggestions.base import Icon, Look

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from requests_app.models import SubjectRequest
    from requests_app.suggestions.base import Suggestion, SuggestionModule
    from requests_app.suggestions.pace import Pace

_SHARED = frozenset({"base", "known", "pace"})
_ICONS = list(Icon)


@dataclass(frozen=True, slots=True)
class Help:
    """What may help with a request: what to know or do, the most pressing first, and how long the like took."""

    suggestions: list[Suggestion]
    pace: Pace


def help_with(request: SubjectRequest, now: datetime | None = None) -> Help | None:
    """Look around a request that is open; None where there is nothing left to do."""
    if not request.is_open:
        return None
    look = Look(request, now)
    found = [suggestion for module in modules() for suggestion in module.suggest(look)]
    return Help(sorted(found, key=lambda suggestion: _ICONS.index(suggestion.icon)), look.pace)


@cache
def modules() -> Sequence[SuggestionModule]:
    """Give the modules in their order."""
    folder = str(Path(__file__).parent)
    names = [module.name for module in pkgutil.iter_modules([folder]) if module.name not in _SHARED]
    found: list[SuggestionModule] = [import_module(f"requests_app.suggestions.{name}") for name in names]  # type: ignore[misc]  # a module is one
    return sorted(found, key=lambda module: module.ORDER)
