from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from dsr_portal.configuration import REQUIRED, Configuration, read_configuration, variable
from dsr_portal.secret_values import generate_secret_values

if TYPE_CHECKING:
    from pathlib import Path

GOOD = generate_secret_values()
KEY = GOOD["DSR_KEYS"].partition(":")[2]
LEAK = "hunter2"


@pytest.fixture(autouse=True)
def good_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("DSR_")]:
        monkeypatch.delenv(name)
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)


def test_the_required_values_are_enough() -> None:
    configuration, faults = read_configuration()
    assert faults == ()
    assert configuration.allowed_hosts == ("localhost", "127.0.0.1")


FAULTY = {
    "a short secret": ("DSR_SECRET_KEY", f"{LEAK}-0123456789"),
    "a secret from an example": ("DSR_SECRET_KEY", f"django-insecure-{LEAK}-0123456789-abcdefghijklmnopqrstuvwxyz"),
    "a secret to be replaced": ("DSR_SECRET_KEY", f"change-me-{LEAK}-0123456789-abcdefghijklmnopqrstuvwxyz"),
    "a secret of one letter": ("DSR_SECRET_KEY", "a" * 60),
    "a key without an id": ("DSR_KEYS", KEY),
    "an id given twice": ("DSR_KEYS", f"k1:{KEY},k1:{KEY}"),
    "an empty entry": ("DSR_KEYS", f"k1:{KEY},"),
    "an id in capitals": ("DSR_KEYS", f"K1:{KEY}"),
    "an id too long": ("DSR_KEYS", f"{'k' * 33}:{KEY}"),
    "a short key": ("DSR_KEYS", f"k1:{KEY[:-8]}"),
    "a key that is no base64": ("DSR_KEYS", f"k1:{LEAK}!"),
    "a key of zeros": ("DSR_KEYS", "k1:" + "A" * 43 + "="),
    "a host with a path": ("DSR_ALLOWED_HOSTS", "https://portal.example.org/"),
    "no host": ("DSR_ALLOWED_HOSTS", " , "),
    "any host": ("DSR_ALLOWED_HOSTS", "portal.example.org,*"),
    "no database": ("DSR_DATABASE_URL", f"postgresql://portal:{LEAK}@db"),
    "a port that is no number": ("DSR_DATABASE_URL", f"postgresql://portal:{LEAK}@db:port/portal"),
    "a URL that cannot be parsed": ("DSR_DATABASE_URL", f"postgresql://portal:{LEAK}@[db/portal"),
    "two slashes": ("DSR_DATABASE_URL", "sqlite://portal.sqlite3"),
    "no scheme": ("DSR_DATABASE_URL", f"/srv/{LEAK}"),
    "a path as time zone": ("DSR_TIME_ZONE", "../UTC"),
    "a word as boolean": ("DSR_HTTPS", LEAK),
    "another word as boolean": ("DSR_SINGLE_USE_DOWNLOADS", LEAK),
    "an address without a scheme": ("DSR_PUBLIC_URL", f"{LEAK}.example.org"),
    "an address with a query": ("DSR_PUBLIC_URL", f"https://portal.example.org/?{LEAK}"),
    "a script as policy": ("DSR_PRIVACY_URL", f"javascript:{LEAK}"),
    "a name as contact": ("DSR_CONTACT_EMAIL", LEAK),
    "a name as sender": ("DSR_EMAIL_FROM", f"Privacy <{LEAK}>"),
    "a sender with a second header": ("DSR_EMAIL_FROM", f"privacy@example.org\nBcc: {LEAK}@example.org"),
    "a mail server without a scheme": ("DSR_EMAIL_URL", f"{LEAK}.example.org:587"),
    "a word as backend": ("DSR_EMAIL_BACKEND", LEAK),
    "a list for Anymail": ("DSR_ANYMAIL", f'["{LEAK}"]'),
    "no JSON for Anymail": ("DSR_ANYMAIL", f"{{{LEAK}}}"),
    "a link for no day": ("DSR_LINK_DAYS", "0"),
    "half a day": ("DSR_LINK_DAYS", "0.5"),
    "a way of delivery that is none": ("DSR_DELIVERY", LEAK),
    "an attachment as large as a disk": ("DSR_ATTACHMENT_BYTES", "50000001"),
    "a word as to when codes are mailed": ("DSR_DOWNLOAD_CODE", LEAK),
    "a dossier for ever": ("DSR_DOSSIER_DAYS", "366"),
    "a PDF of no records": ("DSR_PDF_ROWS", "0"),
    "a word as days": ("DSR_LAPSE_DAYS", LEAK),
    "a preference that is none": ("DSR_PREFERENCES", f"marketing,{LEAK}"),
    "a word as whose signal counts": ("DSR_GPC", LEAK),
    "an erasure that waits for a month": ("DSR_ERASURE_UNDO_HOURS", "720"),
    "a target beyond the period": ("DSR_TARGET_PERCENT", "101"),
    "a reminder of the day itself": ("DSR_REMIND_DAYS", "1"),
    "a last reminder too late": ("DSR_REMIND_LAST_DAYS", "-1"),
    "days below none": ("DSR_ARCHIVE_DAYS", "-1"),
    "a restriction that ends at once": ("DSR_LIFTING_NOTICE_DAYS", "0"),
    "files no larger than a picture": ("DSR_UPLOAD_BYTES", "99999"),
    "a scanner without a port": ("DSR_SCANNER", f"clamd://{LEAK}"),
    "a scanner on a port there is none of": ("DSR_SCANNER", f"clamd://{LEAK}:65536"),
    "a time-stamp server without a scheme": ("DSR_SIGNING_TSA", f"{LEAK}.example.org"),
    "a review of no days": ("DSR_DECISION_REVIEW_DAYS", "0"),
    "a word as whether a reviewer is named": ("DSR_DECISION_REVIEWER_NAMED", LEAK),
    "a model behind a password": ("DSR_SUMMARY_URL", f"https://user:{LEAK}@models.example.org/v1"),
    "a model that never answers": ("DSR_SUMMARY_SECONDS", "601"),
    "a crowd of proxies": ("DSR_PROXIES", "6"),
    "a gateway without a scheme": ("DSR_SMS_URL", f"{LEAK}.example.org"),
    "a text message without its text": ("DSR_SMS_BODY", f'{{"to": "{{to}}", "{LEAK}": ""}}'),
    "a script as account": ("DSR_ACCOUNT_URL", f"javascript:{LEAK}"),
    "a signature that is none": ("DSR_ASSERTION_ALGORITHM", f"none-{LEAK}"),
    "a word as public key": ("DSR_ASSERTION_KEY", LEAK),
    "an address where a host is allowed": ("DSR_OUTGOING_ALLOW", f"hooks.example.org,https://{LEAK}/"),
    "another form of log": ("DSR_LOG_FORMAT", LEAK),
}
# Any text is a name or a folder; what is wrong with a folder is said by the system checks.
ANY_TEXT = {"DSR_SYSTEM_NAME", "DSR_STORAGE_DIR", "DSR_MAIL_SINK", "DSR_DEBUG"}
ANY_TEXT |= {"DSR_SIGNING_FILE", "DSR_SIGNING_PASSPHRASE"}
ANY_TEXT |= {"DSR_SUMMARY_KEY", "DSR_SUMMARY_MODEL"}
ANY_TEXT |= {"DSR_SMS_TOKEN", "DSR_ASSERTION_ISSUER", "DSR_ASSERTION_AUDIENCE"}


