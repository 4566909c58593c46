from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from requests_app import audit, links, passphrases, tasks
from requests_app.audit import Actor
from requests_app.models import Export, Leased, Right, SecureLink, SourceSearch, Status, SubjectRequest
from requests_app.rendering import further
from tests.requests_app.pages.words import text_of
from tests.requests_app.portal import a_request, a_source, acts, confirmed, released, staff

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("storage_folder"),
    # What WinZip's format prescribes.
    pytest.mark.filterwarnings("ignore:PBKDF2 without:DeprecationWarning"),
]
PASSPHRASE = "Correct horse 4711"


@pytest.fixture
def given(tmp_path):
    """An export that Ann was given, of JSON and CSV."""
    a_source(tmp_path)
    return released()


def path_of(request, days: int = 7) -> str:
    return f"/r/{links.mint(request, SecureLink.Purpose.STATUS, lifetime=timedelta(days=days))}"


def chosen_in(page) -> dict[str, bool]:
    boxes = re.findall(r'<input type="checkbox" name="formats" value="(\w+)"([^>]*)>', page.content.decode())
    return {slug: "checked" in rest for slug, rest in boxes}


def suggested_in(page) -> str:
    (value,) = re.findall(r'name="passphrase" value="([^"]+)"', page.content.decode())
    return value


def test_the_files_are_listed_with_what_they_are_good_for(client, given):
    words = text_of(client.get(path_of(given.request)))
    for said in ("JSON", "Everything, complete and exact", "Tables (CSV)", "one ZIP file", "json/export.schema.json"):
        assert said in words
    assert "protected by your passphrase" not in words


def test_files_that_need_a_code_are_not_named_before_it(client, given, settings):
    settings.DSR_DOWNLOAD_CODE = "always"
    words = text_of(client.get(path_of(given.request)))
    assert "Tables (CSV)" in words
    assert "orders" not in words
    assert "export.schema.json" not in words


def test_other_formats_are_offered_and_made(client, given):
    path = path_of(given.request)
    assert chosen_in(client.get(path)) == dict.fromkeys(("pdf", "html", "xlsx", "xml"), False)
    answer = client.post(f"{path}/files", {"formats": ["xml", "xlsx"]})
    assert (answer.status_code, answer.url) == (302, path)
    export = Export.objects.latest("pk")
    assert export.formats == ["xlsx", "xml"]
    words = text_of(client.get(path))
    assert "Further files are being prepared" in words
    assert "Other formats" not in words
    tasks.render_export(export.pk)
    page = client.get(path)
    assert chosen_in(page) == dict.fromkeys(("pdf", "html"), False)
    assert text_of(page).count("Go to the download") == 2
    assert "You asked for further files" in text_of(page)


def test_the_page_follows_what_is_being_made(client, given):
    path = path_of(given.request)
    export = further.order(given.request, ["xml"], actor=audit.SUBJECT)
    Export.objects.filter(pk=export.pk).update(state=Leased.State.RUNNING, percent=40, step="Writing record 2 of 5")
    state = client.get(f"{path}/live").json()
    assert (state["percent"], state["step"], state["is_live"]) == (40, "Writing record 2 of 5", True)
    page = client.get(path)
    assert f'data-live="{path}/live"' in page.content.decode()
    assert f'data-steps="{state["steps_done"]}"' in page.content.decode()
    Export.objects.filter(pk=export.pk).update(state=Leased.State.DONE)
    assert client.get(f"{path}/live").json()["is_live"] is False


def test_each_export_has_a_download_of_its_own(client, given):
    path = path_of(given.request)
    more = further.order(given.request, ["xml"], actor=audit.SUBJECT)
    tasks.render_export(more.pk)
    for export in (given, more):
        token = client.post(f"{path}/download", {"export": export.pk}).url.rpartition("/")[2]
        assert links.find(token, SecureLink.Purpose.DOWNLOAD).export == export
    newest = client.post(f"{path}/download").url.rpartition("/")[2]
    assert links.find(newest, SecureLink.Purpose.DOWNLOAD).export == more


