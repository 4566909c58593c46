from __future__ import annotations

from datetime import timedelta

import pytest

from requests_app import links
from requests_app.models import Export, SecureLink
from requests_app.pages.inside import FEW_FILES, groups_of
from tests.requests_app.packages import FILES, a_package, listed
from tests.requests_app.pages.words import text_of
from tests.requests_app.portal import an_export

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]


def page_of(client, export):
    token = links.mint(export.request, SecureLink.Purpose.DOWNLOAD, export=export, lifetime=timedelta(hours=1))
    return client.get(f"/d/{token}"), f"/d/{token}"


def test_files_stand_by_format_with_what_is_opened_first_before_them():
    groups = groups_of(a_package())
    assert [group.title for group in groups] == ["Start here", "JSON", "Tables (CSV)", "Web pages (HTML)"]
    assert all(group.good_for for group in groups)
    assert [[file.name for file in group.files] for group in groups] == [
        ["START-HERE.pdf"],
        ["export.json"],
        ["shop/orders.csv"],
        ["index.html"],
    ]
    assert [group.size_bytes for group in groups] == [len(FILES[path]) for path in sorted(FILES, key=order)]


def order(path):
    return ["START-HERE.pdf", "json/export.json", "csv/shop/orders.csv", "html/index.html"].index(path)


def test_every_file_is_fetched_by_its_own_number(client):
    export = a_package()
    _, path = page_of(client, export)
    for group in groups_of(export):
        for file in group.files:
            content = b"".join(client.get(f"{path}/files/{file.number}").streaming_content)
            assert content in FILES.values()
            assert len(content) == file.size_bytes


def test_pages_that_lead_to_one_another_are_not_torn_apart():
    (group,) = groups_of(a_package({"html/index.html": b"1", "html/orders.html": b"2"}))
    assert [file.number for file in group.files] == [None, None]


def test_the_page_tells_size_formats_checksum_and_expiry(client):
    export = a_package()
    page, path = page_of(client, export)
    words = text_of(page)
    for told in (export.sha256, "JSON, CSV, HTML", "left", "Passphrase None", "START-HERE", "sha256sum", "certutil"):
        assert told in words
    for member in listed(FILES):
        assert member["sha256"] in words
    assert f'href="{path}/files/1"' in page.content.decode()


def test_what_is_protected_says_what_opens_it_and_offers_no_single_file(client):
    export = an_export(b"PK", is_protected=True, members=listed(FILES), formats=["json"])
    page, _ = page_of(client, export)
    words = text_of(page)
    for told in (
        "7-Zip",
        "Keka",
        "cannot open it",
        "Protected by the one that was set",
        "only be downloaded as a whole",
    ):
        assert told in words
    assert "/files/" not in page.content.decode()


def test_a_link_that_works_once_offers_no_single_file_and_says_why(client, settings):
    settings.DSR_SINGLE_USE_DOWNLOADS = True
    page, _ = page_of(client, a_package())
    assert "As this link works once" in text_of(page)
    assert "/files/" not in page.content.decode()


def test_a_letter_is_told_of_as_one(client):
    export = an_export(b"%PDF", media_type=Export.MediaType.PDF, is_complete=True)
    words = text_of(page_of(client, export)[0])
    assert "Your answer is ready" in words
    assert f"{export.request.reference}.pdf" in words
    assert "ZIP" not in words
    assert "What is inside" not in words


def test_a_long_list_is_folded(client):
    few = {f"csv/{number}.csv": b"" for number in range(FEW_FILES)}
    assert not groups_of(a_package(few))[0].is_long
    page, _ = page_of(client, a_package(few | {"csv/last.csv": b""}))
    assert f"Show the {FEW_FILES + 1} files" in text_of(page)


def test_files_whose_inside_was_never_listed_are_given_all_the_same(client):
    export = an_export(b"PK")
    page, path = page_of(client, export)
    assert page.status_code == 200
    assert "What is inside" not in text_of(page)
    assert client.get(f"{path}/files/0").status_code == 404
