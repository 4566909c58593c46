"""Turns what a driver raises into one plain sentence; its own text may hold statements and values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from extractors.errors import SourceUnavailable

if TYPE_CHECKING:
    pass

PERMANENT = {
    "28": "refused the user name or password",
    "3D": "has no database of that name",
    "42501": "does not let this user read what the data map names",
}
PASSING = {
    "08": "lost the connection",
    "57P": "was shut down or ended the connection",
    "57014": "ended the statement (time limit or cancelled)",
    "53": "has run out of connections, memory or disk space",
    "40": "gave up this transaction because of others",
}


def described(source: str, state: str | None, *, was_connected: bool) -> SourceUnavailable:
    """Describe a failure by its SQLSTATE (SQL:2016 part 2, table 33); None where the server did not answer."""
    for table, permanent in ((PERMANENT, True), (PASSING, False)):
        for prefix in sorted(table, key=len, reverse=True):
            if state and state.startswith(prefix):
                return SourceUnavailable(f"The source {source} {table[prefix]} ({state})", permanent=permanent)
    if state:
        return SourceUnavailable(f"The source {source} refused a statement ({state})", permanent=True)
    problem = "lost the connection while it was read" if was_connected else "cannot be reached; is it running there?"
    return SourceUnavailable(f"The source {source} {problem}", permanent=False)
