from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from requests_app import identity, tasks
from requests_app.identity import RefusedAnswer, sms
from requests_app.models import AuditEntry, Identifier, IdentityCheck, OutboxText, Status
from requests_app.texting import UnusableNumber
from requests_app.workflow import PermissionRefused
from tests.requests_app.identity.asked import (
    NUMBER,
    answered,
    asking_for,
    code_sent,
    half_way,
    with_number,
    with_texts,
)
from tests.requests_app.portal import acts, member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]


@pytest.fixture
def folder(settings, tmp_path):
    return with_texts(settings, tmp_path)


@pytest.fixture
def request_(folder):
    asking_for("mailbox", "sms")
    request = half_way()
    with_number(request)
    return request


def test_the_code_sent_to_the_number_held_begins_the_work(request_, folder):
    assert request_.status == Status.SUBMITTED
    answered(request_, code=code_sent(request_, folder))
    request_.refresh_from_db()
    assert request_.status == Status.IN_PROGRESS
    held = request_.identifiers.get(kind=Identifier.Kind.PHONE)
    assert (held.value, held.proof, held.proven_at is not None) == (NUMBER, "sms", True)
    assert "request.verified" in acts(request_.pk)[-4:]


@pytest.mark.parametrize(
    ("language", "words"), [("de", "ist Ihr Code"), ("fr-CA", "est votre code"), ("", "is your code")]
)
def test_the_text_message_is_in_the_language_of_the_mails(request_, folder, language, words):
    type(request_).objects.filter(pk=request_.pk).update(language=language)
    code = code_sent(request_, folder)
    (text,) = folder.glob("*.txt")
    assert f"{code} {words}" in text.read_text("utf-8")


def test_a_code_may_be_typed_with_a_gap(request_, folder):
    code = code_sent(request_, folder)
    answered(request_, code=f" {code[:3]} {code[3:]} ")
    assert identity.is_proven(request_)


def test_nothing_is_sent_before_the_team_has_recorded_a_number(folder):
    asking_for("mailbox", "sms")
    request = half_way()
    with pytest.raises(RefusedAnswer, match="looks up the number"):
        identity.send(request, identity.current(request).pk)
    assert not OutboxText.objects.exists()
    assert identity.page_of(identity.current(request)).about["number"] == ""


def test_a_number_that_the_asker_typed_is_not_one_that_is_held(folder):
    asking_for("mailbox", "sms")
    request = half_way()
    type(request).objects.filter(pk=request.pk).update(phone="+491709999999")
    Identifier.objects.create(request=request, kind=Identifier.Kind.PHONE, value="+491709999999")
    with pytest.raises(RefusedAnswer):
        identity.send(request, identity.current(request).pk)


@pytest.mark.parametrize("wrong", ["", "000000x", "12345", "1234567", "\x00", "٠٠٠٠٠٠"])
def test_a_wrong_code_is_refused_in_the_same_words(request_, folder, wrong):
    code_sent(request_, folder)
    with pytest.raises(RefusedAnswer) as refusal:
        answered(request_, code=wrong)
    assert str(refusal.value) == "That is not right. Please look once more."
    assert acts(request_.pk)[-1] == "identity.refused"


def test_a_right_code_too_late_is_refused_like_a_wrong_one(request_, folder):
    code = code_sent(request_, folder)
    with time_machine.travel(timezone.now() + timedelta(minutes=11)), pytest.raises(RefusedAnswer, match="not right"):
        answered(request_, code=code)
    assert not identity.is_proven(request_)


def test_without_any_code_sent_an_answer_is_refused_like_a_wrong_one(request_):
    for typed in ("", "123456"):
        with pytest.raises(RefusedAnswer, match="not right"):
            answered(request_, code=typed)


