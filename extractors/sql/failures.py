"""Turns what a driver raises into one plain sentence; its own text may hold statements and values."""

from __future__ import annotations

from extractors.errors import SourceUnavailable

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
    "error 1137": "is a MySQL that cannot read a temporary table twice, which this change takes: MariaDB can",
}
PASSING = {
    "08": "lost the connection",
    "57P": "was shut down or ended the connection",
    "57014": "ended the statement (time limit or cancelled)",
    "55P03": "is busy: others hold on to the rows",
    "53": "has run out of connections, memory or disk space",
    "40": "gave up this transaction because of others",
}

# What MariaDB and MySQL number, by the SQLSTATE that says the same; theirs is HY000 for most of it.
STATES = {
    1044: "42501",
    1045: "28000",
    1698: "28000",
    1130: "28000",
    1049: "3D000",
    1142: "42501",
    1143: "42501",
    1227: "42501",
    1356: "42501",
    1370: "42501",
    1290: "25006",
    1792: "25006",
    1451: "23503",
    1452: "23503",
    1062: "23505",
    1048: "23502",
    4025: "23514",
    3819: "23514",
    1317: "57014",
    1969: "57014",
    3024: "57014",
    1205: "55P03",
    3572: "55P03",
    1213: "40001",
    1020: "40001",
    1040: "53300",
    1203: "53300",
    1226: "53300",
    1021: "53100",
    1114: "53100",
    1041: "53200",
    1037: "53200",
    1053: "57P01",
    1927: "08006",
    2006: "08006",
    2013: "08006",
    4031: "08006",
}
UNREACHABLE = range(2000, 2006)  # numbers a client gives when nobody answers


def state_of(number: int | None) -> str | None:
    """Give the SQLSTATE for an error number of MariaDB or MySQL; None where the server did not answer."""
    if number is None or number in UNREACHABLE:
        return None
    return STATES.get(number, f"error {number}")


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
