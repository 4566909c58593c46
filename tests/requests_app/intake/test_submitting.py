from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from requests_app import intake, signals
from requests_app.intake import Submission, submit, submitting
from requests_app.limits import LimitReached
from requests_app.models import AuditEntry, IdentityCheck, OutboxMail, Right, Status, SubjectRequest
from tests.requests_app.portal import ANN, BOB, acts, confirmed, send_mails, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]

ADDRESS = "203.0.113.9"


def ann(**typed):
    return Submission(**{"name": "Ann Example", "email": ANN, "right": Right.ACCESS} | typed)


def mails():
    return list(OutboxMail.objects.order_by("pk").values_list("template", flat=True))


def test_a_submission_waits_for_its_confirmation():
    submit(ann(details="All of it.", formats=("csv",), language="de"), address=ADDRESS)
    request = SubjectRequest.objects.get()
    assert (request.status, request.verified_at) == (Status.SUBMITTED, None)
    assert (request.name, request.email, request.details) == ("Ann Example", ANN, "All of it.")
    assert (request.formats, request.language) == (["csv"], "de")
    assert request.identifiers.values_list("kind", "value", "proof", "proven_at").get() == ("email", ANN, "", None)
    assert request.identity_checks.get().sent == 1
    assert mails() == ["confirm"]
    entry = AuditEntry.objects.order_by("pk")[0]
    assert (entry.action, entry.actor_kind, entry.details) == ("request.submitted", "stranger", {"right": "access"})


def test_a_request_typed_anew_is_due_by_the_law_of_the_place_typed_last():
    submit(ann(place="DE-BY"), address=ADDRESS)
    submit(ann(place="US-CA"), address=ADDRESS)
    again = SubjectRequest.objects.get()
    assert again.place == "US-CA"
    known = again.deadlines.latest("pk")
    assert (known.rule.code, known.cause, known.due_on) == ("US-CA", "place", again.due_on)
    submit(ann(place="US-CA", details="More"), address=ADDRESS)
    assert again.deadlines.count() == 2


@pytest.mark.parametrize(
    ("today", "due"), [("2026-01-15", "2026-02-16"), ("2026-01-31", "2026-03-02"), ("2026-12-31", "2027-02-01")]
)
def test_the_answer_is_due_a_month_after_or_on_the_next_working_day(today, due, monkeypatch):
    moment = timezone.make_aware(timezone.datetime.fromisoformat(f"{today}T10:00"))
    monkeypatch.setattr(submitting.timezone, "now", lambda: moment)
    assert submitted(place="DE").due_on == date.fromisoformat(due)


def test_every_request_has_a_key_and_a_reference_of_its_own():
    first, second = submitted(), submitted(BOB)
    assert first.key != second.key
    assert first.reference != second.reference


@pytest.mark.parametrize("email", [ANN, ANN.upper(), "Ann@Example.test"])
def test_a_repetition_sends_the_mail_again_three_times_and_no_more(email):
    for _ in range(7):
        assert submit(ann(email=email), address=ADDRESS) is None
    request = SubjectRequest.objects.get()
    assert mails() == ["confirm"] * 4
    assert acts(request.pk) == ["request.submitted", "deadline.computed"] + ["identity.resent"] * 3


def test_the_mailbox_is_the_same_in_other_capitals():
    submit(ann(), address=ADDRESS)
    submit(ann(email=ANN.upper()), address=ADDRESS)
    assert SubjectRequest.objects.get().email == ANN


def test_what_was_typed_last_is_what_is_confirmed():
    submit(ann(details="First."), address=ADDRESS)
    submit(ann(name="Ann B. Example", details="Last.", formats=("json",), language="fr"), address=ADDRESS)
    request = SubjectRequest.objects.get()
    assert (request.name, request.details, request.formats) == ("Ann B. Example", "Last.", ["json"])
    assert request.language == "fr"


def test_what_is_typed_without_a_mail_that_tells_of_it_is_not_taken():
    for number in range(6):
        submit(ann(details=f"Text {number}."), address=ADDRESS)
    assert SubjectRequest.objects.get().details == "Text 3."


