"""What the tests of changes share."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _encrypted_files(storage_folder) -> None:
    """Keep the encrypted files of each test apart."""
