from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
import zipfile
from datetime import timedelta

import pytest
from django.utils import timezone

from exporters.passphrase import UnusablePassphrase
from requests_app import audit, delivery, passphrases, retention, review, revoking, tasks
from requests_app.audit import Actor
from requests_app.limits import LimitReached
from requests_app.models import (
    AuditEntry,
    EncryptionKey,
    Export,
    Leased,
    OutboxMail,
    Outcome,
    Refusal,
    SourceSearch,
    Status,
    SubjectRequest,
)
from requests_app.rendering import further
from requests_app.rendering.further import ImpossibleFiles, downloadable, order, protect
from requests_app.workflow import perform
from tests.requests_app.portal import (
    MARKER,
    a_colleague,
    a_refusal,
    a_source,
    acts,
    collected,
    confirmed,
    queued,
    released,
    run_out,
    send_mails,
    staff,
    token_in,
)

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("storage_folder"),
    # What WinZip's format prescribes.
    pytest.mark.filterwarnings("ignore:PBKDF2 without:DeprecationWarning"),
]
PASSPHRASE, OTHER = "Correct horse 4711", "Another horse 4712"


@pytest.fixture
def given(tmp_path):
    """An export that Ann was given, of JSON and CSV."""
    a_source(tmp_path)
    return released()


def rendered(export):
    tasks.render_export(export.pk)
    return Export.objects.select_related("request").get(pk=export.pk)


def content_of(export):
    user = type(export.approval.approved_by).objects.get(pk=export.approval.approved_by_id)
    return b"".join(delivery.begin_for_staff(export, user, address=None, agent="").chunks)


def folders(export):
    names = zipfile.ZipFile(io.BytesIO(content_of(export))).namelist()
    return {name.partition("/")[0] for name in names if "/" in name}


def opens(export, passphrase, folder):
    path = folder / f"{export.pk}.zip"
    path.write_bytes(content_of(export))
    seven = shutil.which("7zz") or shutil.which("7z")
    command = [seven, "x", f"-o{folder / passphrase}", f"-p{passphrase}", "-y", str(path)]
    return subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL).returncode == 0


