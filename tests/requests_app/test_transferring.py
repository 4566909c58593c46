"""Files are handed to another controller by a link of its own, which its program fetches as often as it likes."""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import timedelta
from hashlib import sha256

import pytest
from django.core import mail as outbox
from django.test import Client
from django.utils import timezone

from requests_app import links, passphrases, review, revoking, tasks, transferring
from requests_app.audit import SUBJECT, SYSTEM, Actor
from requests_app.models import (
    AuditEntry,
    Download,
    Export,
    OutboxMail,
    Recipient,
    Representative,
    Right,
    SecureLink,
    SubjectRequest,
    Transfer,
)
from requests_app.rendering import further
from requests_app.retention.clearing import pseudonymise
from tests.requests_app.packages import a_package, zip_of
from tests.requests_app.pages.words import text_of
from tests.requests_app.portal import a_source, acts, collected, send_mails, staff

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("storage_folder"),
    pytest.mark.filterwarnings("ignore:PBKDF2 without:DeprecationWarning"),
]
JSON, XML = b'{"name": "Ann"}', b"<export/>"
FILES = {"json/export.json": JSON, "json/export.schema.json": b"{}", "csv/orders.csv": b"id\r\n1\r\n"}
PASSPHRASE = "Correct horse 4711"
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def a_portable(files=FILES, **fields) -> Export:
    export = a_package(files, formats=["json", "csv"], **fields)
    SubjectRequest.objects.filter(pk=export.request_id).update(right=Right.PORTABILITY)
    return Export.objects.select_related("request").get(pk=export.pk)


@pytest.fixture
def export():
    return a_portable()


def page_of(export: Export, rest: str = "/transfer", recipient: Recipient = Recipient.PERSON) -> str:
    lifetime = timedelta(hours=1)
    token = links.mint(
        export.request, SecureLink.Purpose.DOWNLOAD, export=export, lifetime=lifetime, recipient=recipient
    )
    return f"/d/{token}{rest}"


def status_of(export: Export, rest: str = "") -> str:
    return f"/r/{links.mint(export.request, SecureLink.Purpose.STATUS, lifetime=timedelta(hours=1))}{rest}"


def handed_over(export: Export, what: str = "json", receiver: str = "Other Bank") -> str:
    """Go the way of a person, and give the path of the link they are shown."""
    typed = {"receiver": receiver, "what": f"{export.pk}-{what}", "confirm": "1"}
    shown = Client().post(page_of(export), typed)
    assert shown.status_code == 200, text_of(shown)
    (path,) = set(re.findall(r'value="[^"]*(/t/[\w-]+)"', shown.content.decode()))
    return path


