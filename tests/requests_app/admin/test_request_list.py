from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from requests_app.admin import base
from requests_app.models import AuditEntry, Leased, Right, SourceSearch, Status
from tests.requests_app.admin.console import references, signed_in, url, with_a_failed_source, words
from tests.requests_app.portal import a_request, a_source, collected

pytestmark = pytest.mark.django_db


def due_in(days, **fields):
    return a_request(due_on=timezone.localdate() + timedelta(days=days), **fields)


def listed(client, query=""):
    return references(client.get(url("requests") + query))


def test_what_is_due_first_stands_first_and_what_has_ended_is_not_listed():
    later, overdue, today = due_in(9), due_in(-2), due_in(0)
    due_in(-30, status=Status.COMPLETED)
    assert listed(signed_in("Viewer")) == [overdue.reference, today.reference, later.reference]


@pytest.mark.parametrize(
    ("days", "said", "tone"),
    [
        (-2, "2 days overdue", "bad"),
        (-1, "1 day overdue", "bad"),
        (0, "due today", "bad"),
        (1, "1 day left", "warn"),
        (5, "5 days left", "warn"),
        (6, "6 days left", "good"),
    ],
)
def test_the_days_left_are_told_in_words_and_colour(days, said, tone):
    due_in(days)
    response = signed_in("Viewer").get(url("requests"))
    assert f'<span class="pill {tone}">{said}</span>' in response.content.decode()


def test_the_list_says_that_it_shows_open_requests():
    text = words(signed_in("Viewer").get(url("requests")))
    assert "Open requests, the most urgent first." in text
    assert "Nothing is open." in text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?due=overdue", {"late"}),
        ("?due=today", {"today"}),
        ("?due=soon", {"today", "soon"}),
        ("?due=later", {"later"}),
        ("?right=erasure", {"later"}),
        ("?assignee=me", {"soon"}),
        ("?assignee=nobody", {"late", "today", "later", "waiting"}),
        ("?status=submitted", {"waiting"}),
        ("?status=completed", {"done"}),
        ("?status=ended", {"done"}),
        ("?status=all", {"late", "today", "soon", "later", "waiting", "done"}),
        ("?work=owed&due=later", {"later"}),
        ("?assignee=99999999999999999999", {"late", "today", "soon", "later", "waiting"}),
        ("?assignee=nonsense", {"late", "today", "soon", "later", "waiting"}),
        ("?status=nonsense", {"late", "today", "soon", "later", "waiting"}),
    ],
)
def test_the_list_is_narrowed_by_choices(query, found):
    client = signed_in("Processor")
    me = User.objects.get(username="processor")
    made = {
        "late": due_in(-1),
        "today": due_in(0),
        "soon": due_in(5, assignee=me),
        "later": due_in(6, right=Right.ERASURE),
        "waiting": due_in(2, status=Status.SUBMITTED),
        "done": due_in(2, status=Status.COMPLETED),
    }
    names = {request.reference: name for name, request in made.items()}
    assert {names[reference] for reference in listed(client, query)} == found


def test_no_address_narrows_a_list_by_a_field_of_its_choice():
    client = signed_in("Manager")
    due_in(1)
    for name, query in (
        ("requests", "?email__startswith=a"),
        ("team", "?password__startswith=p"),
        ("sources", "?key=1"),
    ):
        assert client.get(url(name) + query).status_code == 400, name


def test_a_search_finds_by_reference_name_and_beginning_of_the_address_whatever_became_of_it():
    client = signed_in("Viewer")
    one = a_request(Status.COMPLETED, name="Zoë Quirk", email="Zoe.Quirk@example.test")
    a_request(name="Somebody Else", email="else@example.test")
    for term in (one.reference, one.reference.lower(), "quirk", "Zoë", "zoe.quirk@EXAMPLE"):
        assert listed(client, f"?q={term}") == [one.reference], term
    assert listed(client, "?q=quirk@example") == []


def test_waiting_for_review_is_what_has_every_answer_and_no_release(tmp_path):
    a_source(tmp_path)
    waiting = collected()
    a_request(right=Right.ERASURE)
    assert listed(signed_in("Reviewer"), "?work=review") == [waiting.reference]
    SourceSearch.objects.update(state=Leased.State.FAILED)
    assert listed(signed_in("Processor"), "?work=review") == []
    assert listed(signed_in("Viewer"), "?work=failed") == [waiting.reference]
    SourceSearch.objects.update(is_left_out=True)
    assert listed(signed_in("Manager"), "?work=review") == [waiting.reference]


def test_requests_chosen_are_assigned_to_whoever_asks():
    client = signed_in("Processor")
    first, second, other = due_in(1), due_in(2), due_in(3)
    form = {"action": "assign_to_me", "index": 0, "_selected_action": [first.pk, second.pk]}
    client.post(url("requests"), form)
    me = User.objects.get(username="processor")
    assert set(me.assigned_requests.all()) == {first, second}
    assert AuditEntry.objects.filter(action="request.assigned").count() == 2
    other.refresh_from_db()
    assert other.assignee is None


def test_failed_work_of_the_requests_chosen_is_started_again(tmp_path):
    request = with_a_failed_source(tmp_path)
    form = {"action": "retry_failed", "index": 0, "_selected_action": [request.pk]}
    response = signed_in("Processor").post(url("requests"), form, follow=True)
    assert "1 started again." in words(response)
    assert SourceSearch.objects.get().state == Leased.State.WAITING


@pytest.mark.parametrize("role", ["Viewer", "Reviewer"])
def test_who_does_not_work_on_requests_has_no_actions(role):
    client, request = signed_in(role), due_in(1)
    assert "Assign to me" not in client.get(url("requests")).content.decode()
    client.post(url("requests"), {"action": "assign_to_me", "index": 0, "_selected_action": [request.pk]})
    request.refresh_from_db()
    assert request.assignee is None


def test_a_long_list_is_paged_and_counted_no_further_than_needed(monkeypatch):
    monkeypatch.setattr(base, "MOST_COUNTED", 55)
    for days in range(60):
        due_in(days)
    client = signed_in("Viewer")
    text = words(client.get(url("requests")))
    assert "1 to 50 of 55 or more; a search or a filter finds the rest" in text
    assert len(listed(client, "?p=2")) == 5


def test_a_page_of_the_list_costs_the_same_whatever_it_holds(tmp_path, django_assert_max_num_queries):
    source = a_source(tmp_path)
    team = [User.objects.create_user(f"member{days}", is_staff=True) for days in range(30)]
    for days, assignee in enumerate(team):
        request = due_in(days, assignee=assignee)
        SourceSearch.objects.create(request=request, source=source, map=source.current_map)
    client = signed_in("Viewer")
    with django_assert_max_num_queries(19):
        assert len(listed(client)) == 30
