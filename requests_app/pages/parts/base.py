"""What a module of the page gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.urls import URLPattern

    from requests_app.models import SubjectRequest


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the page.

    Args:
        template: is given `data` as `part`, beside the page's own context (`token`, `asked`).
        headline: of the whole page, where this part has more to say than where the request stands.
    """

    template: str
    data: object
    headline: str = ""


class PartModule(Protocol):
    """A module below `pages/parts`.

    `ORDER` sorts the parts, the lowest first; `urlpatterns` are the addresses of what one does there.
    """

    ORDER: int
    urlpatterns: Sequence[URLPattern]

    @staticmethod
    def part_of(asked: SubjectRequest) -> Part | None:
        """Give the part of a request's page; None where it has none."""
