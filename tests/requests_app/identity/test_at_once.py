"""Answers that come at the same moment, on PostgreSQL, where they really do."""

from __future__ import annotations

import pytest

from requests_app import identity
from requests_app.identity import Given, document
from requests_app.models import IdentityCheck, OutboxMail, OutboxText, Status, SubjectRequest, Upload
from tests.requests_app.identity.asked import (
    a_picture,
    an_actor,
    asking_for,
    code_sent,
    half_way,
    with_number,
    with_texts,
)
from tests.requests_app.portal import acts

pytestmark = pytest.mark.usefixtures("storage_folder")


def answer(request, code):
    return lambda: identity.answer(request, check_of(request), Given({"code": code}))


def check_of(request) -> int:
    return IdentityCheck.objects.get(request=request, passed_at=None).pk


@pytest.fixture
def asked(at_once, settings, tmp_path):
    folder = with_texts(settings, tmp_path)
    asking_for("mailbox", "sms")
    request = half_way()
    with_number(request)
    return request, code_sent(request, folder)


def test_of_many_wrong_answers_at_once_five_are_looked_at(at_once, asked):
    request, code = asked
    wrong = "000000" if code != "000000" else "111111"
    answers = at_once(*[answer(request, wrong)] * 9)
    assert set(answers) <= {identity.RefusedAnswer, identity.OutOfTurn}
    check = IdentityCheck.objects.get(kind="sms")
    assert (check.attempts, check.failed_at is not None) == (5, True)
    assert acts(request.pk).count("identity.refused") == 5
    assert acts(request.pk).count("identity.exhausted") == 1
    with pytest.raises(identity.OutOfTurn):
        identity.answer(request, check.pk, Given({"code": code}))


def test_right_answers_at_once_begin_the_work_once(at_once, asked):
    request, code = asked
    answers = at_once(*[answer(request, code)] * 4)
    assert None in answers
    assert SubjectRequest.objects.get().status == Status.IN_PROGRESS
    assert acts(request.pk).count("request.verified") == 1
    assert OutboxMail.objects.filter(template="received").count() == 1


def test_codes_asked_for_at_once_are_one(at_once, settings, tmp_path):
    with_texts(settings, tmp_path)
    asking_for("mailbox", "sms")
    request = half_way()
    check = with_number(request)
    answers = at_once(*[lambda: identity.send(request, check.pk)] * 5)
    assert sorted(map(str, answers)) == sorted(map(str, [None, *[identity.RefusedAnswer] * 4]))
    assert OutboxText.objects.count() == 1


def test_of_two_who_decide_about_a_document_one_does(at_once):
    asking_for("mailbox", "document")
    request = half_way()
    identity.answer(request, check_of(request), Given({}, [a_picture()]))
    pk, actor = check_of(request), an_actor()
    answers = at_once(
        lambda: document.accept(pk, actor=actor), lambda: document.refuse(pk, "Not readable.", actor=actor)
    )
    assert sorted(map(str, answers)) == sorted(map(str, [None, identity.RefusedAnswer]))
    assert not Upload.objects.filter(removed_at=None).exists()
    check = IdentityCheck.objects.get(pk=pk)
    assert (check.passed_at is None) == (SubjectRequest.objects.get().status == Status.SUBMITTED)