def test_nobody_gets_at_the_files_of_another(client, given):
    foreign, before = path_of(released("bob@example.test").request), SecureLink.objects.count()
    for wanted in (given.pk, "1 OR 1=1", "-1", 10**30):
        answer = client.post(f"{foreign}/download", {"export": wanted})
        assert (answer.status_code, answer.url) == (302, foreign)
    assert SecureLink.objects.count() == before


@pytest.mark.parametrize("formats", [[], ["papyrus"]])
def test_a_wrong_choice_is_told_where_it_was_made(client, given, formats):
    path = path_of(given.request)
    page = client.post(f"{path}/files", {"formats": formats})
    assert page.status_code == 400
    assert "Please choose" in text_of(page)
    assert chosen_in(page) == chosen_in(client.get(path))  # those that are there already are not offered again
    assert 'href="#id_formats_0"' in page.content.decode()
    assert Export.objects.count() == 1


def test_a_second_order_at_once_is_told_to_wait(client, given):
    path = path_of(given.request)
    client.post(f"{path}/files", {"formats": ["xml"]})
    page = client.post(f"{path}/files", {"formats": ["pdf"]})
    assert page.status_code == 409
    assert "being prepared already" in text_of(page)


def test_more_than_a_day_has_is_refused(client, given):
    path = path_of(given.request)
    for _ in range(further.MOST_A_DAY):
        assert client.post(f"{path}/files", {"formats": ["xml"]}).status_code == 302
        Export.objects.update(state=Leased.State.DONE)
    refused = client.post(f"{path}/files", {"formats": ["xml"]})
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0


def test_files_that_expired_are_prepared_again_in_the_same_formats(client, given):
    path = path_of(given.request)
    Export.objects.update(expires_at=timezone.now())
    page = client.get(path)
    assert "Prepare your files again" in text_of(page)
    assert [slug for slug, is_chosen in chosen_in(page).items() if is_chosen] == ["csv", "json"]
    assert len(chosen_in(page)) == 6


def test_once_all_is_deleted_the_page_says_so(client, given):
    path = path_of(given.request)
    Export.objects.update(expires_at=timezone.now())
    SourceSearch.objects.update(segment="")
    page = client.get(path)
    assert "have been deleted" in text_of(page)
    assert "?right=access" in page.content.decode()
    assert client.post(f"{path}/files", {"formats": ["xml"]}).status_code == 409
    assert client.get(f"{path}/protect").url == path


def test_what_was_taken_back_is_told_and_not_offered_again(client, given, settings):
    settings.DSR_CONTACT_EMAIL = "privacy@example.test"
    Export.objects.update(removed_at=timezone.now(), revoked_at=timezone.now(), file="")
    path = path_of(given.request)
    page = client.get(path)
    assert "took the files of this request back" in text_of(page)
    assert "mailto:privacy@example.test" in page.content.decode()
    assert chosen_in(page) == {}
    assert client.post(f"{path}/files", {"formats": ["xml"]}).status_code == 409


def test_what_failed_is_told_and_can_be_ordered_again(client, given):
    path = path_of(given.request)
    export = further.order(given.request, ["xml"], actor=audit.SUBJECT)
    Export.objects.filter(pk=export.pk).update(state=Leased.State.FAILED)
    assert "could not be prepared" in text_of(client.get(path))
    assert client.post(f"{path}/files", {"formats": ["xml"]}).status_code == 302


