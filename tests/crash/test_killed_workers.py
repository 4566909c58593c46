"""Workers that die with -9 at many moments of their work: every request is answered, nothing twice, nothing left."""

from __future__ import annotations

import os

import pytest

from tests.live.moments import KILL_ALWAYS
from tests.live.portal import running_portal
from tests.live.smtp import running_mail_server
from tests.live.sources import expected, keys_in, register, sqlite_companies
from tests.live.steps import (
    add_member,
    confirm,
    do,
    is_completed,
    is_ready,
    package_of,
    release,
    submit,
    sweep_until,
)
from tests.servers import wait_until

SHORT = {"LEASE_SECONDS": 2, "QUEUED_SECONDS": 6, "FIRST_PAUSE_SECONDS": 0.2}
MOMENTS = 20 if os.environ.get("DSR_TEST_ALL") == "1" else 4
# Before the work is claimed, and around the one transaction that decides: before it, in it, after it.
DECISIVE = ["claim.call", "_finish.call", "finish.return", "_finish.return"]
# What is done to a request of two sources, each once.
OF_THE_REQUEST = [f"request.{act}" for act in ("begun", "collected", "completed", "planned", "submitted", "verified")]
ACTS = [
    "answer.released",
    "deadline.computed",
    "export.ready",
    "identity.proven",
    *OF_THE_REQUEST,
    "search.done",
    "search.done",
]


@pytest.fixture(scope="module")
def companies(tmp_path_factory):
    return sqlite_companies(tmp_path_factory.mktemp("companies"))


@pytest.fixture(scope="module")
def mails():
    with running_mail_server() as server:
        yield server


@pytest.fixture(scope="module")
def portal(tmp_path_factory, companies, mails):
    folder = tmp_path_factory.mktemp("portal")
    url = f"sqlite:///{folder / 'portal.sqlite3'}"
    programs = ("quick", "heavy")
    with running_portal(folder, url, email_url=mails.url, leased=SHORT, programs=programs) as portal:
        register(portal, companies)
        add_member(portal, "Reviewer")
        yield portal


@pytest.fixture
def people(portal, companies):
    """Addresses of people whom both companies know, and who did not ask yet."""
    both = set.intersection(*({*company.truth.people} for company in companies))
    asked = do(portal, "result = list(SubjectRequest.objects.values_list('email', flat=True))")
    return [email for email in sorted(both - {*asked}) if email.isascii() and all(c.keys_of(email) for c in companies)]


def answered(portal, *requests):
    """Let the requests be collected, released and rendered; returns the ids of the exports."""
    sweep_until(portal, lambda: is_ready(portal, *requests))
    exports = [release(portal, request) for request in requests]
    sweep_until(portal, lambda: is_completed(portal, *requests))
    return exports


