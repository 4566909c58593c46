from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from requests_app import codes, links
from requests_app.codes import RefusedCode
from requests_app.models import DownloadCode, Leased, OutboxMail, SecureLink
from requests_app.notifications import queue_mail
from tests.requests_app.portal import a_source, acts, an_export, released, run_out, send_mails

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]


@pytest.fixture
def link():
    return a_link(an_export(b"files"))


@pytest.fixture
def later(time_machine):
    return lambda passed: time_machine.move_to(timezone.now() + passed)


def a_link(export):
    token = links.mint(
        export.request, SecureLink.Purpose.DOWNLOAD, export=export, lifetime=export.expires_at - timezone.now()
    )
    return links.find(token, SecureLink.Purpose.DOWNLOAD)


def mailed(link) -> str:
    return codes.mint(codes.create(link))


def refusal(link, typed) -> str:
    with pytest.raises(RefusedCode) as refused:
        codes.confirm(link, typed)
    return refused.value.reason


@pytest.mark.parametrize("write", [str, str.lower, lambda code: code.replace("-", ""), lambda code: f" {code} \n"])
def test_a_code_gives_a_pass_however_it_is_written(write, link):
    proof = codes.confirm(link, write(mailed(link)))
    assert len(proof) == 43
    assert codes.is_passed(link, proof)


def test_codes_are_random(link):
    made = {codes.mint(codes.create(link)) for _ in range(20)}
    assert len(made) == 20
    assert all(len(code) == 9 and code[4] == "-" for code in made)


def test_neither_code_nor_pass_stands_in_the_database_nor_its_plain_hash(link):
    code = mailed(link)
    proof = codes.confirm(link, code)
    stored = str(DownloadCode.objects.values().get())
    assert code not in stored
    assert code.replace("-", "") not in stored
    assert proof not in stored


def test_a_wrong_code_is_counted_and_after_five_the_right_one_is_too_late(link):
    code = mailed(link)
    assert [refusal(link, "AAAA-AAAA") for _ in range(5)] == ["wrong"] * 5
    assert refusal(link, code) == "exhausted"
    assert codes.confirm(link, mailed(link))


@pytest.mark.parametrize("typed", ["", "-", "\0", "x" * 100_000, "ΑΑΑΑ-ΑΑΑΑ", "👻"])
def test_what_is_no_code_is_wrong(typed, link):
    mailed(link)
    assert refusal(link, typed) == "wrong"


def test_a_code_is_taken_once(link):
    code = mailed(link)
    codes.confirm(link, code)
    assert refusal(link, code) == "expired"


def test_a_code_is_good_for_fifteen_minutes_from_its_mail(link, later):
    code = mailed(link)
    later(timedelta(minutes=14, seconds=58))
    assert DownloadCode.objects.get().expires_at > timezone.now()
    later(timedelta(seconds=3))
    assert refusal(link, code) == "expired"


def test_a_pass_is_good_for_an_hour(link, later):
    proof = codes.confirm(link, mailed(link))
    later(timedelta(minutes=59))
    assert codes.is_passed(link, proof)
    later(timedelta(minutes=2))
    assert not codes.is_passed(link, proof)


def test_the_code_that_was_mailed_last_counts(link):
    first, second = mailed(link), mailed(link)
    assert refusal(link, first) == "wrong"
    assert codes.confirm(link, second)


def test_a_code_whose_mail_is_still_to_be_sent_does_not_void_the_one_before(link):
    code = mailed(link)
    codes.create(link)
    assert codes.confirm(link, code)


def test_code_and_pass_are_good_for_their_own_link_alone(link):
    other = a_link(link.export)
    code = mailed(link)
    assert refusal(other, code) == "expired"
    proof = codes.confirm(link, code)
    assert not codes.is_passed(other, proof)
    assert not codes.is_passed(a_link(an_export(b"another")), proof)


@pytest.mark.parametrize("proof", ["", "x", "\0", "x" * 10_000])
def test_no_pass_is_no_pass(proof, link):
    mailed(link)
    assert not codes.is_passed(link, proof)


@pytest.mark.parametrize(
    ("setting", "is_sensitive", "needed"),
    [
        ("never", True, False),
        ("sensitive", True, True),
        ("sensitive", False, False),
        ("always", False, True),
    ],
)
def test_the_setting_says_when_a_code_is_needed(setting, is_sensitive, needed, settings, tmp_path):
    settings.DSR_DOWNLOAD_CODE = setting
    source = a_source(tmp_path)
    export = released()
    type(source).objects.update(is_sensitive=is_sensitive)
    assert codes.is_required(export) is needed


def test_a_sensitive_source_that_gave_nothing_needs_no_code(tmp_path):
    source = a_source(tmp_path)
    export = released()
    type(source).objects.update(is_sensitive=True)
    export.request.searches.update(state=Leased.State.FAILED, is_left_out=True)
    assert not codes.is_required(export)


def test_the_code_stands_in_its_mail_and_no_link_does(link):
    queue_mail(link.request_id, "download_code", code_id=codes.create(link).pk)
    (message,) = send_mails()
    code = next(line.strip() for line in message.body.splitlines() if "-" in line and len(line.strip()) == 9)
    assert code in message.alternatives[0][0]
    assert code not in message.subject
    assert "15 minutes" in message.body
    assert "http" not in message.body
    assert codes.confirm(link, code)
    assert acts(link.request_id) == ["mail.sent"]


def test_a_mail_nobody_waits_for_any_more_is_not_sent(link, later):
    queue_mail(link.request_id, "download_code", code_id=codes.create(link).pk)
    later(timedelta(minutes=16))
    assert send_mails() == []
    mail = OutboxMail.objects.get()
    assert (mail.state, mail.attempt, mail.sent_at) == (Leased.State.DONE, 1, None)
    assert acts(link.request_id) == ["mail.dropped"]


def test_a_mail_that_is_sent_again_brings_a_code_that_works(link):
    mail = queue_mail(link.request_id, "download_code", code_id=codes.create(link).pk)
    send_mails()
    OutboxMail.objects.update(state=Leased.State.RUNNING)  # as if the worker had died before it said so
    run_out(mail)
    (message,) = send_mails()
    code = next(line.strip() for line in message.body.splitlines() if "-" in line and len(line.strip()) == 9)
    assert codes.confirm(link, code)
