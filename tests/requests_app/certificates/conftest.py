"""What the tests of certificates share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_django.fixtures import SettingsWrapper


@pytest.fixture(autouse=True)
def _encrypted_files(storage_folder) -> None:
    """Keep the encrypted files of each test apart."""


@pytest.fixture
def signs(settings: SettingsWrapper, tmp_path: Path) -> Callable[..., None]:
    """Let certificates be signed by a new key; takes what differs from one that is valid."""
    from tests.requests_app.certificates.keys import PASSPHRASE, a_key

    def configure(**differing: object) -> None:
        (tmp_path / "signing.p12").write_bytes(a_key(**differing))
        settings.DSR_SIGNING_FILE = tmp_path / "signing.p12"
        settings.DSR_SIGNING_PASSPHRASE = PASSPHRASE

    return configure


@pytest.fixture
def sqlite_shop(sqlite_url):
    """A shop with Ann in it, as a source."""
    from tests.requests_app.changing.shops import a_shop

    return a_shop(sqlite_url)
