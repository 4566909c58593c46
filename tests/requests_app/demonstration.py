"""A demonstration company in an SQLite file, for the tests that look into it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from extractors.datamap import load
from requests_app.demonstration import writing
from requests_app.demonstration.writing import write_demonstration

if TYPE_CHECKING:
    from extractors.datamap import DataMap
    from requests_app.demonstration.truth import Truth

ROWS, PEOPLE = 5_000, 120
HEAVY = "heavy@example.test"


@dataclass(frozen=True)
class Written:
    """A company in an SQLite file, with its truth and its map."""

    company: str
    url: str
    truth: Truth
    data_map: DataMap

    def ask(self, statement: str, **parameters: object) -> list[tuple]:
        with closing(sqlite3.connect(self.url.removeprefix("sqlite:///"))) as database:
            return database.execute(statement, parameters).fetchall()

    def keys(self, statement: str, **parameters: object) -> list[object]:
        return [row[0] if len(row) == 1 else row for row in self.ask(statement, **parameters)]

    def only_person(self, trap: str) -> str:
        (person,) = self.truth.traps[trap].people
        return person

    def user_table(self) -> str:
        return "users" if self.company == "saas" else "user_profiles"


def data_map(company: str) -> DataMap:
    return load(Path(writing.__file__).with_name("datamaps").joinpath(f"{company}.yaml").read_text(encoding="utf-8"))


def write_company(company: str, folder: Path) -> Written:
    url = f"sqlite:///{folder / 'company.sqlite3'}"
    return Written(company, url, write_demonstration(company, url, ROWS, PEOPLE), data_map(company))
