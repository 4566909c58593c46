from __future__ import annotations

import json

import pytest

from exporters import registry
from requests_app import audit, leases, review, tasks
from requests_app.artefacts import fresh_artefact
from requests_app.audit import Actor
from requests_app.leases import LostLease, Work
from requests_app.models import (
    AuditEntry,
    EncryptionKey,
    Export,
    Leased,
    OutboxMail,
    Outcome,
    Redaction,
    Refusal,
    Status,
)
from requests_app.models.leased import MOST_ATTEMPTS, LeasedQuerySet
from requests_app.workflow import perform
from tests.requests_app.portal import (
    ANN,
    MARKER,
    a_colleague,
    a_refusal,
    a_source,
    acts,
    collected,
    downloaded,
    released,
    run_out,
    send_mails,
    staff,
    token_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]


@pytest.fixture
def actor(db):
    return Actor.staff(staff())


@pytest.fixture
def request_(tmp_path):
    """Ann's request, collected and waiting for its release."""
    a_source(tmp_path)
    return collected()


@pytest.fixture
def incomplete(tmp_path):
    """A request of which one source was given up."""
    a_source(tmp_path)
    a_source(tmp_path, slug="crm", url=f"sqlite:///{tmp_path / 'nowhere.sqlite3'}")
    return collected()


def rendered(export):
    tasks.render_export(export.pk)
    return Export.objects.select_related("request").get(pk=export.pk)


def package_of_last_mail():
    return downloaded(token_in(send_mails()[-1], "d"))


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def is_alive(key_id):
    return not EncryptionKey.objects.get(pk=key_id).is_destroyed


def test_a_release_is_rendered_completed_and_told(request_, actor, storage_folder):
    export = rendered(review.release(request_.pk, actor=actor))
    assert (export.state, export.last_error, export.percent) == (Leased.State.DONE, "", 100)
    assert (export.records, export.is_complete) == (3, True)
    assert (export.request.status, export.request.outcome) == (Status.COMPLETED, Outcome.FULL)
    assert acts(request_.pk)[-3:] == ["answer.released", "export.ready", "request.completed"]
    mail = OutboxMail.objects.latest("pk")
    assert (mail.template, mail.export) == ("ready", export)
    assert not OutboxMail.objects.filter(template="completed").exists()
    assert export.file in files(storage_folder)


def test_the_file_shows_nothing_of_what_it_holds(tmp_path, storage_folder):
    a_source(tmp_path)
    content = (storage_folder / released().file).read_bytes()
    for value in (MARKER, ANN, "json/export.json", "PK\x03\x04", "manifest"):
        assert value.encode() not in content


@pytest.mark.parametrize("formats", [("json",), ("csv",), registry.slugs()])
def test_the_reviewer_chooses_the_formats(formats, request_, actor):
    export = rendered(review.release(request_.pk, actor=actor, formats=formats))
    folders = {name.partition("/")[0] for name in package_of_last_mail().namelist() if "/" in name}
    assert export.formats == list(formats)
    assert folders == set(formats)


def test_else_the_person_chose_them(request_, actor):
    type(request_).objects.update(formats=["csv"])
    assert review.release(request_.pk, actor=actor).formats == ["csv"]


def test_a_format_nobody_writes_fails_with_the_reason(request_, actor):
    export = rendered(review.release(request_.pk, actor=actor, formats=("papyrus",)))
    assert "There is no format 'papyrus'" in export.last_error
    assert export.request.status == Status.IN_PROGRESS


def test_a_person_nothing_is_held_about_is_told_so(tmp_path, actor):
    a_source(tmp_path)
    request = collected("nobody@example.test")
    export = rendered(review.release(request.pk, actor=actor))
    assert (export.request.status, export.request.outcome) == (Status.COMPLETED, Outcome.NONE_HELD)
    assert (export.records, export.is_complete) == (0, True)


def test_the_answer_names_the_source_that_is_missing(incomplete, actor):
    review.leave_out(incomplete.searches.get(source__slug="crm"), actor=actor, reason="Switched off.")
    export = rendered(review.release(incomplete.pk, actor=actor))
    answer = json.loads(package_of_last_mail().read("json/export.json"))
    assert (export.request.outcome, export.is_complete, answer["meta"]["complete"]) == (Outcome.PARTIAL, False, False)
    missing = [item for item in answer["not_included"] if item["source"] == "crm"]
    reason = "Web shop could not be searched"
    assert missing == [{"source": "crm", "collection": None, "reason": reason, "cause": "unreached"}]
    assert "Switched off" not in json.dumps(answer)


def test_a_source_that_answers_after_all_is_in_the_answer(incomplete, actor, tmp_path):
    search = incomplete.searches.get(source__slug="crm")
    (tmp_path / "nowhere.sqlite3").write_bytes((tmp_path / "shop.sqlite3").read_bytes())
    review.retry(search, actor=actor)
    tasks.collect_source(search.pk)
    export = rendered(review.release(incomplete.pk, actor=actor))
    assert (export.records, export.request.outcome) == (6, Outcome.FULL)
    assert set(json.loads(package_of_last_mail().read("json/export.json"))["data_sources"]) == {"shop", "crm"}


def test_a_change_after_the_release_makes_it_void(incomplete, actor):
    down = incomplete.searches.get(source__slug="crm")
    review.leave_out(down, actor=actor, reason="Switched off.")
    export = review.release(incomplete.pk, actor=actor)
    review.retry(down, actor=actor)
    export = rendered(export)
    assert (export.state, export.attempt) == (Leased.State.FAILED, 1)
    assert "changed since; please look at it and release it again" in export.last_error
    assert acts(incomplete.pk)[-1] == "export.failed"
    assert export.request.status == Status.IN_PROGRESS
    assert not OutboxMail.objects.filter(template="ready").exists()


