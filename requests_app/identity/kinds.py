"""The kinds of checks there are: found, never listed."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from requests_app.identity.base import CheckKind

if TYPE_CHECKING:
    from requests_app.models import IdentityCheck


@cache
def all_kinds() -> dict[str, CheckKind]:
    """Give the kinds that the modules of this folder bring, by their slugs."""
    from requests_app import identity

    for module in iter_modules(identity.__path__):
        import_module(f"{identity.__name__}.{module.name}")
    return {kind.kind.value: kind() for kind in CheckKind.__subclasses__()}


def kind_of(check: IdentityCheck) -> CheckKind | None:
    """Give the kind of a check; None for the mailbox, which its mail proves, and where no module brings it."""
    return all_kinds().get(check.kind)
