"""What an attacker, a busy team or an unlucky moment might do to a request."""

from __future__ import annotations

import re
from contextlib import nullcontext
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from exporters import registry
from extractors.kinds.sqlite import SqliteExtractor
from requests_app import delivery, retention, review, sources, storage, tasks
from requests_app.audit import SUBJECT, Actor
from requests_app.intake.submitting import MOST_FROM_ADDRESS_AN_HOUR
from requests_app.links import MOST_GUESSES_AN_HOUR
from requests_app.models import (
    DataSource,
    Download,
    EncryptionKey,
    Export,
    Identifier,
    Leased,
    OutboxMail,
    Redaction,
    Right,
    Status,
    SubjectRequest,
)
from requests_app.workflow import perform
from tests.requests_app.portal import (
    MAP,
    a_source,
    acts,
    collected,
    confirmed,
    downloaded,
    released,
    send_mails,
    staff,
    submitted,
    token_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]


@pytest.fixture
def actor(db):
    return Actor.staff(staff())


def rendered(export):
    tasks.render_export(export.pk)
    return Export.objects.select_related("request").get(pk=export.pk)


@pytest.mark.parametrize("state", [Leased.State.WAITING, Leased.State.FAILED])
def test_an_answer_made_long_after_its_release_can_be_had_and_expires(state, actor, tmp_path):
    a_source(tmp_path)
    export = review.release(collected().pk, actor=actor)
    Export.objects.update(state=state, expires_at=timezone.now() - timedelta(seconds=1))
    retention.clean_up()
    review.retry(export, actor=actor)
    export = rendered(export)
    assert export.request.status == Status.COMPLETED
    assert downloaded(token_in(send_mails()[-1], "d")).namelist()
    retention.clean_up(export.expires_at)
    assert export.file not in dict(storage.names())
    assert EncryptionKey.objects.get(pk=export.key_id).is_destroyed


def test_what_is_withheld_while_the_answer_is_written_makes_it_void(actor, tmp_path, monkeypatch):
    a_source(tmp_path)
    request = collected()
    export = review.release(request.pk, actor=actor)
    search, write = request.searches.get(), registry.find("json").members.__func__

    def withheld_while_writing(self, answer):
        yield from write(self, answer)
        Redaction.objects.create(search=search, segment=search.segment, collection="orders", ordinal=0, ground="Late")

    monkeypatch.setattr(type(registry.find("json")), "members", withheld_while_writing)
    export = rendered(export)
    assert (export.state, export.request.status) == (Leased.State.FAILED, Status.IN_PROGRESS)
    assert "changed since" in export.last_error
    assert not OutboxMail.objects.filter(template="ready").exists()


TYPED = {"right": "access", "name": "Mallory", "terms": "on"}


@pytest.mark.parametrize(
    ("typed", "mailed", "searched"),
    [
        ("ann@example.test", "ann@example.test", "ann@example.test"),
        ("Ann+tag@Example.test", "Ann+tag@Example.test", "Ann+tag@Example.test"),
        ("ann@bücher.example", "ann@xn--bcher-kva.example", "ann@bücher.example"),
        ("ann@xn--bcher-kva.example", "ann@xn--bcher-kva.example", "ann@bücher.example"),
        ("ann@stra\u00dfe.example", "ann@strasse.example", "ann@strasse.example"),
        ("ann@\ufb01rm.example", "ann@firm.example", "ann@firm.example"),
        ("ann@ex\u200dample.test", "ann@example.test", "ann@example.test"),
        ("ann@gma\u0131l.example", "ann@xn--gmal-nza.example", "ann@gma\u0131l.example"),
        ("ann@xn--99999.example", "ann@xn--99999.example", "ann@xn--99999.example"),
    ],
)
def test_nobody_is_searched_for_but_whom_the_mail_reaches(typed, mailed, searched, client):
    client.post("/", {**TYPED, "email": typed})
    identifier = Identifier.objects.get()
    assert (identifier.request.email, identifier.value) == (mailed, searched)
    assert send_mails()[0].message()["To"] == mailed


@pytest.mark.parametrize(
    "typed",
    [
        "mi\u212ae@example.test",
        "m\u0131ke@example.test",
        '"ann@example.test,"@example.org',
        '"a\\ b"@example.test',
        "ann@[127.0.0.1]",
        f"ann@{'ü' * 60}.example",
        f"{'a' * 60}@{'.'.join(['ü' * 20] * 8)}.example",
    ],
)
def test_an_address_that_proves_no_mailbox_is_refused_at_its_field(typed, client):
    page = client.post("/", {**TYPED, "email": typed})
    assert list(page.context["form"].errors) == ["email"]
    assert client.post("/resend", {"email": typed}).status_code == 400
    assert not Identifier.objects.exists()


