"""`dsr_verify_certificate`: is this file the certificate that was issued?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from django.core.management.base import BaseCommand, CommandError

from extractors.errors import DsrError
from requests_app.certificates.checking import check

if TYPE_CHECKING:
    from django.core.management.base import CommandParser

    from requests_app.certificates.checking import Finding


class Command(BaseCommand):
    """Verifies; changes nothing and may run beside the portal."""

    help = (
        "Read the record out of a certificate, compute its hashes anew, look at its signature and at the audit trail;"
        " says everything that is wrong (status 1)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the file and `--json`."""
        parser.add_argument("file", metavar="FILE.pdf", help="the certificate")
        parser.add_argument("--json", action="store_true", help="print what was found for machines")

    def handle(self, *, file: str, json: bool, **_options: object) -> None:
        """Print what was found.

        Raises:
            CommandError: the file cannot be read, or something speaks against it (exit status 1).
        """
        try:
            found = check(Path(file).read_bytes())
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror or type(error).__name__}.") from None
        except DsrError as error:
            raise CommandError(str(error)) from None
        if json:
            self.stdout.write(_as_json(found))
        elif not found.faults:
            self.stdout.write(_in_words(found))
        if found.faults:
            raise CommandError(" ".join(found.faults))


def _as_json(found: Finding) -> str:
    signatures = [
        {"signer": item.signer, "is_intact": item.is_intact, "covers_all": item.covers_all} for item in found.signatures
    ]
    told = {
        "is_genuine": not found.faults,
        "number": found.number,
        "sha256": found.sha256,
        "record_sha256": found.record_sha256,
        "is_known": found.known is not None,
        "holds_head": found.holds_head,
        "is_trail_sound": found.trail.is_sound,
        "signatures": signatures,
        "faults": list(found.faults),
    }
    return json.dumps(told)


def _in_words(found: Finding) -> str:
    signed = "".join(f" Signed by {item.signer}." for item in found.signatures)
    trail = f"{found.trail.entries:,} entries of the audit trail sound, the head it names among its seals."
    return f"Certificate {found.number} is genuine and stands.{signed} File {found.sha256}; {trail}"