def fetched(path: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    response = Client().get(path, headers=headers)
    content = b"".join(response.streaming_content) if response.streaming else response.content
    response.close()
    return response.status_code, content, dict(response.headers)


def test_the_person_reads_what_is_handed_over_before_anything_happens(export):
    page = Client().get(page_of(export))
    assert "JSON" in text_of(page)
    assert "All files in one ZIP" in text_of(page)
    asked = Client().post(page_of(export), {"receiver": " Other  Bank ", "what": f"{export.pk}-json"})
    words = text_of(asked)
    for told in ("Hand over to Other Bank?", "json/export.json", "Records 3", "None: whoever has the link"):
        assert told in words
    assert not Transfer.objects.exists()
    assert not SecureLink.objects.filter(purpose="transfer").exists()


def test_the_link_is_shown_once_and_kept_as_a_hash(export):
    path = handed_over(export)
    transfer = Transfer.objects.select_related("link").get()
    assert (transfer.receiver, transfer.member, transfer.fetched_at) == ("Other Bank", "json/export.json", None)
    assert transfer.link.expires_at == pytest.approx(export.expires_at, abs=timedelta(seconds=2))
    token = path.removeprefix("/t/")
    assert transfer.link.token_hash == sha256(token.encode()).hexdigest()
    for again in (page_of(export), status_of(export)):
        page = Client().get(again).content.decode()
        assert token not in page
        assert "Other Bank" in page
    assert token not in str(list(AuditEntry.objects.values()))
    assert "Other Bank" not in str(list(AuditEntry.objects.values()))


def test_a_program_fetches_the_one_file_with_all_it_needs_to_check_it(export):
    status, content, headers = fetched(handed_over(export))
    assert (status, content) == (200, JSON)
    assert headers["Content-Type"] == "application/json"
    assert headers["Content-Disposition"] == 'attachment; filename="export.json"'
    assert headers["Content-Length"] == str(len(JSON))
    assert headers["ETag"] == f'"{sha256(JSON).hexdigest()}"'
    assert headers["Repr-Digest"] == f"sha-256=:{b64encode(sha256(JSON).digest()).decode()}:"
    assert re.fullmatch(r'<https?://[^>]+/schemas/export-1.json>; rel="describedby"', headers["Link"])
    assert Client().get(re.sub(r".*(/schemas/.*?)>.*", r"\1", headers["Link"])).status_code == 200


def test_a_program_fetches_the_whole_package_also_in_parts(export):
    path, whole = handed_over(export, "all"), zip_of(FILES)
    status, content, headers = fetched(path)
    assert (status, content, headers["Accept-Ranges"]) == (200, whole, "bytes")
    status, part, headers = fetched(path, Range="bytes=10-19")
    assert (status, part, headers["Content-Range"]) == (206, whole[10:20], f"bytes 10-19/{len(whole)}")
    assert fetched(path, **{"Range": "bytes=10-19", "If-Range": '"another"'})[:2] == (200, whole)
    assert fetched(path, Range=f"bytes={len(whole)}-")[0] == 416


def test_a_head_tells_size_and_checksum_and_is_no_fetch(export):
    path = handed_over(export)
    response = Client().head(path)
    assert response.status_code == 200
    assert response.headers["Content-Length"] == str(len(JSON))
    assert response.headers["ETag"] == f'"{sha256(JSON).hexdigest()}"'
    assert not Download.objects.exists()
    assert Transfer.objects.get().fetched_at is None


def test_a_browser_is_shown_a_page_and_a_scanner_uses_nothing_up(export, settings):
    settings.DSR_SINGLE_USE_DOWNLOADS = True
    path = handed_over(export)
    for _ in range(3):
        page = Client().get(path, headers=BROWSER)
        assert "A file for Other Bank" in text_of(page)
        assert "Ann Example" not in text_of(page)
    assert not Download.objects.exists()
    assert fetched(path)[:2] == (200, JSON)
    assert fetched(path)[:2] == (200, JSON)
    assert fetched(f"{path}?file=1", **BROWSER)[:2] == (200, JSON)
    assert SecureLink.objects.get(purpose="transfer").used_at is None


def test_each_fetch_is_on_record_for_the_person_and_the_team_and_the_first_is_told(export):
    path = handed_over(export)
    fetched(path, **{"User-Agent": "other-bank/1.0"})
    fetched(path, **{"User-Agent": "other-bank/1.1"})
    assert acts(export.request_id).count("transfer.fetched") == 2
    assert "export.downloaded" not in acts(export.request_id)
    assert OutboxMail.objects.filter(template="transferred").count() == 1
    words = text_of(Client().get(status_of(export)))
    assert "2 times" in words
    assert "from 127.0.0.1" in words
    assert "by other-bank/1.1" in words
    assert "The other service fetched your files" in words
    send_mails()
    message = outbox.outbox[-1]
    assert "fetched" in message.subject
    assert path not in message.body


def test_the_person_ends_it_and_the_program_is_told_so(export):
    path = handed_over(export)
    transfer = Transfer.objects.get()
    answer = Client().post(status_of(export, f"/transfers/{transfer.pk}/end"))
    assert answer.status_code == 302
    response = Client().get(path, headers={"Accept": "application/json"})
    assert response.status_code == 410
    assert response.headers["Content-Type"] == "application/problem+json"
    assert {name: response.json()[name] for name in ("status", "code")} == {"status": 410, "code": "ended"}
    assert "This link was ended" in text_of(Client().get(path, headers=BROWSER))
    assert acts(export.request_id).count("transfer.ended") == 1
    assert not transferring.end(Transfer.objects.select_related("export").get(), actor=SUBJECT)
    assert Export.objects.get().removed_at is None


def test_the_link_of_one_person_ends_nothing_of_another(export):
    handed_over(export)
    other = a_portable()
    Client().post(status_of(other, f"/transfers/{Transfer.objects.get().pk}/end"))
    Client().post(page_of(other, f"/transfer/{Transfer.objects.get().pk}/end"))
    assert Transfer.objects.get().ended_at is None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda export: Export.objects.filter(pk=export.pk).update(expires_at=timezone.now()), "expired"),
        (lambda export: revoking.take_back(export, actor=SYSTEM), "ended"),
        (lambda export: SecureLink.objects.update(expires_at=timezone.now()), "expired"),
        (lambda export: revoking.renew_links(export.request_id, actor=SYSTEM), "ended"),
    ],
    ids=["files expired", "taken back", "link expired", "links made void"],
)
def test_what_is_over_is_told_as_a_problem(export, change, code):
    path = handed_over(export)
    change(export)
    status, content, headers = fetched(path)
    assert (status, headers["Content-Type"]) == (410, "application/problem+json")
    assert f'"code": "{code}"'.encode() in content


