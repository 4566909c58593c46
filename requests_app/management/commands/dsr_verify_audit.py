"""`dsr_verify_audit`: is the audit trail as it was written?"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from django.core.management.base import BaseCommand, CommandError

from extractors.batches import counted
from requests_app.audit import head, number_of, verify

if TYPE_CHECKING:
    from django.core.management.base import CommandParser

    from requests_app.audit import Verdict


class Command(BaseCommand):
    """Verifies; changes nothing and may run beside the portal."""

    help = "Verify the chain of audit seals and every entry in them; names the first seal that is broken (status 1)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare `--json`."""
        parser.add_argument("--json", action="store_true", help="print the verdict as JSON, with the last seal's hash")
        told = "also say whether the chain holds a seal of this hash, such as a certificate bears (else status 1)"
        parser.add_argument("--holds", metavar="HASH", help=told)

    def handle(self, *, json: bool, holds: str | None = None, **_options: object) -> None:
        """Print the verdict.

        Raises:
            CommandError: the chain is broken, or does not hold the hash asked for (exit status 1).
        """
        verdict = verify()
        if json:
            self.stdout.write(_as_json(verdict))
        elif verdict.broken is None:
            self.stdout.write(_in_words(verdict))
        if verdict.broken is not None:
            raise CommandError(f"Seal {verdict.broken.number:,}: {verdict.broken.reason}.")
        if holds is not None:
            number = number_of("".join(holds.split()).lower())
            if number is None:
                raise CommandError("No seal has this hash.")
            if not json:
                self.stdout.write(f"Seal {number:,} has this hash.")


def _as_json(verdict: Verdict) -> str:
    number, hash_ = head()
    return json.dumps({"is_sound": verdict.is_sound, **asdict(verdict), "head": {"number": number, "hash": hash_}})


def _in_words(verdict: Verdict) -> str:
    entries = "1 entry" if verdict.entries == 1 else f"{verdict.entries:,} entries"
    return f"{entries} in {counted(verdict.seals, 'seal')}, sound; {verdict.unsealed:,} not sealed yet"
