from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from requests_app.models import AuditEntry, Redaction, SourceSearch
from tests.requests_app.admin.console import signed_in, url, words
from tests.requests_app.portal import ANN, MARKER, a_shop, a_source, collected, released

pytestmark = pytest.mark.django_db


@pytest.fixture
def search(tmp_path):
    a_source(tmp_path)
    return SourceSearch.objects.get(request=collected())


def path_of(search, collection="orders"):
    return url("requests.records", search.request_id, search.pk, collection)


def withhold_path(search, collection="orders"):
    return url("requests.withhold", search.request_id, search.pk, collection)


def test_the_records_found_are_shown_and_looking_is_on_record(search):
    text = words(signed_in("Reviewer").get(path_of(search)))
    assert "Lamp" in text
    assert MARKER in text
    assert "Desk" not in text
    entry = AuditEntry.objects.get(action="records.viewed")
    assert entry.details["rows"] == 2
    assert MARKER not in str(entry.details)


def test_a_field_about_others_is_marked_and_cannot_be_given_or_withheld_again(search):
    response = signed_in("Reviewer").get(path_of(search, "customers"))
    assert "referrer about others; left out" in words(response)
    assert "?field=city" in response.content.decode()
    assert "?field=referrer" not in response.content.decode()


def test_an_unknown_collection_is_not_found(search):
    assert signed_in("Reviewer").get(path_of(search, "nothing/of this ?")).status_code == 404


@pytest.mark.parametrize("page", ["0", "-1", "x", "2", "99999999999", "9" * 30])
def test_a_page_that_is_not_there_is_empty_or_the_first(search, page):
    assert signed_in("Reviewer").get(path_of(search) + f"?page={page}").status_code == 200


def test_records_are_paged(tmp_path):
    address = a_shop(tmp_path)
    with closing(sqlite3.connect(tmp_path / "shop.sqlite3")) as database, database:
        orders = [(number, 1, f"Product {number}") for number in range(100, 220)]
        database.executemany("INSERT INTO orders VALUES (?, ?, ?)", orders)
    a_source(tmp_path, url=address)
    search = SourceSearch.objects.get(request=collected())
    client = signed_in("Reviewer")
    first, last = (words(client.get(path_of(search) + f"?page={page}")) for page in (1, 3))
    assert "122 records of Ann Example" in first
    assert "Page 1 of 3 Next page" in first
    assert "Page 3 of 3 Previous page" in last
    assert last.count("Product") == 22


def test_hostile_values_stay_text(tmp_path):
    address = a_shop(tmp_path)
    hostile = "<script>alert(1)</script>\"'{{ 7|add:7 }}\u202e\x1b"
    with closing(sqlite3.connect(tmp_path / "shop.sqlite3")) as database, database:
        database.execute("UPDATE orders SET product = ? WHERE id = 1", (hostile,))
        database.execute("UPDATE orders SET product = ? WHERE id = 2", ("long " * 1000 + "END",))
    a_source(tmp_path, url=address)
    search = SourceSearch.objects.get(request=collected())
    response = signed_in("Reviewer").get(path_of(search))
    assert "<script>alert" not in response.content.decode()
    assert hostile in words(response)
    assert "END" in words(response)


def test_a_field_is_withheld_with_its_ground_and_given_back(search):
    client = signed_in("Reviewer")
    assert "Withhold from Orders" in words(client.get(withhold_path(search) + "?field=product"), "h1")
    client.post(withhold_path(search), {"field": "product", "record": "", "ground": "Trade secret"})
    redaction = Redaction.objects.get()
    assert (redaction.field, redaction.ordinal, redaction.ground) == ("product", None, "Trade secret")
    text = words(client.get(path_of(search)))
    assert "product of every record Trade secret" in text
    client.post(url("requests.undo", search.request_id, redaction.pk))
    assert not Redaction.objects.exists()
    assert "Withheld from the answer" not in words(client.get(path_of(search)))


def test_one_record_is_withheld_and_marked(search):
    client = signed_in("Reviewer")
    client.post(withhold_path(search), {"record": "2", "field": "", "ground": "About somebody else"})
    redaction = Redaction.objects.get()
    assert (redaction.field, redaction.ordinal) == ("", 1)
    response = client.get(path_of(search))
    assert response.content.decode().count('<tr class="withheld" id="record-2">') == 1
    assert "record 2 About somebody else" in words(response)


def test_one_value_is_withheld_and_marked(search):
    client = signed_in("Reviewer")
    client.post(withhold_path(search), {"record": "1", "field": "product", "ground": "About somebody else"})
    response = client.get(path_of(search))
    assert response.content.decode().count('<td class="withheld">') == 1
    assert "product of record 1" in words(response)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"record": "1", "field": "product", "ground": " "}, "Please give the ground"),
        ({"record": "", "field": "", "ground": "Others"}, "Please name a field or a record"),
    ],
)
def test_a_faulty_form_says_what_is_missing_and_keeps_what_was_typed(search, typed, said):
    response = signed_in("Reviewer").post(withhold_path(search), typed)
    assert said in words(response)
    text = response.content.decode()
    assert f'name="record" value="{typed["record"]}"' in text
    assert f'name="ground" value="{typed["ground"]}"' in text
    assert not Redaction.objects.exists()


@pytest.mark.parametrize("typed", [{"field": "nonsense"}, {"record": "3"}, {"record": "0"}, {"record": "x"}])
def test_what_is_not_there_cannot_be_withheld(search, typed):
    response = signed_in("Reviewer").post(withhold_path(search), typed | {"ground": "Others"})
    assert response.status_code == 404
    assert not Redaction.objects.exists()


def test_after_the_release_nothing_can_be_withheld(tmp_path):
    a_source(tmp_path)
    export = released()
    search = SourceSearch.objects.get()
    client = signed_in("Reviewer")
    assert "Withhold" not in words(client.get(path_of(search)))
    response = client.post(withhold_path(search), {"field": "product", "ground": "Too late"})
    assert "not under review" in words(response)
    assert not Redaction.objects.exists()
    assert export.request_id == search.request_id


def test_records_that_were_deleted_lead_back_with_a_word(search):
    SourceSearch.objects.update(segment="")
    response = signed_in("Reviewer").get(path_of(search), follow=True)
    assert "There are no records to look at" in words(response)


def test_the_summary_before_the_release_tells_what_is_withheld(search):
    client = signed_in("Reviewer")
    client.post(withhold_path(search), {"field": "product", "ground": "Trade secret"})
    text = words(client.get(url("requests.change", search.request_id)))
    assert "Web shop : 3 records, without 1 thing you withhold" in text
    assert ANN in text
