"""What a letter asks for: one right, or several at once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol, TypeVar

from requests_app.models import Right

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Asked:
    """A right that is asked for beside another, with what is asked of it alone; see `Submission` and `Record`."""

    right: Right
    formats: tuple[str, ...] = ()
    particulars: Mapping[str, str] = field(default_factory=dict, repr=False)


class Typed(Protocol):
    """What somebody typed, for one right and others beside it."""

    @property
    def right(self) -> Right:
        """The right that was named first."""

    @property
    def also(self) -> tuple[Asked, ...]:
        """What else is asked for."""


Kind = TypeVar("Kind", bound=Typed)


def parts_of(typed: Kind) -> list[Kind]:
    """Take apart what was typed: the same for each right alone, in the order of the rights; each right once."""
    own = replace(typed, also=())  # type: ignore[type-var]  # both are dataclasses
    parts = {typed.right: own}
    for each in typed.also:
        known = {"right": each.right, "formats": each.formats, "particulars": each.particulars}
        parts.setdefault(each.right, replace(own, **known))  # type: ignore[type-var]
    return [parts[right] for right in Right if right in parts]