def test_unknown_links_and_too_many_fetches_are_problems_too(export, monkeypatch):
    assert fetched("/t/" + "x" * 43)[0] == 404
    path = handed_over(export)
    monkeypatch.setattr(transferring, "MOST_FETCHES_AN_HOUR", 1)
    assert fetched(path)[0] == 200
    status, content, headers = fetched(path)
    assert (status, headers["Content-Type"]) == (429, "application/problem+json")
    assert b'"code": "throttled"' in content
    assert int(headers["Retry-After"]) > 0


def test_only_get_and_head_are_taken(export):
    path = handed_over(export)
    assert {
        getattr(Client(), method)(path).status_code for method in ("post", "put", "patch", "delete", "options")
    } == {405}


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"receiver": "  "}, "Please name the service"),
        ({"receiver": "x" * 201}, "at most 200"),
        ({"what": "999-json"}, "not there any more"),
        ({"what": ""}, "Please choose what"),
    ],
)
def test_without_a_name_or_a_file_nothing_is_handed_over(export, typed, told):
    known = {"receiver": "Other Bank", "what": f"{export.pk}-json", "confirm": "1"}
    answer = Client().post(page_of(export), known | typed)
    assert answer.status_code == 400
    assert told in text_of(answer)
    assert not Transfer.objects.exists()


def test_files_of_access_are_not_handed_over(export):
    SubjectRequest.objects.update(right=Right.ACCESS)
    typed = {"receiver": "Other Bank", "what": f"{export.pk}-json", "confirm": "1"}
    assert Client().post(page_of(export), typed).status_code == 302
    assert not Transfer.objects.exists()
    assert "Straight to another service" not in text_of(Client().get(status_of(export)))


def test_the_status_page_leads_there(export):
    answer = Client().post(status_of(export, "/transfer"), {"export": export.pk})
    assert re.fullmatch(r"/d/[\w-]+/transfer", answer.headers["Location"])
    assert "Hand over to another service" in text_of(Client().get(answer.headers["Location"]))
    SubjectRequest.objects.update(right=Right.ACCESS)
    assert "/transfer" not in Client().post(status_of(export, "/transfer")).headers["Location"]


