from __future__ import annotations

import re

import pytest

from requests_app import audit, passphrases, tasks
from requests_app.admin.failed_work import failed_exports
from requests_app.models import AuditEntry, Export, Leased, OutboxMail, Right, Status, SubjectRequest
from requests_app.rendering import further
from tests.requests_app.admin.console import signed_in, url
from tests.requests_app.portal import a_request, a_source, acts, collected, released, send_mails

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("storage_folder"),
    # What WinZip's format prescribes.
    pytest.mark.filterwarnings("ignore:PBKDF2 without:DeprecationWarning"),
]


def suggested_in(page) -> str:
    (value,) = re.findall(r'name="passphrase" value="([^"]+)"', page.content.decode())
    return value


def test_the_team_sets_what_is_suggested_and_it_is_shown_once(tmp_path):
    a_source(tmp_path)
    request, client = collected(), signed_in("Processor")
    page = client.get(url("requests.passphrase", request.pk))
    passphrase = suggested_in(page)
    assert "no-store" in page.headers["Cache-Control"]
    assert "by telephone or letter, never by mail" in page.content.decode()
    assert suggested_in(client.get(url("requests.passphrase", request.pk))) != passphrase
    done = client.post(url("requests.passphrase", request.pk), {"passphrase": passphrase}, follow=True)
    assert "The passphrase is set." in done.content.decode()
    assert passphrase not in done.content.decode()
    assert passphrase not in client.get(url("requests.passphrase", request.pk)).content.decode()
    assert passphrases.passphrase_of(SubjectRequest.objects.get()) == passphrase
    entry = AuditEntry.objects.get(action="passphrase.set")
    assert (entry.actor_kind, entry.details) == ("staff", {})
    assert passphrase not in str(list(AuditEntry.objects.values()))


def test_files_that_were_given_are_made_again_with_it(tmp_path):
    a_source(tmp_path)
    export, client = released(), signed_in("Manager")
    client.post(url("requests.passphrase", export.request_id), {"passphrase": "Correct horse 4711"})
    tasks.render_export(Export.objects.latest("pk").pk)
    again = Export.objects.latest("pk")
    assert (again.state, again.is_protected, again.formats) == (Leased.State.DONE, True, ["csv", "json"])
    assert acts(export.request_id)[-4:] == ["passphrase.set", "files.ordered", "export.ready", "export.replaced"]
    assert OutboxMail.objects.filter(template="ready", export=again).exists()
    assert not [mail for mail in send_mails() if "Correct horse" in mail.message().as_string()]
    page = client.get(url("requests.change", export.request_id)).content.decode()
    for said in ("protected by a passphrase", "A passphrase is set", again.sha256, "json/export.json"):
        assert said in page


@pytest.mark.parametrize(("text", "said"), [("short", "12 to 64"), ("ann@example.test", "leave out"), ("", "required")])
def test_a_weak_one_is_refused(tmp_path, text, said):
    a_source(tmp_path)
    request = collected()
    page = signed_in("Processor").post(url("requests.passphrase", request.pk), {"passphrase": text})
    assert page.status_code == 400
    assert said in page.content.decode()
    assert SubjectRequest.objects.get().passphrase == ""


def test_where_there_are_no_files_the_team_is_told():
    request, client = a_request(Status.IN_PROGRESS, right=Right.ERASURE), signed_in("Processor")
    assert "passphrase" not in client.get(url("requests.change", request.pk)).content.decode()
    assert "no files of this request" in client.get(url("requests.passphrase", request.pk)).content.decode()
    page = client.post(url("requests.passphrase", request.pk), {"passphrase": "Correct horse 4711"}, follow=True)
    assert "There are no files to protect" in page.content.decode()
    assert SubjectRequest.objects.get().passphrase == ""


def test_whoever_only_looks_is_not_offered_it(tmp_path):
    a_source(tmp_path)
    request = collected()
    assert "Set a passphrase" not in signed_in("Viewer").get(url("requests.change", request.pk)).content.decode()
    assert "Set a passphrase" in signed_in("Processor").get(url("requests.change", request.pk)).content.decode()


def test_the_release_offers_the_formats_by_name_those_asked_for_chosen(tmp_path):
    a_source(tmp_path)
    request = collected()
    SubjectRequest.objects.update(formats=["xlsx"])
    html = signed_in("Reviewer").get(url("requests.change", request.pk)).content.decode()
    boxes = dict(re.findall(r'name="formats" value="(\w+)"( checked)?', html))
    assert [slug for slug, is_chosen in boxes.items() if is_chosen] == ["xlsx"]
    assert "Workbook (XLSX) <span" in html
    assert "asked for" in html


def test_further_files_that_could_not_be_made_are_listed_until_others_are(tmp_path):
    a_source(tmp_path)
    export, client = released(), signed_in("Manager")
    failed = further.order(export.request, ["xml"], actor=audit.SUBJECT)
    assert not failed_exports().exists()
    Export.objects.filter(pk=failed.pk).update(state=Leased.State.FAILED, last_error="The disk is full.")
    assert list(failed_exports()) == [failed]
    assert "The disk is full." in client.get("/console/").content.decode()
    client.post(url("requests.retry_export", export.request_id, failed.pk))
    tasks.render_export(failed.pk)
    assert Export.objects.get(pk=failed.pk).state == Leased.State.DONE
    again = further.order(export.request, ["xml"], actor=audit.SUBJECT)
    Export.objects.filter(pk=failed.pk).update(state=Leased.State.FAILED)
    assert not failed_exports().exists()
    assert again.is_open