def test_what_was_withheld_after_the_release_makes_it_void(request_, actor):
    search, export = request_.searches.get(), review.release(request_.pk, actor=actor)
    Redaction.objects.create(search=search, segment=search.segment, collection="orders", ordinal=0, ground="Late")
    assert "changed since" in rendered(export).last_error


def test_after_a_void_release_the_reviewer_goes_on_reviewing(request_, actor):
    search, first = request_.searches.get(), review.release(request_.pk, actor=actor)
    Redaction.objects.create(search=search, segment=search.segment, collection="orders", ordinal=0, ground="Late")
    rendered(first)
    assert request_ in type(request_).objects.waiting_for_review()
    review.redact(search, "orders", ordinal=1, ground="Trade secret", actor=a_colleague())
    a_refusal(request_, Refusal.Extent.PART)
    second = rendered(review.release(request_.pk, actor=actor))
    assert (second.state, second.records) == (Leased.State.DONE, 1)
    review.retry(first, actor=actor)
    assert rendered(first).last_error == "The request has ended."
    assert OutboxMail.objects.filter(template="partial").count() == 1


@pytest.mark.parametrize("moment", ["before", "meanwhile"])
def test_a_request_withdrawn_after_its_release_is_not_answered(moment, request_, actor, storage_folder, monkeypatch):
    export = review.release(request_.pk, actor=actor)
    if moment == "before":
        perform(request_.pk, "withdraw", actor=audit.SUBJECT)
    else:
        write = registry.find("json").members.__func__

        def withdrawn_while_writing(self, answer):
            yield from write(self, answer)
            perform(request_.pk, "withdraw", actor=audit.SUBJECT)

        monkeypatch.setattr(type(registry.find("json")), "members", withdrawn_while_writing)
    export = rendered(export)
    assert (export.state, export.last_error) == (Leased.State.FAILED, "The request has ended.")
    assert export.request.status == Status.WITHDRAWN
    assert not OutboxMail.objects.filter(template="ready").exists()
    assert files(storage_folder) == [request_.searches.get().segment]


def test_a_failure_is_visible_and_can_be_tried_again(request_, actor, storage_folder):
    segment = storage_folder / request_.searches.get().segment
    whole = segment.read_bytes()
    segment.write_bytes(whole[:-1])
    export = rendered(review.release(request_.pk, actor=actor))
    assert export.is_resting
    assert segment.name in export.last_error
    assert files(storage_folder) == [segment.name]
    assert not is_alive(export.key_id)

    segment.write_bytes(whole)
    review.retry(export, actor=actor)
    export = rendered(export)
    assert (export.state, export.attempt, export.last_error) == (Leased.State.DONE, 2, "")


def test_what_keeps_failing_is_given_up_on_record(request_, actor, storage_folder):
    (storage_folder / request_.searches.get().segment).unlink()
    export = review.release(request_.pk, actor=actor)
    for _ in range(MOST_ATTEMPTS):
        export = rendered(export)
        run_out(export)
    assert export.state == Leased.State.FAILED
    assert "is not in the storage" in export.last_error
    assert acts(request_.pk).count("export.failed") == 1
    assert export.request.status == Status.IN_PROGRESS


def test_a_second_delivery_of_the_task_changes_nothing(tmp_path):
    a_source(tmp_path)
    export = released()
    before = Export.objects.values().get(), AuditEntry.objects.count(), OutboxMail.objects.count()
    rendered(export)
    assert (Export.objects.values().get(), AuditEntry.objects.count(), OutboxMail.objects.count()) == before


def test_whoever_lost_the_lease_spoils_nothing_that_another_made(request_, actor, storage_folder):
    export = review.release(request_.pk, actor=actor)
    late = Work(Export, export.pk, Export.objects.claim(export.pk))
    run_out(export)
    done = rendered(export)
    with pytest.raises(LostLease), fresh_artefact(done, f"export-{export.pk}-1.zip", late.keep):
        pass
    with pytest.raises(LostLease):
        late.finish(file="export-1-1.zip")
    assert Export.objects.get().file == done.file
    assert is_alive(done.key_id)
    assert len(package_of_last_mail().namelist()) > 2


def test_the_key_of_work_whose_every_worker_died_is_destroyed(request_, actor):
    export, dead = review.release(request_.pk, actor=actor), []
    for _ in range(MOST_ATTEMPTS):
        work = Work(Export, export.pk, Export.objects.claim(export.pk))
        context = fresh_artefact(Export.objects.get(), f"export-{export.pk}-{work.attempt}.zip", work.keep)
        context.__enter__().file.close()
        dead.append(context)
        run_out(export)
    export = rendered(export)
    assert export.state == Leased.State.FAILED
    assert not is_alive(export.key_id)
    del dead


def test_progress_is_shown_while_files_are_written(request_, actor, monkeypatch):
    monkeypatch.setattr(leases, "PROGRESS_SECONDS", 0)
    seen = []
    beat = LeasedQuerySet.beat

    def look(rows, pk, attempt, **fields):
        seen.extend([(fields["percent"], fields["step"])] if "step" in fields else [])
        return beat(rows, pk, attempt, **fields)

    monkeypatch.setattr(LeasedQuerySet, "beat", look)
    export = rendered(review.release(request_.pk, actor=actor))
    percents = [percent for percent, _ in seen]
    assert percents == sorted(percents)
    assert max(percents) <= 99
    steps = {step for _, step in seen}
    assert {"Writing JSON", "Writing JSON: record 3 of 3", "Writing CSV", "Writing the file to open first"} <= steps
    assert (export.percent, export.step) == (100, "")
