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
PERMANENT_TO_WRITE = {
    "25006": "cannot be changed: it is read-only",
    "42501": "does not let this user change it: that takes temporary tables, and UPDATE and DELETE on the map's tables",
    "23503": "has a foreign key that the change would break",
    "23505": "has a unique column or index that the change would break",
    "23": "has a constraint that the change would break",
}
PASSING = {
    "08": "lost the connection",
    "57P": "was shut down or ended the connection",
    "57014": "ended the statement (time limit or cancelled)",
    "55P03": "is busy: others hold on to the rows",
    "53": "has run out of connections, memory or disk space",
    "40": "gave up this transaction because of others",
}


def described(source: str, state: str | None, *, was_connected: bool, is_writing: bool = False) -> SourceUnavailable:
    """Describe a failure by its SQLSTATE (SQL:2016 part 2, table 33); None where the server did not answer."""
    lasting = PERMANENT | PERMANENT_TO_WRITE if is_writing else PERMANENT
    for table, permanent in ((lasting, True), (PASSING, False)):
        for prefix in sorted(table, key=len, reverse=True):
            if state and state.startswith(prefix):
                return SourceUnavailable(f"The source {source} {table[prefix]} ({state})", permanent=permanent)
    if state:
        return SourceUnavailable(f"The source {source} refused a statement ({state})", permanent=True)
    lost = f"lost the connection while it was {'changed' if is_writing else 'read'}"
    problem = lost if was_connected else "cannot be reached; is it running there?"
    return SourceUnavailable(f"The source {source} {problem}", permanent=False)
