"""What may be about others is seen in the console: in words, one after the other, and withheld all at once."""

from __future__ import annotations

import pytest

from requests_app import sources
from requests_app.models import DataSource, Redaction, SourceSearch
from tests.requests_app.admin.console import signed_in, url, words
from tests.requests_app.portal import BOB, collected
from tests.requests_app.test_review_marks import MAP, OTHERS, a_household

pytestmark = pytest.mark.django_db


@pytest.fixture
def search(tmp_path):
    notes = [f"Nothing {number}" for number in range(60)] + [f"ask {BOB}"]
    sources.save(DataSource(slug="shop", label="Web shop"), a_household(tmp_path, notes), MAP, None)
    return SourceSearch.objects.get(request=collected())


def path_of(search, act="records", collection="orders"):
    return url(f"requests.{act}", search.request_id, search.pk, collection)


def test_marked_values_and_records_are_shown_with_the_reason_in_words(search):
    response = signed_in("Reviewer").get(path_of(search))
    text, html = words(response), response.content.decode()
    assert "2 values with somebody else's e-mail address" in text
    assert "1 record that is reached only through something several people share" in text
    assert f"has somebody else's e-mail address gift for {BOB}" in text
    assert html.count('<td class="marked">') == 2
    assert html.count('<tr class="marked" id="record-3">') == html.count("<tr class=") == 1


def test_fields_the_map_calls_about_others_are_told_beside_the_marks(search):
    text = words(signed_in("Reviewer").get(path_of(search, collection="customers")))
    assert "Left out as a whole, as the data map says: referrer." in text


def test_a_collection_without_marks_says_nothing_about_them(search):
    text = words(signed_in("Reviewer").get(path_of(search, collection="households")))
    assert "May be about others" not in text


def test_the_reviewer_goes_from_mark_to_mark_over_all_pages(search):
    client, places, after = signed_in("Reviewer"), [], "0"
    for _ in range(4):
        address = client.get(path_of(search, "next_marked") + f"?after={after}")["Location"]
        places.append(address.rpartition("/")[2])
        after = address.rpartition("-")[2]
    assert places == ["?page=1#record-1", "?page=1#record-3", "?page=2#record-64", "?page=1#record-1"]
    assert "That was the last; this is the first." in client.get(path_of(search)).content.decode()


@pytest.mark.parametrize("after", ["", "x", "-1", "9" * 30, "99999"])
def test_an_odd_place_leads_to_the_first_mark(search, after):
    response = signed_in("Reviewer").get(path_of(search, "next_marked") + f"?after={after}")
    assert response["Location"].endswith("?page=1#record-1")


def test_where_nothing_is_marked_the_way_leads_to_the_collection(search):
    response = signed_in("Reviewer").get(path_of(search, "next_marked", "households"))
    assert response["Location"] == path_of(search, collection="households")
    assert signed_in("Manager").get(path_of(search, "next_marked", "nonsense")).status_code == 404


def test_everything_marked_is_withheld_on_one_ground_and_given_back(search):
    client = signed_in("Reviewer")
    asked = client.get(path_of(search, "withhold_marked"))
    assert "2 values with somebody else's e-mail address" in words(asked)
    assert f'value="{OTHERS}"' in asked.content.decode()
    client.post(path_of(search, "withhold_marked"), {"ground": OTHERS})
    assert Redaction.objects.count() == 3
    text = words(client.get(path_of(search)))
    assert f"Give all 3 back: {OTHERS}" in text
    client.post(path_of(search, "give_back"), {"ground": OTHERS})
    assert not Redaction.objects.exists()
    assert "Given back: 3 things." in words(client.get(path_of(search)))


def test_without_a_ground_nothing_is_withheld(search):
    response = signed_in("Reviewer").post(path_of(search, "withhold_marked"), {"ground": " "})
    assert "Please give the ground" in words(response)
    assert not Redaction.objects.exists()


def test_a_long_list_of_what_is_withheld_is_cut_and_says_so(search):
    for ordinal in range(25):
        search.redactions.create(segment=search.segment, collection="orders", ordinal=ordinal, ground="Others")
    text = words(signed_in("Reviewer").get(path_of(search)))
    assert "… and 5 more, marked in the records." in text
    assert text.count("Give it back") == 20


def test_the_request_tells_where_something_is_marked(search):
    text = words(signed_in("Reviewer").get(url("requests.change", search.request_id)))
    assert "6 things that may be about others are marked" in text
    assert "orders 64 4 marked" in text


def test_who_only_looks_on_is_offered_no_withholding(search):
    response = signed_in("Viewer").get(path_of(search, "withhold_marked"))
    assert response.status_code == 403
