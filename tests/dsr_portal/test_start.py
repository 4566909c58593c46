"""The start of the portal in bad and good environments, as processes of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dsr_portal.secret_values import generate_secret_values

ROOT = Path(__file__).parents[2]
GOOD = {
    **generate_secret_values(),
    "DSR_DATABASE_URL": "sqlite:///:memory:",
    "DSR_ALLOWED_HOSTS": "privacy.example.org",
    "DSR_PUBLIC_URL": "https://privacy.example.org",
    "DSR_EMAIL_URL": "smtp://mail.example.org",
    "DSR_EMAIL_FROM": "privacy@example.org",
    "DSR_CONTACT_EMAIL": "privacy@example.org",
    "DSR_PRIVACY_URL": "https://www.example.org/privacy",
}
LEAK = "hunter2"


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def check(environment: dict[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    return run(environment, "manage.py", "check", *options)


def test_a_good_environment_has_nothing_to_complain_about_even_for_deployment() -> None:
    result = check(GOOD, "--deploy", "--fail-level", "WARNING")
    assert result.returncode == 0, result.stderr


def test_without_any_variable_everything_missing_is_named_at_once() -> None:
    result = check({})
    assert result.returncode == 1
    assert "dsr_portal.E001) DSR_SECRET_KEY is not set" in result.stderr
    assert "dsr_portal.E001) DSR_KEYS is not set" in result.stderr
    assert "Traceback" not in result.stderr


def test_every_faulty_variable_is_named_at_once_and_no_value_shown() -> None:
    bad = {
        "DSR_SECRET_KEY": LEAK,
        "DSR_KEYS": f"first:{LEAK}",
        "DSR_DEBUG": LEAK,
        "DSR_ALLOWED_HOSTS": "*",
        "DSR_DATABASE_URL": f"mysql://portal:{LEAK}@db/portal",
        "DSR_TIME_ZONE": LEAK,
        "DSR_HTTPS": LEAK,
    }
    result = check(bad)
    assert result.returncode == 1
    assert [name for name in bad if f"dsr_portal.E002) {name} " not in result.stderr] == []
    assert "Traceback" not in result.stderr
    assert LEAK not in result.stdout + result.stderr


def test_a_database_file_in_no_folder_stops_the_start() -> None:
    result = check(GOOD | {"DSR_DATABASE_URL": "sqlite:////nowhere/portal.sqlite3"})
    assert result.returncode == 1
    assert "dsr_portal.E003) DSR_DATABASE_URL names a file in /nowhere" in result.stderr


def test_a_mail_sink_that_the_world_could_read_stops_the_start() -> None:
    result = check(GOOD | {"DSR_MAIL_SINK": "var/mails"})
    assert result.returncode == 1
    assert "dsr_portal.E006) DSR_MAIL_SINK shows everybody's mails" in result.stderr


def test_a_storage_below_a_file_stops_the_start() -> None:
    result = check(GOOD | {"DSR_STORAGE_DIR": str(ROOT / "manage.py" / "storage")})
    assert result.returncode == 1
    assert "dsr_portal.E005) DSR_STORAGE_DIR is " in result.stderr


def test_a_misspelt_variable_is_pointed_out() -> None:
    assert "DSR_ALLOWED_HOST is no setting" in check(GOOD | {"DSR_ALLOWED_HOST": "portal.example.org"}).stderr


@pytest.mark.parametrize("server", ["wsgi", "asgi"])
@pytest.mark.parametrize("is_safe", [True, False])
def test_web_servers_refuse_what_the_commands_refuse(server: str, is_safe: bool) -> None:
    environment = GOOD if is_safe else GOOD | {"DSR_SECRET_KEY": "x"}
    result = run(environment, "-c", f"from dsr_portal.{server} import application")
    assert (result.returncode == 0) is is_safe, result.stderr
    assert is_safe or "DSR_SECRET_KEY has 1 characters" in result.stderr


SHOW_COOKIES = "from django.conf import settings as s; print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME)"


@pytest.mark.parametrize(("https", "names"), [("true", "__Host-session __Host-csrf"), ("false", "session csrf")])
def test_cookies_are_bound_to_the_host_wherever_there_is_https(https: str, names: str) -> None:
    environment = GOOD | {"DSR_HTTPS": https, "DJANGO_SETTINGS_MODULE": "dsr_portal.settings"}
    assert run(environment, "-c", SHOW_COOKIES).stdout.strip() == names


SHOW_NAME = "from django.conf import settings; print(settings.DSR_SYSTEM_NAME, settings.DSR_KEYS)"


def test_good_values_hold_beside_faulty_ones_for_commands_that_run_unchecked() -> None:
    environment = {"DSR_SYSTEM_NAME": "Shop", "DSR_KEYS": "bad", "DJANGO_SETTINGS_MODULE": "dsr_portal.settings"}
    assert run(environment, "-c", SHOW_NAME).stdout == "Shop {}\n"


def test_help_needs_no_environment_and_loads_nothing_heavy() -> None:
    result = run({}, "-X", "importtime", "manage.py", "help")
    assert result.returncode == 0, result.stderr
    loaded = {line.rpartition("|")[2].strip() for line in result.stderr.splitlines()}
    assert loaded & {"pyarrow", "polars", "adbc_driver_manager", "sqlalchemy", "psycopg", "rest_framework"} == set()
