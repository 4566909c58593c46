"""A shop that knows one person so well that searching it takes seconds."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.live.portal import Portal

PERSON = "ann@example.test"
MAP = """
version: 1
source: shop
label: Shop
collections:
  people: {identifiers: {email: email}}
  visits: {links: [{column: person_id, to: people.id}]}
"""


def a_large_shop(folder: Path, rows: int) -> str:
    """Write the shop's database, with so many visits of the person; returns its URL."""
    path = folder / "shop.sqlite3"
    numbers = f"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE people (id integer PRIMARY KEY, email text)")
        database.execute("CREATE TABLE visits (id integer PRIMARY KEY, person_id integer, page text, at text)")
        database.execute("INSERT INTO people VALUES (1, ?)", [PERSON])
        database.execute(
            f"INSERT INTO visits {numbers} SELECT i, 1, 'page ' || i || ' of the shop', '2026-01-01' FROM n"
        )
        database.execute("CREATE INDEX visits_of ON visits (person_id)")
        database.commit()
    return f"sqlite:///{path}"


def register_large_shop(portal: Portal, url: str) -> None:
    """Make the shop the data source of a portal."""
    portal.shell(
        "from requests_app import sources\nfrom requests_app.models import DataSource\n"
        f"sources.save(DataSource(slug='shop', label='Shop'), {url!r}, {MAP!r}, None)"
    )
