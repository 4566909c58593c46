"""One proof for one letter: what is shown for one of its requests counts for the others that ask for the same."""

from __future__ import annotations

import pytest

from requests_app import identity
from requests_app.identity import Given, RefusedAnswer, document, sms
from requests_app.models import Case, IdentityCheck, OutboxMail, Right, Status, SubjectRequest, Upload
from tests.requests_app.cases.letters import proven
from tests.requests_app.identity.asked import (
    a_picture,
    an_actor,
    answered,
    asking_for,
    code_sent,
    with_number,
    with_texts,
)
from tests.requests_app.portal import ANN, BOB, acts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]
R = Right


@pytest.fixture
def folder(settings, tmp_path):
    return with_texts(settings, tmp_path)


def refreshed(requests):
    return [SubjectRequest.objects.get(pk=request.pk) for request in requests]


def states(requests):
    return [request.status for request in refreshed(requests)]


def test_the_code_of_a_text_message_is_entered_once_for_all_that_ask_for_it(folder):
    asking_for("mailbox", "sms")
    requests = proven()
    with_number(requests[0])
    answered(requests[0], code=code_sent(requests[0], folder))
    assert states(requests) == [Status.IN_PROGRESS] * 2
    for each in requests:
        held = each.identifiers.get(kind="phone")
        assert (held.proof, held.proven_at is not None) == ("sms", True)
        assert acts(each.pk).count("identity.proven") == 2  # the mailbox, and this


def test_the_number_that_the_team_looks_up_is_looked_up_once(folder):
    asking_for("mailbox", "sms")
    access, erasure = proven()
    sms.record_number(identity.current(access).pk, "+491701234567", actor=an_actor())
    assert identity.current(erasure).identifier.value == "+491701234567"
    answered(erasure, code=code_sent(erasure, folder))
    assert states([access, erasure]) == [Status.IN_PROGRESS] * 2


def test_a_right_that_asks_for_more_still_wants_it(folder):
    asking_for("mailbox", "sms")
    asking_for("mailbox", "sms", "document", right="erasure")
    access, erasure = proven()
    with_number(access)
    answered(access, code=code_sent(access, folder))
    assert states([access, erasure]) == [Status.IN_PROGRESS, Status.SUBMITTED]
    assert identity.current(erasure).kind == "document"


def test_a_right_that_asks_for_less_begins_at_once():
    asking_for("mailbox")
    asking_for("mailbox", "document", right="erasure")
    access, erasure = proven()
    assert states([access, erasure]) == [Status.IN_PROGRESS, Status.SUBMITTED]


def test_one_mail_asks_for_all_that_is_still_to_be_shown(folder):
    asking_for("mailbox", "sms")
    asking_for("mailbox", "sms", "document", right="erasure")
    _, erasure = proven()
    assert list(OutboxMail.objects.filter(template="identity").values_list("request", flat=True)) == [erasure.pk]


def test_two_mails_where_neither_page_asks_for_all(folder):
    asking_for("mailbox", "sms", right="access")
    asking_for("mailbox", "document", right="erasure")
    access, erasure = proven()
    asked = OutboxMail.objects.filter(template="identity").values_list("request", flat=True)
    assert sorted(asked) == sorted([access.pk, erasure.pk])


def test_a_document_is_handed_in_and_looked_at_once():
    asking_for("mailbox", "document")
    requests = proven()
    check = identity.current(requests[1])
    identity.answer(requests[1], check.pk, Given({}, (a_picture(),)))
    document.accept(check.pk, actor=an_actor())
    assert states(requests) == [Status.IN_PROGRESS] * 2
    assert not Upload.objects.filter(removed_at=None).exists()


def test_whoever_answers_wrongly_too_often_gets_no_more_attempts_by_another_right(folder):
    asking_for("mailbox", "sms")
    access, erasure = proven()
    with_number(access)
    for _ in range(5):
        with pytest.raises(RefusedAnswer):
            answered(access, code="000000")
    assert identity.current(erasure).failed_at is not None
    assert "identity.exhausted" in acts(erasure.pk)
    with pytest.raises(RefusedAnswer):
        answered(erasure, code="000000")


def test_what_the_team_passes_by_hand_for_one_counts_for_the_others():
    asking_for("mailbox", "document")
    requests = proven()
    identity.pass_by_hand(identity.current(requests[0]).pk, "Came to our desk.", actor=an_actor())
    assert states(requests) == [Status.IN_PROGRESS] * 2
    for each in requests:
        check = IdentityCheck.objects.get(request=each, kind="document")
        assert (check.reason, check.decided_by_id is not None) == ("Came to our desk.", True)


def test_what_came_from_another_mailbox_is_not_proven_by_it():
    asking_for("mailbox", "document")
    (ann,), (bob,) = proven(R.ACCESS), proven(R.ERASURE, email=BOB)
    SubjectRequest.objects.filter(pk__in=(ann.pk, bob.pk)).update(case=Case.objects.create())  # as if the team erred
    identity.pass_by_hand(identity.current(ann).pk, "Came to our desk.", actor=an_actor())
    assert states([ann, bob]) == [Status.IN_PROGRESS, Status.SUBMITTED]


def test_what_was_asked_for_in_another_letter_is_not_proven_by_it():
    asking_for("mailbox", "document")
    (access,), (erasure,) = proven(R.ACCESS), proven(R.ERASURE)
    assert access.email == erasure.email == ANN
    identity.pass_by_hand(identity.current(access).pk, "Came to our desk.", actor=an_actor())
    assert states([access, erasure]) == [Status.IN_PROGRESS, Status.SUBMITTED]


def test_further_doubts_about_one_are_about_that_one_alone():
    requests = proven()
    identity.ask_for(requests[1].pk, "document", "The address is new.", actor=an_actor())
    assert identity.current(refreshed(requests)[0]) is None
    assert identity.current(refreshed(requests)[1]).kind == "document"