def test_rights_and_mailboxes_are_apart():
    for email, right in ((ANN, Right.ACCESS), (ANN, Right.ERASURE), (BOB, Right.ACCESS)):
        submit(ann(email=email, right=right), address=ADDRESS)
    assert SubjectRequest.objects.count() == 3
    assert mails() == ["confirm"] * 3


def test_after_a_confirmation_there_are_three_reminders_a_day():
    request = confirmed()
    before = len(mails())
    for email in (ANN, ANN.upper(), ANN, ANN, ANN.upper(), ANN):
        assert submit(ann(email=email, details="Again."), address=ADDRESS) is None
    assert mails()[before:] == ["already_open"] * 3
    assert SubjectRequest.objects.get() == request
    assert request.details == ""


def test_another_right_may_be_asked_for_on_the_same_day():
    confirmed()
    submit(ann(right=Right.ERASURE), address=ADDRESS)
    assert SubjectRequest.objects.filter(status=Status.SUBMITTED).get().right == Right.ERASURE


def test_a_day_after_a_confirmation_a_new_request_is_taken_in():
    first = confirmed()
    SubjectRequest.objects.update(verified_at=timezone.now() - timedelta(days=1, seconds=1))
    assert submitted() != first


@pytest.mark.parametrize("ended", [Status.WITHDRAWN, Status.LAPSED])
def test_what_ended_unconfirmed_blocks_nothing(ended):
    first = submitted()
    SubjectRequest.objects.update(status=ended)
    assert submitted() != first
    assert mails() == ["confirm"] * 2


def test_one_address_may_submit_so_often_an_hour(monkeypatch):
    monkeypatch.setattr(submitting, "MOST_FROM_ADDRESS_AN_HOUR", 2)
    for number in range(2):
        submit(ann(email=f"p{number}@example.test"), address=ADDRESS)
    with pytest.raises(LimitReached):
        submit(ann(email="p2@example.test"), address=ADDRESS)
    assert SubjectRequest.objects.count() == len(mails()) == 2
    submit(ann(email="p3@example.test"), address="198.51.100.7")
    submit(ann(email="p4@example.test"), address=None)
    assert SubjectRequest.objects.count() == 4


def test_two_that_looked_at_the_same_moment_do_not_send_more_mails_together():
    check = submitted().identity_checks.get()
    stale = [IdentityCheck.objects.get(pk=check.pk) for _ in range(5)]
    assert [intake.send_confirmation(one) for one in stale] == [True, True, True, False, False]
    assert mails() == ["confirm"] * 4


def test_no_mail_asks_again_for_what_is_proven():
    request = confirmed()
    before = mails()
    assert not intake.send_confirmation(request.identity_checks.get())
    assert mails() == before


def test_others_hear_of_a_request_once_it_is_committed(django_capture_on_commit_callbacks):
    heard = []

    def hear(sender, reference, right, status, **_):
        heard.append((reference, right, status))

    signals.request_created.connect(hear)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            request = submitted()
            submitted()
            assert not heard
    finally:
        signals.request_created.disconnect(hear)
    assert heard == [(request.reference, Right.ACCESS, Status.SUBMITTED)]


def test_only_the_mailbox_learns_whether_it_is_known():
    confirmed()
    before = len(mails())
    submit(ann(), address=ADDRESS)
    submit(ann(email=BOB), address=ADDRESS)
    assert mails()[before:] == ["already_open", "confirm"]
    assert [message.to for message in send_mails()] == [[ANN], [ANN], [BOB]]


def test_a_reminder_of_a_request_that_is_over_promises_no_more_work():
    request = confirmed()
    submit(ann(), address=ADDRESS)
    assert "We are on it" in send_mails()[-1].body
    SubjectRequest.objects.filter(pk=request.pk).update(status=Status.WITHDRAWN)
    submit(ann(), address=ADDRESS)
    body = send_mails()[-1].body
    assert "We are on it" not in body
    assert "how it ended" in body


def test_what_is_recorded_later_than_it_came_is_due_as_of_the_day_it_came():
    came = timezone.now() - timedelta(days=60)
    submit(ann(place="DE"), address=None, received_at=came)
    request = SubjectRequest.objects.get()
    assert request.submitted_at == came
    assert request.due_on < timezone.localdate()
    with pytest.raises(intake.FutureReceipt):
        submit(ann(email=BOB), address=None, received_at=timezone.now() + timedelta(minutes=1))
