"""Serves style sheets, scripts and pictures from the portal itself, collected beforehand or not."""

from __future__ import annotations

from pathlib import Path

from django.contrib.staticfiles.storage import StaticFilesStorage
from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]  # has no types
from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]  # has no types


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]  # has no types
    """Answers below STATIC_URL; a folder that does not exist because nothing was collected is no reason to warn."""

    def add_files(self, root: str | Path, prefix: str | None = None) -> None:
        """Add the files of a folder, if there is one."""
        if Path(root).is_dir():
            super().add_files(root, prefix)


class HashedWhereCollected(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # has no types
    """Names a collected file by its content, so that browsers keep it for ever; any other file by its own name."""

    def url(self, name: str, force: bool = False) -> str:
        """Return the address of a file."""
        return str(super().url(name, force)) if self.hashed_files else StaticFilesStorage.url(self, name)