def test_a_passphrase_is_suggested_shown_once_and_set(client, given):
    path = path_of(given.request)
    assert "Set a passphrase" in text_of(client.get(path))
    page = client.post(f"{path}/protect", {"suggest": "1"})
    suggestion = suggested_in(page)
    assert "Keep this passphrase now" in text_of(page)
    assert "no-store" in page.headers["Cache-Control"]
    assert SubjectRequest.objects.get().passphrase == ""
    assert suggested_in(client.post(f"{path}/protect", {"suggest": "1"})) != suggestion
    answer = client.post(f"{path}/protect", {"passphrase": suggestion})
    assert (answer.status_code, answer.url) == (302, path)
    assert passphrases.passphrase_of(SubjectRequest.objects.get()) == suggestion
    tasks.render_export(Export.objects.latest("pk").pk)
    for shown in (client.get(path), client.get(f"{path}/protect")):
        assert suggestion not in shown.content.decode()
    words = text_of(client.get(path))
    for said in ("protected by your passphrase", "Your files are protected", "You set a passphrase for your files"):
        assert said in words
    assert words.count("Go to the download") == 1


def test_it_can_be_set_before_the_answer_is_made(client, tmp_path):
    a_source(tmp_path)
    request = confirmed()
    path = path_of(request)
    assert client.post(f"{path}/protect", {"passphrase": PASSPHRASE}).url == path
    assert "once they are made" in text_of(client.get(path))
    assert not Export.objects.exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Please type a passphrase"),
        ("short", "12 to 64"),
        ("ann@example.test", "leave out"),
        ("Grüße aus Köln", "unaccented"),
    ],
)
def test_a_weak_passphrase_is_refused_at_its_field(client, given, text, said):
    page = client.post(f"{path_of(given.request)}/protect", {"passphrase": text})
    assert page.status_code == 400
    assert said in text_of(page)
    assert 'href="#id_passphrase"' in page.content.decode()
    assert SubjectRequest.objects.get().passphrase == ""


def test_while_files_are_being_made_no_other_passphrase_is_taken(client, given):
    path = path_of(given.request)
    page = client.get(f"{path}/protect")
    assert page.status_code == 200
    further.order(given.request, ["xml"], actor=audit.SUBJECT)
    page = client.post(f"{path}/protect", {"passphrase": PASSPHRASE})
    assert page.status_code == 409
    assert "being prepared already" in text_of(page)


def test_what_has_no_files_has_no_passphrase(client):
    request = a_request(Status.IN_PROGRESS, right=Right.ERASURE)
    path = path_of(request)
    assert "passphrase" not in text_of(client.get(path))
    assert client.get(f"{path}/protect").url == client.post(f"{path}/protect", {"passphrase": PASSPHRASE}).url == path


def test_a_passphrase_of_the_team_is_not_to_be_replaced_by_whoever_reads_the_mailbox(client, given):
    further.protect(given.request, PASSPHRASE, actor=Actor.staff(staff("otto")))
    tasks.render_export(Export.objects.latest("pk").pk)
    path = path_of(given.request)
    words = text_of(client.get(path))
    assert "the passphrase that our team gave you" in words
    assert "Set another passphrase" not in words
    assert "You set a passphrase" not in words
    for answer in (client.get(f"{path}/protect"), client.post(f"{path}/protect", {"passphrase": "Another horse 4712"})):
        assert answer.url == path
    assert Export.objects.count() == 2


@pytest.mark.parametrize(("method", "route"), [("post", "/files"), ("get", "/protect"), ("post", "/protect")])
def test_a_dead_link_orders_nothing_and_is_on_record(client, given, method, route):
    ask, sent = getattr(client, method), {"formats": ["xml"], "passphrase": PASSPHRASE}
    assert ask(f"/r/unknown{route}", sent).status_code == 404
    assert ask(f"{path_of(given.request, days=-1)}{route}", sent).status_code == 410
    foreign = links.mint(given.request, SecureLink.Purpose.DOWNLOAD, export=given, lifetime=timedelta(days=1))
    assert ask(f"/r/{foreign}{route}", sent).status_code == 404
    assert (Export.objects.count(), SubjectRequest.objects.get().passphrase) == (1, "")
    assert acts().count("link.refused") == 2
    assert acts(given.request_id)[-1] == "link.refused"


@pytest.mark.parametrize(("method", "route"), [("get", "/files"), ("put", "/protect")])
def test_other_methods_are_refused(client, given, method, route):
    assert getattr(client, method)(f"{path_of(given.request)}{route}").status_code == 405
