from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from requests_app.models import KeptRows, OutboxMail, Right, SourceSearch, Status
from tests.requests_app.admin.console import references, signed_in, url, with_a_failed_source, words
from tests.requests_app.changing.shops import a_shop, an_erasure, approved, erased, exhausted, run, worked
from tests.requests_app.portal import a_request, a_source, collected, staff

pytestmark = pytest.mark.django_db


def tiles(response):
    found = re.findall(r'href="([^"]+)"><strong>(\d+)</strong> <span>([^<]+)<', response.content.decode())
    return {label: (int(count), href.replace("&amp;", "&")) for href, count, label in found}


def test_every_number_leads_to_the_list_of_what_it_counts(tmp_path):
    today = timezone.localdate()
    for days in (-3, -1, 0, 4, 20):
        a_request(due_on=today + timedelta(days=days), right=Right.ERASURE)
    a_request(Status.SUBMITTED, due_on=today, right=Right.ERASURE)
    a_source(tmp_path)
    collected()
    client = signed_in("Viewer")
    counted = tiles(client.get("/console/"))
    assert {label: count for label, (count, _) in counted.items()} == {
        "Waiting for review": 1,
        "At work": 6,
        "Due within 5 days": 2,
        "Overdue": 2,
        "With failed work": 0,
    }
    for label, (count, address) in counted.items():
        assert len(references(client.get(address))) == count, label


def test_failed_work_is_listed_with_its_reason_and_tried_again(tmp_path):
    request = with_a_failed_source(tmp_path)
    client = signed_in("Processor")
    page = client.get("/console/")
    search = SourceSearch.objects.get()
    assert f"Searching Web shop for {request.reference}" in words(page).replace(" ,", ",")
    assert search.last_error in words(page)
    assert tiles(page)["With failed work"][0] == 1
    client.post(url("requests.retry_search", request.pk, search.pk))
    assert "Nothing has failed." in words(client.get("/console/"))


def test_a_change_that_failed_is_listed_and_tried_again(sqlite_url):
    client = signed_in("Processor")
    a_shop(sqlite_url)
    (change,) = approved(an_erasure())
    run(sqlite_url, "CREATE TRIGGER no BEFORE DELETE ON carts BEGIN SELECT RAISE(ABORT, 'no'); END")
    failed = exhausted(change)
    page = client.get("/console/")
    assert f"Erasing from Shop for {change.request.reference}" in words(page)
    assert failed.last_error in words(page)
    assert tiles(page)["With failed work"][0] == 1
    client.post(url("requests.retry_source_change", change.request_id, change.pk))
    assert "Nothing has failed." in words(client.get("/console/"))
    run(sqlite_url, "DROP TRIGGER no")
    assert worked(change).is_proven


@pytest.mark.parametrize("is_request_gone", [False, True])
def test_kept_rows_that_cannot_be_erased_are_listed_and_tried_again(sqlite_url, is_request_gone):
    client = signed_in("Processor")
    a_shop(sqlite_url)
    erased(an_erasure())
    KeptRows.objects.update(state="failed", last_error="The source is not there.")
    if is_request_gone:
        KeptRows.objects.update(request=None)
    kept = KeptRows.objects.get()
    page = client.get("/console/")
    assert "Erasing kept orders from Shop" in words(page)
    assert "The source is not there." in words(page)
    assert tiles(page)["With failed work"][0] == (not is_request_gone)
    client.post(url("requests.retry_kept_rows", kept.pk))
    assert KeptRows.objects.get().is_open
    assert "Nothing has failed." in words(client.get("/console/"))
    KeptRows.objects.update(standing=1, last_error="referenced by parts.order_id")
    assert "referenced by parts.order_id" in words(client.get("/console/"))


def test_a_mail_that_came_back_is_failed_work():
    request = a_request()
    mail = OutboxMail.objects.create(request=request, template="ready", state="done", delivery="bounced")
    text = words(signed_in("Processor").get("/console/"))
    assert f"Mail “ready” for {request.reference}" in text
    assert "The mail provider reports: returned." in text
    assert mail.delivery == "bounced"


def test_who_only_looks_is_offered_nothing_to_do(tmp_path):
    with_a_failed_source(tmp_path)
    page = signed_in("Viewer").get("/console/")
    assert "Searching Web shop" in words(page)
    assert "Try again" not in words(page)


def test_an_empty_portal_says_so():
    text = words(signed_in("Viewer").get("/console/"))
    assert "Nobody is waiting for an answer." in text
    assert "Nothing has failed." in text


def test_somebody_without_a_role_is_told_what_to_do():
    client = Client()
    client.force_login(staff("newcomer", is_superuser=False))
    page = client.get("/console/")
    assert "You have no role yet." in words(page)
    assert tiles(page) == {}


def test_the_navigation_names_only_what_may_be_opened():
    def sections(role):
        inside = signed_in(role).get("/console/").content.decode().split('class="sections"', 1)[1].split("</nav>")[0]
        return re.findall(r">([A-Z][a-z ]+)</a>", inside)

    assert sections("Viewer") == ["Overview", "Requests", "Calendar", "Sources", "Register", "Audit trail"]
    assert sections("Manager") == ["Overview", "Requests", "Calendar", "Sources", "Register", "Audit trail", "Settings"]


def test_the_page_of_settings_names_only_what_may_be_set_up():
    assert signed_in("Viewer").get("/console/settings/").status_code == 403
    page = signed_in("Manager").get("/console/settings/")
    assert {"Team", "Letters", "Laws"} <= set(re.findall(r">([A-Z][A-Za-z ]+)</a></h2>", page.content.decode()))
