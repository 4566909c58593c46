"""Appeals and complaints: what the law grants, confirmed at once, answered by who decides, its days visible."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.urls import reverse

from requests_app import appeals, audit
from requests_app.appeals import UnusableAppeal
from requests_app.audit import Actor
from requests_app.models import AppealOrComplaint, OutboxMail, Right, Status
from requests_app.timekeeping import clock
from requests_app.workflow import PermissionRefused
from tests.requests_app.portal import (
    a_refusal,
    a_request,
    acts,
    member,
    send_mails,
    staff,
    the_controller,
    token_in,
)

pytestmark = pytest.mark.django_db
Kind = AppealOrComplaint.Kind


@pytest.fixture(autouse=True)
def _on_a_day():
    with time_machine.travel(datetime(2026, 3, 20, 12, 0, tzinfo=UTC), tick=True):
        yield


def refused(place, **fields):
    the_controller(country=place)
    request = a_request(right=Right.ERASURE, place=place, submitted_at=datetime(2026, 3, 5, tzinfo=UTC))
    clock.open_clock(request, actor=audit.SYSTEM)
    a_refusal(request, **fields)
    request.refresh_from_db()
    return request


def test_virginia_grants_an_appeal_with_sixty_days():
    request = refused("US-VA")
    assert appeals.offered(request) == Kind.APPEAL
    row = appeals.lodge(request.pk, " I am he. ", actor=audit.SUBJECT)
    assert (row.kind, row.law, row.due_on, row.acknowledge_by) == (Kind.APPEAL, "US-VA", date(2026, 5, 19), None)
    assert (row.text, row.recorded_by) == ("I am he.", None)
    mails = send_mails()
    assert "by 19 May 2026" in mails[-1].body
    assert acts(request.pk)[-2:] == ["appeal.lodged", "mail.sent"] or "appeal.lodged" in acts(request.pk)


def test_the_uk_wants_a_complaint_confirmed_within_thirty_days_and_it_is_at_once():
    request = refused("GB")
    row = appeals.lodge(request.pk, "No.", actor=audit.SUBJECT)
    assert (row.kind, row.due_on, row.acknowledge_by) == (Kind.COMPLAINT, None, date(2026, 4, 19))
    assert OutboxMail.objects.filter(template="appeal_received").count() == 1


def test_where_the_law_knows_none_there_is_none():
    request = refused("DE")
    assert appeals.offered(request) is None
    with pytest.raises(UnusableAppeal, match="nothing to appeal"):
        appeals.lodge(request.pk, "No.", actor=audit.SUBJECT)


def test_what_is_open_is_answered_before_another_comes():
    request = refused("US-CO")
    row = appeals.lodge(request.pk, "No.", actor=audit.SUBJECT)
    with pytest.raises(UnusableAppeal, match="already"):
        appeals.lodge(request.pk, "No!", actor=audit.SUBJECT)
    rex = Actor.staff(member("Reviewer"))
    appeals.answer(row.pk, "upheld", "Nothing is new.", actor=rex)
    with pytest.raises(UnusableAppeal, match="answered already"):
        appeals.answer(row.pk, "changed", "Or not.", actor=rex)
    answered = send_mails()[-1].body
    for part in ("our decision stands", "Nothing is new.", "Colorado Attorney General", "Denver, CO 80203"):
        assert part in answered


@pytest.mark.parametrize("text", ["", " \n", "x" * 5001])
def test_words_are_needed_and_not_too_many(text):
    request = refused("US-VA")
    with pytest.raises(UnusableAppeal):
        appeals.lodge(request.pk, text, actor=audit.SUBJECT)
    row = appeals.lodge(request.pk, "No.", actor=audit.SUBJECT)
    with pytest.raises(UnusableAppeal):
        appeals.answer(row.pk, "upheld", text, actor=Actor.staff(staff("mia")))
    with pytest.raises(UnusableAppeal, match="stands or is changed"):
        appeals.answer(row.pk, "", "So.", actor=Actor.staff(staff("max")))


def test_what_came_by_letter_counts_from_its_day():
    request = refused("US-VA")
    pia = Actor.staff(member("Processor"))
    with time_machine.travel(datetime(2026, 3, 30, 12, tzinfo=UTC)):
        for day in (date(2026, 3, 19), date(2026, 3, 31)):
            with pytest.raises(UnusableAppeal, match="between our decision and today"):
                appeals.lodge(request.pk, "No.", actor=pia, received_on=day)
        row = appeals.lodge(request.pk, "No.", actor=pia, received_on=date(2026, 3, 25))
    assert (row.due_on, row.recorded_by_id) == (date(2026, 5, 24), pia.user_id)


def test_nobody_but_the_team_records_and_nobody_but_who_decides_answers():
    request = refused("US-VA")
    for actor in (Actor.staff(member("Viewer")), audit.SYSTEM):
        with pytest.raises(PermissionRefused):
            appeals.lodge(request.pk, "No.", actor=actor)
    row = appeals.lodge(request.pk, "No.", actor=audit.SUBJECT)
    for actor in (Actor.staff(member("Processor")), audit.SUBJECT):
        with pytest.raises(PermissionRefused):
            appeals.answer(row.pk, "upheld", "So.", actor=actor)


def test_an_open_request_and_one_that_was_answered_whole_have_nothing_to_appeal_against():
    the_controller(country="US-VA")
    assert appeals.offered(a_request(place="US-VA")) is None
    assert appeals.offered(a_request(Status.COMPLETED, place="US-VA")) is None


def test_the_person_appeals_on_the_page_of_the_request(client):
    request = refused("US-VA")
    token = token_in(send_mails()[-1], "r")
    page, path = reverse("status", args=[token]), reverse("status-appeal", args=[token])
    shown = client.get(page).content.decode()
    for part in ("59.1-577(C)", "202 North Ninth Street", "ninth request", "Send the appeal"):
        assert part in shown
    answer = client.post(path, {"text": " "})
    assert "Please write something first." in answer.content.decode()
    answer = client.post(path, {"text": "I am he."})
    assert (answer.status_code, answer.url) == (302, page)
    shown = client.get(page).content.decode()
    assert "You will have our answer by 19 May 2026" in shown
    assert "Send the appeal" not in shown
    assert client.get(path).status_code == 405
    assert AppealOrComplaint.objects.get().request == request


@pytest.mark.parametrize(
    ("language", "by", "outcome"),
    [
        ("de", "Bis zum 19. Mai 2026 teilen wir", "Das Ergebnis: Unsere Entscheidung bleibt bestehen."),
        ("fr", "au plus tard le 19 mai 2026", "Le résultat : notre décision est maintenue."),
    ],
)
def test_what_follows_and_what_came_of_it_is_told_in_the_language_of_the_request(language, by, outcome):
    request = refused("US-VA")
    type(request).objects.filter(pk=request.pk).update(language=language)
    row = appeals.lodge(request.pk, "I am he.", actor=audit.SUBJECT)
    appeals.answer(row.pk, "upheld", "Siehe oben.", actor=Actor.staff(staff("otilia")))
    received, answered = (" ".join(mail.body.split()) for mail in send_mails()[-2:])
    assert by in received.replace("\N{NO-BREAK SPACE}", " ")
    assert outcome in answered.replace("\N{NO-BREAK SPACE}", " ")
    assert "We tell you" not in received
    assert "The outcome" not in answered
