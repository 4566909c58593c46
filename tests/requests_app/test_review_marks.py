"""What is marked as perhaps being about others reaches the reviewer, who withholds it and gives it back."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

from extractors.batches import Concern
from requests_app import review, sources, tasks
from requests_app.audit import Actor
from requests_app.models import (
    AuditEntry,
    DataSource,
    Redaction,
    Refusal,
    SourceSearch,
)
from requests_app.review import NotReady
from tests.requests_app.portal import (
    ANN,
    BOB,
    a_colleague,
    a_refusal,
    collected,
    downloaded,
    released,
    send_mails,
    staff,
    token_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]

OTHERS = "Rights of others (GDPR Art. 15(4))"
MAP = """
version: 1
source: shop
label: Web shop
collections:
  households:
    links: [{column: id, to: customers.household_id}]
  customers:
    identifiers: {email: email}
    fields: {referrer: {third_party: true}}
    links: [{column: household_id, to: households.id}]
  orders:
    links: [{column: customer_id, to: customers.id}]
    order_by: id
"""


def a_household(folder, notes=()):
    """Ann lives with Bob; notes are those of her orders. Gives the URL."""
    path = folder / "shop.sqlite3"
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(
            f"""
            CREATE TABLE households (id INTEGER PRIMARY KEY, street TEXT);
            CREATE TABLE customers (id INTEGER PRIMARY KEY, household_id INT, email TEXT, referrer TEXT);
            CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, note TEXT);
            INSERT INTO households VALUES (1, 'Lane 1');
            INSERT INTO customers VALUES (1, 1, '{ANN}', 'carl@example.test'), (2, 1, '{BOB}', NULL);
            INSERT INTO orders VALUES (1, 1, 'gift for {BOB}'), (2, 1, 'for {ANN}'), (3, 2, 'call +49 30 901820');
            """
        )
        database.executemany("INSERT INTO orders VALUES (?, 1, ?)", enumerate(notes, 10))
    return f"sqlite:///{path}"


@pytest.fixture
def actor():
    return Actor.staff(staff())


@pytest.fixture
def search(tmp_path):
    sources.save(DataSource(slug="shop", label="Web shop"), a_household(tmp_path), MAP, None)
    return SourceSearch.objects.get(request=collected())


def withheld():
    return set(Redaction.objects.values_list("collection", "ordinal", "field"))


def test_a_page_says_what_on_it_is_marked_and_how_much_there_is_in_all(search, actor):
    page = review.records(search, "orders", 0, 2, actor=actor)
    assert page.marks == {(0, "note"): (Concern.EMAIL,)}
    assert page.marked == {"email": 1, "shared": 1, "phone": 1}
    page = review.records(search, "orders", 1, 9, actor=actor)
    assert page.marks == {(1, ""): (Concern.SHARED,), (1, "note"): (Concern.PHONE,)}
    assert review.records(search, "households", 0, 9, actor=actor).marked == {}


def test_the_search_keeps_how_much_is_marked_in_each_collection(search):
    assert search.marks == {"customers": 2, "orders": 3}


def test_the_next_marked_record_is_found_from_any_place(search):
    assert [review.next_marked(search, "orders", first) for first in (0, 1, 2, 3)] == [0, 2, 2, None]
    assert review.next_marked(search, "households", 0) is None


def test_all_marked_is_withheld_records_whole_and_values_alone(search, actor):
    assert review.redact_marked(search, "orders", ground=OTHERS, actor=actor) == 2
    assert withheld() == {("orders", 0, "note"), ("orders", 2, "")}
    assert set(Redaction.objects.values_list("ground", "created_by")) == {(OTHERS, actor.user_id)}
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.details) == ("redactions.made", {"collection": "orders", "count": 2})


def test_what_is_withheld_already_keeps_its_own_ground(search, actor):
    review.redact(search, "orders", ordinal=0, field="note", ground="Trade secret", actor=actor)
    review.redact(search, "customers", field="email", ground="Trade secret", actor=actor)
    assert review.redact_marked(search, "orders", ground=OTHERS, actor=actor) == 1
    assert review.redact_marked(search, "customers", ground=OTHERS, actor=actor) == 1
    assert withheld() == {("orders", 0, "note"), ("orders", 2, ""), ("customers", None, "email"), ("customers", 1, "")}
    with pytest.raises(NotReady, match="already"):
        review.redact_marked(search, "orders", ground=OTHERS, actor=actor)


@pytest.mark.parametrize(
    ("collection", "ground", "said"),
    [("orders", " ", "ground"), ("households", OTHERS, "nothing is marked"), ("nothing", OTHERS, "nothing is marked")],
)
def test_withholding_what_is_marked_is_refused_with_a_reason(search, actor, collection, ground, said):
    with pytest.raises(NotReady, match=said):
        review.redact_marked(search, collection, ground=ground, actor=actor)
    assert not Redaction.objects.exists()


def test_more_than_a_reviewer_can_oversee_is_not_withheld_one_by_one(search, actor, monkeypatch):
    monkeypatch.setattr(review, "MOST_AT_ONCE", 2)
    with pytest.raises(NotReady, match="whole fields"):
        review.redact_marked(search, "orders", ground=OTHERS, actor=actor)


def test_after_the_release_nothing_marked_can_be_withheld_or_given_back(tmp_path):
    sources.save(DataSource(slug="shop", label="Web shop"), a_household(tmp_path), MAP, None)
    reviewer = Actor.staff(staff("other"))
    search = SourceSearch.objects.get(request=released().request)
    for act in (review.redact_marked, review.undo_all):
        with pytest.raises(NotReady, match="not under review"):
            act(search, "orders", ground=OTHERS, actor=reviewer)


def test_everything_of_one_ground_is_given_back_and_nothing_else(search, actor):
    review.redact_marked(search, "orders", ground=OTHERS, actor=actor)
    review.redact_marked(search, "customers", ground=OTHERS, actor=actor)
    review.redact(search, "orders", ordinal=1, ground="Trade secret", actor=actor)
    assert review.undo_all(search, "orders", ground=OTHERS, actor=actor) == 2
    assert withheld() == {("orders", 1, ""), ("customers", 1, "")}
    assert AuditEntry.objects.latest("pk").action == "redactions.undone"
    with pytest.raises(NotReady, match="Nothing is withheld"):
        review.undo_all(search, "orders", ground=OTHERS, actor=actor)


def test_the_answer_has_nothing_of_what_was_marked_and_withheld(search, actor):
    for collection in ("customers", "orders"):
        review.redact_marked(search, collection, ground=OTHERS, actor=a_colleague())
    a_refusal(search.request, Refusal.Extent.PART)
    export = review.release(search.request_id, actor=actor, formats=("json",))
    tasks.render_export(export.pk)
    answer = json.loads(downloaded(token_in(send_mails()[-1], "d")).read("json/export.json"))
    found = answer["data_sources"]["shop"]["collections"]
    assert [row["email"] for row in found["customers"]["records"]] == [ANN]
    assert [row["note"] for row in found["orders"]["records"]] == [None, f"for {ANN}"]
    assert BOB not in json.dumps(answer)


def test_many_marks_are_withheld_in_a_moment(tmp_path, actor):
    url = a_household(tmp_path, [f"ask b{number}@example.test" for number in range(3_000)])
    sources.save(DataSource(slug="shop", label="Web shop"), url, MAP, None)
    search = SourceSearch.objects.get(request=collected())
    assert review.redact_marked(search, "orders", ground=OTHERS, actor=actor) == 3_002
    assert Redaction.objects.filter(ordinal=3_002, field="note").exists()
