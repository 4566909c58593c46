"""The completeness statement follows from what happened: each gap is told with its ground, to all who read it."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing

import pytest
from jsonschema import Draft202012Validator

from requests_app import audit, review, sources, tasks
from requests_app.audit import Actor
from requests_app.models import DataSource, Outcome, SourceSearch
from requests_app.models.subject_request import SubjectRequest
from tests.read_back import programs
from tests.requests_app.portal import (
    ANN,
    a_refusal,
    a_source,
    confirmed,
    downloaded,
    run_out,
    send_mails,
    staff,
    token_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]

FORUM = """
version: 1
source: forum
label: Forum
collections:
  members:
    label: Your membership
    identifiers: {email: email}
    fields:
      password: {secret: true}
      settings: {json: true, drop: [$.token]}
      invited_by: {third_party: true}
  posts:
    label: Your posts
    links: [{column: member, to: members.id}]
"""
EMPTY = FORUM.replace("source: forum", "source: archive").replace("label: Forum", "label: Archive")
KEPT = ("hunter2", "t0ken", "Carl", "KEPT-POST", "KEPT-RANK")


def a_database(folder, name: str, *, has_ann: bool) -> str:
    path = folder / f"{name}.sqlite3"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(
            """
            CREATE TABLE members (
                id INTEGER PRIMARY KEY, email TEXT, password TEXT, settings TEXT, invited_by TEXT, rank TEXT
            );
            CREATE TABLE posts (id INTEGER PRIMARY KEY, member INTEGER, body TEXT);
            """
        )
        if has_ann:
            settings = '{"colour": "red", "token": "t0ken"}'
            database.execute("INSERT INTO members VALUES (1, ?, 'hunter2', ?, 'Carl', 'KEPT-RANK')", (ANN, settings))
            database.executemany("INSERT INTO posts VALUES (?, 1, ?)", [(1, "Hello"), (2, "KEPT-POST"), (3, "Bye")])
        database.commit()
    return f"sqlite:///{path}"


@pytest.fixture
def answered(tmp_path):
    """Ann's answer: a source failed and was left out, one is empty; of the forum a record and a field are withheld."""
    sources.save(DataSource(slug="forum", label="Forum"), a_database(tmp_path, "forum", has_ann=True), FORUM, None)
    sources.save(
        DataSource(slug="archive", label="Archive"), a_database(tmp_path, "archive", has_ann=False), EMPTY, None
    )
    a_source(tmp_path, slug="crm", url=f"sqlite:///{tmp_path / 'nowhere.sqlite3'}")
    request, actor = confirmed(ANN), Actor.staff(staff())
    for search in request.searches.all():
        while SourceSearch.objects.get(pk=search.pk).is_open:
            run_out(search)
            tasks.collect_source(search.pk)
    failed = request.searches.get(state="failed")
    review.leave_out(failed, actor=actor, reason="The system is gone.")
    forum = request.searches.get(source__slug="forum")
    review.redact(forum, "posts", ordinal=1, ground="Art. 15(4) GDPR: a trade secret", actor=actor)
    review.redact(forum, "members", field="rank", ground="Art. 23 GDPR: an investigation", actor=actor)
    a_refusal(SubjectRequest.objects.get(pk=request.pk), "part")
    export = review.release(request.pk, actor=Actor.staff(staff("vera")), formats=("json", "pdf"))
    tasks.render_export(export.pk)
    request.refresh_from_db()
    assert request.outcome == Outcome.PARTIAL
    return downloaded(token_in(send_mails()[-1], "d"))


def text_of(pdf: bytes) -> str:
    return " ".join(programs.run("pdftotext", "-layout", "-", "-", content=pdf).decode().split())


def test_the_json_tells_each_gap_with_its_cause_and_ground(answered):
    document = json.loads(answered.read("json/export.json"))
    Draft202012Validator(json.loads(answered.read("json/export.schema.json"))).validate(document)
    assert document["meta"]["complete"] is False
    told = {(left["source"], left["collection"], left["cause"], left["reason"]) for left in document["not_included"]}
    assert told >= {
        ("crm", None, "unreached", "Web shop could not be searched"),
        ("forum", "members", "secret", "secret, never leaves the source: password"),
        ("forum", "members", "secret", "parts withheld inside settings ($.token)"),
        ("forum", "members", "third_party", "about other people, withheld (GDPR Art. 15(4)): invited_by"),
        ("forum", "members", "withheld", "withheld (Art. 23 GDPR: an investigation): rank"),
        ("forum", "posts", "withheld", "withheld (Art. 15(4) GDPR: a trade secret): 1 record"),
    }
    assert {(left[0], left[2]) for left in told if left[0] == "archive"} == {
        ("archive", "secret"),
        ("archive", "third_party"),
    }
    outcomes = {search["source"]: (search["outcome"], search["records"]) for search in document["searched"]}
    assert outcomes == {"crm": ("failed", 0), "forum": ("found", 4), "archive": ("empty", 0)}


@pytest.mark.parametrize("name", ["START-HERE.pdf", "pdf/export.pdf"])
def test_the_pdf_tells_each_gap_with_its_ground_in_words(answered, name):
    text = text_of(answered.read(name))
    for told in (
        "With gaps",
        "Could not be searched",
        "Web shop could not be searched",
        "Withheld after a review",
        "a trade secret): 1 record",
        "an investigation): rank",
        "About other people",
        "Passwords and other secrets",
        "parts of Settings",
        "Nothing found",
    ):
        assert re.sub(r"\s+", " ", told) in text, told


def test_nothing_withheld_stands_anywhere(answered):
    for name in answered.namelist():
        content = answered.read(name)
        text = text_of(content) if name.endswith(".pdf") else content.decode()
        assert not [value for value in KEPT if value in text], name
    assert "Hello" in answered.read("json/export.json").decode()


def test_nothing_is_said_to_be_missing_where_nothing_is(tmp_path):
    plain = FORUM.replace("{secret: true}", "{}").replace("{third_party: true}", "{}").replace(", drop: [$.token]", "")
    sources.save(DataSource(slug="forum", label="Forum"), a_database(tmp_path, "forum", has_ann=True), plain, None)
    request = confirmed(ANN)
    tasks.collect_source(request.searches.get().pk)
    export = review.release(request.pk, actor=Actor.staff(staff()), formats=("json",))
    tasks.render_export(export.pk)
    package = downloaded(token_in(send_mails()[-1], "d"))
    document = json.loads(package.read("json/export.json"))
    assert (document["meta"]["complete"], document["not_included"]) == (True, [])
    assert "Everything that we found about you is in this answer" in text_of(package.read("START-HERE.pdf"))


def test_nothing_is_withheld_without_a_ground(tmp_path):
    a_source(tmp_path)
    request = confirmed(ANN)
    tasks.collect_source(request.searches.get().pk)
    for ground in ("", "  "):
        with pytest.raises(review.NotReady, match="give the ground"):
            review.redact(request.searches.get(), "orders", ordinal=0, ground=ground, actor=audit.SYSTEM)
