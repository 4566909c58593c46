from __future__ import annotations

import random
from datetime import timedelta
from hashlib import sha256

import pytest
from django.utils import timezone

from extractors.errors import DamagedArtefact
from requests_app import delivery, links, retention, storage
from requests_app.delivery import ExpiredExport
from requests_app.keys.stored import KeyDestroyed, destroy_key, open_key
from requests_app.limits import LimitReached
from requests_app.links import ExpiredLink, UnknownLink, UsedLink
from requests_app.models import AuditEntry, Download, Export, Leased, SecureLink
from requests_app.storage import MissingArtefact
from tests.requests_app.portal import acts, an_export, staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]

ADDRESS, AGENT = "203.0.113.9", "Firefox"
CONTENT = random.Random(7).randbytes(3 * 2**20 + 77)  # four chunks of the encrypted file
SIZE = len(CONTENT)


@pytest.fixture
def export():
    return an_export(CONTENT, sha256=sha256(CONTENT).hexdigest())


@pytest.fixture
def token(export):
    return a_link(export)


def a_link(export, lifetime=timedelta(hours=1)):
    return links.mint(export.request, SecureLink.Purpose.DOWNLOAD, export=export, lifetime=lifetime)


def begin(token, **options):
    return delivery.begin(token, **{"address": ADDRESS, "agent": AGENT} | options)


def take(given):
    return b"".join(given.chunks)


def test_the_whole_is_given_with_its_headers(export, token):
    given = begin(token)
    assert (given.status, take(given)) == (200, CONTENT)
    assert given.headers == {
        "Content-Type": "application/zip",
        "Content-Disposition": f'attachment; filename="{export.request.reference}.zip"',
        "Content-Length": str(SIZE),
        "Cache-Control": "no-cache, no-store, must-revalidate",
        "Accept-Ranges": "bytes",
        "X-Content-Type-Options": "nosniff",
        "ETag": f'"{sha256(CONTENT).hexdigest()}"',
    }


@pytest.mark.parametrize(
    ("byte_range", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-99", 0, 99),
        ("bytes=1048570-1048590", 1048570, 1048590),
        ("bytes=5-", 5, SIZE - 1),
        ("bytes=-5", SIZE - 5, SIZE - 1),
        (f"bytes={SIZE - 1}-", SIZE - 1, SIZE - 1),
        (f"bytes=9-{SIZE + 1000}", 9, SIZE - 1),
        ("bytes= 1 - 2", 1, 2),
    ],
)
def test_a_part_is_given(byte_range, first, last, token):
    given = begin(token, byte_range=byte_range)
    assert (given.status, take(given)) == (206, CONTENT[first : last + 1])
    assert given.headers["Content-Range"] == f"bytes {first}-{last}/{SIZE}"
    assert given.headers["Content-Length"] == str(last - first + 1)


@pytest.mark.parametrize(
    "byte_range",
    [
        *(None, "", "bytes", "bytes=", "bytes=-", "bytes=a-b", "items=0-5", "bytes=5-2", "bytes=0-1,5-6", "0-5"),
        *("bytes=--5", "bytes=+1-2", "bytes=1.0-2", "bytes=٣-٤", "bytes=0x1-2", "bytes=" + "9" * 5000 + "-", "\0"),
        *(f"bytes=0-{SIZE - 1}", f"bytes=-{SIZE}", f"bytes=-{SIZE + 1}", "bytes=0-"),
    ],
)
def test_what_is_no_range_or_all_of_it_gives_the_whole(byte_range, token):
    given = begin(token, byte_range=byte_range)
    assert (given.status, take(given)) == (200, CONTENT)
    assert "Content-Range" not in given.headers


@pytest.mark.parametrize("byte_range", [f"bytes={SIZE}-", f"bytes={SIZE + 5}-{SIZE + 9}", "bytes=-0"])
def test_a_part_that_is_not_there_is_refused_and_no_download(byte_range, export, token):
    given = begin(token, byte_range=byte_range)
    assert (given.status, take(given)) == (416, b"")
    assert (given.headers["Content-Range"], given.headers["Content-Length"]) == (f"bytes */{SIZE}", "0")
    assert not Download.objects.exists()
    assert not acts(export.request_id)


