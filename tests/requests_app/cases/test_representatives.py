"""Somebody asks for several rights of somebody else: one mail, one authority, bounded by the rights that it covers."""

from __future__ import annotations

import pytest

from requests_app import mandates, representing
from requests_app.intake import Asked
from requests_app.models import OutboxMail, Representative, Right, Status, SubjectRequest, Upload
from tests.requests_app.cases.letters import ADDRESS, a_letter, case_of
from tests.requests_app.intake.records import recorded
from tests.requests_app.mandates.people import LENA, a_claim, a_decision, a_paper, mails_to, processor
from tests.requests_app.portal import ANN, token_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]
R, Kind, State = Right, Representative.Kind, Representative.State


def claimed(kind=Kind.AGENT, email=ANN, **fields) -> list[SubjectRequest]:
    mandates.submit(a_letter(email=email), a_claim(kind, **fields), address=ADDRESS)
    return list(SubjectRequest.objects.order_by("pk"))


def proven(kind=Kind.AGENT, **fields) -> list[SubjectRequest]:
    requests = claimed(kind, **fields)
    (message,) = mails_to(LENA)
    mandates.confirm_mailbox(token_in(message, "c"), address=ADDRESS)
    return requests


def states(requests):
    return [SubjectRequest.objects.get(pk=each.pk).status for each in requests]


def authorities(requests):
    return [Representative.objects.get(request=each).state for each in requests]


def test_one_mail_proves_the_mailbox_of_whoever_asks_for_all():
    requests = claimed()
    assert case_of(requests)
    (message,) = mails_to(LENA)
    assert [each.reference for each in requests if each.reference not in message.body] == []
    mandates.confirm_mailbox(token_in(message, "c"), address=ADDRESS)
    assert all(found.mailbox_proven_at for found in Representative.objects.all())


def test_each_request_has_the_authority_with_the_rights_of_the_letter():
    requests = claimed(rights=("portability",), files=(a_paper(),))
    for each in requests:
        assert sorted(representing.representative_of(each).rights) == ["access", "erasure", "portability"]
    assert Upload.objects.count() == 2


def test_the_same_again_sends_the_mail_again_a_few_times():
    for _ in range(6):
        requests = claimed()
    assert len(requests) == 2
    assert OutboxMail.objects.filter(template="represent").count() == 4


def test_the_person_is_asked_once_and_says_yes_to_all():
    requests = proven()
    (message,) = mails_to(ANN)
    assert [each.reference for each in requests if each.reference not in message.body] == []
    mandates.answer(token_in(message, "a"), agrees=True, receives_answer=True, address=ADDRESS)
    assert authorities(requests) == [State.ACCEPTED] * 2
    assert states(requests) == [Status.IN_PROGRESS] * 2


def test_no_is_no_to_all():
    requests = proven()
    (message,) = mails_to(ANN)
    mandates.answer(token_in(message, "a"), agrees=False, address=ADDRESS)
    assert authorities(requests) == [State.REFUSED] * 2
    assert states(requests) == [Status.LAPSED] * 2


def test_the_team_accepts_what_the_authority_covers_and_nothing_else():
    requests = proven(Kind.LAWYER, files=(a_paper(),))
    mandates.accept(requests[0].pk, a_decision(rights=("access",)), actor=processor())
    assert authorities(requests) == [State.ACCEPTED, State.WAITING]
    assert states(requests) == [Status.IN_PROGRESS, Status.SUBMITTED]


def test_the_team_accepts_the_whole_letter_where_the_authority_covers_it():
    requests = proven(Kind.LAWYER, files=(a_paper(),))
    mandates.accept(requests[1].pk, a_decision(rights=("access", "erasure")), actor=processor())
    assert authorities(requests) == [State.ACCEPTED] * 2
    assert states(requests) == [Status.IN_PROGRESS] * 2


def test_the_person_is_asked_to_confirm_once_where_the_papers_do_not_show_who_they_are():
    requests = proven(Kind.LAWYER, files=(a_paper(),))
    decision = a_decision(rights=("access", "erasure"), is_person_known=False)
    mandates.accept(requests[0].pk, decision, actor=processor())
    assert OutboxMail.objects.filter(template="confirm").count() == 1


def test_refusing_an_authority_refuses_it_for_the_letter():
    requests = proven(Kind.LAWYER)
    mandates.refuse(requests[1].pk, "It is not signed.", actor=processor())
    assert authorities(requests) == [State.REFUSED] * 2


def test_an_authority_ends_for_all_of_the_letter():
    requests = proven(Kind.LAWYER, files=(a_paper(),))
    mandates.accept(requests[0].pk, a_decision(rights=("access", "erasure")), actor=processor())
    mandates.end_by_person(requests[1].pk)
    assert authorities(requests) == [State.ENDED] * 2


def test_a_representative_whom_a_recorded_letter_names_stands_for_all_it_asks_for():
    first = recorded(also=(Asked(R.ERASURE),))
    mandates.record(first.pk, a_claim(Kind.LAWYER), actor=processor())
    assert Representative.objects.count() == 2
