"""Finds the panels: nothing keeps a list of them."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.contrib.auth.models import User

    from requests_app.admin.base import Route
    from requests_app.admin.panels.base import Panel, PanelModule
    from requests_app.models import SubjectRequest

_SHARED = frozenset({"base", "known"})


def panels_of(request: SubjectRequest, user: User) -> list[Panel]:
    """Give the panels that a request has, in their order."""
    found = (module.panel_of(request, user) for module in _modules())
    return [panel for panel in found if panel]


def routes() -> list[Route]:
    """Give the addresses of what the panels' buttons do."""
    return [route for module in _modules() for route in module.ROUTES]


@cache
def _modules() -> Sequence[PanelModule]:
    folder = str(Path(__file__).parent)
    names = [module.name for module in pkgutil.iter_modules([folder]) if module.name not in _SHARED]
    modules: list[PanelModule] = [import_module(f"requests_app.admin.panels.{name}") for name in names]  # type: ignore[misc]  # a module is one
    return sorted(modules, key=lambda module: module.ORDER)
