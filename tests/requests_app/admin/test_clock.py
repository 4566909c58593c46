"""The clock in the console: shown with its reasons, and every act on it through its stage."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import time_machine

from requests_app import audit, extensions, questions
from requests_app.audit import Actor
from requests_app.deadlines.extending import Plan
from requests_app.models import (
    AuditEntry,
    ComputedDeadline,
    ControllerProfile,
    LawRule,
    PeriodExtension,
    PersonWait,
    StaffPreference,
)
from requests_app.timekeeping import clock
from requests_app.timekeeping.rules import as_toml, rule_of, write_version
from tests.requests_app.admin.console import words as text_of
from tests.requests_app.portal import a_request, member

pytestmark = pytest.mark.django_db
RECEIVED = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
CONSOLE = "/console/requests_app"


@pytest.fixture(autouse=True)
def _two_weeks_later():
    with time_machine.travel(datetime(2026, 3, 20, 12, 0, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def request_():
    row = a_request(submitted_at=RECEIVED, verified_at=RECEIVED, place="DE")
    clock.open_clock(row, actor=audit.SYSTEM)
    return row


def signed_in(client, role):
    user = member(role)
    client.force_login(user)
    return user


def page(client, row) -> str:
    return text_of(client.get(f"{CONSOLE}/subjectrequest/{row.pk}/change/"))


def longer_gdpr(user) -> LawRule:
    rule = rule_of(LawRule.objects.get(code="GDPR"))
    return write_version("GDPR", as_toml(rule).replace("length = 1,", "length = 2,", 1), "A new act", user)


def test_the_page_of_a_request_says_when_it_is_due_and_why(client, request_):
    signed_in(client, "Viewer")
    words = page(client, request_)
    for told in (
        "7 April 2026",
        "Why this date?",
        "Easter Monday",
        "Regulation (EEC, Euratom) 1182/71",
        "day 15 of 33",
    ):
        assert told in words
    assert "Ask the person" not in words


def test_an_extension_goes_from_its_preview_to_the_manager_and_out(client, request_):
    signed_in(client, "Processor")
    address = f"{CONSOLE}/subjectrequest/{request_.pk}/extend/"
    typed = {"by": "2", "ground": "complexity", "reason": "Nine systems."}
    assert "Last" not in text_of(client.get(address))
    shown = text_of(client.post(address, typed))
    assert "5 June 2026" in shown
    assert not PeriodExtension.objects.exists()
    client.post(address, typed | {"prepare": "1", "notice": "It takes until 5 June."})
    row = PeriodExtension.objects.get()
    assert row.notice == "It takes until 5 June."
    decide = f"{address}{row.pk}/"
    assert client.post(decide, {"notice": "x"}).status_code == 403
    signed_in(client, "Manager")
    assert "waits for a manager" in page(client, request_)
    client.post(decide, {"notice": "It takes until 5 June, at the latest."})
    request_.refresh_from_db()
    assert request_.due_on == date(2026, 6, 5)
    assert "extended" in page(client, request_)


def test_what_the_law_refuses_is_said_in_its_words(client, request_):
    signed_in(client, "Processor")
    address = f"{CONSOLE}/subjectrequest/{request_.pk}/extend/"
    given = client.post(address, {"by": "9", "ground": "complexity", "reason": "x", "prepare": "1"})
    assert "It may be extended by 1 to 2 months" in text_of(given)
    for odd in ({"by": "²", "until": "soon"}, {"by": "9" * 400}, {}):
        assert client.post(address, odd | {"prepare": "1"}).status_code == 200
    assert not PeriodExtension.objects.exists()


def test_a_question_is_asked_and_its_answer_written_down(client, request_):
    signed_in(client, "Processor")
    base = f"{CONSOLE}/subjectrequest/{request_.pk}/ask/"
    assert "Please write the question" in text_of(client.post(base, {"kind": "clarification", "question": " "}))
    client.post(base, {"kind": "clarification", "question": "Which account?"})
    wait = PersonWait.objects.get()
    assert "Which account?" in page(client, request_)
    client.post(f"{base}{wait.pk}/answer/", {"text": "The old one."})
    assert "The old one." in page(client, request_)


def test_the_place_is_changed_and_the_law_with_it(client, request_):
    signed_in(client, "Processor")
    address = f"{CONSOLE}/subjectrequest/{request_.pk}/place/"
    assert "Please choose a place" in text_of(client.post(address, {"place": "XX"}))
    client.post(address, {"place": "BR"})
    words = page(client, request_)
    assert "20 March 2026" in words
    assert "the place of the person changed" not in words
    assert ComputedDeadline.objects.filter(request=request_).count() == 2


def test_a_manager_moves_a_request_to_new_rules_with_both_days_shown(client, request_):
    manager = signed_in(client, "Manager")
    longer_gdpr(manager)
    words = page(client, request_)
    assert "5 May 2026 instead of 7 April 2026" in words
    client.post(f"{CONSOLE}/subjectrequest/{request_.pk}/move/")
    request_.refresh_from_db()
    assert request_.due_on == date(2026, 5, 5)


def test_laws_are_listed_shown_and_given_new_versions(client):
    signed_in(client, "Manager")
    assert "New Zealand" in text_of(client.get(f"{CONSOLE}/lawrule/"))
    address = f"{CONSOLE}/lawrule/GDPR/"
    text = as_toml(rule_of(LawRule.objects.get(code="GDPR")))
    assert "Regulation" in (told := text_of(client.get(address)))
    assert "Access to my data, " in told
    wrong = client.post(address, {"text": text.replace('"high"', '"very"'), "why": "x"})
    assert wrong.status_code == 400
    assert "confidence" in text_of(wrong)
    assert "what changed" in text_of(client.post(address, {"text": text, "why": " "}))
    client.post(address, {"text": text, "why": "Nothing"})
    assert "version 2, your own" in text_of(client.get(f"{CONSOLE}/lawrule/"))
    assert client.get(f"{CONSOLE}/lawrule/NONE/").status_code == 404


def test_others_neither_see_nor_write_laws(client):
    signed_in(client, "Reviewer")
    assert client.get(f"{CONSOLE}/lawrule/").status_code == 403
    assert client.post(f"{CONSOLE}/lawrule/GDPR/", {"text": "x", "why": "y"}).status_code == 403


@pytest.mark.parametrize("month", ["2026-04", "", "2026-13", "x", "0001-01", "9999-12"])
def test_the_month_shows_what_is_due(client, request_, month):
    signed_in(client, "Viewer")
    ControllerProfile.objects.create(pk=1, country="DE")
    words = text_of(client.get(f"{CONSOLE}/subjectrequest/calendar/", {"month": month}))
    assert ("Easter Monday" in words) == (month == "2026-04")
    assert (request_.reference in words) == (month == "2026-04")


def test_a_calendar_program_follows_a_secret_address(client, request_):
    user = signed_in(client, "Viewer")
    address = f"{CONSOLE}/subjectrequest/preferences/"
    html = client.post(address, {"renew": "1"}).content.decode()
    link = html.split('readonly value="')[1].split('"')[0]
    path = link.removeprefix("http://localhost:8000")
    client.logout()
    feed = client.get(path)
    assert feed["Content-Type"].startswith("text/calendar")
    told = feed.content.decode()
    assert request_.reference in told
    assert "DTSTART;VALUE=DATE:20260407" in told
    assert request_.name not in told
    assert request_.email not in told
    assert client.get(path.replace(".ics", "x.ics")).status_code == 404
    refused = AuditEntry.objects.get(action="link.refused")
    assert refused.details == {"purpose": "calendar", "reason": "unknown"}
    client.force_login(user)
    client.post(address, {"end": "1"})
    assert client.get(path).status_code == 404


def test_who_left_the_team_takes_no_calendar_along(client, request_):
    user = signed_in(client, "Viewer")
    html = client.post(f"{CONSOLE}/subjectrequest/preferences/", {"renew": "1"}).content.decode()
    path = html.split('readonly value="')[1].split('"')[0].removeprefix("http://localhost:8000")
    type(user).objects.filter(pk=user.pk).update(is_active=False)
    assert client.get(path).status_code == 404


def test_a_digest_is_chosen(client):
    user = signed_in(client, "Processor")
    address = f"{CONSOLE}/subjectrequest/preferences/"
    client.post(address, {"digest": "on"})
    assert StaffPreference.objects.get(user=user).wants_digest
    client.post(address, {})
    assert not StaffPreference.objects.get(user=user).wants_digest


def test_what_was_overdue_already_when_it_was_recorded_says_so(client):
    row = a_request(submitted_at=datetime(2026, 1, 5, tzinfo=UTC), place="DE")
    clock.open_clock(row, actor=audit.SYSTEM)
    signed_in(client, "Viewer")
    assert "overdue already when the request was recorded, on 20 March 2026" in page(client, row)


def test_a_clock_that_stands_still_is_never_overdue_and_listed_as_paused(client):
    paused, other = (a_request(submitted_at=RECEIVED, verified_at=RECEIVED, place=place) for place in ("GB", "DE"))
    for row in (paused, other):
        clock.open_clock(row, actor=audit.SYSTEM)
    pia = Actor.staff(signed_in(client, "Processor"))
    questions.ask(paused.pk, PersonWait.Kind.CLARIFICATION, "Which?", actor=pia)
    plan = Plan("complexity", "Nine systems.", by=1)
    row = extensions.prepare(other.pk, plan, "", actor=pia)
    extensions.approve(row.pk, actor=Actor.staff(member("Manager")))
    with time_machine.travel(datetime(2026, 8, 1, tzinfo=UTC), tick=False):
        client.force_login(member("Viewer"))
        listed = {}
        for chosen in ("paused", "extended", "overdue", "later"):
            words = text_of(client.get(f"{CONSOLE}/subjectrequest/", {"due": chosen}))
            listed[chosen] = {row.pk for row in (paused, other) if row.reference in words}
        assert listed == {"paused": {paused.pk}, "extended": {other.pk}, "overdue": {other.pk}, "later": set()}
        words = text_of(client.get(f"{CONSOLE}/subjectrequest/", {"due": "paused"}))
        assert "paused not before" in words
        assert "overdue" not in words.split(paused.reference)[1]
        words = page(client, paused)
        assert "stands still" in words
        assert "Due at the earliest" in words


def test_why_a_period_cannot_be_extended_is_said(client):
    row = a_request(submitted_at=RECEIVED, verified_at=RECEIVED, place="BR")
    clock.open_clock(row, actor=audit.SYSTEM)
    signed_in(client, "Processor")
    words = page(client, row)
    assert "Not to be extended: Lei Geral de Proteção de Dados knows no extension" in words
    assert "Extend the period" not in words


def test_a_notice_is_read_anew_where_the_extension_became_another(client, request_):
    signed_in(client, "Processor")
    address = f"{CONSOLE}/subjectrequest/{request_.pk}/extend/"
    typed = {"by": "1", "ground": "complexity", "reason": "Nine systems."}
    shown = client.post(address, typed).context["shown"]
    answer = client.post(address, typed | {"by": "2", "prepare": "1", "notice": "by 5 May", "shown": shown})
    assert "another extension than the one the notice was written for" in text_of(answer)
    assert "5 June 2026" in answer.context["notice"]
    assert not PeriodExtension.objects.exists()
    client.post(address, typed | {"by": "2", "prepare": "1", "notice": "ok", "shown": answer.context["shown"]})
    assert PeriodExtension.objects.get().by == 2