def test_a_code_that_comes_before_downloads_comes_before_this_too(export, settings):
    settings.DSR_DOWNLOAD_CODE = "always"
    typed = {"receiver": "Other Bank", "what": f"{export.pk}-json", "confirm": "1"}
    client, path = Client(), page_of(export)
    refused = client.post(path, typed)
    assert refused.status_code == 403
    assert "json/export.json" not in text_of(refused)
    assert not Transfer.objects.exists()
    client.post(path.replace("/transfer", "/code/send"))
    code = re.search(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b", send_mails()[-1].body)[0]
    client.post(path.replace("/transfer", "/code"), {"code": code})
    assert client.post(path, typed).status_code == 200
    assert Transfer.objects.count() == 1
    assert fetched(handed_path(client.post(path, typed)))[0] == 200  # the program has no code to enter


def handed_path(shown) -> str:
    (path,) = set(re.findall(r'value="[^"]*(/t/[\w-]+)"', shown.content.decode()))
    return path


def test_handing_over_is_limited(export, monkeypatch):
    monkeypatch.setattr(transferring, "MOST_A_DAY", 1)
    handed_over(export)
    typed = {"receiver": "Third Bank", "what": f"{export.pk}-json", "confirm": "1"}
    assert Client().post(page_of(export), typed).status_code == 429


def a_representative(export: Export, **fields) -> Representative:
    accepted = {"state": "accepted", "decided_at": timezone.now(), "rights": [Right.PORTABILITY]}
    return Representative.objects.create(request=export.request, kind="agent", name="Lena", **accepted | fields)


def test_who_stands_for_the_person_hands_over_only_where_the_answer_is_theirs(export):
    found = a_representative(export, receives_answer=False)
    path = page_of(export, recipient=Recipient.REPRESENTATIVE)
    typed = {"receiver": "Other Bank", "what": f"{export.pk}-json", "confirm": "1"}
    assert Client().post(path, typed).status_code == 410
    Representative.objects.filter(pk=found.pk).update(receives_answer=True)
    shown = Client().post(path, typed)
    assert fetched(handed_path(shown))[0] == 200
    Representative.objects.filter(pk=found.pk).update(state="ended")
    assert fetched(handed_path(shown))[0] == 410


@pytest.fixture
def protected(tmp_path):
    """An answer to portability that a passphrase protects, made of a real source."""
    a_source(tmp_path)
    request = collected()
    SubjectRequest.objects.update(right=Right.PORTABILITY)
    request.refresh_from_db()
    passphrases.set_passphrase(request, PASSPHRASE, SUBJECT)

    made = review.release(request.pk, actor=Actor.staff(staff()), formats=("json",))
    tasks.render_export(made.pk)
    return Export.objects.select_related("request").get(pk=made.pk)


def test_protected_files_are_handed_over_only_once_made_again_by_who_knows_the_passphrase(protected):
    assert protected.is_protected
    path = page_of(protected)
    assert "Programs cannot read files that your passphrase protects" in text_of(Client().get(path))
    typed = {"make": "1", "passphrase": "wrong horse 4711", "formats": ["json"]}
    wrong = Client().post(path, typed)
    assert (wrong.status_code, Export.objects.count()) == (409, 1)
    assert "not the passphrase of your files" in text_of(wrong)
    assert Client().post(path, typed | {"passphrase": PASSPHRASE}).status_code == 302
    assert "It takes a moment" in text_of(Client().get(path))
    made = Export.objects.latest("pk")
    mails = OutboxMail.objects.count()
    tasks.render_export(made.pk)
    made.refresh_from_db()
    assert (made.state, made.is_protected, made.is_for_transfer) == ("done", False, True)
    assert OutboxMail.objects.count() == mails
    assert [item.pk for item in further.downloadable(protected.request)] == [protected.pk]
    shown = Client().post(path, {"receiver": "Other Bank", "what": f"{made.pk}-json", "confirm": "1"})
    assert b'"dsr-export-1"' in fetched(handed_path(shown))[1]


def test_what_was_made_for_another_service_goes_with_its_last_link(protected):
    path = page_of(protected)
    Client().post(path, {"make": "1", "passphrase": PASSPHRASE, "formats": ["json"]})
    made = Export.objects.latest("pk")
    tasks.render_export(made.pk)
    for name in ("Other Bank", "Third Bank"):
        Client().post(path, {"receiver": name, "what": f"{made.pk}-json", "confirm": "1"})
    first, second = Transfer.objects.select_related("export").order_by("pk")
    transferring.end(first, actor=SUBJECT)
    assert Export.objects.get(pk=made.pk).removed_at is None
    transferring.end(second, actor=SUBJECT)
    assert Export.objects.get(pk=made.pk).removed_at is not None
    assert Export.objects.get(pk=protected.pk).removed_at is None


def test_the_passphrase_is_not_guessed(protected, monkeypatch):
    monkeypatch.setattr(transferring, "MOST_PASSPHRASES_AN_HOUR", 2)
    path = page_of(protected)
    typed = {"make": "1", "passphrase": "wrong horse 4711", "formats": ["json"]}
    assert [Client().post(path, typed).status_code for _ in range(3)] == [409, 409, 429]


def test_who_it_went_to_is_taken_out_with_the_rest_of_what_was_said(export):
    handed_over(export)

    pseudonymise(export.request, timezone.now())
    transfer = Transfer.objects.get()
    assert (transfer.receiver, transfer.member, transfer.link_id) == ("removed", "", None)
