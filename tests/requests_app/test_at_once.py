"""What two do at the same moment, on PostgreSQL, where they really do."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from functools import partial
from threading import Barrier

import pytest
from django.db import transaction
from django.utils import timezone

from requests_app import (
    audit,
    delivery,
    identity,
    intake,
    links,
    planning,
    refusing,
    retention,
    review,
    tasks,
)
from requests_app.audit import Actor
from requests_app.links import UsedLink
from requests_app.models import (
    AuditEntry,
    Download,
    Export,
    Leased,
    OutboxMail,
    Redaction,
    Refusal,
    Right,
    SecureLink,
    SourceSearch,
    Status,
    SubjectRequest,
)
from requests_app.review import NotReady
from requests_app.workflow import ImpossibleTransition, perform
from tests.requests_app.portal import (
    ANN,
    a_draft,
    a_request,
    a_shop,
    a_source,
    acts,
    an_export,
    collected,
    confirmed,
    member,
    send_mails,
    staff,
    submitted,
    the_controller,
    token_in,
)

pytestmark = pytest.mark.usefixtures("storage_folder")


def test_submissions_at_once_are_one_request(at_once):
    typed = intake.Submission(name="Ann Example", email=ANN, right=Right.ACCESS)
    assert at_once(*[lambda: intake.submit(typed, address=None)] * 6) == [None] * 6
    request = SubjectRequest.objects.get()
    assert request.identity_checks.get().sent == 4
    assert OutboxMail.objects.count() == 4
    assert acts(request.pk).count("request.submitted") == 1


def test_clicks_at_once_confirm_once(at_once, tmp_path):
    a_source(tmp_path)
    request = submitted()
    token = token_in(send_mails()[-1], "c")
    assert at_once(*[lambda: identity.confirm(token, address=None)] * 4) == [request] * 4
    assert request.searches.count() == 1
    assert acts(request.pk).count("request.verified") == 1
    assert OutboxMail.objects.filter(template="received").count() == 1


def test_of_two_transitions_at_once_one_happens(at_once):
    request, actor = a_request(), Actor.staff(staff())
    ends = [lambda name=name: perform(request.pk, name, actor=actor, reason="So.") for name in ("complete", "withdraw")]
    assert sorted(map(str, at_once(*ends))) == sorted(map(str, [None, ImpossibleTransition]))
    assert len(acts(request.pk)) == OutboxMail.objects.count() == 1


def test_of_a_refusal_and_a_withdrawal_at_once_one_happens(at_once):
    the_controller()
    request, actor = a_request(), Actor.staff(staff())
    row = refusing.prepare(request.pk, a_draft(request), actor=Actor.staff(staff("otto")))
    ends = [
        lambda: refusing.approve(row.pk, actor=actor) and None,
        lambda: perform(request.pk, "withdraw", actor=audit.SUBJECT),
    ]
    answers = at_once(*ends)
    assert sum(answer is None for answer in answers) == 1
    assert {answer for answer in answers if answer} <= {refusing.IllegalRefusal, ImpossibleTransition}
    assert OutboxMail.objects.count() == 1


def test_two_approve_a_refusal_at_once_and_two_prepare_one_at_once_and_one_of_each_happens(at_once):
    the_controller()
    request, otto = a_request(), Actor.staff(staff("otto"))
    made = at_once(*[lambda: refusing.prepare(request.pk, a_draft(request), actor=otto)] * 3)
    assert made.count(refusing.DecidedRefusal) == 2
    row = Refusal.objects.get()
    both = [Actor.staff(staff("rita")), Actor.staff(staff("mia"))]
    given = at_once(*[lambda actor=actor: refusing.approve(row.pk, actor=actor) for actor in both])
    assert sum(item == row for item in given) == 1
    assert OutboxMail.objects.filter(template="refused").count() == 1


def test_a_confirmation_and_a_withdrawal_at_once_end_withdrawn(at_once, tmp_path):
    a_source(tmp_path)
    request = submitted()
    token = token_in(send_mails()[-1], "c")
    answers = at_once(
        lambda: identity.confirm(token, address=None), lambda: perform(request.pk, "withdraw", actor=audit.SUBJECT)
    )
    assert answers == [request, None]
    assert SubjectRequest.objects.get().status == Status.WITHDRAWN


def test_work_is_claimed_by_one(at_once, tmp_path):
    a_source(tmp_path)
    search = confirmed().searches.get()
    claims = at_once(*[lambda: SourceSearch.objects.claim(search.pk)] * 4)
    assert sorted(claims, key=str) == [1, None, None, None]


def test_the_sweep_gives_work_to_one(at_once):
    overdue = [OutboxMail(request=request, template="confirm") for request in [a_request()] for _ in range(60)]
    OutboxMail.objects.bulk_create(overdue)
    OutboxMail.objects.update(requeue_at=timezone.now())
    taken = at_once(*[lambda: OutboxMail.objects.take_overdue(timezone.now())] * 4)
    assert sorted(pk for pks in taken for pk in pks) == sorted(mail.pk for mail in overdue)


def test_a_task_delivered_twice_at_once_is_done_once(at_once, tmp_path, storage_folder):
    a_source(tmp_path)
    search = confirmed().searches.get()
    at_once(*[lambda: tasks.collect_source(search.pk)] * 3)
    search.refresh_from_db()
    assert (search.state, search.attempt) == (Leased.State.DONE, 1)
    assert [path.name for path in storage_folder.iterdir()] == [search.segment]
    assert acts(search.request_id).count("search.done") == 1


def test_searches_that_end_together_are_noticed_once(at_once, tmp_path):
    url = a_shop(tmp_path)
    for slug in ("shop", "crm", "forum"):
        a_source(tmp_path, slug=slug, url=url)
    request, have_ended = confirmed(), Barrier(3)

    def end(pk):
        with transaction.atomic():
            SourceSearch.objects.filter(pk=pk).update(state=Leased.State.DONE)
            have_ended.wait()  # none sees yet that the others have
            planning.settle(request.pk)

    at_once(*[partial(end, pk) for pk in request.searches.values_list("pk", flat=True)])
    assert acts(request.pk).count("request.collected") == 1


def test_of_two_releases_at_once_one_is_made(at_once, tmp_path):
    a_source(tmp_path)
    request, actor = collected(), Actor.staff(staff())
    answers = at_once(*[lambda: review.release(request.pk, actor=actor)] * 3)
    assert sorted(map(str, answers)) == sorted(map(str, [Export.objects.get(), NotReady, NotReady]))
    assert AuditEntry.objects.filter(action="answer.released").count() == 1


def test_of_a_release_and_something_withheld_at_once_one_happens(at_once, tmp_path):
    a_source(tmp_path)
    request, actor = collected(), Actor.staff(staff())
    search = request.searches.get()
    at_once(
        lambda: review.release(request.pk, actor=actor),
        lambda: review.redact(search, "orders", ordinal=0, ground="Trade secret", actor=actor),
    )
    # What is withheld needs a partial refusal, so that it keeps the release back; what is released keeps all.
    assert Export.objects.count() + Redaction.objects.count() == 1
    for export in Export.objects.all():
        tasks.render_export(export.pk)
        export.refresh_from_db()
        assert (export.state, export.records) == (Leased.State.DONE, 3)


def test_a_link_that_works_once_works_once(at_once, settings):
    settings.DSR_SINGLE_USE_DOWNLOADS = True
    export = an_export(b"files")
    token = links.mint(export.request, SecureLink.Purpose.DOWNLOAD, export=export, lifetime=timedelta(hours=1))

    def download():
        return b"".join(delivery.begin(token, address=None, agent="").chunks)

    assert sorted(map(str, at_once(*[download] * 4))) == sorted(map(str, [b"files", UsedLink, UsedLink, UsedLink]))
    assert Download.objects.count() == 1


def test_many_links_to_files_to_be_had_once_used_at_once_give_them_once(at_once, settings):
    settings.DSR_SINGLE_USE_DOWNLOADS = True
    export, hour = an_export(b"files"), timedelta(hours=1)
    tokens = [links.mint(export.request, SecureLink.Purpose.DOWNLOAD, export=export, lifetime=hour) for _ in range(4)]

    def downloading(token):
        return lambda: b"".join(delivery.begin(token, address=None, agent="").chunks)

    given = at_once(*map(downloading, tokens))
    assert sorted(map(str, given)) == sorted(map(str, [b"files", UsedLink, UsedLink, UsedLink]))
    assert Download.objects.count() == 1


def test_two_that_clean_up_at_once_remove_once(at_once):
    export = an_export(b"files")
    request = submitted()
    later = export.expires_at + timedelta(days=90)
    reports = at_once(*[lambda: retention.clean_up(later)] * 3)
    assert sum(line.removed for report in reports for line in report if line.kind == "files") == 1
    assert sum(line.failed for report in reports for line in report) == 0
    assert acts(export.request_id) == ["export.removed"]
    assert acts(request.pk).count("request.lapsed") == 1


def test_what_is_held_while_it_is_cleaned_up_is_kept_or_was_gone_before(at_once):
    pks = [a_request(Status.WITHDRAWN, email=f"{n}@example.test", closed_at=timezone.now()).pk for n in range(30)]
    manager, later = Actor.staff(member("Manager")), timezone.now() + timedelta(days=2_000)

    def hold_all():
        held = set()
        for pk in reversed(pks):
            with suppress(retention.UnusableHold):
                held.add(retention.hold(pk, "A claim is pending.", actor=manager).request_id)
        return held

    _, held = at_once(partial(retention.run, later), hold_all)
    gone = set(SubjectRequest.objects.exclude(pseudonymised_at=None).values_list("pk", flat=True))
    assert not held & gone
    assert held | gone == set(pks)
