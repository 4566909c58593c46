from __future__ import annotations

import re
from email.mime.image import MIMEImage
from typing import TYPE_CHECKING

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection

if TYPE_CHECKING:
    from pathlib import Path

    from django.test import Client
    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.django_db

LINK = "http://localhost:8000/c/kPz3vTqW9xYbR7mN"


@pytest.fixture
def folder(settings: SettingsWrapper, tmp_path: Path) -> Path:
    settings.DSR_MAIL_SINK = tmp_path / "mails"
    return tmp_path / "mails"


def mail(subject: str, text: str = "Good morning.", html: str = "") -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(subject, text, "privacy@example.test", ["Ann Ähre <ann@example.test>"])
    if html:
        message.attach_alternative(html, "text/html")
    return message


def write(folder: Path, *mails: EmailMultiAlternatives) -> None:
    """Write mails as DSR_EMAIL_URL=file:///folder does, all over one connection."""
    backend = get_connection("django.core.mail.backends.filebased.EmailBackend", file_path=str(folder))
    backend.send_messages(list(mails))


def links(page: str) -> list[str]:
    return re.findall(r'href="(/mail-sink/[^"]+)"', page)


def open_newest(client: Client) -> str:
    return client.get(links(client.get("/mail-sink/").content.decode())[0]).content.decode()


@pytest.mark.parametrize("path", ["/mail-sink/", "/mail-sink/a-1", "/mail-sink/a-1/html"])
def test_without_the_setting_there_is_no_such_page(path: str, client: Client) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.usefixtures("folder")
def test_no_mail_is_no_fault(client: Client) -> None:
    response = client.get("/mail-sink/")
    assert response.status_code == 200
    assert "None yet." in response.content.decode()


def test_mails_are_listed_the_newest_first_with_whom_they_are_for(client: Client, folder: Path) -> None:
    write(folder, mail("First"), mail("Second"))
    write(folder, mail("Grüße 3"))
    page = client.get("/mail-sink/").content.decode()
    assert re.findall(r">(First|Second|Grüße 3)</a>", page) == ["Grüße 3", "Second", "First"]
    assert "Ann Ähre &lt;ann@example.test&gt;" in page
    assert len(set(links(page))) == 3


def test_a_mail_that_is_still_being_written_is_not_shown(client: Client, folder: Path) -> None:
    write(folder, mail("Whole"))
    with next(folder.iterdir()).open("ab") as file:
        file.write(b"Subject: Ha")
    assert len(links(client.get("/mail-sink/").content.decode())) == 1


def test_the_links_of_the_text_can_be_followed(client: Client, folder: Path) -> None:
    write(folder, mail("Confirm", f"Open\n\n{LINK}\n\nto confirm <b>."))
    page = open_newest(client)
    assert f'<a href="{LINK}" rel="nofollow">{LINK}</a>' in page
    assert "to confirm &lt;b&gt;." in page
    assert "<iframe" not in page


def test_the_html_is_shown_in_a_frame_that_may_do_nothing_but_be_left(client: Client, folder: Path) -> None:
    html = f'<html><head><title>x</title></head><body style="color: red"><a href="{LINK}">Confirm</a></body></html>'
    write(folder, mail("Confirm", html=html))
    page = client.get(links(client.get("/mail-sink/").content.decode())[0])
    (frame,) = re.findall(r"<iframe[^>]+>", page.content.decode())
    assert 'sandbox="allow-top-navigation-by-user-activation"' in frame
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]

    (source,) = re.findall(r'src="([^"]+)"', frame)
    framed = client.get(source)
    policy = framed.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline';")
    assert "script-src" not in policy
    assert "sandbox allow-top-navigation-by-user-activation" in policy
    assert framed.content.decode().startswith('<html><head><base target="_top"><title>x</title>')


@pytest.mark.parametrize("key", ["nothing-1", "..%2F..%2Fsecret", "20260101-000000-1-9"])
def test_an_unknown_mail_is_not_found(key: str, client: Client, folder: Path) -> None:
    write(folder, mail("Only"))
    (folder.parent / "secret.log").write_text("Subject: Secret\n\n" + "-" * 79 + "\n")
    assert client.get(f"/mail-sink/{key}").status_code == 404
    assert client.get(f"/mail-sink/{key}/html").status_code == 404


def test_a_picture_inside_a_mail_is_shown(client: Client, folder: Path) -> None:
    message = mail("Hello", html='<html><head></head><body><img src="cid:logo.1@x"><img src="cid:none"></body></html>')
    part = MIMEImage(b"\x89PNG\r\n\x1a\n", "png")
    part.add_header("Content-ID", "<logo.1@x>")
    message.mixed_subtype = "related"
    message.attach(part)
    write(folder, message)
    client.get("/mail-sink/")
    (address,) = re.findall(r'src="(/mail-sink/[^"]+/html)"', open_newest(client))
    html = client.get(address).content.decode()
    assert '<img src="data:image/png;base64,iVBORw0KGgo="><img src="">' in html
