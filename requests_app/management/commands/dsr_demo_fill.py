"""`dsr_demo_fill`: what `dsr_demo` fills its portal with."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """Makes the team, two companies and requests in every state, in an empty portal of the demonstration."""

    help = "Fill the portal of the demonstration; run by dsr_demo."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the team's password."""
        parser.add_argument("--password", required=True)

    def handle(self, *_: Any, **options: Any) -> None:
        """Fill it."""
        from requests_app.demonstration.portal import fill
        from requests_app.models import DataSource

        if "DEMO_FOLDER" not in os.environ or DataSource.objects.exists():
            raise CommandError("This fills an empty portal of the demonstration only; run dsr_demo.")
        folder = Path(os.environ["DEMO_FOLDER"])
        companies = ("saas", "grants")
        default = {company: f"sqlite:///{folder / company}.sqlite3" for company in companies}
        urls = {company: os.environ.get(f"DEMO_{company.upper()}_URL") or default[company] for company in companies}
        fill(folder, urls, options["password"], self.stdout.write)
