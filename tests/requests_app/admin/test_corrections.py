"""The corrections in the console: what each role sees and may do, and what the pages refuse."""

from __future__ import annotations

import pytest
from django.test import Client

from requests_app import rectifying, tasks
from requests_app.audit import SUBJECT, Actor
from requests_app.models import AuditEntry, Leased, ProposedCorrection
from tests.requests_app.admin.console import signed_in, url, words
from tests.requests_app.portal import member
from tests.requests_app.rectifying.shops import a_rectification, a_shop, decided, proposed, states, the_place, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_(sqlite_url):
    a_shop(sqlite_url)
    return a_rectification()


def sent(request, kind, words_="", **more):
    """Give what the page sends for every proposal on it."""
    given = {}
    for asked in signed_in("Reviewer").get(url("requests.corrections", request.pk)).context["waiting"]:
        pk = asked.line.row.pk
        given |= {f"seen-{pk}": asked.seen, f"kind-{pk}": kind, f"words-{pk}": words_}
    return given | more


def test_the_page_of_the_request_shows_no_value_and_what_is_to_do(request_):
    proposed(request_, city="Oslo-4711")
    text = words(signed_in("Viewer").get(url("requests.change", request_.pk)))
    assert "Decide on 1 correction" in text
    assert "City" in text
    assert "4711" not in text
    assert "Olso" not in text
    assert "Look at them" not in text
    assert "Look at them and decide" in words(signed_in("Reviewer").get(url("requests.change", request_.pk)))


def test_who_looks_at_values_is_on_record(request_):
    proposed(request_, city="Oslo-4711")
    text = words(signed_in("Reviewer").get(url("requests.corrections", request_.pk)))
    assert "Oslo-4711" in text
    entry = AuditEntry.objects.filter(action="corrections.viewed").get()
    assert (entry.details, entry.actor_kind) == ({"rows": 1}, "staff")
    assert signed_in("Processor").get(url("requests.corrections", request_.pk)).status_code == 403


def test_all_are_approved_at_once(request_):
    proposed(request_, city="Oslo", name="Ann")
    client = signed_in("Reviewer")
    answer = client.post(url("requests.decide_corrections", request_.pk), sent(request_, "", approve_all="1"))
    assert answer.status_code == 302
    assert states(request_) == {"city": "approved", "name": "approved"}


def test_what_was_typed_is_kept_where_a_decision_is_refused(request_):
    proposed(request_, city="Oslo")
    given = sent(request_, "reject")
    client = signed_in("Reviewer")
    answer = client.post(url("requests.decide_corrections", request_.pk), given)
    assert answer.status_code == 400
    assert "please say why not" in answer.content.decode()
    assert 'value="reject" checked' in answer.content.decode()
    assert states(request_) == {"city": "proposed"}


def test_ids_of_another_request_in_what_is_sent_decide_nothing(request_):
    other = a_rectification("bob@example.test")
    proposed(request_, city="Oslo")
    proposed(other, city="Oslo")
    answer = signed_in("Reviewer").post(url("requests.decide_corrections", request_.pk), sent(other, "approve"))
    assert answer.status_code == 400
    assert (states(request_), states(other)) == ({"city": "proposed"}, {"city": "proposed"})


def test_forged_fields_decide_nothing(request_):
    (row,) = proposed(request_, city="Oslo")
    for forged in (
        {f"kind-{row.pk}": "approve"},
        {f"seen-{row.pk}": "0" * 64, f"kind-{row.pk}": "approve"},
        {f"seen-{row.pk}": "x", f"kind-{row.pk}": "written"},
        {"seen-x": "1", "kind-x": "approve"},
    ):
        answer = signed_in("Reviewer").post(url("requests.decide_corrections", request_.pk), forged)
        assert answer.status_code == 400
    assert states(request_) == {"city": "proposed"}


def test_the_team_writes_down_what_a_letter_says_without_seeing_what_stands_there(request_):
    client = signed_in("Processor")
    page = client.get(url("requests.propose_correction", request_.pk))
    text = page.content.decode()
    assert "Web shop · Your account (1 record) · City" in text
    assert "Olso" not in text
    choice = next(value for value, label in page.context["form"].fields["field"].choices if label.endswith("City"))
    address = url("requests.propose_correction", request_.pk)
    assert client.post(address, {"field": choice, "record": "1"}).status_code == 200
    assert client.post(address, {"field": choice, "record": "9", "new": "Oslo"}).status_code == 200
    assert client.post(address, {"field": "1:1:password", "record": "1", "new": "Oslo"}).status_code == 200
    assert states(request_) == {}
    assert (
        client.post(address, {"field": choice, "record": "1", "new": "Oslo", "reason": "Her letter"}).status_code == 302
    )
    row = ProposedCorrection.objects.get()
    assert row.proposed_by.username == "processor"
    client.post(url("requests.take_back_correction", request_.pk, row.pk))
    assert states(request_) == {}


def test_who_wrote_it_down_is_not_asked_to_decide(request_):
    manager = Actor.staff(member("Manager"))
    rectifying.propose(request_.pk, the_place(request_), {"city": "Oslo"}, actor=manager)
    rectifying.propose(request_.pk, the_place(request_), {"name": "Ann"}, actor=SUBJECT)
    client = signed_in("Manager")
    page = client.get(url("requests.corrections", request_.pk))
    assert "somebody else has to decide" in words(page)
    given = {f"seen-{asked.line.row.pk}": asked.seen for asked in page.context["waiting"]}
    client.post(url("requests.decide_corrections", request_.pk), given | {"approve_all": "1"})
    assert states(request_) == {"city": "proposed", "name": "approved"}
    row = request_.corrections.get(field="city")
    forged = {f"seen-{row.pk}": "", f"kind-{row.pk}": "approve"}
    assert client.post(url("requests.decide_corrections", request_.pk), forged).status_code == 403


def test_corrections_that_cannot_be_written_are_decided_on_anew(request_, tmp_path):
    proposed(request_, city="Oslo")
    decided(request_, city="approve")
    (tmp_path / "source.sqlite3").rename(tmp_path / "gone")
    change = request_.changes.get()
    type(change).objects.filter(pk=change.pk).update(attempts_left=1)
    tasks.change_source(change.pk)
    change.refresh_from_db()
    assert change.state == Leased.State.FAILED
    assert "was not written to" in words(signed_in("Reviewer").get(url("requests.change", request_.pk)))
    client = signed_in("Reviewer")
    client.post(url("requests.call_off_corrections", request_.pk, change.pk))
    assert states(request_) == {"city": "proposed"}
    (tmp_path / "gone").rename(tmp_path / "source.sqlite3")
    decided(request_, city="approve")
    written(request_)
    assert request_.status == "completed"


def test_who_is_not_signed_in_sees_nothing(request_):
    proposed(request_, city="Oslo")
    assert Client().get(url("requests.corrections", request_.pk)).status_code == 302
