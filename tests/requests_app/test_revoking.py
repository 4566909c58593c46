from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from requests_app import delivery, links, retention, revoking, storage
from requests_app.audit import Actor
from requests_app.delivery import ExpiredExport
from requests_app.keys.stored import KeyDestroyed, open_key
from requests_app.links import RevokedLink
from requests_app.models import AuditEntry, Export, Leased, OutboxMail, SecureLink, Status
from requests_app.notifications import queue_mail
from requests_app.revoking import EndedRequest, NothingToTakeBack
from requests_app.storage import MissingArtefact
from tests.requests_app.portal import a_request, acts, an_export, send_mails, staff, submitted, token_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("storage_folder")]
DOWNLOAD, STATUS = SecureLink.Purpose.DOWNLOAD, SecureLink.Purpose.STATUS


@pytest.fixture
def actor():
    return Actor.staff(staff("otto"))


def a_link(export, purpose=DOWNLOAD) -> str:
    about = {"export": export} if purpose == DOWNLOAD else {}
    return links.mint(export.request, purpose, lifetime=timedelta(hours=1), **about)


def test_files_that_are_taken_back_are_gone_at_once_and_for_good(actor):
    export = an_export(b"files")
    token = a_link(export)
    revoking.take_back(export, actor=actor)
    with pytest.raises(KeyDestroyed):
        open_key(export.key_id)
    with pytest.raises(MissingArtefact):
        storage.open(export.file)
    export.refresh_from_db()
    assert export.revoked_at
    assert (export.removed_at, export.file) == (pytest.approx(timezone.now(), abs=timedelta(seconds=9)), "")
    with pytest.raises(ExpiredExport, match="taken back") as refused:
        delivery.offer(token, address=None)
    assert refused.value.reason == "revoked"
    with pytest.raises(ExpiredExport, match="taken back"):
        delivery.begin_for_staff(export, staff("sue"), address=None, agent="")
    assert acts(export.request_id) == ["export.revoked", "link.refused"]
    assert AuditEntry.objects.get(action="export.revoked").actor_id == actor.user_id


def test_a_mail_about_files_that_were_taken_back_is_not_sent(actor):
    export = an_export(b"files")
    queue_mail(export.request_id, "ready", export_id=export.pk)
    revoking.take_back(export, actor=actor)
    assert send_mails() == []


def test_nothing_is_taken_back_twice(actor):
    export = an_export(b"files")
    revoking.take_back(export, actor=actor)
    with pytest.raises(NothingToTakeBack):
        revoking.take_back(export, actor=actor)
    assert acts(export.request_id) == ["export.revoked"]


def test_what_expired_and_was_deleted_cannot_be_taken_back(actor):
    export = an_export(b"files")
    retention.clean_up(export.expires_at)
    with pytest.raises(NothingToTakeBack):
        revoking.take_back(export, actor=actor)
    assert Export.objects.get().revoked_at is None


@pytest.mark.parametrize("state", [Leased.State.WAITING, Leased.State.RUNNING, Leased.State.FAILED])
def test_what_is_not_made_yet_cannot_be_taken_back(state, actor):
    export = an_export(b"files")
    Export.objects.update(state=state)
    with pytest.raises(NothingToTakeBack):
        revoking.take_back(export, actor=actor)
    assert storage.size(export.file)


def test_new_links_take_the_place_of_all_that_were_mailed(actor):
    export = an_export(b"files")
    old = {purpose: a_link(export, purpose) for purpose in (DOWNLOAD, STATUS)}
    revoking.renew_links(export.request_id, actor=actor)
    for purpose, token in old.items():
        with pytest.raises(RevokedLink):
            links.opened(token, purpose, address=None)
    assert acts(export.request_id) == ["links.revoked", "link.refused", "link.refused"]
    (message,) = send_mails()
    assert message.to == [export.request.email]
    assert delivery.offer(token_in(message, "d"), address=None).export == export
    assert links.opened(token_in(message, "r"), STATUS, address=None).request == export.request


def test_a_pass_for_a_download_ends_with_its_link(actor, settings):
    settings.DSR_DOWNLOAD_CODE = "always"
    export = an_export(b"files")
    token = a_link(export)
    revoking.renew_links(export.request_id, actor=actor)
    with pytest.raises(RevokedLink):
        delivery.confirm_code(token, "AAAA-AAAA", address=None)


@pytest.mark.parametrize("status", [Status.VERIFIED, Status.IN_PROGRESS, Status.COMPLETED, Status.REJECTED])
def test_without_files_there_is_the_link_to_the_page(status, actor):
    request = a_request(status)
    revoking.renew_links(request.pk, actor=actor)
    (message,) = send_mails()
    assert token_in(message, "r")
    assert "/d/" not in message.body


def test_who_has_not_confirmed_yet_gets_a_new_link_to_confirm(actor):
    request = submitted()
    old = token_in(send_mails()[-1], "c")
    revoking.renew_links(request.pk, actor=actor)
    with pytest.raises(RevokedLink):
        links.opened(old, SecureLink.Purpose.CONFIRM, address=None)
    assert token_in(send_mails()[-1], "c") != old


@pytest.mark.parametrize("status", [Status.LAPSED, Status.ARCHIVED])
def test_what_is_over_gets_no_new_links(status, actor):
    with pytest.raises(EndedRequest):
        revoking.renew_links(a_request(status).pk, actor=actor)
    assert not OutboxMail.objects.exists()


def test_links_of_other_requests_go_on_working(actor):
    export, other = an_export(b"files"), an_export(b"others")
    token = a_link(other)
    revoking.renew_links(export.request_id, actor=actor)
    assert delivery.offer(token, address=None).export == other