def test_a_download_is_logged_with_when_where_and_how_much(export, token):
    before = timezone.now()
    take(begin(token, agent="x" * 900))
    download = Download.objects.get()
    assert (download.address, download.agent, download.sent_bytes) == (ADDRESS, "x" * 300, SIZE)
    assert before <= download.started_at <= download.finished_at
    assert (download.link, download.user) == (SecureLink.objects.get(), None)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor_kind, entry.request_id) == ("export.downloaded", "subject", export.request_id)
    assert (entry.target, entry.details) == (f"export {export.pk}", {"download": download.pk})


def test_a_download_that_breaks_off_is_logged_as_unfinished(token):
    given = begin(token)
    next(given.chunks)
    next(given.chunks)
    given.chunks.close()
    download = Download.objects.get()
    assert (download.sent_bytes, download.finished_at) == (2**20, None)


def test_a_download_that_nobody_takes_is_logged_as_unfinished(token):
    begin(token).chunks.close()
    download = Download.objects.get()
    assert (download.sent_bytes, download.finished_at) == (0, None)


def test_a_long_download_shows_how_far_it_is(token, monkeypatch):
    monkeypatch.setattr(delivery, "_RECORDED_BYTES", 2**20)
    given, seen = begin(token), []
    for _ in given.chunks:
        seen.append(Download.objects.get().sent_bytes)
    assert seen == [0, 2**20, 2 * 2**20, 3 * 2**20]


def test_a_download_goes_on_when_the_file_is_removed_meanwhile(export, token):
    given = begin(token)
    first = next(given.chunks)
    retention.clean_up(timezone.now() + timedelta(days=365))
    assert first + take(given) == CONTENT


def test_a_part_that_is_fetched_later_is_a_download_of_its_own(token):
    take(begin(token, byte_range="bytes=0-9"))
    take(begin(token, byte_range="bytes=10-19"))
    logged = Download.objects.order_by("pk").values_list("first_byte", "sent_bytes")
    assert list(logged) == [(0, 10), (10, 10)]
    assert Download.objects.filter(finished_at=None).count() == 0


def test_an_offer_says_what_there_is_and_uses_nothing_up(export, token, settings):
    settings.DSR_SINGLE_USE_DOWNLOADS = True
    for _ in range(3):
        offer = delivery.offer(token, address=ADDRESS)
        assert (offer.export, offer.request, offer.is_single_use, offer.downloads) == (export, export.request, True, 0)
    assert not acts(export.request_id)
    take(begin(token))
    with pytest.raises(UsedLink):
        delivery.offer(token, address=ADDRESS)


def test_a_link_works_again_and_again_by_default(token):
    assert [take(begin(token)) == CONTENT for _ in range(3)] == [True] * 3
    assert delivery.offer(token, address=ADDRESS).downloads == 3
    assert not delivery.offer(token, address=ADDRESS).is_single_use


def test_a_link_that_works_once_is_used_up_by_the_download(export, token, settings):
    settings.DSR_SINGLE_USE_DOWNLOADS = True
    given = begin(token, byte_range="bytes=0-9")
    assert (given.status, take(given)) == (200, CONTENT)  # a part would use the link up for a part
    with pytest.raises(UsedLink):
        begin(token)
    assert acts(export.request_id) == ["export.downloaded", "link.refused"]


def test_files_to_be_had_once_are_had_once_however_many_links_there_are(export, settings):
    settings.DSR_SINGLE_USE_DOWNLOADS = True
    first, second = a_link(export), a_link(export)
    assert take(begin(first)) == CONTENT
    for refused in (delivery.offer, lambda token, **_: begin(token)):
        with pytest.raises(UsedLink):
            refused(second, address=ADDRESS)
    links.revoke(export.request)  # the team lets the person have them again
    assert take(begin(a_link(export))) == CONTENT


def test_no_link_is_used_up_for_what_cannot_be_read(export, token, settings, storage_folder):
    settings.DSR_SINGLE_USE_DOWNLOADS = True
    path = storage_folder / export.file
    content = path.read_bytes()
    path.unlink()
    with pytest.raises(MissingArtefact):
        begin(token)
    path.write_bytes(content[:-1])
    with pytest.raises(DamagedArtefact):
        begin(token)
    path.write_bytes(content)
    assert not Download.objects.exists()
    assert take(begin(token)) == CONTENT


