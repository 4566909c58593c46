"""Lists of requests in the console."""

from __future__ import annotations

import csv

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from requests_app import tasks
from requests_app.models import RequestImport, SubjectRequest
from tests.requests_app.admin.console import signed_in, words
from tests.requests_app.importing.lists_of import HEADINGS, a_line, handed_in, states
from tests.requests_app.portal import acts

pytestmark = pytest.mark.django_db


def address(name: str, *arguments: object) -> str:
    return reverse(f"admin:requests_app_requestimport_{name}", args=arguments)


def posted_list(client, text: str, name: str = "backlog.csv"):
    return client.post(address("add"), {"file": SimpleUploadedFile(name, text.encode())})


def the_run() -> RequestImport:
    return RequestImport.objects.latest("pk")


@pytest.fixture
def client():
    return signed_in("Processor")


def test_a_list_goes_from_its_file_to_its_requests(client):
    response = posted_list(client, "\n".join([HEADINGS, a_line(1), a_line(2, name="")]))
    assert response.url == address("change", the_run().pk)
    assert "being checked" in words(client.get(response.url))
    tasks.import_requests(the_run().pk)
    page = words(client.get(response.url))
    assert "Take in 1 request" in page
    assert "Write to 1 person" in page
    assert "Name: is empty." in page
    client.post(address("take_in", the_run().pk), {"mails": "1"})
    tasks.import_requests(the_run().pk)
    page = words(client.get(response.url))
    assert "The list is taken in" in page
    assert SubjectRequest.objects.get().reference in page


def test_a_list_whose_columns_are_not_known_leads_to_the_page_that_asks(client):
    response = posted_list(client, "When;What;Who;Where\n2026-03-02;access;Ann Example;ann@example.test\n")
    assert response.url == address("columns", the_run().pk)
    page = words(client.get(response.url))
    assert "Column 1" in page
    assert "ann@example.test" in page
    said = {"column_0": "received", "column_2": "name", "column_3": "email", "proof": "checks", "has_headings": "1"}
    wrong = client.post(response.url, said)
    assert wrong.status_code == 400
    assert "Right: please say which column it is." in words(wrong)
    assert client.post(response.url, said | {"column_1": "right"}).url == address("change", the_run().pk)
    tasks.import_requests(the_run().pk)
    assert states(the_run()) == ["ready"]
    kept = client.get(address("columns", the_run().pk)).content.decode()
    assert kept.count("selected") >= 4


def test_showing_it_in_other_letters_changes_nothing(client):
    run = handed_in([a_line(1, name="Şükrü Yıldız")], encoding="cp1254")
    said = {"look": "1", "encoding": "cp1254", "proof": "checks", "has_headings": "1"}
    assert "Şükrü" in words(client.post(address("columns", run.pk), said))
    before = RequestImport.objects.filter(pk=run.pk).values_list("attempt", "options")
    assert list(before) == [(1, run.options)]


@pytest.mark.parametrize("name", ["backlog.xlsx", "backlog.XLS", "backlog.ods"])
def test_a_workbook_is_refused_with_a_word_on_how_to_save_it(client, name):
    response = posted_list(client, "PK", name)
    assert response.status_code == 400
    assert "save the sheet as CSV" in words(response)
    assert not RequestImport.objects.exists()


@pytest.mark.parametrize("name", ["backlog.tsv", "backlog.txt"])
def test_a_list_of_tabs_may_be_called_as_programs_call_it(client, name):
    posted_list(client, "\n".join([HEADINGS, a_line(1)]).replace(";", "\t"), name)
    tasks.import_requests(the_run().pk)
    assert states(the_run()) == ["ready"]


def test_an_empty_list_is_refused_on_the_page(client):
    assert "The file is empty" in words(posted_list(client, " \n \n"))


def test_the_report_is_narrowed_and_shows_what_has_to_be_mended_first(client):
    run = handed_in([a_line(1), a_line(2, right="?"), a_line(1)])
    rows = words(client.get(address("change", run.pk)), "tbody")
    assert rows.index("Row 2 asks the same") > rows.index("none of the seven")
    assert words(client.get(address("change", run.pk) + "?state=ready"), "tbody") == "2 ready – –"


def test_the_report_is_given_as_a_file_that_runs_nothing(client):
    run = handed_in([a_line(1), a_line(2, name="=cmd()", right="=1+1")])
    response = client.get(address("report", run.pk))
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    assert list(csv.reader(text.splitlines())) == [
        ["Row", "Result", "Problem", "Request"],
        ["2", "ready", "", ""],
        ["3", "faulty", "Right: is none of the seven rights, such as access, erasure or Art. 15.", ""],
    ]
    assert "attachment" in response["Content-Disposition"]
    assert "no-store" in response["Cache-Control"]


def test_the_template_is_a_list_that_can_be_handed_in_as_it_is(client):
    text = client.get(address("template")).content.decode("utf-8-sig")
    posted_list(client, text)
    tasks.import_requests(the_run().pk)
    assert states(the_run()) == ["ready"]


def test_the_live_part_tells_how_far_it_is(client):
    run = handed_in([a_line(1)])
    told = client.get(address("live", run.pk)).json()
    assert (told["is_live"], told["status"]) == (False, "checked")
    RequestImport.objects.filter(pk=run.pk).update(state="running", percent=40, step="Checked up to row 400")
    told = client.get(address("live", run.pk)).json()
    assert (told["is_live"], told["status"]) == (True, "checking")
    assert "40 % · Checked up to row 400" in " ".join(told["html"].split())


def test_a_list_is_thrown_away_and_cannot_be_taken_in_any_more(client):
    run = handed_in([a_line(1)])
    client.post(address("throw_away", run.pk))
    assert "thrown away" in words(client.get(address("change", run.pk)))
    refused = client.post(address("take_in", run.pk), {"mails": "1"}, follow=True)
    assert "This list is thrown away" in words(refused)
    assert "no longer kept" in words(client.get(address("columns", run.pk), follow=True))
    assert "import.wanted" not in acts()


def test_the_lists_are_listed_and_linked_from_the_requests(client):
    run = handed_in([a_line(1)])
    requests = client.get(reverse("admin:requests_app_subjectrequest_changelist"))
    assert address("changelist") in requests.content.decode()
    page = words(client.get(address("changelist")))
    assert f"List {run.pk} backlog.csv checked 1" in page
    viewer = signed_in("Viewer")
    assert viewer.get(address("changelist")).status_code == 403
    assert address("changelist") not in viewer.get(requests.request["PATH_INFO"]).content.decode()


def test_no_list_says_how_to_begin(client):
    assert "No list was handed in yet" in words(client.get(address("changelist")))
