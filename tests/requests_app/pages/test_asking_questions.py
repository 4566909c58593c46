"""What the rights ask beside name and mailbox, from the form to the pages that show it."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from requests_app import links, rights
from requests_app.models import Right, SecureLink, SubjectRequest
from requests_app.retention.clearing import clear_messages
from tests.requests_app.pages.words import TYPED, text_of
from tests.requests_app.portal import confirmed, staff, submitted

pytestmark = pytest.mark.django_db
CONFIRM, STATUS = SecureLink.Purpose.CONFIRM, SecureLink.Purpose.STATUS
GROUND = {"right": "erasure", "erasure_ground": "withdrawn"}
VIEW = "My salary was <b>overlooked</b>.\nAsk my bank."


def link_to(request, purpose) -> str:
    return links.mint(request, purpose, lifetime=timedelta(days=1))


def test_the_form_asks_every_question_of_every_right(client):
    page = client.get("/")
    words = html.unescape(text_of(page))
    for right, rules in rights.all_rights().items():
        for question in rules.questions:
            assert question.label in words
            assert f'name="{right}_{question.name}"' in page.content.decode()
            assert [choice.label for choice in question.choices if choice.label not in words] == []


def test_what_is_assumed_is_chosen_from_the_start(client):
    page = client.get("/").content.decode()
    chosen = re.findall(r'<input type="radio" name="(\w+_\w+)" value="(\w+)"[^>]*\bchecked\b', page)
    assert {("erasure_ground", "unsaid"), ("objection_scope", "marketing")} <= set(chosen)
    assert "restriction_ground" not in dict(chosen)


def test_answers_are_kept_with_the_request_under_their_plain_names(client):
    assert client.post("/", TYPED | GROUND).status_code == 302
    assert SubjectRequest.objects.get().particulars == {"ground": "withdrawn"}


def test_answers_to_what_another_right_asks_count_for_nothing(client):
    typed = TYPED | GROUND | {"objection_scope": "all", "restriction_ground": "no such", "ground": "child"}
    typed["automated_decision_view"] = "x" * 3000
    assert client.post("/", typed).status_code == 302
    assert SubjectRequest.objects.get().particulars == {"ground": "withdrawn"}


def test_whoever_answers_nothing_is_taken_to_mean_what_was_chosen_from_the_start(client):
    client.post("/", TYPED | {"right": "objection"})
    assert SubjectRequest.objects.get().particulars == {"scope": "marketing"}


@pytest.mark.parametrize(
    ("right", "field", "value"),
    [
        ("erasure", "erasure_ground", "because"),
        ("objection", "objection_scope", "everything"),
        ("automated_decision", "automated_decision_view", "x" * 2001),
    ],
)
def test_a_wrong_answer_is_named_and_nothing_typed_is_lost(client, right, field, value):
    typed = TYPED | {"right": right, field: value, "automated_decision_decision": "The loan of May"}
    page = client.post("/", typed)
    assert page.status_code == 400
    assert not SubjectRequest.objects.exists()
    content = page.content.decode()
    assert f'id="id_{field}_error"' in content
    assert f'href="#id_{field}' in content.split('role="alert"')[1]
    question = rights.find(right).question(field.removeprefix(f"{right}_"))
    assert question.label in html.unescape(content.split('role="alert"')[1].split("</div>")[0])
    assert "The loan of May" in content


def test_the_person_reads_their_answers_before_they_confirm_and_afterwards(client):
    client.post("/", TYPED | {"right": "automated_decision", "automated_decision_view": VIEW})
    request = SubjectRequest.objects.get()
    before = client.get(f"/c/{link_to(request, CONFIRM)}")
    assert "What is your view of it?" in text_of(before)
    assert "My salary was &lt;b&gt;overlooked&lt;/b&gt;.<br>Ask my bank." in before.content.decode()
    client.post(f"/c/{link_to(request, CONFIRM)}")
    assert "Ask my bank." in text_of(client.get(f"/r/{link_to(request, STATUS)}"))


def test_answers_that_somebody_typed_meanwhile_are_read_before_they_are_confirmed(client):
    client.post("/", TYPED | GROUND)
    path = f"/c/{link_to(SubjectRequest.objects.get(), CONFIRM)}"
    (seen,) = re.findall(r'name="seen" value="([0-9a-f]{64})"', client.get(path).content.decode())
    client.post("/", TYPED | GROUND | {"erasure_ground": "child"})
    page = client.post(path, {"seen": seen})
    assert page.status_code == 409
    assert "It was collected when I was a child" in text_of(page)
    assert SubjectRequest.objects.get().verified_at is None


def test_the_team_reads_the_answers_on_the_page_of_the_request(client):
    request = confirmed(right=Right.AUTOMATED_DECISION, particulars={"decision": "The loan", "view": VIEW})
    client.force_login(staff())
    words = text_of(client.get(f"/console/requests_app/subjectrequest/{request.pk}/change/"))
    assert "In the person’s words" in words
    assert "Which decision do you mean? The loan" in words


def test_retention_takes_out_the_answers_with_what_else_was_said():
    request = submitted(right=Right.ERASURE, particulars={"ground": "child"})
    clear_messages(request, timezone.now())
    request.refresh_from_db()
    assert request.particulars == {}