def test_what_is_read_after_a_withdrawal_is_thrown_away(tmp_path, storage_folder, monkeypatch):
    a_source(tmp_path)
    request = confirmed()
    extract = SqliteExtractor.extract

    def withdrawn_while_reading(self, identifiers, scope, **options):
        perform(request.pk, "withdraw", actor=SUBJECT)
        return extract(self, identifiers, scope, **options)

    monkeypatch.setattr(SqliteExtractor, "extract", withdrawn_while_reading)
    tasks.collect_source(request.searches.get().pk)
    search = request.searches.get()
    assert (search.state, search.segment, search.last_error) == (Leased.State.FAILED, "", "The request has ended.")
    assert not list(storage_folder.iterdir())
    assert EncryptionKey.objects.get(pk=search.key_id).is_destroyed
    assert "request.collected" not in acts(request.pk)


def test_what_was_read_before_a_withdrawal_is_deleted_by_the_next_clean_up(tmp_path, storage_folder):
    a_source(tmp_path)
    request = collected()
    retention.clean_up()
    assert list(storage_folder.iterdir())
    perform(request.pk, "withdraw", actor=SUBJECT)
    retention.clean_up()
    assert not list(storage_folder.iterdir())
    assert EncryptionKey.objects.get(pk=request.searches.get().key_id).is_destroyed


def test_nobody_confirms_what_a_stranger_wrote_without_having_read_it(client):
    submitted(right=Right.RECTIFICATION, details="My name is spelled wrong.")
    path = "/c/" + token_in(send_mails()[0], "c")
    seen = client.get(path)
    assert "My name is spelled wrong." in seen.content.decode()
    submitted(right=Right.RECTIFICATION, details="My new phone is <b>+49 666</b>.")
    answer = client.post(path, {"seen": seen.context["seen"]})
    assert answer.status_code == 409
    assert "My new phone is &lt;b&gt;+49 666&lt;/b&gt;." in answer.content.decode()
    assert SubjectRequest.objects.get().status == Status.SUBMITTED
    (field,) = re.findall(r'name="seen" value="(\w+)"', answer.content.decode())
    client.post(path, {"seen": field})
    assert SubjectRequest.objects.get().status == Status.IN_PROGRESS


def test_the_file_of_the_portals_own_database_is_no_source(tmp_path, monkeypatch):
    source = a_source(tmp_path)
    monkeypatch.setitem(connection.settings_dict, "NAME", str(tmp_path / "shop.sqlite3"))
    (tmp_path / "detour.sqlite3").symlink_to(tmp_path / "shop.sqlite3")
    with pytest.raises(sources.OwnDatabase):
        sources.save(source, f"sqlite:///{tmp_path / 'detour.sqlite3'}", MAP, None)
    with pytest.raises(sources.OwnDatabase):
        sources.check(DataSource.objects.get(), None)
    assert "Web shop" not in DataSource.objects.get().check_result


@pytest.mark.parametrize(
    ("url", "is_own"),
    [
        ("postgresql://reader:pw@127.0.0.1/portal", True),
        ("postgresql:///portal", True),
        ("postgresql:///other?host=/var/run/postgresql&dbname=portal", True),
        ("postgres://localhost:5432/portal", True),
        ("postgresql://localhost:5433/portal", False),
        ("postgresql://localhost/shop", False),
        ("postgresql://db.internal/portal", False),
    ],
)
def test_the_portals_own_server_is_no_source(url, is_own, monkeypatch):
    monkeypatch.setattr(connection, "vendor", "postgresql")
    for name, value in {"HOST": "localhost", "PORT": "", "NAME": "portal"}.items():
        monkeypatch.setitem(connection.settings_dict, name, value)
    with pytest.raises(sources.OwnDatabase) if is_own else nullcontext():
        sources.save(DataSource(slug="shop", label="Web shop"), url, MAP, None)


@pytest.mark.parametrize("route", ["c", "d", "r"])
def test_nobody_fills_the_audit_trail_with_guesses(route, client):
    for number in range(MOST_GUESSES_AN_HOUR):
        assert client.get(f"/{route}/guess-{number}").status_code == 404
    for number in range(3):
        assert client.get(f"/{route}/another-{number}").status_code == 429
    assert acts().count("link.refused") == MOST_GUESSES_AN_HOUR


def test_whoever_has_a_network_of_addresses_is_counted_once(client):
    def submit(number, address):
        return client.post("/", {**TYPED, "email": f"victim{number}@example.test"}, REMOTE_ADDR=address).status_code

    for number in range(MOST_FROM_ADDRESS_AN_HOUR):
        assert submit(number, f"2001:db8:1:2:{number:x}::1") == 302
    assert submit(99, "2001:db8:1:2:ffff::1") == 429
    assert submit(99, "2001:db8:1:3::1") == 302


def test_files_deleted_just_before_they_are_opened_have_expired(tmp_path):
    a_source(tmp_path)
    export = released()
    retention.clean_up(export.expires_at)
    with pytest.raises(delivery.ExpiredExport):
        delivery.begin_for_staff(export, staff("sue"), address=None, agent="")
    assert not Download.objects.exists()


def test_files_that_are_lost_are_not_called_expired(tmp_path, storage_folder):
    a_source(tmp_path)
    export = released()
    (storage_folder / export.file).unlink()
    with pytest.raises(storage.MissingArtefact):
        delivery.begin_for_staff(export, staff("sue"), address=None, agent="")
