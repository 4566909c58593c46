"""Why a file is not taken, or cannot be given any more."""

from __future__ import annotations

from extractors.errors import DsrError


class UnusableFile(DsrError, ValueError):
    """Say why a file cannot be taken, and what to do; never its name."""


class HarmfulFile(UnusableFile):
    """Say that a virus scanner found something in a file."""


class ScannerUnavailable(UnusableFile):
    """Say that no file can be taken, as none can be scanned."""


class RemovedFile(DsrError, LookupError):
    """Say that a file is no longer kept."""
