from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core.checks import Tags, run_checks

from tests.requests_app.certificates.keys import PASSPHRASE, a_key

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django.fixtures import SettingsWrapper

GOOD = {
    "DEBUG": False,
    "ALLOWED_HOSTS": ["privacy.example.org"],
    "DSR_PUBLIC_URL": "https://privacy.example.org",
    "DSR_CONTACT_EMAIL": "privacy@example.org",
    "DSR_PRIVACY_URL": "https://www.example.org/privacy",
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "DEFAULT_FROM_EMAIL": "privacy@example.org",
}


@pytest.fixture(autouse=True)
def good_settings(settings: SettingsWrapper, tmp_path: Path) -> None:
    settings.DSR_STORAGE_DIR = tmp_path / "storage"
    for name, value in GOOD.items():
        setattr(settings, name, value)


def ours(*, deploy: bool = False) -> list[str]:
    """Return the ids of the portal's own checks that complain."""
    messages = run_checks(tags=[Tags.security], include_deployment_checks=deploy)
    return [str(message.id).removeprefix("dsr_portal.") for message in messages if "dsr_portal" in str(message.id)]


def test_good_settings_are_not_complained_about() -> None:
    assert ours(deploy=True) == []


@pytest.mark.parametrize(
    "change",
    [
        {"bulk": 2},
        {"retry": 60 * 4},
        {"workers": 1, "queue_limit": 3},
        {"timeout": 3600},
        {"ALT_CLUSTERS": {"heavy": {"timeout": 3600, "retry": 3600 * 2, "workers": 4}}},
        {"ALT_CLUSTERS": {"heavy": {"bulk": 5}}},
    ],
)
def test_queues_that_would_run_a_task_twice_are_refused(change: dict[str, Any], settings: SettingsWrapper) -> None:
    settings.Q_CLUSTER = settings.Q_CLUSTER | change
    assert set(ours()) == {"E004"}


def test_the_faulty_queue_is_named(settings: SettingsWrapper) -> None:
    settings.Q_CLUSTER = settings.Q_CLUSTER | {"ALT_CLUSTERS": {"heavy": {"bulk": 5}}}
    (fault,) = [message.msg for message in run_checks(tags=[Tags.security]) if message.id == "dsr_portal.E004"]
    assert fault.startswith("Q_CLUSTER: the queue heavy needs bulk = 1 and retry > ")


def test_a_storage_that_is_no_folder_is_refused(settings: SettingsWrapper, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings.DSR_STORAGE_DIR = tmp_path / "file" / "storage"
    assert ours() == ["E005"]


@pytest.mark.parametrize(
    ("change", "ids"),
    [
        ({}, ["E006"]),
        ({"DSR_PUBLIC_URL": "http://127.0.0.1.example.org", "ALLOWED_HOSTS": [".example.org"]}, ["E006"]),
        ({"DSR_PUBLIC_URL": "http://localhost:8000", "ALLOWED_HOSTS": ["localhost"]}, []),
        ({"DSR_PUBLIC_URL": "http://127.0.0.1:8000", "ALLOWED_HOSTS": ["127.0.0.1"]}, []),
        ({"DEBUG": True}, []),
    ],
)
def test_mails_are_shown_on_this_machine_only(
    change: dict[str, Any], ids: list[str], settings: SettingsWrapper, tmp_path: Path
) -> None:
    settings.DSR_MAIL_SINK = tmp_path
    for name, value in change.items():
        setattr(settings, name, value)
    assert ours() == ids


@pytest.mark.parametrize("backend", ["anymail.backends.nowhere.EmailBackend", "anymail.backends.postmark.Nothing"])
def test_a_mail_backend_that_does_not_exist_is_refused(backend: str, settings: SettingsWrapper) -> None:
    settings.EMAIL_BACKEND = backend
    assert ours() == ["E007"]


@pytest.mark.parametrize(
    ("change", "ids"),
    [
        ({"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}, ["W003"]),
        ({"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend"}, ["W003"]),
        ({"DSR_CONTACT_EMAIL": ""}, ["W004"]),
        ({"DSR_PRIVACY_URL": ""}, ["W005"]),
        ({"DEFAULT_FROM_EMAIL": "privacy@localhost"}, ["W006"]),
        ({"DSR_PUBLIC_URL": "http://privacy.example.org", "SECURE_SSL_REDIRECT": True}, ["W007"]),
        ({"EMAIL_BACKEND": "anymail.backends.postmark.EmailBackend", "ANYMAIL": {}}, ["W008"]),
        ({"EMAIL_BACKEND": "anymail.backends.postmark.EmailBackend", "ANYMAIL": {"WEBHOOK_SECRET": "word"}}, ["W008"]),
        ({"EMAIL_BACKEND": "anymail.backends.postmark.EmailBackend", "ANYMAIL": {"WEBHOOK_SECRET": "a:b"}}, []),
    ],
)
def test_what_real_people_would_miss_is_pointed_out_for_deployment_only(
    change: dict[str, Any], ids: list[str], settings: SettingsWrapper
) -> None:
    for name, value in change.items():
        setattr(settings, name, value)
    assert ours() == []
    assert ours(deploy=True) == ids


def test_links_that_lead_to_another_host_are_pointed_out(settings: SettingsWrapper) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]
    assert ours() == ["W002"]


def test_a_key_that_cannot_sign_is_warned_of(settings: SettingsWrapper, tmp_path: Path) -> None:
    settings.DSR_SIGNING_FILE, settings.DSR_SIGNING_PASSPHRASE = tmp_path / "signing.p12", "wrong-passphrase"
    assert ours() == ["W010"]
    settings.DSR_SIGNING_FILE.write_bytes(a_key())
    assert ours() == ["W010"]
    settings.DSR_SIGNING_PASSPHRASE = PASSPHRASE
    assert ours() == []
    settings.DSR_SIGNING_FILE.write_bytes(a_key(valid_from_days=-3, valid_days=2))
    (warning,) = [message for message in run_checks(tags=[Tags.security]) if message.id == "dsr_portal.W010"]
    assert "was valid until" in warning.msg
    assert PASSPHRASE not in warning.msg
