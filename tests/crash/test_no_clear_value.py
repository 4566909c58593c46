"""Whatever is in a source is nowhere in clear outside it: not on a disk, in the database, in a log, in an error."""

from __future__ import annotations

import base64
import io
import sqlite3
import zipfile
from contextlib import closing

import psycopg
import pytest

from tests.live.moments import WAIT
from tests.live.portal import running_portal
from tests.live.sources import Company, register, sqlite_companies
from tests.live.steps import add_member, confirm, do, is_completed, is_ready, package_of, release, submit, sweep_until
from tests.servers import wait_until

PERSON = "ann@example.test"
MARKER = "Xq7ZkVanadiumHeron"
MARKED = {
    "saas": {
        "users": {"display_name": "text", "about": "text", "preferences": "json", "avatar": "bytes", "api_key": "text"},
        "workflows": {"name": "text", "definition": "json", "webhook_secret": "text"},
        "audit_logs": {"user_agent": "text", "details": "json"},
    },
    "grants": {
        "user_profiles": {"bio": "text", "settings": "json", "avatar": "bytes", "totp_secret": "text"},
        "grant_comments": {"body": "text"},
    },
}
PACKED = (b"PK", b"\x28\xb5\x2f\xfd", b"ARROW1", b"\x1f\x8b")  # ZIP, zstd, Arrow, gzip
# A view whose rows cannot be read: the database says so by naming the value.
FAULTY = f"""
CREATE TABLE told (id integer PRIMARY KEY, email text, said text);
INSERT INTO told VALUES (1, '{PERSON}', '{MARKER}');
CREATE VIEW heard AS SELECT id, email, said::integer AS said FROM told;
"""
FAULTY_MAP = """
version: 1
source: faulty
label: Faulty
collections:
  heard:
    identifiers: {email: email}
"""


def written(text):
    """The ways a text may be written in a file."""
    encoded = text.encode()
    yield from (encoded, text.encode("utf-16-le"), encoded.hex().encode())
    for lead in range(3):  # base64 goes by threes: what surrounds the text says how it is cut
        yield base64.b64encode(b"\0" * lead + encoded)[4:-4]


def clear_files(folder):
    """Every file below a folder that holds the marker in some way of writing, or that may hold it, being packed."""
    needles = list(written(MARKER))
    contents = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    return sorted(
        str(file.relative_to(folder))
        for file, content in contents.items()
        if content.startswith(PACKED) or any(needle in content for needle in needles)
    )


@pytest.fixture
def companies(tmp_path, postgres_database):
    companies = sqlite_companies(tmp_path)
    for company in companies:
        mark(company)
    url = postgres_database("faulty")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(FAULTY)
        with pytest.raises(psycopg.DataError, match=MARKER):
            connection.execute("SELECT * FROM heard")
    return [*companies, Company("faulty", url, FAULTY_MAP, companies[0].truth)]


def mark(company):
    """Write the marker into texts, JSON and bytes, as each company keeps them."""
    ways = {"text": MARKER, "json": f'{{"said": "{MARKER}"}}', "bytes": MARKER.encode()}
    with closing(sqlite3.connect(company.url.removeprefix("sqlite:///"))) as database, database:
        for table, columns in MARKED[company.slug].items():
            for column, way in columns.items():
                database.execute(f"UPDATE {table} SET {column} = ?", [ways[way]])


def test_no_value_of_a_source_lies_anywhere_in_clear(tmp_path, companies):
    folder = tmp_path / "portal"
    url = f"sqlite:///{folder / 'portal.sqlite3'}"
    with running_portal(folder, url, leased={"FIRST_PAUSE_SECONDS": 0.1, "MOST_ATTEMPTS": 2}) as portal:
        register(portal, companies)
        add_member(portal, "Reviewer")
        request = submit(portal, PERSON)
        portal.set_moment("collect_source", "_finish.call", WAIT)
        confirm(portal, request)
        wait_until(lambda: portal.reached("collect_source"))
        assert clear_files(folder) == []
        portal.go_on("collect_source")
        failed = f"SourceSearch.objects.filter(request={request}, state='failed')"
        sweep_until(portal, lambda: do(portal, f"result = {failed}.exists()"))
        assert "(22P02)" in do(portal, f"result = {failed}.get().last_error")
        do(portal, f"result = review.leave_out({failed}.get(), actor=audit.SYSTEM, reason='Faulty')")
        sweep_until(portal, lambda: is_ready(portal, request))
        portal.set_moment("render_export", "write_package.return", WAIT)
        export = release(portal, request)
        wait_until(lambda: portal.reached("render_export"))
        assert clear_files(folder) == []
        portal.go_on("render_export")
        sweep_until(portal, lambda: is_completed(portal, request))
        package = package_of(portal, export)
    with zipfile.ZipFile(io.BytesIO(package)) as opened:
        assert opened.read("json/export.json").count(MARKER.encode()) > 10
    assert clear_files(folder) == []
    assert list((folder / "tmp").iterdir()) == []
    (folder / "control").write_bytes(package)
    (folder / "other-control").write_text(base64.b64encode(f"..{MARKER}..".encode()).decode())
    assert clear_files(folder) == ["control", "other-control"]
