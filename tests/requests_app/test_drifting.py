"""The nightly look at the sources: what it stores, whom it tells, and how often."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from django.contrib.auth.models import Group, User
from django.core import mail as outbox
from django.utils import timezone
from django_q.models import OrmQ

from requests_app import sources, tasks
from requests_app.models import AuditEntry, DataSource, Leased, StaffMail
from requests_app.roles import MANAGER, VIEWER
from tests.requests_app.portal import ANN, MAP, a_source, queued

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]

SECRET = "ALTER TABLE customers ADD COLUMN api_key TEXT; UPDATE customers SET api_key = 'sk_live_51HxQ9rKzT7vYw2Lp8NcB'"


@pytest.fixture
def source(tmp_path):
    return a_source(tmp_path)


@pytest.fixture
def manager():
    user = User.objects.create_user("mona", email="mona@portal.test")
    user.groups.add(Group.objects.get(name=MANAGER))
    return user


def change(tmp_path, statements):
    with closing(sqlite3.connect(tmp_path / "shop.sqlite3")) as database:
        database.executescript(statements)


def look(source):
    tasks.check_source(source.pk)
    source.refresh_from_db()
    return source


def mails():
    """Send what is to be sent, and give the texts."""
    for mail in StaffMail.objects.open():
        tasks.send_staff_mail(mail.pk)
    sent, outbox.outbox[:] = list(outbox.outbox), []
    return [message.body for message in sent]


def test_a_source_as_its_map_has_it_is_told_to_nobody(source, manager):
    assert look(source).drift_state == DataSource.Drift.FITS
    assert source.drift == []
    assert source.check_result.startswith("fits")
    assert mails() == []


def test_the_first_look_at_a_version_of_the_map_is_remembered_without_a_value(source):
    look(source)
    told = source.maps.get().outline
    assert sorted(told["tables"]) == ["customers", "orders"]
    assert ANN not in str(told)


def test_a_new_secret_is_told_once_to_every_manager_with_an_address(source, manager, tmp_path):
    for name, group in (("nameless", MANAGER), ("vera", VIEWER)):
        User.objects.create_user(name, email="vera@portal.test" if group == VIEWER else "").groups.add(
            Group.objects.get(name=group)
        )
    look(source)
    change(tmp_path, SECRET)
    look(source)
    assert source.drift_state == DataSource.Drift.DRIFTED
    assert [mail.recipient for mail in StaffMail.objects.all()] == [manager]
    (text,) = mails()
    assert "customers.api_key looks like a secret" in text
    assert f"/requests_app/datasource/{source.pk}/change/" in text
    look(source)
    assert mails() == []


def test_what_comes_on_top_is_told_again(source, manager, tmp_path):
    look(source)
    change(tmp_path, SECRET)
    look(source)
    change(tmp_path, "ALTER TABLE orders ADD COLUMN phone TEXT; UPDATE orders SET phone = '+4915123456789'")
    look(source)
    assert len(mails()) == 2


def test_a_notice_is_stored_and_told_to_nobody(source, manager, tmp_path):
    look(source)
    change(tmp_path, "CREATE TABLE units (code TEXT)")
    assert look(source).drift_state == DataSource.Drift.FITS
    assert [entry["where"] for entry in source.drift] == ["units"]
    assert mails() == []


def test_a_table_that_is_gone_is_told(source, manager, tmp_path):
    look(source)
    change(tmp_path, "DROP TABLE orders")
    look(source)
    assert source.check_result.startswith("failed")
    (text,) = mails()
    assert "The table orders of the collection orders is gone." in text


def test_a_source_that_is_down_is_told_so_once_and_keeps_what_was_known(source, manager, tmp_path):
    look(source)
    change(tmp_path, SECRET)
    look(source)
    mails()
    (tmp_path / "shop.sqlite3").rename(tmp_path / "away")
    assert look(source).drift_state == DataSource.Drift.DOWN
    (text,) = mails()
    assert "could not be looked at" in text
    assert "secret" not in text
    look(source)
    assert mails() == []
    assert [entry["where"] for entry in source.drift] == ["customers.api_key"]
    (tmp_path / "away").rename(tmp_path / "shop.sqlite3")
    assert look(source).drift_state == DataSource.Drift.DRIFTED
    assert mails() == []


def test_a_new_map_begins_anew(source, manager, tmp_path):
    look(source)
    change(tmp_path, SECRET)
    look(source)
    sources.save(source, "", MAP.replace("referrer:", "api_key: {secret: true}, referrer:"), None)
    assert look(source).drift_state == DataSource.Drift.FITS
    assert source.drift == []


def test_the_night_is_on_record_with_counts_alone(source, manager, tmp_path):
    look(source)
    change(tmp_path, SECRET)
    look(source)
    entry = AuditEntry.objects.get(action="source.drifted")
    assert (entry.target, entry.details) == (f"source {source.pk}", {"state": "drifted", "new": 1})
    mails()
    assert AuditEntry.objects.filter(action="mail.sent", target__startswith="staff mail").exists()


def test_every_source_that_is_searched_is_looked_at_by_the_heavy_queue(source, tmp_path):
    off = a_source(tmp_path, "off", f"sqlite:///{tmp_path / 'shop.sqlite3'}")
    DataSource.objects.filter(pk=off.pk).update(is_enabled=False)
    OrmQ.objects.all().delete()
    tasks.check_sources()
    assert queued() == [("heavy", "check_source", (source.pk,))]


def test_a_look_never_raises(source):
    DataSource.objects.filter(pk=source.pk).update(connection="not what was sealed")
    assert look(source).drift_state == DataSource.Drift.DOWN
    tasks.check_source(4711)


def test_a_manager_who_has_left_gets_no_mail(source, manager, tmp_path):
    look(source)
    change(tmp_path, SECRET)
    look(source)
    User.objects.filter(pk=manager.pk).update(is_active=False)
    assert mails() == []
    assert StaffMail.objects.get().state == Leased.State.FAILED


def test_the_mail_in_html_shows_names_of_a_source_as_text(source, manager, tmp_path):
    look(source)
    change(tmp_path, 'CREATE TABLE "<b>people</b>" (id INTEGER PRIMARY KEY, email TEXT)')
    change(tmp_path, "INSERT INTO \"<b>people</b>\" VALUES (1, 'a@example.test'), (2, 'b@example.test')")
    look(source)
    for mail in StaffMail.objects.open():
        tasks.send_staff_mail(mail.pk)
    html = outbox.outbox[0].alternatives[0][0]
    assert "&lt;b&gt;people" in html
    assert "<b>people" not in html
    assert source.checked_at <= timezone.now()