def test_the_export_keeps_its_digest_and_the_list_of_what_is_inside(given):
    content = content_of(given)
    assert (given.size_bytes, given.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    package = zipfile.ZipFile(io.BytesIO(content))
    assert [*(member["path"] for member in given.members), "manifest.json"] == package.namelist()
    for member in given.members:
        inside = package.read(member["path"])
        assert (member["bytes"], member["sha256"]) == (len(inside), hashlib.sha256(inside).hexdigest())
    assert (given.media_type, given.is_protected) == (Export.MediaType.ZIP, False)
    assert "START-HERE.pdf" in package.namelist()


def test_other_formats_are_made_of_what_was_collected(given):
    perform(given.request_id, "archive", actor=audit.SYSTEM)
    before = SourceSearch.objects.values().get()
    export = rendered(order(given.request, ["xml", "nonsense"], actor=audit.SUBJECT))
    assert (export.state, export.last_error, export.formats) == (Leased.State.DONE, "", ["xml"])
    assert acts(given.request_id)[-2:] == ["files.ordered", "export.ready"]
    assert (export.records, export.approval, folders(export)) == (3, given.approval, {"xml"})
    assert SourceSearch.objects.values().get() == before
    assert downloadable(export.request) == [export, given]
    assert acts(given.request_id).count("request.completed") == 1
    assert export.request.status == Status.ARCHIVED
    assert list(OutboxMail.objects.filter(template="ready").values_list("export", flat=True)) == [given.pk, export.pk]


def test_files_that_expired_can_be_made_again(given):
    Export.objects.update(expires_at=timezone.now())
    retention.clean_up()
    assert downloadable(given.request) == []
    export = rendered(order(given.request, given.formats, actor=audit.SUBJECT))
    assert downloadable(given.request) == [export]
    assert export.expires_at > timezone.now() + timedelta(days=6)


def test_one_is_made_at_a_time(given):
    first = order(given.request, ["xml"], actor=audit.SUBJECT)
    with pytest.raises(ImpossibleFiles, match="being prepared"):
        order(given.request, ["csv"], actor=audit.SUBJECT)
    rendered(first)
    order(given.request, ["csv"], actor=audit.SUBJECT)


def test_a_day_has_five(given):
    for _ in range(further.MOST_A_DAY):
        Export.objects.filter(pk=order(given.request, ["csv"], actor=audit.SUBJECT).pk).update(state=Leased.State.DONE)
    with pytest.raises(LimitReached):
        order(given.request, ["csv"], actor=audit.SUBJECT)


def test_no_format_is_no_order(given):
    with pytest.raises(ImpossibleFiles, match="at least one format"):
        order(given.request, ["papyrus"], actor=audit.SUBJECT)


def test_what_cannot_be_made_is_not_counted(given):
    SourceSearch.objects.update(segment="")
    for _ in range(further.MOST_A_DAY + 1):
        with pytest.raises(ImpossibleFiles, match="deleted by now"):
            order(given.request, ["csv"], actor=audit.SUBJECT)


def test_without_the_dossier_nothing_more_can_be_made(given, settings):
    later = timezone.now() + timedelta(days=settings.DSR_DOSSIER_DAYS + 1)
    retention.clean_up(later)
    assert further.standing_release(given.request) is None
    for refused in (
        lambda: order(given.request, ["csv"], actor=audit.SUBJECT),
        lambda: protect(given.request, PASSPHRASE, actor=audit.SUBJECT),
    ):
        with pytest.raises(ImpossibleFiles, match="ask for it anew"):
            refused()
    assert SubjectRequest.objects.get().passphrase == ""


def test_what_the_team_took_back_is_not_made_again(given):
    ordered = order(given.request, ["xml"], actor=audit.SUBJECT)
    Export.objects.filter(pk=given.pk).update(revoked_at=timezone.now(), removed_at=timezone.now())
    assert "taken back by the team" in rendered(ordered).last_error
    with pytest.raises(ImpossibleFiles, match="taken back"):
        order(given.request, ["xml"], actor=audit.SUBJECT)


def test_with_files_that_are_taken_back_go_the_others_of_their_release(given):
    other = rendered(order(given.request, ["xml"], actor=audit.SUBJECT))
    assert len(downloadable(given.request)) == 2
    revoking.take_back(given, actor=Actor.staff(staff("otto")))
    assert downloadable(given.request) == []
    assert acts(given.request_id)[-2:] == ["export.revoked"] * 2
    other.refresh_from_db()
    assert other.revoked_at
    assert not other.file


def test_before_the_first_files_there_are_no_further_ones(tmp_path):
    a_source(tmp_path)
    request = collected()
    with pytest.raises(ImpossibleFiles):
        order(request, ["csv"], actor=audit.SUBJECT)
    review.release(request.pk, actor=Actor.staff(staff()))
    with pytest.raises(ImpossibleFiles, match="being prepared"):
        order(request, ["csv"], actor=audit.SUBJECT)


def test_a_worker_that_died_leaves_the_order_to_another(given, storage_folder):
    export = order(given.request, ["xml"], actor=audit.SUBJECT)
    assert Export.objects.claim(export.pk) == 1  # and dies
    with pytest.raises(ImpossibleFiles):
        order(given.request, ["csv"], actor=audit.SUBJECT)
    run_out(export)
    tasks.sweep()
    assert ("heavy", "render_export", (export.pk,)) in queued()
    export = rendered(export)
    assert (export.state, export.attempt) == (Leased.State.DONE, 2)


def test_a_passphrase_set_before_the_files_protects_them(tmp_path):
    a_source(tmp_path)
    request = confirmed()
    assert protect(request, PASSPHRASE, actor=audit.SUBJECT) is None
    for search in request.searches.all():
        tasks.collect_source(search.pk)
    export = rendered(review.release(request.pk, actor=Actor.staff(staff())))
    assert (export.state, export.last_error, export.is_protected) == (Leased.State.DONE, "", True)
    assert opens(export, PASSPHRASE, tmp_path)
    assert not opens(export, OTHER, tmp_path)
    found = b"".join(file.read_bytes() for file in (tmp_path / PASSPHRASE).rglob("*") if file.is_file())
    assert MARKER.encode() in found
    assert hashlib.sha256(content_of(export)).hexdigest() == export.sha256


def test_one_set_afterwards_takes_the_unprotected_files_away_once_there_are_others(given, tmp_path):
    also = rendered(order(given.request, ["xml"], actor=audit.SUBJECT))
    export = protect(given.request, PASSPHRASE, actor=audit.SUBJECT)
    assert downloadable(given.request) == [also, given]
    export = rendered(export)
    assert (export.last_error, export.is_protected, export.formats) == ("", True, ["csv", "json", "xml"])
    assert acts(given.request_id)[-3:] == ["export.ready", "export.replaced", "export.replaced"]
    assert downloadable(given.request) == [export]
    assert opens(export, PASSPHRASE, tmp_path)
    for earlier in (given, also):
        earlier.refresh_from_db()
        assert (earlier.file, earlier.removed_at is not None, earlier.revoked_at) == ("", True, None)
        assert EncryptionKey.objects.get(pk=earlier.key_id).is_destroyed


def test_the_link_to_files_that_were_replaced_is_dead_and_the_new_mail_leads_to_the_others(given):
    old = token_in(send_mails()[-1], "d")
    rendered(protect(given.request, PASSPHRASE, actor=audit.SUBJECT))
    with pytest.raises(delivery.ExpiredExport):
        delivery.begin(old, address=None, agent="")
    (mail,) = send_mails()
    assert PASSPHRASE not in mail.message().as_string()
    assert b"".join(delivery.begin(token_in(mail, "d"), address=None, agent="").chunks).startswith(b"PK")


@pytest.mark.django_db(transaction=True)
def test_the_file_that_was_replaced_is_gone(given, storage_folder):
    export = rendered(protect(given.request, PASSPHRASE, actor=audit.SUBJECT))
    names = {path.name for path in storage_folder.iterdir()}
    assert names == {export.file, SourceSearch.objects.get().segment}


def test_a_new_passphrase_replaces_the_old_and_what_it_opens(given, tmp_path):
    first = rendered(protect(given.request, PASSPHRASE, actor=audit.SUBJECT))
    second = rendered(protect(given.request, OTHER, actor=audit.SUBJECT))
    assert downloadable(given.request) == [second]
    assert opens(second, OTHER, tmp_path)
    assert not opens(second, PASSPHRASE, tmp_path)
    further_one = rendered(order(given.request, ["xml"], actor=audit.SUBJECT))
    assert further_one.is_protected
    assert downloadable(given.request) == [further_one, second]
    assert first.pk not in {export.pk for export in downloadable(given.request)}


def test_what_the_team_protected_the_person_cannot_protect_anew(given, tmp_path):
    team = Actor.staff(staff("otto"))
    first = rendered(protect(given.request, PASSPHRASE, actor=team))
    with pytest.raises(ImpossibleFiles, match="only our team"):
        protect(SubjectRequest.objects.get(), OTHER, actor=audit.SUBJECT)
    assert opens(rendered(order(given.request, ["xml"], actor=audit.SUBJECT)), PASSPHRASE, tmp_path)
    assert first in downloadable(given.request)
    rendered(protect(SubjectRequest.objects.get(), OTHER, actor=team))
    with pytest.raises(ImpossibleFiles, match="only our team"):
        protect(SubjectRequest.objects.get(), PASSPHRASE, actor=audit.SUBJECT)


def test_whoever_uses_up_the_day_of_the_person_uses_up_none_of_the_teams(given, monkeypatch):
    monkeypatch.setattr(further, "MOST_A_DAY", 1)
    rendered(protect(given.request, PASSPHRASE, actor=audit.SUBJECT))
    with pytest.raises(LimitReached):
        protect(given.request, OTHER, actor=audit.SUBJECT)
    assert rendered(protect(given.request, OTHER, actor=Actor.staff(staff("otto")))).is_protected


def test_files_made_while_the_passphrase_is_set_are_made_again_with_it(given, tmp_path, monkeypatch):
    export = order(given.request, ["xml"], actor=audit.SUBJECT)
    original = passphrases.passphrase_of

    def read_before_it_is_set(request):
        read = original(request)
        passphrases.set_passphrase(SubjectRequest.objects.get(pk=request.pk), PASSPHRASE, audit.SUBJECT)
        monkeypatch.undo()
        return read

    monkeypatch.setattr(passphrases, "passphrase_of", read_before_it_is_set)
    export = rendered(export)
    assert export.is_resting
    assert "passphrase was changed meanwhile" in export.last_error
    run_out(export)
    export = rendered(export)
    assert export.is_protected
    assert opens(export, PASSPHRASE, tmp_path)


@pytest.mark.parametrize("text", ["short", "ann@example.test", "Grüße aus Köln 4711"])
def test_a_refused_passphrase_changes_nothing(given, text):
    with pytest.raises(UnusablePassphrase):
        protect(given.request, text, actor=audit.SUBJECT)
    assert (SubjectRequest.objects.get().passphrase, Export.objects.count()) == ("", 1)


def test_where_nothing_can_be_downloaded_any_more_it_protects_what_is_made_next(given, tmp_path):
    Export.objects.update(expires_at=timezone.now())
    assert protect(given.request, PASSPHRASE, actor=audit.SUBJECT) is None
    export = rendered(order(given.request, ["csv"], actor=audit.SUBJECT))
    assert opens(export, PASSPHRASE, tmp_path)


def test_what_is_answered_by_a_letter_has_no_passphrase(tmp_path):
    a_source(tmp_path)
    request = confirmed(right="erasure")
    assert not further.can_be_protected(request)
    with pytest.raises(ImpossibleFiles, match="by a letter"):
        protect(request, PASSPHRASE, actor=audit.SUBJECT)


def test_the_passphrase_stands_nowhere_in_clear(given, caplog):
    caplog.set_level("DEBUG")
    rendered(protect(given.request, PASSPHRASE, actor=audit.SUBJECT))
    stored = [str(row) for model in (AuditEntry, Export, OutboxMail, SubjectRequest) for row in model.objects.values()]
    stored += [mail.message().as_string() for mail in send_mails()] + [str(item) for item in queued()] + [caplog.text]
    assert len(stored) > 10
    assert not [text for text in stored if PASSPHRASE in text]


def nothing_held(tmp_path, **missing):
    a_source(tmp_path)
    if missing:
        a_source(tmp_path, slug="crm", url=f"sqlite:///{tmp_path / 'nowhere.sqlite3'}")
    request, actor = collected("nobody@example.test"), Actor.staff(staff())
    for search in request.searches.filter(state=Leased.State.FAILED):
        review.leave_out(search, actor=actor, reason="Switched off.")
    return rendered(review.release(request.pk, actor=actor))


def text_of_pdf(content):
    return subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True, check=True).stdout.decode()


