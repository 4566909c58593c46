"""Finds the parts: nothing keeps a list of them."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.urls import URLPattern

    from requests_app.models import SubjectRequest
    from requests_app.pages.parts.base import Part, PartModule

_SHARED = frozenset({"base", "known"})


def parts_of(asked: SubjectRequest) -> list[Part]:
    """Give the parts that the page of a request has, in their order."""
    found = (module.part_of(asked) for module in _modules())
    return [part for part in found if part]


def urlpatterns() -> list[URLPattern]:
    """Give the addresses of what one does in the parts."""
    return [pattern for module in _modules() for pattern in module.urlpatterns]


@cache
def _modules() -> Sequence[PartModule]:
    folder = str(Path(__file__).parent)
    names = [module.name for module in pkgutil.iter_modules([folder]) if module.name not in _SHARED]
    modules: list[PartModule] = [import_module(f"requests_app.pages.parts.{name}") for name in names]  # type: ignore[misc]  # a module is one
    return sorted(modules, key=lambda module: module.ORDER)
