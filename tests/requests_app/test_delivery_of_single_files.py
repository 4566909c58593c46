from __future__ import annotations

import zlib
from datetime import timedelta

import pytest

from extractors.errors import DamagedArtefact
from requests_app import delivery, links
from requests_app.limits import LimitReached
from requests_app.links import UsedLink
from requests_app.models import Download, Export, SecureLink
from requests_app.packed import UnknownMember
from tests.requests_app.packages import FILES, a_package, listed
from tests.requests_app.portal import acts, an_export

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]
NUMBERS = {path: number for number, path in enumerate(FILES)}


def a_link(export) -> str:
    return links.mint(export.request, SecureLink.Purpose.DOWNLOAD, export=export, lifetime=timedelta(hours=1))


def begin(export, path="json/export.json", **options):
    return delivery.begin(a_link(export), address=None, agent="curl", member=NUMBERS.get(path, path), **options)


def take(given) -> bytes:
    return b"".join(given.chunks)


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("json/export.json", "application/json"),
        ("csv/shop/orders.csv", "text/csv; charset=utf-8"),
        ("html/index.html", "text/html; charset=utf-8"),
        ("START-HERE.pdf", "application/pdf"),
    ],
)
def test_a_single_file_is_given_by_its_own_name_and_kind_and_never_shown(path, media_type):
    given = begin(a_package(), path)
    assert (given.status, take(given)) == (200, FILES[path])
    (known,) = listed({path: FILES[path]})
    assert given.headers == {
        "Content-Type": media_type,
        "Content-Disposition": f'attachment; filename="{path.rpartition("/")[2]}"',
        "Content-Length": str(len(FILES[path])),
        "Cache-Control": "no-cache, no-store, must-revalidate",
        "X-Content-Type-Options": "nosniff",
        "Accept-Ranges": "none",
        "ETag": f'"{known["sha256"]}"',
    }


def test_a_name_in_other_letters_is_kept():
    given = begin(a_package({'csv/größe "x".csv': b"1"}), 0)
    assert given.headers["Content-Disposition"] == "attachment; filename*=utf-8''gr%C3%B6%C3%9Fe%20%22x%22.csv"
    assert take(given) == b"1"


def test_it_is_logged_with_its_name():
    export = a_package()
    take(begin(export, "csv/shop/orders.csv"))
    download = Download.objects.get()
    assert (download.member, download.sent_bytes) == ("csv/shop/orders.csv", len(FILES["csv/shop/orders.csv"]))
    assert download.finished_at
    assert acts(export.request_id) == ["export.downloaded"]


def test_a_part_of_it_is_not_given():
    given = begin(a_package(), "json/export.json", byte_range="bytes=5-9")
    assert (given.status, take(given)) == (200, FILES["json/export.json"])


def test_it_counts_against_the_limit(monkeypatch):
    monkeypatch.setattr(delivery, "MOST_DOWNLOADS_AN_HOUR", 2)
    export = a_package()
    for _ in range(2):
        take(begin(export))
    with pytest.raises(LimitReached):
        begin(export)


def test_it_uses_a_link_up_that_works_once(settings):
    settings.DSR_SINGLE_USE_DOWNLOADS = True
    export = a_package()
    token = a_link(export)
    options = {"address": None, "agent": ""}
    assert take(delivery.begin(token, member=1, **options)) == FILES["csv/shop/orders.csv"]
    for member in (0, 1, None):
        with pytest.raises(UsedLink):
            delivery.begin(token, member=member, **options)


@pytest.mark.parametrize("number", [len(FILES), 10**9, -1])
def test_a_number_of_no_file_is_refused_on_record(number):
    export = a_package()
    for act in (begin, lambda export, number: delivery.describe(a_link(export), address=None, member=number)):
        with pytest.raises(UnknownMember):
            act(export, number)
    assert acts(export.request_id) == ["link.refused"] * 2
    assert not Download.objects.exists()


@pytest.mark.filterwarnings("ignore:PBKDF2 without:DeprecationWarning")
def test_a_package_with_a_passphrase_is_given_as_a_whole_only():
    export = a_package(passphrase="correct horse battery staple")
    with pytest.raises(UnknownMember):
        begin(export)
    assert take(delivery.begin(a_link(export), address=None, agent="")).startswith(b"PK")


def test_a_letter_has_no_files_inside_and_is_named_as_what_it_is():
    export = an_export(b"%PDF-1.7", media_type=Export.MediaType.PDF, members=listed({"a.pdf": b""}))
    with pytest.raises(UnknownMember):
        begin(export, 0)
    given = delivery.begin(a_link(export), address=None, agent="")
    assert given.headers["Content-Type"] == "application/pdf"
    assert given.headers["Content-Disposition"] == f'attachment; filename="{export.request.reference}.pdf"'
    assert take(given) == b"%PDF-1.7"


def test_a_link_is_not_used_up_for_a_file_that_the_package_lacks(settings):
    settings.DSR_SINGLE_USE_DOWNLOADS = True
    export = a_package(members=listed({"json/other.json": b""}))
    token = a_link(export)
    with pytest.raises(UnknownMember):
        delivery.begin(token, address=None, agent="", member=0)
    assert not Download.objects.exists()
    assert take(delivery.begin(token, address=None, agent="")).startswith(b"PK")


def test_a_file_that_is_cut_short_by_damage_is_not_logged_as_given():
    content = b"id,name\r\n" * 100
    export = a_package({"csv/a.csv": content}, damage=zlib.crc32(content).to_bytes(4, "little"))
    given = begin(export, 0)
    with pytest.raises(DamagedArtefact):
        take(given)
    assert Download.objects.get().finished_at is None
