"""The virus scanner of the setting DSR_SCANNER: what cannot be scanned is not taken."""

from __future__ import annotations

import io
import logging
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from clamav_client.clamd import ClamdError, ClamdNetworkSocket, ClamdUnixSocket
from django.conf import settings

from requests_app.models import Upload
from requests_app.uploads.errors import HarmfulFile, ScannerUnavailable

if TYPE_CHECKING:
    from clamav_client.clamd import ScanResult

_log = logging.getLogger(__name__)
TIMEOUT_SECONDS = 30


def scan(content: bytes) -> Upload.Scan:
    """Have a file looked at, where a scanner is set up.

    Raises:
        HarmfulFile: the scanner found something.
        ScannerUnavailable: it cannot be reached, or does not say.
    """
    if not settings.DSR_SCANNER:
        return Upload.Scan.NONE
    status, _ = _ask(content)
    if status == "FOUND":
        _log.warning("upload.harmful")
        raise HarmfulFile("A virus scanner found something harmful in the file. It was not kept.")
    if status != "OK":
        raise _unavailable("error")
    return Upload.Scan.CLEAN


def _ask(content: bytes) -> ScanResult:
    try:
        found = _client(settings.DSR_SCANNER).instream(io.BytesIO(content))
    except (ClamdError, OSError, UnicodeDecodeError) as error:
        raise _unavailable(type(error).__name__) from None
    return next(iter(found.values()), ("", None))


def _client(address: str) -> ClamdNetworkSocket:
    parts = urlsplit(address)
    if parts.scheme == "clamd+unix":
        return ClamdUnixSocket(parts.path, timeout=TIMEOUT_SECONDS)
    return ClamdNetworkSocket(parts.hostname or "", parts.port or 3310, timeout=TIMEOUT_SECONDS)


def _unavailable(reason: str) -> ScannerUnavailable:
    _log.error("scanner.unavailable", extra={"reason": reason})
    return ScannerUnavailable(
        "Files cannot be checked for viruses right now, so none is taken. Please try again later."
    )
