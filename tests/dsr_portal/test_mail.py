from __future__ import annotations

import pytest

from dsr_portal.mail import read_email_url

PASSWORD = "hunter2"


@pytest.mark.parametrize(
    ("url", "port", "is_starttls", "is_tls"),
    [
        ("smtp://mail.example.org", 587, True, False),
        ("smtp://mail.example.org:2525", 2525, True, False),
        ("smtp://mail.example.org:25?tls=none", 25, False, False),
        ("smtps://mail.example.org", 465, False, True),
    ],
)
def test_a_mail_server_is_spoken_to_encrypted_unless_that_is_turned_off(
    url: str, port: int, is_starttls: bool, is_tls: bool
) -> None:
    found = read_email_url(url)
    assert found["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend"
    assert found["EMAIL_HOST"] == "mail.example.org"
    assert (found["EMAIL_PORT"], found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (port, is_starttls, is_tls)
    assert found["EMAIL_TIMEOUT"] > 0


def test_user_and_password_are_unescaped() -> None:
    found = read_email_url("smtp://privacy%40example.org:p%2Fw%3A@mail.example.org")
    assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("privacy@example.org", "p/w:")


def test_mails_can_be_written_into_a_folder_or_printed() -> None:
    in_folder = read_email_url("file:///srv/sent%20mails")
    assert in_folder["EMAIL_BACKEND"].endswith("filebased.EmailBackend")
    assert in_folder["EMAIL_FILE_PATH"] == "/srv/sent mails"
    assert read_email_url("console:")["EMAIL_BACKEND"].endswith("console.EmailBackend")


@pytest.mark.parametrize(
    "url",
    [
        f"mail.example.org/{PASSWORD}",
        f"imap://privacy:{PASSWORD}@mail.example.org",
        f"smtp://:{PASSWORD}@",
        f"smtp://privacy:{PASSWORD}@mail.example.org:port",
        f"smtp://privacy:{PASSWORD}@[mail.example.org",
        f"smtp://privacy:{PASSWORD}@mail.example.org?tls=off",
        f"smtps://privacy:{PASSWORD}@mail.example.org?tls=none",
        f"file://{PASSWORD}/folder",
        "file:///",
        "",
    ],
)
def test_what_cannot_be_used_is_refused_without_its_text(url: str) -> None:
    with pytest.raises(ValueError, match=r"^(must be smtp://|takes nothing behind|is no URL)") as caught:
        read_email_url(url)
    assert PASSWORD not in str(caught.value)
