"""A storage of the test's own."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _storage(settings, tmp_path):
    settings.DSR_STORAGE_DIR = tmp_path / "storage"
