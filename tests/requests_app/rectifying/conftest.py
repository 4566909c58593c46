"""What the tests of corrections share."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _encrypted_files(storage_folder) -> None:
    """Keep the encrypted files of each test apart."""


@pytest.fixture
def shop(sqlite_url):
    """A shop with Ann in it, as a source; gives its URL."""
    from tests.requests_app.rectifying.shops import a_shop  # loads the models: not before Django is set up

    a_shop(sqlite_url)
    return sqlite_url
