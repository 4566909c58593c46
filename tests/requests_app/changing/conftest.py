"""What the tests of changes share."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _encrypted_files(storage_folder) -> None:
    """Keep the encrypted files of each test apart."""


@pytest.fixture
def sqlite_shop(sqlite_url):
    """A shop with Ann in it, as a source."""
    from tests.requests_app.changing.shops import a_shop  # loads the models: not before Django is set up

    return a_shop(sqlite_url)
