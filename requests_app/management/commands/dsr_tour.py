"""`dsr_tour`: the export of a demonstration person, step by step, with the commands to repeat it."""

from __future__ import annotations

import json
import shlex
import zipfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from requests_app.demonstration import writing

COMPANY = "saas"
PERSON = "ann@example.test"
ROWS, PEOPLE = 20_000, 200
EXCERPT_LINES = 34


class Command(BaseCommand):
    """Make a company's database, then check, search and export it as an operator would."""

    help = "Show how a person's data comes out of a database, with a demonstration company."
    requires_system_checks = ()

    def handle(self, *_: Any, **__: Any) -> None:
        """Walk through the steps; everything made stays in var/tour to be looked at."""
        folder = Path(settings.BASE_DIR) / "var" / "tour"
        folder.mkdir(parents=True, exist_ok=True)
        database, export = folder / f"{COMPANY}.sqlite3", folder / "ann.zip"
        data_map = Path(writing.__file__).parent / "datamaps" / f"{COMPANY}.yaml"
        source = ["--url", f"sqlite:///{_shown(database)}", "--map", str(_shown(data_map))]
        self._say(f"A software company's database: {ROWS:,} records about {PEOPLE} people, with traps built in.")
        database.unlink(missing_ok=True)
        self._run("dsr_demonstration", "--company", COMPANY, *source[:2], "--rows", str(ROWS), "--people", str(PEOPLE))
        self._say("Its data map says which records are whose. Does it fit?")
        self._run("dsr_check", *source)
        self._say(f"What does the company hold about {PERSON}? Not about joann@, ann+news@ or her look-alikes.")
        self._run("dsr_search", *source, "--email", PERSON)
        self._say("Her copy: everything but secrets and what is about other people, which is listed instead.")
        self._run("dsr_export", *source, "--email", PERSON, "--format", "json,csv", "--out", str(_shown(export)))
        self._show(export)

    def _say(self, text: str) -> None:
        self.stdout.write(f"\n{self.style.MIGRATE_HEADING(text)}")

    def _run(self, *arguments: str) -> None:
        self.stdout.write(self.style.SQL_KEYWORD(f"$ .venv/bin/python manage.py {shlex.join(arguments)}"))
        call_command(*arguments)

    def _show(self, export: Path) -> None:
        self._say("Inside:")
        with zipfile.ZipFile(export) as package:
            for member in package.infolist():
                self.stdout.write(f"  {member.file_size:>9,} bytes  {member.filename}")
            text = package.read("json/export.json").decode()
        self._say("The beginning of json/export.json:")
        self.stdout.write("\n".join(text.splitlines()[:EXCERPT_LINES]))
        self._say("What it says is not included:")
        for left_out in json.loads(text)["not_included"]:
            self.stdout.write(f"  {left_out['collection']}: {left_out['reason']}")
        self._say(f"All of it stays in {_shown(export.parent)} for a closer look.")


def _shown(path: Path) -> Path:
    """Give a path as people type it, from the folder they are in."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
