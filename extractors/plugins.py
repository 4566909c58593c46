"""Finds plug-ins: the classes of one package, a module each, and those that third parties install."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points
from inspect import isabstract, isclass
from pkgutil import iter_modules
from typing import TYPE_CHECKING, TypeVar

from extractors.errors import DsrError

if TYPE_CHECKING:
    from collections.abc import Iterator

Family = TypeVar("Family")


class FaultyPlugIn(DsrError, TypeError):
    """Say that a plug-in cannot be used: not of its family, without a slug, or under a slug already taken."""


def plug_ins(package_name: str, entry_point_group: str, base_class: type[Family]) -> dict[str, type[Family]]:
    """Find every concrete subclass of a family, keyed by its `slug`, in the order of the slugs.

    Args:
        package_name: dotted name of the package whose modules hold one plug-in each.
        entry_point_group: the group under which installed distributions name further ones.

    Raises:
        FaultyPlugIn: naming the class and what is wrong with it.
    """
    found: dict[str, type[Family]] = {}
    for candidate in (*_own(package_name, base_class), *_installed(entry_point_group, base_class)):
        slug = getattr(candidate, "slug", "")
        if not slug:
            raise FaultyPlugIn(f"The plug-in {_name(candidate)} has no slug")
        if slug in found:
            raise FaultyPlugIn(f"Both {_name(found[slug])} and {_name(candidate)} have the slug {slug!r}")
        found[slug] = candidate
    return dict(sorted(found.items()))


def _own(package_name: str, base_class: type[Family]) -> Iterator[type[Family]]:
    for info in iter_modules(import_module(package_name).__path__, f"{package_name}."):
        module = import_module(info.name)
        for value in vars(module).values():
            if _is_plug_in(value, base_class) and value.__module__ == module.__name__:
                yield value


def _installed(entry_point_group: str, base_class: type[Family]) -> Iterator[type[Family]]:
    for entry_point in entry_points(group=entry_point_group):
        value = entry_point.load()
        if not _is_plug_in(value, base_class):
            raise FaultyPlugIn(f"The entry point {entry_point.value!r} is no concrete {base_class.__name__}")
        yield value


def _is_plug_in(value: object, base_class: type) -> bool:
    return isclass(value) and issubclass(value, base_class) and not isabstract(value)


def _name(value: type) -> str:
    return f"{value.__module__}.{value.__qualname__}"
