"""Rewraps the requests' keys after a new key was put first in DSR_KEYS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.management.base import BaseCommand, CommandError

from extractors.errors import DsrError
from requests_app.keys.stored import count_outdated, current_ring, rotate

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    """Rewraps; may be stopped, run again, and run beside the portal."""

    help = "Rewrap every request's key by the first key of DSR_KEYS; afterwards the older keys may be taken out."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare `--dry-run`."""
        parser.add_argument("--dry-run", action="store_true", help="only count the keys that would be rewrapped")

    def handle(self, *, dry_run: bool, **_options: object) -> None:
        """Rewrap or count, and say how many.

        Raises:
            CommandError: a ring key is missing or a key does not unwrap (exit status 1).
        """
        try:
            ring = current_ring()
            count = count_outdated(ring) if dry_run else rotate(ring)
        except DsrError as error:
            raise CommandError(str(error)) from error
        verb = "would be rewrapped" if dry_run else "rewrapped"
        self.stdout.write(f"{count} {'key' if count == 1 else 'keys'} {verb} by {ring.first!r}.")
