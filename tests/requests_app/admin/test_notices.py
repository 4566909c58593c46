"""The words of notices in the console."""

from __future__ import annotations

from html import unescape

import pytest

from requests_app.letters.notices import NOTICES, Reader
from requests_app.letters.words import shipped
from requests_app.models import AuditEntry, NoticeText
from tests.requests_app.admin.console import signed_in, words
from tests.requests_app.portal import a_request

pytestmark = pytest.mark.django_db

STEM = "/console/requests_app/noticetext/"
EDITOR = f"{STEM}received/en/all/"
SUBJECT, BODY = "Got {{ reference }}", "# Got it\n\nHello {{ name }}.\n\n[Look]({{ status_link }})"


@pytest.fixture
def manager():
    return signed_in("Manager")


def save(client, body: str = BODY, based_on: object = "", path: str = EDITOR):
    return client.post(path, {"subject": SUBJECT, "body": body, "based_on": based_on})


def preview(client, **typed: str):
    return client.post(f"{EDITOR}preview/", {"subject": SUBJECT, "body": BODY} | typed)


def test_every_notice_to_people_is_listed_and_opens_with_its_words(manager):
    page = words(manager.get(STEM))
    for notice in NOTICES.values():
        assert notice.label in page
        if notice.reader is Reader.PERSON and shipped(notice.name, "en"):
            shown = manager.get(f"{STEM}{notice.name}/en/all/")
            assert f'value="{shipped(notice.name, "en").subject}"' in unescape(shown.content.decode())
            assert manager.get(f"{STEM}{notice.name}/en/all/preview/").status_code == 200


def test_words_are_kept_compared_and_withdrawn(manager):
    assert save(manager).status_code == 302
    first = NoticeText.objects.get()
    save(manager, BODY.replace("Hello", "Good day"), first.pk)
    second = NoticeText.objects.get(version=2)
    compared = manager.get(f"{STEM}versions/{second.pk}/").content.decode()
    assert "<del>Hello</del><ins>Good day</ins>" in compared
    assert "Version 1" in words(manager.get(EDITOR))
    manager.post(f"{STEM}versions/{second.pk}/withdraw/", {})
    assert "Hello {{ name }}." in words(manager.get(EDITOR))
    manager.post(f"{STEM}versions/{first.pk}/withdraw/", {"to": "shipped"})
    assert "We have received your request" in words(manager.get(EDITOR))


def test_a_fault_is_shown_beside_its_field_and_nothing_typed_is_lost(manager):
    response = save(manager, "# Got it\n\nHello {{ nme }}, this is long to type.")
    assert response.status_code == 400
    page = words(response)
    assert "There is no variable {{ nme }} in this notice (line 3). Did you mean {{ name }}?" in page
    assert "this is long to type" in page
    assert not NoticeText.objects.exists()


def test_somebody_elses_change_is_not_overwritten(manager):
    save(manager)
    response = save(manager, based_on="")
    assert response.status_code == 400
    assert "Somebody else changed these words meanwhile." in words(response)
    assert NoticeText.objects.count() == 1


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"as": "mail"}, "Hello Ann Example."),
        ({"as": "text"}, "Hello Ann Example."),
        ({"as": "text", "body": "# x\n\n{{ nme }}"}, "This cannot be sent yet There is no variable {{ nme }}"),
        ({"reference": "DSR-2026-NONE99"}, "There is no request of this reference."),
    ],
)
def test_a_preview_shows_what_is_typed_and_keeps_nothing(manager, typed, told):
    response = preview(manager, **typed)
    assert told in words(response, "body")
    assert "sandbox" in response["Content-Security-Policy"]
    assert not NoticeText.objects.exists()
    assert not AuditEntry.objects.filter(action="notice.previewed").exists()


def test_a_preview_is_light_or_dark_whatever_the_browser_is(manager):
    assert "@media all" in preview(manager, **{"as": "dark"}).content.decode()
    light = preview(manager, **{"as": "mail"}).content.decode()
    assert "prefers-color-scheme" not in light
    assert "@media not all" in light


def test_a_preview_as_a_letter_is_a_pdf(manager):
    response = preview(manager, **{"as": "letter"})
    assert response.content.startswith(b"%PDF")


def test_a_preview_on_a_request_names_its_person_and_is_on_record(manager):
    request = a_request(name="Berta Real")
    response = preview(manager, reference=request.reference.lower())
    assert "Hello Berta Real." in words(response, "body")
    entry = AuditEntry.objects.get(action="notice.previewed")
    assert (entry.request_id, "Berta" in str(entry.details)) == (request.pk, False)


@pytest.mark.parametrize(
    "path", ["received/xx-yy-zz/all/", "received/en/birthday/", "birthday/en/all/", "digest/en/all/"]
)
def test_words_of_no_notice_right_or_language_are_not_found(manager, path):
    assert manager.get(STEM + path).status_code == 404


def test_a_language_of_the_teams_own_is_begun_and_stands_in_the_list(manager):
    opened = manager.get(f"{STEM}open/", {"notice": "received", "language": "es"})
    assert opened.status_code == 302
    assert "the portal does not come with Spanish" in words(manager.get(opened.url))
    save(manager, path=opened.url)
    assert "Spanish" in words(manager.get(STEM))
    assert NoticeText.objects.get().language == "es"


def test_the_page_of_letters_shows_the_words_that_count(manager):
    save(manager)
    shown = words(manager.get("/console/requests_app/controllerprofile/notices/received/"))
    assert "Hello Ann Example." in shown
