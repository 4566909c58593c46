"""Further files and passphrases that are ordered at the same moment, on PostgreSQL, where they really are."""

from __future__ import annotations

from threading import Event
from time import sleep

import pytest
from django.db import transaction

from requests_app import audit, passphrases, review, revoking, tasks
from requests_app.audit import Actor
from requests_app.models import Export, Leased, SourceSearch, SubjectRequest
from requests_app.rendering.further import ImpossibleFiles, downloadable, order, protect
from tests.requests_app.portal import a_source, acts, collected, released, run_out, staff

pytestmark = [
    pytest.mark.usefixtures("storage_folder"),
    # What WinZip's format prescribes.
    pytest.mark.filterwarnings("ignore:PBKDF2 without:DeprecationWarning"),
]
FIRST, SECOND = "Correct horse 4711", "Another horse 4712"


def test_of_orders_at_once_one_is_made(at_once, tmp_path):
    a_source(tmp_path)
    given = released()
    answers = at_once(*[lambda: order(given.request, ["xml"], actor=audit.SUBJECT)] * 4)
    made = Export.objects.latest("pk")
    assert sorted(map(str, answers)) == sorted(map(str, [made, *[ImpossibleFiles] * 3]))
    assert Export.objects.count() == 2
    assert acts(given.request_id).count("files.ordered") == 1


def test_of_passphrases_at_once_one_is_set_and_the_files_are_made_with_it(at_once, tmp_path):
    a_source(tmp_path)
    given = released()
    answers = at_once(
        *[lambda text=text: protect(given.request, text, actor=audit.SUBJECT) for text in (FIRST, SECOND)]
    )
    made = Export.objects.latest("pk")
    assert sorted(map(str, answers)) == sorted(map(str, [made, ImpossibleFiles]))
    tasks.render_export(made.pk)
    made.refresh_from_db()
    assert (made.state, made.is_protected, downloadable(given.request)) == (Leased.State.DONE, True, [made])
    assert acts(given.request_id).count("passphrase.set") == 1


def test_an_order_and_a_passphrase_at_once_leave_no_file_unprotected(at_once, tmp_path):
    a_source(tmp_path)
    given = released()
    at_once(
        lambda: order(given.request, ["xml"], actor=audit.SUBJECT),
        lambda: protect(given.request, FIRST, actor=audit.SUBJECT),
    )
    has_passphrase = bool(SubjectRequest.objects.get().passphrase)
    made = Export.objects.latest("pk")
    tasks.render_export(made.pk)
    made.refresh_from_db()
    assert Export.objects.count() == 2
    assert (made.state, made.is_protected, made.replaces_earlier) == (Leased.State.DONE, has_passphrase, has_passphrase)


@pytest.mark.parametrize("_", range(3))
def test_a_passphrase_set_while_the_first_files_are_finished_protects_them(at_once, tmp_path, _):
    a_source(tmp_path)
    request = collected()
    export = review.release(request.pk, actor=Actor.staff(staff()), formats=("json",))
    at_once(
        lambda: tasks.render_export(export.pk),
        lambda: protect(SubjectRequest.objects.get(pk=request.pk), FIRST, actor=audit.SUBJECT),
    )
    assert passphrases.passphrase_of(SubjectRequest.objects.get()) == FIRST
    for left in Export.objects.open():
        run_out(left)
        tasks.render_export(left.pk)
    (there,) = downloadable(request)
    assert there.is_protected


def test_files_finished_while_others_of_their_release_are_taken_back_are_not_given_out(at_once, tmp_path):
    a_source(tmp_path)
    given = released()
    export = order(given.request, ["xml"], actor=audit.SUBJECT)
    actor, is_taken = Actor.staff(staff("otto")), Event()

    def taking_back():
        with transaction.atomic():
            revoking.take_back(given, actor=actor)
            is_taken.set()
            sleep(3)  # the others are made meanwhile

    def making():
        is_taken.wait()
        tasks.render_export(export.pk)

    at_once(taking_back, making)
    assert downloadable(given.request) == []


def test_two_workers_of_one_order_make_it_once(at_once, tmp_path, storage_folder):
    a_source(tmp_path)
    given = released()
    export = order(given.request, ["xml"], actor=audit.SUBJECT)
    at_once(*[lambda: tasks.render_export(export.pk)] * 3)
    export.refresh_from_db()
    assert (export.state, export.attempt) == (Leased.State.DONE, 1)
    assert {path.name for path in storage_folder.iterdir()} == {
        given.file,
        export.file,
        SourceSearch.objects.get().segment,
    }
