"""Several processes doing the same thing to the same request at the same moment: one does it, nothing is doubled."""

from __future__ import annotations

import pytest

from tests.live.portal import running_portal
from tests.live.sources import register, sqlite_companies
from tests.live.steps import add_member, confirm, do, do_at_once, releasing, submission, submit, token

ROUNDS = 3
ONCE = {"DSR_SINGLE_USE_DOWNLOADS": "true"}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def portal(request, tmp_path_factory):
    """A portal without any process of its own: whatever happens, the processes of a test do."""
    folder = tmp_path_factory.mktemp("portal")
    url = f"sqlite:///{folder / 'portal.sqlite3'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_server").create_database("portal")
    with running_portal(folder, url, programs=(), extra_env=ONCE) as portal:
        register(portal, sqlite_companies(folder))
        add_member(portal, "Reviewer")
        add_member(portal, "Manager")
        yield portal


@pytest.fixture(params=range(ROUNDS))
def email(request, portal):
    """The address of somebody who did not ask yet."""
    return f"person-{do(portal, 'result = SubjectRequest.objects.count()')}@example.test"


@pytest.fixture
def confirmed(portal, email):
    request = submit(portal, email)
    confirm(portal, request)
    return request


@pytest.fixture
def collected(portal, confirmed):
    do(portal, f"result = [tasks.collect_source(each.pk) for each in SourceSearch.objects.filter(request={confirmed})]")
    return confirmed


@pytest.fixture
def released(portal, collected):
    return do(portal, releasing(collected))


def acts_on(portal, request, action):
    return do(portal, f"result = AuditEntry.objects.filter(request_id={request}, action={action!r}).count()")


def mails_of(portal, request, template):
    return do(portal, f"result = OutboxMail.objects.filter(request={request}, template={template!r}).count()")


def test_a_form_sent_several_times_at_once_makes_one_request_and_at_most_four_mails(portal, email):
    do_at_once(portal, *[f"result = {submission(email)}"] * 3)
    do_at_once(portal, *[f"result = {submission(email)}"] * 3)
    (request,) = do(
        portal, f"result = list(SubjectRequest.objects.filter(email={email!r}).values_list('pk', flat=True))"
    )
    assert mails_of(portal, request, "confirm") == 4
    assert do(portal, f"result = IdentityCheck.objects.get(request={request}).sent") == 4


def test_a_request_confirmed_twice_at_once_is_begun_once(portal, email):
    request = submit(portal, email)
    link = token(portal, request)
    confirming = f"result = identity.confirm({link!r}, address=None).status"
    assert do_at_once(portal, confirming, confirming) == ["in_progress", "in_progress"]
    assert do(portal, f"result = SourceSearch.objects.filter(request={request}).count()") == 2
    assert mails_of(portal, request, "received") == 1
    for action in ("identity.proven", "request.verified", "request.begun", "request.planned"):
        assert acts_on(portal, request, action) == 1


def test_two_reviewers_who_release_at_once_release_once(portal, collected):
    results = do_at_once(portal, releasing(collected, "reviewer"), releasing(collected, "manager"))
    assert sorted(map(str, results))[1:] == ["NotReady"]
    assert do(portal, f"result = Export.objects.filter(request={collected}).count()") == 1
    assert do(portal, f"result = Approval.objects.filter(request={collected}).count()") == 1


def test_of_a_refusal_and_a_withdrawal_at_once_one_happens(portal, confirmed):
    people = "first, second = User.objects.order_by('pk')[:2]"
    fields = "extent='whole', facts='Abuse', prepared_by=first, approved_by=second, approved_at=timezone.now()"
    do(portal, f"{people}\nresult = Refusal.objects.create(request_id={confirmed}, {fields}).pk")
    refusing = f"result = workflow.perform({confirmed}, 'reject', actor=audit.SYSTEM, reason='Abuse')"
    withdrawing = f"result = workflow.perform({confirmed}, 'withdraw', actor=audit.SUBJECT)"
    results = do_at_once(portal, refusing, withdrawing)
    assert sorted(map(str, results)) == ["ImpossibleTransition", "None"]
    assert mails_of(portal, confirmed, "refused") + mails_of(portal, confirmed, "withdrawn") == 1


def test_two_workers_with_the_same_search_read_it_once_and_the_end_of_all_is_noted_once(portal, confirmed):
    ids = do(portal, f"result = list(SourceSearch.objects.filter(request={confirmed}).values_list('pk', flat=True))")
    do_at_once(portal, *[f"result = tasks.collect_source({pk})" for pk in [*ids, *ids]])
    rows = do(portal, f"result = list(SourceSearch.objects.filter(pk__in={ids}).values_list('state', 'attempt'))")
    assert rows == [["done", 1], ["done", 1]]
    assert acts_on(portal, confirmed, "search.done") == 2
    assert acts_on(portal, confirmed, "request.collected") == 1


def test_of_two_searches_that_end_at_once_one_notes_that_all_have_ended(portal, confirmed):
    ids = do(portal, f"result = list(SourceSearch.objects.filter(request={confirmed}).values_list('pk', flat=True))")
    ending = (
        "with transaction.atomic():\n"
        "    SourceSearch.objects.filter(pk={}).update(state='done')\n"
        f"    result = time.sleep(0.05) or planning.settle({confirmed})"
    )
    do_at_once(portal, *[ending.format(pk) for pk in ids])
    assert acts_on(portal, confirmed, "request.collected") == 1


def test_two_workers_with_the_same_export_make_it_once_and_a_link_for_one_use_is_used_once(portal, released):
    rendering = f"result = tasks.render_export({released})"
    do_at_once(portal, rendering, rendering)
    assert do(portal, f"result = Export.objects.filter(pk={released}).values_list('state', 'attempt').get()") == [
        "done",
        1,
    ]
    request = do(portal, f"result = Export.objects.get(pk={released}).request_id")
    assert mails_of(portal, request, "nothing_held") == acts_on(portal, request, "request.completed") == 1
    minting = (
        f"export = Export.objects.get(pk={released})\nresult = links.mint(export.request, 'download', export=export, "
    )
    link = do(portal, f"{minting}lifetime=timedelta(days=1))")
    taking = f"result = len(b''.join(delivery.begin({link!r}, address=None, agent='').chunks))"
    size, other = sorted(do_at_once(portal, taking, taking), key=str)
    assert (size > 0, other) == (True, "UsedLink")
    assert do(portal, f"result = Download.objects.filter(export={released}).count()") == 1


def test_two_workers_with_the_same_mail_send_it_once(portal, email):
    request = submit(portal, email)
    mail = do(portal, f"result = OutboxMail.objects.get(request={request}).pk")
    do_at_once(portal, *[f"result = tasks.send_mail({mail})"] * 3)
    sent = [file for file in (portal.folder / "mails").iterdir() if email in file.read_text()]
    assert len(sent) == 1
