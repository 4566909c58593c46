"""Estimates how many rows an extract will give: counts them by the same traversal, for a bounded time."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from extractors.sql.traversal import Found

    Limiting = Callable[[sa.Connection, float], bool]

LEAST_SECONDS = 0.01


def count(found: Found) -> sa.Select[Any]:
    """Select how many rows are the person's."""
    rows = found.select([sa.literal_column("1").label("one")]).subquery()
    return sa.select(sa.func.count()).select_from(rows)


def counted_in_time(
    connection: sa.Connection, found: Mapping[str, Found | None], limit: Limiting, seconds: float
) -> dict[str, int]:
    """Count the rows of each collection; one that takes half of the time left is left out, so that others have some.

    Args:
        limit: see `SqlExtractor.limit_statements`.

    Raises:
        sqlalchemy.exc.DBAPIError: the connection was lost.
    """
    ends_at = monotonic() + seconds
    counts = {}
    for name, rows in found.items():
        time_left = (ends_at - monotonic()) / 2
        if time_left < LEAST_SECONDS:
            break
        counted = _counted(connection, rows, limit, time_left) if rows else 0
        if counted is not None:
            counts[name] = counted
    return counts


def _counted(connection: sa.Connection, rows: Found, limit: Limiting, seconds: float) -> int | None:
    try:
        limit(connection, seconds)
        return int(connection.scalar(count(rows)) or 0)
    except sa.exc.DBAPIError as error:
        if error.connection_invalidated:
            raise
        connection.rollback()
        return None
