"""What the heavy queue's processes have in common."""

from __future__ import annotations

import os
from importlib import import_module

from requests_app.queue import HEAVY

LIBRARIES = (
    "extractors.kinds.postgresql",
    "extractors.kinds.sqlite",
    "sqlalchemy.dialects.postgresql.psycopg",
    "adbc_driver_postgresql",
    "extractors.sql.arrow_connection",
    "pyarrow.compute",
    "pyarrow.ipc",
)


def load_libraries_once() -> None:
    """Import what collecting and rendering need in the process that the heavy workers are forked from.

    A worker lives for one task: imported by each, the libraries would cost it a second, and their memory as often as
    there are workers. Importing them is all that may be done before a fork: polars that was *used* hangs in the child.
    """
    if os.environ.get("Q_CLUSTER_NAME") != HEAVY:
        return
    from exporters.package import load_libraries

    load_libraries()
    for name in LIBRARIES:
        import_module(name)