def test_of_two_that_use_a_link_at_once_one_gets_the_files(export, token, settings, monkeypatch):
    settings.DSR_SINGLE_USE_DOWNLOADS = True
    given = []
    open_file = storage.open

    def overtaken(name):
        monkeypatch.setattr(storage, "open", open_file)
        given.append(begin(token))
        return open_file(name)

    monkeypatch.setattr(storage, "open", overtaken)
    with pytest.raises(UsedLink):
        begin(token)
    assert take(given[0]) == CONTENT
    assert Download.objects.count() == 1
    assert acts(export.request_id) == ["export.downloaded", "link.refused"]


@pytest.mark.parametrize("act", [begin, lambda token: delivery.offer(token, address=ADDRESS)])
def test_an_expired_export_is_refused_though_no_clean_up_ran(act, export, token):
    Export.objects.update(expires_at=timezone.now())
    with pytest.raises(ExpiredExport, match="have expired") as refusal:
        act(token)
    assert refusal.value.request == export.request
    assert storage.size(export.file)
    assert not Download.objects.exists()


def test_after_the_clean_up_neither_file_nor_key_is_left(export, token):
    retention.clean_up(export.expires_at)
    with pytest.raises(ExpiredExport):
        begin(token)
    with pytest.raises(KeyDestroyed):
        open_key(export.key_id)
    with pytest.raises(MissingArtefact):
        storage.open(export.file)
    assert Export.objects.get().file == ""
    assert acts(export.request_id) == ["export.removed", "link.refused"]


def test_a_destroyed_key_gives_nothing(export, token):
    destroy_key(export.key_id)
    with pytest.raises(KeyDestroyed):
        begin(token)
    assert not Download.objects.exists()


@pytest.mark.parametrize("state", [Leased.State.WAITING, Leased.State.RUNNING, Leased.State.FAILED])
def test_what_is_not_made_is_not_given(state, export, token):
    Export.objects.update(state=state)
    with pytest.raises(ExpiredExport, match="not made yet"):
        begin(token)


def test_wrong_links_are_refused_on_record_and_limited(export, token, monkeypatch):
    monkeypatch.setattr(links, "MOST_GUESSES_AN_HOUR", 2)
    status = links.mint(export.request, SecureLink.Purpose.STATUS, lifetime=timedelta(hours=1))
    for wrong in ("made-up", status):
        with pytest.raises(UnknownLink):
            begin(wrong)
    for act in (begin, lambda token: delivery.offer(token, address=ADDRESS)):
        with pytest.raises(LimitReached):
            act("made-up")
    assert acts(None) == ["link.refused"] * 2
    assert AuditEntry.objects.latest("pk").details == {"purpose": "download", "reason": "unknown"}
    assert take(begin(token)) == CONTENT


def test_an_expired_link_is_refused_on_record(export):
    with pytest.raises(ExpiredLink):
        begin(a_link(export, lifetime=timedelta(0)))
    assert acts(export.request_id) == ["link.refused"]
    assert AuditEntry.objects.get().details == {"purpose": "download", "reason": "expired"}


def test_downloads_of_an_export_are_limited(export, token, monkeypatch):
    monkeypatch.setattr(delivery, "MOST_DOWNLOADS_AN_HOUR", 2)
    for _ in range(2):
        take(begin(token))
    with pytest.raises(LimitReached):
        begin(a_link(export))
    take(begin(a_link(an_export(b"other"))))


def test_a_member_of_the_team_downloads_on_record(export, settings):
    settings.DSR_SINGLE_USE_DOWNLOADS = True
    user = staff("fritz")
    given = [delivery.begin_for_staff(export, user, address=ADDRESS, agent=AGENT) for _ in range(2)]
    assert [take(one) == CONTENT for one in given] == [True, True]
    assert set(Download.objects.values_list("user", "link", "address", "agent")) == {(user.pk, None, ADDRESS, AGENT)}
    entries = AuditEntry.objects.values_list("action", "actor_kind", "actor_id")
    assert list(entries) == [("export.downloaded", "staff", user.pk)] * 2


def test_what_has_expired_is_not_for_the_team_either(export):
    Export.objects.update(expires_at=timezone.now())
    export.refresh_from_db()
    with pytest.raises(ExpiredExport):
        delivery.begin_for_staff(export, staff("fritz"), address=ADDRESS, agent=AGENT)
