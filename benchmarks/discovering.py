"""How much of each person's rows maps find that discovery proposed alone, and how many of strangers'."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

from benchmarks.report import Figure
from extractors.discovery.discovering import discover
from extractors.discovery.writing import write_map
from tests.extractors.discovery import databases, evaluating
from tests.extractors.discovery.databases import demonstrations

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.extractors.discovery.evaluating import Figures, Truth
    from tests.servers import PostgresServer

HELPERS = {"world", "demonstrations"}
BOUND = "≥ 98 % of each person's, 0 strangers'"


def measure(server: PostgresServer, folder: Path) -> Iterator[Figure]:
    """Discover every database, search for everybody in it by the proposed map, and compare with the truth."""
    for module in pkgutil.iter_modules(databases.__path__):
        if module.name not in HELPERS:
            world = importlib.import_module(f"tests.extractors.discovery.databases.{module.name}").build()
            url = f"sqlite:///{folder / f'{module.name}.sqlite3'}"
            world.write(url)
            yield _figure(f"`{module.name}`", url, module.name, evaluating.truth_of(world))
    for company in ("saas", "grants"):
        for language, columns in ((None, False), ("de", False), ("fr", False), ("pl", False), ("de", True)):
            yield _demonstration(server, company, language, columns=columns)


def _demonstration(server: PostgresServer, company: str, language: str | None, *, columns: bool) -> Figure:
    url = server.create_database("discovered")
    truth = demonstrations.write_translated(company, url, language, columns=columns)
    named = "" if language is None else f", tables{' and columns' * columns} named in {language}"
    figure = _figure(f"demonstration {company} on PostgreSQL{named}", url, company, truth)
    server.drop_database(url)
    return figure


def _figure(what: str, url: str, name: str, truth: Truth) -> Figure:
    found = evaluating.measure(url, write_map(discover(url, name)), truth)
    return Figure(f"discovery alone, no foreign keys: {what}", _shares(found), BOUND, _raw(found))


def _shares(found: Figures) -> str:
    return f"{found.mean_recall:.1%}, least {found.least_recall:.0%}; {len(found.strangers)} rows of strangers"


def _raw(found: Figures) -> str:
    return f"{len(found.recalls)} people, {found.collections} collections, {found.links} links"
