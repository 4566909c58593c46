from __future__ import annotations

import os
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from requests_app.keys.stored import create_key, open_key
from requests_app.models import EncryptionKey

pytestmark = pytest.mark.django_db

OLD, NEW = os.urandom(32), os.urandom(32)


def rotate_keys(*arguments: str) -> str:
    output = StringIO()
    call_command("rotate_keys", *arguments, stdout=output)
    return output.getvalue()


@pytest.fixture
def key(settings):
    """A key from before the ring was changed."""
    settings.DSR_KEYS = {"old": OLD}
    stored = create_key()
    settings.DSR_KEYS = {"new": NEW, "old": OLD}
    return stored


def test_it_says_how_many_keys_it_rewrapped(key, settings):
    create_key(key)

    assert rotate_keys() == "1 key rewrapped by 'new'.\n"
    assert rotate_keys() == "0 keys rewrapped by 'new'.\n"

    settings.DSR_KEYS = {"new": NEW}
    assert open_key(key.pk).id == key.pk


def test_a_dry_run_counts_and_changes_nothing(key):
    assert rotate_keys("--dry-run") == "1 key would be rewrapped by 'new'.\n"
    assert EncryptionKey.objects.get().wrapped == key.wrapped


@pytest.mark.parametrize("arguments", [(), ("--dry-run",)])
def test_a_missing_ring_key_is_one_line_and_status_1(key, settings, arguments):
    settings.DSR_KEYS = {"new": NEW}

    with pytest.raises(CommandError, match="'old'") as refusal:
        rotate_keys(*arguments)

    assert refusal.value.returncode == 1
    assert "\n" not in str(refusal.value)


def test_no_ring_at_all_is_one_line_and_status_1(settings):
    settings.DSR_KEYS = {}

    with pytest.raises(CommandError, match="DSR_KEYS holds no key") as refusal:
        rotate_keys()

    assert refusal.value.returncode == 1
