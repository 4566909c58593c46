"""The source kinds there are, found by the scheme of a URL."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from extractors.base import Extractor
from extractors.errors import DsrError
from extractors.plugins import plug_ins

if TYPE_CHECKING:
    from collections.abc import Iterable

    from extractors.datamap import DataMap

GENERIC = "other_sql"


class UnusableUrl(DsrError, ValueError):
    """Say that a source's URL cannot be used; never repeats it, as it may hold a password."""


def open_source(url: str, data_map: DataMap) -> Extractor:
    """Give the extractor for a source; nothing is connected to yet.

    Raises:
        UnusableUrl: it is no URL, or no source kind serves its scheme.
    """
    return kind_of(url)(url, data_map)


def kind_of(url: str) -> type[Extractor]:
    """Give the source kind that serves a URL, for what needs no data map.

    Raises:
        UnusableUrl: see `open_source`.
    """
    scheme = _scheme(url)
    kinds = {served: kind for kind in _kinds().values() for served in kind.schemes}
    if scheme not in kinds:
        _load_dialect(url, kinds)
    return kinds.get(scheme, _kinds()[GENERIC])


def _scheme(url: str) -> str:
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(url).get_backend_name()
    except (ArgumentError, ValueError):
        example = "postgresql://user@host/database"
        raise UnusableUrl(f"The URL of the source cannot be read; it looks like {example}") from None


def _load_dialect(url: str, known: Iterable[str]) -> None:
    """Make sure that the generic kind can read such a source.

    Raises:
        UnusableUrl: SQLAlchemy has no such dialect, or its driver is not installed.
    """
    from sqlalchemy import make_url
    from sqlalchemy.exc import NoSuchModuleError

    try:
        dialect = make_url(url).get_dialect()
        dialect.import_dbapi()
    except NoSuchModuleError:
        kinds = ", ".join(f"{scheme}://" for scheme in known)
        raise UnusableUrl(
            f"No source kind reads such URLs; there are {kinds}, and any other that SQLAlchemy has a dialect for"
        ) from None
    except ImportError as error:
        raise UnusableUrl(
            f"Such URLs need the Python package {error.name or 'of their driver'}, which is not installed"
        ) from None


@cache
def _kinds() -> dict[str, type[Extractor]]:
    return plug_ins("extractors.kinds", "dsr_portal.extractors", Extractor)  # type: ignore[type-abstract]  # the family
