"""Questions are chosen once, compared inside a real source, counted, and offered only where something is held."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from requests_app import identity, sources, tasks
from requests_app.identity import RefusedAnswer, challenge
from requests_app.models import AuditEntry, DataSource, IdentityCheck, Status
from tests.requests_app.identity.asked import answered, asking_for, half_way
from tests.requests_app.portal import ANN, acts, queued, send_mails, token_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]
BOB, NOBODY = "bob@example.test", "nobody@example.test"
HELD = {"born": "5.3.1980", "zip": "1234 ab", "city": "oslo"}
STORED = ("1980-03-05", "1234AB", "Oslo")
MAP = """
version: 1
source: shop
label: Web shop
collections:
  customers:
    identifiers: {email: email}
    fields:
      born: {challenge: true, label: Your day of birth}
      zip: {challenge: true, label: Your postcode}
      password: {secret: true}
  orders:
    links: [{column: customer_id, to: customers.id}]
    fields: {city: {challenge: true, label: The town of an order}}
"""
Kind = IdentityCheck.Kind


@pytest.fixture
def shop(tmp_path) -> DataSource:
    """A shop that holds enough of Ann to ask for, and of Bob just one thing."""
    path = tmp_path / "shop.sqlite3"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(
            f"""
            CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT, born DATE, zip TEXT, password TEXT);
            CREATE INDEX by_email ON customers (lower(email));
            CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, city TEXT);
            INSERT INTO customers VALUES (1, '{ANN}', '{STORED[0]}', '{STORED[1]}', 'x'), (2, '{BOB}', NULL, '99', 'y');
            INSERT INTO orders VALUES (1, 1, '{STORED[2]}'), (2, 1, 'Rome');
            """
        )
    asking_for("mailbox", "challenge")
    return sources.save(DataSource(slug="shop", label="Web shop"), f"sqlite:///{path}", MAP, None)


def prepared(email: str = ANN) -> IdentityCheck:
    """Have somebody with a proven mailbox asked, as the worker does it."""
    request = half_way(email)
    for check in IdentityCheck.objects.filter(request=request, kind=Kind.CHALLENGE):
        tasks.prepare_challenge(check.pk)
    return identity.current(request)


def fields_of(check: IdentityCheck) -> list[str]:
    return [name.partition(".")[2] for name in check.asked]


def right_answers(check: IdentityCheck) -> dict[str, str]:
    return {f"answer-{number}": HELD[name] for number, name in enumerate(fields_of(check))}


def test_right_answers_in_any_usual_spelling_begin_the_work(shop):
    check = prepared()
    answered(check.request, **right_answers(check))
    check.request.refresh_from_db()
    assert check.request.status == Status.IN_PROGRESS
    entry = AuditEntry.objects.get(request_id=check.request_id, action="identity.challenge_prepared")
    assert entry.details == {"source": shop.pk, "questions": 2}


@pytest.mark.parametrize("wrong", [0, 1])
def test_one_wrong_answer_is_as_wrong_as_all_and_says_the_same(shop, wrong):
    check = prepared()
    with pytest.raises(RefusedAnswer) as one:
        answered(check.request, **right_answers(check) | {f"answer-{wrong}": "something"})
    with pytest.raises(RefusedAnswer) as all_:
        answered(check.request, **{"answer-0": "a", "answer-1": "b"})
    assert str(one.value) == str(all_.value)
    assert not identity.is_proven(check.request)


def test_three_attempts_are_all_there_are_even_for_the_right_answer(shop):
    check = prepared()
    for _ in range(3):
        with pytest.raises(RefusedAnswer):
            answered(check.request, **{"answer-0": "a", "answer-1": "b"})
    with pytest.raises(identity.OutOfTurn):
        identity.answer(check.request, check.pk, identity.Given(right_answers(check)))
    check.refresh_from_db()
    assert check.failed_at
    assert acts(check.request_id)[-1] == "identity.exhausted"


def test_the_questions_are_chosen_once_however_often_somebody_comes(shop):
    check = prepared()
    chosen = list(check.asked)
    for _ in range(20):
        tasks.prepare_challenge(check.pk)
    check.refresh_from_db()
    assert check.asked == chosen
    assert acts(check.request_id).count("identity.challenge_prepared") == 1


def test_nothing_is_asked_of_whom_nothing_or_too_little_is_held(shop):
    for email in (NOBODY, BOB):
        check = prepared(email)
        assert check.kind == Kind.TEAM
        assert check.source_id is None


def test_before_the_mailbox_is_proven_no_source_is_looked_at_and_all_is_the_same(shop):
    from tests.requests_app.portal import submitted

    told = []
    for email in (ANN, NOBODY):
        request = submitted(email)
        assert identity.current(request) is None
        told.append((acts(request.pk), [task for _, task, _ in queued() if "challenge" in task]))
    assert told[0] == told[1]
    assert not any(tasks_ for _, tasks_ in told)


def test_until_the_questions_are_chosen_the_page_is_the_same_for_everybody(shop):
    pages = []
    for email in (ANN, NOBODY):
        request = half_way(email)
        page = identity.page_of(identity.current(request))
        pages.append((page.template, page.about))
    assert pages[0] == pages[1] == ("challenge.html", {"questions": [], "left": 3})


def test_who_cannot_answer_is_handed_to_the_team(shop):
    check = prepared()
    with pytest.raises(RefusedAnswer, match="Our team makes sure"):
        answered(check.request, cannot="1")
    assert identity.current(check.request).kind == Kind.TEAM


def test_a_source_that_is_down_costs_no_attempt(shop, tmp_path):
    check = prepared()
    (tmp_path / "shop.sqlite3").rename(tmp_path / "away")
    with pytest.raises(RefusedAnswer, match="does not count"):
        answered(check.request, **right_answers(check))
    check.refresh_from_db()
    assert check.attempts == 0
    (tmp_path / "away").rename(tmp_path / "shop.sqlite3")
    answered(check.request, **right_answers(check))
    assert identity.is_proven(check.request)


def test_a_source_that_is_ill_is_not_asked_again_and_again(shop, tmp_path):
    check = prepared()
    (tmp_path / "shop.sqlite3").rename(tmp_path / "away")
    for _ in range(challenge.MOST_ASKED_AN_HOUR):
        with pytest.raises(RefusedAnswer, match="does not count"):
            answered(check.request, **right_answers(check))
    (tmp_path / "away").rename(tmp_path / "shop.sqlite3")
    with pytest.raises(RefusedAnswer, match="does not count"):
        answered(check.request, **right_answers(check))
    check.refresh_from_db()
    assert (check.attempts, check.passed_at) == (0, None)
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        answered(check.request, **right_answers(check))
    check.refresh_from_db()
    assert check.passed_at


def test_a_source_that_cannot_be_read_leaves_it_to_the_team(shop, tmp_path):
    (tmp_path / "shop.sqlite3").unlink()
    assert prepared().kind == Kind.TEAM


def test_a_lost_task_is_queued_again(shop, monkeypatch):
    request = half_way()
    (pk,) = IdentityCheck.objects.filter(request=request, kind=Kind.CHALLENGE).values_list("pk", flat=True)
    assert list(challenge.overdue()) == []
    monkeypatch.setattr(challenge, "OVERDUE", -challenge.OVERDUE)
    assert list(challenge.overdue()) == [pk]


def test_nobody_can_claim_to_be_right(shop):
    check = prepared()
    for fields in ({"right": "right"}, {"right": "right", "answer-0": "", "answer-1": ""}, {"answer-2": "Oslo"}):
        with pytest.raises(RefusedAnswer):
            answered(check.request, **fields)
    assert not identity.is_proven(check.request)


@pytest.mark.parametrize(
    "text", ["' OR 1=1 --", "x') OR ('1'='1", "%", "\u202e", "\x00", "👻" * 50, "\ud83d"], ids=ascii
)
def test_hostile_answers_are_wrong_answers(shop, text):
    check = prepared()
    with pytest.raises(RefusedAnswer):
        answered(check.request, **{"answer-0": text, "answer-1": text})
    with closing(sqlite3.connect(sources.url_of(shop).removeprefix("sqlite:///"))) as database:
        assert database.execute("SELECT count(*) FROM customers").fetchone() == (2,)


def test_nothing_that_is_held_or_typed_stands_anywhere(shop, caplog):
    check = prepared()
    token = token_in([message for message in send_mails() if "/r/" in message.body][-1], "r")
    page = Client().get(reverse("status", args=[token])).content.decode()
    typed = {"answer-0": "Zanzibar-Marzipan", "answer-1": "5.3.1980"}
    answer = Client().post(reverse("status-identity", args=[token, check.pk]), typed).content.decode()
    kept = json.dumps(list(AuditEntry.objects.values()), default=str) + caplog.text
    kept += json.dumps(list(IdentityCheck.objects.values()), default=str)
    for value in (*STORED, "Rome"):
        assert value not in page
        assert value not in answer
        assert value not in kept
    assert "Zanzibar" not in kept
    assert "Zanzibar" not in answer
    labels = {"born": "Your day of birth", "zip": "Your postcode", "city": "The town of an order"}
    assert [labels[name] in page for name in fields_of(check)] == [True, True]