def set_moments(portal, task):
    """Spread moments over a task, beside the decisive ones; forget those of other tests."""
    portal.go_on(task)
    evenly = MOMENTS - len(DECISIVE)
    steps = portal.steps_of(task) * 9 // 10  # of another person it may take fewer
    for moment in [*DECISIVE, *(steps * (2 * number + 1) // (2 * evenly) for number in range(evenly))]:
        portal.set_moment(task, moment)


def acts_on(portal, request):
    """What the audit trail says was done to a request, apart from its mails and downloads."""
    entries = f"AuditEntry.objects.filter(request_id={request}).order_by('pk').values_list('action', flat=True)"
    acts = do(portal, f"result = list({entries})")
    return sorted(act for act in acts if act not in ("mail.sent", "export.downloaded"))


def left_over(portal):
    """What lies in the storage that no row names, or the other way round; and how many keys are alive for nothing."""
    return do(
        portal,
        "retention.remove_stray_files(older_than_seconds=0)\n"
        "segments = SourceSearch.objects.exclude(segment='').values_list('segment', flat=True)\n"
        "named = {*segments, *Export.objects.values_list('file', flat=True)}\n"
        "alive = EncryptionKey.objects.exclude(parent=None).filter(destroyed_at=None).count()\n"
        "result = [sorted({name for name, age in storage.names()} ^ named), alive - len(named)]",
    )


def test_every_request_is_answered_once_whenever_workers_die(portal, companies, mails, people):
    first, *others = people
    requests = {submit(portal, email): email for email in [first, *others[: MOMENTS // 2]]}
    undisturbed, *disturbed = requests
    confirm(portal, undisturbed)
    answered(portal, undisturbed)  # tells how many steps there are
    set_moments(portal, "collect_source")
    set_moments(portal, "render_export")
    for request in disturbed:
        confirm(portal, request)
    exports = dict(zip(disturbed, answered(portal, *disturbed), strict=True))
    assert len(portal.reached("collect_source")) == MOMENTS
    assert len(portal.reached("render_export")) == MOMENTS
    for request, export in exports.items():
        email = requests[request]
        assert keys_in(companies, package_of(portal, export)) == expected(companies, email)
        assert len([mail for mail in mails.mails if mail["To"] == email and "ready" in mail["Subject"]]) == 1
        assert acts_on(portal, request) == ACTS
    assert left_over(portal) == [[], 0]


def test_work_that_kills_its_worker_each_time_ends_visibly_failed_and_can_be_tried_again(portal, companies, people):
    portal.go_on("collect_source")
    portal.set_moment("collect_source", "collect.call", KILL_ALWAYS)
    request = submit(portal, people[0])
    confirm(portal, request)
    searches = f"SourceSearch.objects.filter(request={request})"
    states = f"list({searches}.values_list('state', 'attempt', 'last_error'))"
    for deaths in range(len(companies), 6 * len(companies), len(companies)):
        wait_until(lambda deaths=deaths: len(portal.reached("collect_source")) == deaths)
        do(portal, f"result = {searches}.update(claimable_at=timezone.now(), requeue_at=timezone.now()), tasks.sweep()")
    wait_until(lambda: all(state == "failed" for state, *_ in do(portal, f"result = {states}")))
    reason = "Given up after 5 attempts; the worker stopped each time. Its log may say why."
    assert do(portal, f"result = {states}") == [["failed", 5, reason]] * len(companies)
    portal.forget_moments("collect_source")
    do(portal, f"result = [review.retry(each, actor=audit.SYSTEM) for each in {searches}]")
    (export,) = answered(portal, request)
    assert keys_in(companies, package_of(portal, export)) == expected(companies, people[0])


@pytest.mark.parametrize("is_reachable", [True, False])
def test_a_mail_goes_out_once_the_mail_server_is_back(portal, mails, people, is_reachable):
    if is_reachable:
        mails.is_accepting = False
    else:
        mails.stop()
    request = submit(portal, people[0])
    mail = f"OutboxMail.objects.filter(request={request}).values_list('state', 'attempt', 'last_error').get()"
    wait_until(lambda: do(portal, f"result = {mail}[2]"))
    state, attempt, reason = do(portal, f"result = {mail}")
    assert (state, attempt) == ("waiting", 1)
    assert reason in (
        "The mail server refused the mail (451).",
        "The mail server cannot be reached (ConnectionRefusedError).",
    )
    if is_reachable:
        mails.is_accepting = True
    else:
        mails.start()
    sweep_until(portal, lambda: do(portal, f"result = {mail}[0]") == "done")
    assert len([mail for mail in mails.mails if mail["To"] == people[0]]) == 1


def test_a_mail_whose_worker_dies_after_sending_is_repeated_under_the_same_id(portal, mails, people):
    portal.set_moment("send_mail", "finish.call")
    submit(portal, people[0])
    wait_until(lambda: portal.reached("send_mail"))
    sweep_until(portal, lambda: do(portal, "result = not OutboxMail.objects.exclude(state='done').exists()"))
    sent = [mail["Message-ID"] for mail in mails.mails if mail["To"] == people[0]]
    assert len(sent) == 2
    assert len({*sent}) == 1
