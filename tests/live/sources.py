"""The two demonstration companies as a portal's data sources, and what an answer to one person must hold."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from requests_app.demonstration import writing
from requests_app.demonstration.writing import COMPANIES, write_demonstration

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from requests_app.demonstration.truth import Truth
    from tests.live.portal import Portal

ROWS, PEOPLE = 5_000, 120
Keys = list[tuple[object, ...]]


@dataclass(frozen=True)
class Company:
    """A company's database, written small, with its data map and the truth about whose rows are whose."""

    slug: str
    url: str
    map_text: str
    truth: Truth

    def keys_of(self, email: str) -> dict[str, Keys]:
        """List the rows of a person by table, as an access answer must hold them."""
        tables = self.truth.people[email].rows
        return {name: sorted(map(_plain, keys)) for name, keys in tables.items() if keys}


def write_companies(new_url: Callable[[str], str], rows: int = ROWS) -> list[Company]:
    """Write both companies.

    Args:
        new_url: gives the URL of an empty database, SQLite or PostgreSQL, by the company's name.
        rows: of each company.
    """
    return [_write(slug, new_url(slug), rows) for slug in sorted(COMPANIES)]


def sqlite_companies(folder: Path, rows: int = ROWS) -> list[Company]:
    """Write both companies into files of a folder."""
    return write_companies(lambda slug: f"sqlite:///{folder / slug}.sqlite3", rows)


def register(portal: Portal, companies: list[Company]) -> None:
    """Make the companies the data sources of a portal."""
    known = [(company.slug, company.url, company.map_text) for company in companies]
    portal.shell(
        "from requests_app import sources\n"
        "from requests_app.models import DataSource\n"
        f"for slug, url, map_text in {known!r}:\n"
        "    sources.save(DataSource(slug=slug, label=slug.title()), url, map_text, None)\n"
    )


def expected(companies: list[Company], email: str) -> dict[str, dict[str, Keys]]:
    """Say which rows of which source are a person's."""
    return {company.slug: company.keys_of(email) for company in companies}


def keys_in(companies: list[Company], package: bytes) -> dict[str, dict[str, Keys]]:
    """Read which rows of which source the JSON of an export holds, collections without any left out."""
    with zipfile.ZipFile(io.BytesIO(package)) as opened:
        assert opened.testzip() is None
        sources = json.loads(opened.read("json/export.json"))["data_sources"]
    truths = {company.slug: company.truth for company in companies}
    return {slug: _keys_in(truths[slug], source["collections"]) for slug, source in sources.items()}


def _write(slug: str, url: str, rows: int) -> Company:
    text = Path(writing.__file__).with_name("datamaps").joinpath(f"{slug}.yaml").read_text(encoding="utf-8")
    return Company(slug, url, text, write_demonstration(slug, url, rows, PEOPLE))


def _keys_in(truth: Truth, collections: Mapping[str, dict[str, object]]) -> dict[str, Keys]:
    found: dict[str, Keys] = {}
    for name, collection in collections.items():
        records = collection["records"]
        assert isinstance(records, list)
        assert collection["count"] == len(records)
        if records:
            found[name] = sorted(tuple(record[column] for column in truth.tables[name].key) for record in records)
    return found


def _plain(key: object) -> tuple[object, ...]:
    return tuple(key) if isinstance(key, list | tuple) else (key,)
