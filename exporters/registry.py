"""The formats there are."""

from __future__ import annotations

from functools import cache

from exporters.base import Exporter
from extractors.errors import DsrError
from extractors.plugins import plug_ins


class UnknownFormat(DsrError, LookupError):
    """Say that no exporter writes the format asked for, and which formats there are."""


def slugs() -> tuple[str, ...]:
    """List the formats that can be asked for, in alphabetical order."""
    return tuple(_exporters())


def find(slug: str) -> Exporter:
    """Give the exporter of a format.

    Raises:
        UnknownFormat: there is none.
    """
    try:
        return _exporters()[slug]()
    except KeyError:
        raise UnknownFormat(f"There is no format {slug!r}; there are {', '.join(slugs())}") from None


@cache
def _exporters() -> dict[str, type[Exporter]]:
    return plug_ins("exporters.formats", "dsr_portal.exporters", Exporter)  # type: ignore[type-abstract]  # as a family