def test_every_setting_that_can_be_faulty_is_tried() -> None:
    assert {name for name, _ in FAULTY.values()} | ANY_TEXT == {variable(name) for name in Configuration.model_fields}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("DSR_LINK_DAYS", "0", "must be at least 1"),
        ("DSR_LINK_DAYS", "91", "must be at most 90"),
        ("DSR_LINK_DAYS", "7.5", "must be a whole number"),
        ("DSR_LOG_FORMAT", "xml", "must be 'json' or 'text'"),
        ("DSR_SINGLE_USE_DOWNLOADS", "sometimes", "must be true or false"),
    ],
)
def test_a_fault_says_what_would_be_right(name: str, value: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    assert [str(fault) for fault in read_configuration()[1]] == [f"{name} {message}."]


def test_the_public_address_ends_without_a_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSR_PUBLIC_URL", "https://example.org/privacy/")
    assert read_configuration()[0].public_url == "https://example.org/privacy"


@pytest.mark.parametrize("scanner", ["clamd://clamav:3310", "clamd+unix:///run/clamav/clamd.ctl"])
def test_a_scanner_is_named_by_its_port_or_its_socket(scanner: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSR_SCANNER", scanner)
    assert (read_configuration()[0].scanner, read_configuration()[1]) == (scanner, ())


@pytest.mark.parametrize("sender", ["privacy@example.org", "Example Ltd <privacy@example.org>"])
def test_a_sender_may_have_a_name(sender: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSR_EMAIL_FROM", sender)
    configuration, faults = read_configuration()
    assert (configuration.email_from, faults) == (sender, ())


@pytest.mark.parametrize("case", FAULTY)
def test_a_faulty_value_is_the_only_one_reported_and_not_shown(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name, value = FAULTY[case]
    monkeypatch.setenv(name, value)
    _, faults = read_configuration()
    assert [fault.variable for fault in faults] == [name]
    assert LEAK not in str(faults)
    assert KEY not in str(faults)


def test_a_default_stands_in_for_a_faulty_value_and_the_others_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSR_TIME_ZONE", "Mars/Olympus")
    monkeypatch.setenv("DSR_SYSTEM_NAME", "Shop")
    configuration, _ = read_configuration()
    assert (configuration.time_zone, configuration.system_name) == ("UTC", "Shop")


def test_an_empty_value_is_a_missing_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSR_SECRET_KEY", "")
    _, faults = read_configuration()
    assert [(fault.variable, fault.is_missing) for fault in faults] == [("DSR_SECRET_KEY", True)]


def test_any_host_may_be_allowed_while_debugging(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSR_ALLOWED_HOSTS", "*")
    monkeypatch.setenv("DSR_DEBUG", "true")
    assert read_configuration()[0].allowed_hosts == ("*",)


def test_the_first_key_stays_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSR_KEYS", f"new:{KEY}, old:{KEY[::-1].strip('=')}=")
    keys = read_configuration()[0].keys
    assert list(keys or ()) == ["new", "old"]
    assert {len(key) for key in (keys or {}).values()} == {32}


@pytest.mark.parametrize("name", [variable(name) for name in REQUIRED])
def test_a_value_may_stand_in_a_file(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = read_configuration()
    path = tmp_path / "value"
    path.write_text(GOOD[name] + "\n")
    monkeypatch.delenv(name)
    monkeypatch.setenv(f"{name}_FILE", str(path))
    assert read_configuration() == expected


def test_a_value_given_twice_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSR_SECRET_KEY_FILE", str(tmp_path / "value"))
    _, faults = read_configuration()
    assert str(faults[0]).startswith("DSR_SECRET_KEY is set twice")


def test_a_file_that_cannot_be_read_is_named_by_its_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSR_DEBUG_FILE", str(tmp_path / LEAK))
    _, faults = read_configuration()
    assert [fault.variable for fault in faults] == ["DSR_DEBUG"]
    assert "DSR_DEBUG_FILE" in str(faults[0])
    assert LEAK not in str(faults)


def test_secrets_do_not_show_in_a_repr() -> None:
    shown = repr(Configuration())
    assert GOOD["DSR_SECRET_KEY"] not in shown
    assert "keys=" not in shown