def test_somebody_nothing_is_held_about_gets_a_letter(tmp_path):
    export = nothing_held(tmp_path)
    assert (export.state, export.last_error, export.request.outcome) == (Leased.State.DONE, "", Outcome.NONE_HELD)
    assert (export.media_type, export.members, export.records) == (Export.MediaType.PDF, [], 0)
    content = content_of(export)
    assert hashlib.sha256(content).hexdigest() == export.sha256
    assert "Web shop" in text_of_pdf(content)
    assert OutboxMail.objects.filter(export=export).values_list("template", flat=True).get() == "nothing_held"
    assert not further.can_be_protected(export.request)
    with pytest.raises(ImpossibleFiles):
        order(export.request, ["csv"], actor=audit.SUBJECT)


def test_the_letter_says_that_a_system_could_not_be_searched(tmp_path):
    export = nothing_held(tmp_path, is_down=True)
    assert (export.request.outcome, export.is_complete, export.media_type) == (
        Outcome.PARTIAL,
        False,
        "application/pdf",
    )
    assert "could not be searched" in " ".join(text_of_pdf(content_of(export)).split())


def test_whoever_has_everything_withheld_is_not_told_that_nothing_is_held(tmp_path):
    a_source(tmp_path)
    request, actor = collected("bob@example.test"), Actor.staff(staff())
    search = request.searches.get()
    for collection in ("customers", "orders"):
        review.redact(search, collection, ordinal=0, ground="Trade secret", actor=a_colleague())
    a_refusal(request, Refusal.Extent.PART)
    export = rendered(review.release(request.pk, actor=actor))
    assert (export.records, export.media_type, export.request.outcome) == (0, Export.MediaType.ZIP, Outcome.PARTIAL)
