"""`dsr_replay_erasures`: erase again whom a restored backup brought back."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from extractors.batches import counted
from extractors.errors import DsrError
from requests_app.changing.replaying import replay
from requests_app.models import DataSource

if TYPE_CHECKING:
    from django.core.management.base import CommandParser

    from requests_app.changing.replaying import Replay


class Command(BaseCommand):
    """Replays; may be stopped and run again: whoever is erased is not found any more."""

    help = "Erase again the persons who were erased from a source before and are in it, after a backup was restored."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the source, the time, and the choice between trying and doing, which has no default."""
        parser.add_argument("--source", required=True, metavar="S", help="the short name of the restored source")
        parser.add_argument(
            "--since",
            type=_moment,
            metavar="ISO-DATETIME",
            help="only erasures done since then: when the backup began, or a little earlier (default: all, also of"
            " those who have come back since they were erased)",
        )
        choice = parser.add_mutually_exclusive_group(required=True)
        choice.add_argument("--dry-run", action="store_true", help="change nothing, say what would be")
        choice.add_argument("--apply", action="store_true", help="erase")
        parser.add_argument("--json", action="store_true", help="print the result for machines")

    def handle(self, *_: object, **options: Any) -> None:
        """Print how many persons were found and what was done.

        Raises:
            CommandError: it could not be done, or not wholly (exit status 1).
        """
        source = DataSource.objects.filter(slug=options["source"]).select_related("current_map").first()
        if source is None:
            raise CommandError(f"There is no source {options['source']}.")
        try:
            told = replay(source, since=options["since"], apply=options["apply"])
        except DsrError as error:
            raise CommandError(" ".join(str(error).split())) from None
        self.stdout.write(_as_json(source, told, options) if options["json"] else _in_words(told, options))
        if told.refused:
            raise CommandError(f"{counted(sum(told.refused.values()), 'person')} not erased: {' '.join(told.refused)}")
        if told.left:
            raise CommandError(f"Erased, but a search afterwards still finds {counted(told.left, 'row')}.")


def _moment(text: str) -> datetime:
    """Read a moment; one without a time zone is meant where the portal is."""
    moment = datetime.fromisoformat(text)
    return timezone.make_aware(moment) if timezone.is_naive(moment) else moment


def _as_json(source: DataSource, told: Replay, options: dict[str, Any]) -> str:
    return json.dumps(
        {
            "source": source.slug,
            "applied": options["apply"],
            "erasures": told.erasures,
            "persons": told.persons,
            "refused": sum(told.refused.values()),
            "found": told.found,
            "changed": told.changed,
            "kept": told.kept,
            "left": told.left if options["apply"] else None,
        }
    )


def _in_words(told: Replay, options: dict[str, Any]) -> str:
    erasures, persons = counted(told.erasures, "erasure"), counted(told.persons, "person")
    changed, kept = counted(told.changed, "row"), counted(told.kept, "row")
    done = "erased" if options["apply"] else "would be erased"
    return f"{erasures} on record; {persons} of them in the source; {changed} {done}, {kept} kept."