def test_only_the_newest_code_counts(request_, folder):
    first = code_sent(request_, folder)
    with time_machine.travel(timezone.now() + timedelta(seconds=31), tick=False):
        second = code_sent(request_, folder)
        if first != second:
            with pytest.raises(RefusedAnswer):
                answered(request_, code=first)
        answered(request_, code=second)
    assert identity.is_proven(request_)


def test_five_wrong_answers_end_the_check_and_the_right_one_is_too_late(request_, folder):
    code = code_sent(request_, folder)
    for attempt in range(5):
        with pytest.raises(RefusedAnswer, match="too often" if attempt == 4 else "look once more"):
            answered(request_, code="000000" if code != "000000" else "111111")
    check = identity.current(request_)
    assert (check.attempts, check.failed_at is not None, check.code_hash) == (5, True, "")
    assert acts(request_.pk)[-2:] == ["identity.refused", "identity.exhausted"]
    with pytest.raises(identity.OutOfTurn):
        answered(request_, code=code)
    request_.refresh_from_db()
    assert request_.status == Status.SUBMITTED


def test_another_code_gives_no_further_attempts(request_, folder):
    for number in range(4):
        with time_machine.travel(timezone.now() + timedelta(minutes=number), tick=False):
            code_sent(request_, folder)
            with pytest.raises(RefusedAnswer):
                answered(request_, code="")
    assert identity.current(request_).attempts == 4


def test_codes_are_sent_four_times_and_not_one_right_after_the_other(request_, folder):
    now = timezone.now()
    code_sent(request_, folder)
    with pytest.raises(RefusedAnswer, match="half a minute"):
        code_sent(request_, folder)
    for number in range(1, 4):
        with time_machine.travel(now + timedelta(minutes=number), tick=False):
            code_sent(request_, folder)
    with time_machine.travel(now + timedelta(minutes=9), tick=False), pytest.raises(RefusedAnswer, match="as many"):
        code_sent(request_, folder)
    assert OutboxText.objects.count() == len(list(folder.glob("*.txt"))) == 4


def test_the_code_stands_nowhere_but_in_the_text_message(request_, folder):
    code = code_sent(request_, folder)
    check = IdentityCheck.objects.get(kind="sms")
    assert len(check.code_hash) == 64
    assert code not in check.code_hash
    told = str([list(AuditEntry.objects.values()), list(OutboxText.objects.values())])
    assert code not in told
    assert NUMBER not in told


def test_a_text_message_that_comes_too_late_is_left_unsent(request_, folder):
    identity.send(request_, identity.current(request_).pk)
    text = OutboxText.objects.get()
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        tasks.send_text(text.pk)
    assert not folder.exists()
    assert acts(request_.pk)[-1] == "text.dropped"
    assert OutboxText.objects.get().state == "done"


@pytest.mark.parametrize("typed", ["", "Ann", "12", "+49 30 1234567", "+1 555", "112"])
def test_what_no_text_message_reaches_is_not_recorded(folder, typed):
    asking_for("mailbox", "sms")
    request = half_way()
    with pytest.raises(UnusableNumber):
        with_number(request, typed)
    assert identity.current(request).identifier is None


def test_a_number_is_read_as_one_of_the_place_where_the_person_lives(folder):
    asking_for("mailbox", "sms", place="DE")
    request = half_way(place="DE-BY")
    assert with_number(request, "0170 1234567").identifier.value == NUMBER


@pytest.mark.parametrize("role", ["Viewer", "Reviewer"])
def test_only_who_works_on_requests_records_a_number(folder, role):
    from requests_app.audit import Actor

    asking_for("mailbox", "sms")
    request = half_way()
    with pytest.raises(PermissionRefused):
        sms.record_number(identity.current(request).pk, NUMBER, actor=Actor.staff(member(role)))


def test_where_no_sender_is_set_up_the_team_makes_sure(settings):
    asking_for("mailbox", "sms")
    request = half_way()
    assert [check.kind for check in identity.outstanding(request)] == ["team"]
    assert "identity.handed_over" in acts(request.pk)
