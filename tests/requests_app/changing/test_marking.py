"""Restrictions and objections in sources of each kind: marked, taken back, and nothing else touched."""

from __future__ import annotations

import pytest

from extractors import registry
from requests_app import audit, review, sources
from requests_app.changing import key_lists
from requests_app.keys.stored import open_key
from requests_app.models import DataSource, KeyList, Leased, SourceChange, Suppression
from requests_app.workflow import perform
from tests.extractors.sql.changing.databases import changed, contents
from tests.requests_app.changing.marked import (
    LINKED,
    MAP,
    MARKED,
    TICKETS,
    Act,
    Stopped,
    StoppingExtractor,
    a_marked_shop,
    asking,
    taken_back,
    taking_effect,
    worked,
)
from tests.requests_app.changing.shops import CONTACT_ROWS, TICKET_ROWS, a_source, rows, run
from tests.requests_app.portal import ANN, acts, run_out

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(database_url):
    return a_marked_shop(database_url)


@pytest.fixture
def sqlite_shop(sqlite_url):
    return a_marked_shop(sqlite_url)


def marked(request, act=Act.RESTRICTION):
    (change,) = worked(taking_effect(request, act))
    return change


def lifted(request, act=Act.RESTRICTION):
    (change,) = worked(taken_back(request, act))
    return change


def test_the_persons_rows_are_marked_and_everybody_elses_stay_byte_for_byte(shop, database_url):
    before, request = contents(database_url), asking()
    change = marked(request)
    assert (change.state, change.is_proven, change.began) == (Leased.State.DONE, True, 1)
    assert change.result == {"rows": MARKED}
    assert {row[0] for row in changed(before, contents(database_url))["customers"]} == {1, 3}
    assert {row[0] for row in changed(before, contents(database_url))["orders"]} == {10, 11}
    ann = next(row for row in rows(database_url, "customers") if row[0] == 1)
    assert (bool(ann[2]), ann[3], float(ann[4]), ann[5], bool(ann[6])) == (True, "restricted", 0, None, True)
    assert acts(request.pk)[1:] == ["change.began", "change.done"]


@pytest.mark.parametrize("act", [Act.RESTRICTION, Act.OBJECTION_MARKETING, Act.OBJECTION_ALL])
def test_taking_back_restores_whatever_stood_there(shop, database_url, act):
    before, request = contents(database_url), asking()
    change = marked(request, act)
    assert contents(database_url) != before
    undone = lifted(request, act)
    assert (undone.state, undone.is_proven, undone.undoes) == (Leased.State.DONE, True, change)
    assert undone.result == change.result
    assert contents(database_url) == before
    assert not Suppression.objects.filter(lifted_at=None).exists()


def test_an_objection_that_the_map_says_nothing_of_changes_no_row(shop, database_url):
    before, request = contents(database_url), asking()
    change = marked(request, Act.OBJECTION_ANALYTICS)
    assert (change.result, change.is_applied) == ({"rows": {}}, True)
    assert not KeyList.objects.exists()
    assert lifted(request, Act.OBJECTION_ANALYTICS).result == {"rows": {}}
    assert contents(database_url) == before


def test_what_stood_there_is_sealed_with_its_types_and_reads_back_after_the_map_has_changed(shop, database_url):
    before, request = contents(database_url), asking()
    marked(request)
    other = MAP.replace("score: 0", "score: 7").replace("state: restricted", "state: other")
    sources.save(shop, "", other, None)
    assert lifted(request).result == {"rows": MARKED}
    assert contents(database_url) == before


def test_what_somebody_changed_in_between_stays(shop, database_url):
    request = asking()
    marked(request)
    run(
        database_url,
        "UPDATE customers SET state = 'moved', score = 9.75 WHERE id = 1",
        "DELETE FROM orders WHERE id = 11",
        "UPDATE orders SET note = 'said since' WHERE id = 10",
    )
    assert lifted(request).result == {"rows": {"customers": 2, "orders": 0}}
    ann = next(row for row in rows(database_url, "customers") if row[0] == 1)
    assert (bool(ann[2]), ann[3], float(ann[4]), str(ann[5])) == (False, "moved", 9.75, "2024-02-29")
    assert [row[2] for row in rows(database_url, "orders")] == ["said since", "hello", "[restricted]"]


def test_a_second_attempt_marks_what_came_meanwhile_and_all_is_taken_back(sqlite_shop, sqlite_url):
    before, request = contents(sqlite_url), asking()
    marked(request)
    (again,) = SourceChange.objects.all()
    assert not SourceChange.objects.claim(again.pk)  # done is done
    lifted(request)
    assert contents(sqlite_url) == before
    assert taken_back(request) == []


@pytest.fixture
def stops(tmp_path, monkeypatch):
    """When workers stop, of sources whose address begins with `stopping:`."""
    information = tmp_path / "stopping-1.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: stopping\nVersion: 1\n")
    plug_in = "stopping = tests.requests_app.changing.marked:StoppingExtractor"
    (information / "entry_points.txt").write_text(f"[dsr_portal.extractors]\n{plug_in}\n")
    monkeypatch.syspath_prepend(tmp_path)
    registry._kinds.cache_clear()
    yield StoppingExtractor.stops
    StoppingExtractor.stops.clear()
    registry._kinds.cache_clear()


@pytest.fixture
def stopping_shop(sqlite_shop, sqlite_url, stops):
    return sources.save(sqlite_shop, sqlite_url.replace("sqlite:", "stopping:"), MAP, None)


def insisted(change):
    """Let workers try, however often they stop."""
    while change.is_open:
        run_out(change)
        try:
            (change,) = worked([change])
        except Stopped:
            change.refresh_from_db()
    return change


STOPS = [["before"], ["after"], ["before", "after"], ["after", "before"], ["before", "before", "after"]]


@pytest.mark.parametrize("when", STOPS, ids="-".join)
def test_a_worker_that_stops_before_or_after_the_commit_leaves_the_rows_marked_once_and_restorable(
    stopping_shop, sqlite_url, stops, when
):
    before, request = contents(sqlite_url), asking()
    (change,) = taking_effect(request)
    stops += when
    change = insisted(change)
    assert (change.is_applied, change.result) == (True, {"rows": MARKED})
    assert {row[0] for row in changed(before, contents(sqlite_url))["customers"]} == {1, 3}
    (undone,) = taken_back(request)
    stops += when
    assert insisted(undone).is_applied
    assert contents(sqlite_url) == before


def test_what_came_while_a_worker_was_dead_is_marked_and_counted_too(stopping_shop, sqlite_url, stops):
    request = asking()
    (change,) = taking_effect(request)
    stops.append("after")
    with pytest.raises(Stopped):
        worked([change])
    run(sqlite_url, "INSERT INTO orders VALUES (14, 1, 'new'), (15, 3, 'new')", "DELETE FROM orders WHERE id = 11")
    assert insisted(change).result == {"rows": {"customers": 2, "orders": 4}}
    lifted(request)
    assert [row[2] for row in rows(sqlite_url, "orders")] == ["ring twice", "hello", "[restricted]", "new", "new"]


def test_what_was_changed_between_two_attempts_is_what_is_restored(stopping_shop, sqlite_url, stops):
    request = asking()
    (change,) = taking_effect(request)
    stops.append("before")
    with pytest.raises(Stopped):
        worked([change])
    run(sqlite_url, "UPDATE customers SET state = 'moved' WHERE id = 1")
    before = contents(sqlite_url)
    insisted(change)
    lifted(request)
    assert contents(sqlite_url) == before


def test_a_linked_source_is_marked_over_the_one_that_leads_to_it(sqlite_url, tmp_path):
    crm = f"sqlite:///{tmp_path / 'crm.sqlite3'}"
    run(crm, *CONTACT_ROWS)
    run(sqlite_url, *TICKET_ROWS, "ALTER TABLE tickets ADD state varchar(9)")
    a_source(crm, "crm", LINKED)
    a_source(sqlite_url, "desk", TICKETS)
    before, request = contents(sqlite_url), asking()
    contacts, tickets = worked(taking_effect(request))
    assert (contacts.result, tickets.result) == ({"rows": {}}, {"rows": {"tickets": 1}})
    assert [row[3] for row in rows(sqlite_url, "tickets")] == ["locked", None, None, None]
    run(crm, "DELETE FROM contacts")
    worked(taken_back(request))
    assert contents(sqlite_url) == before


def test_a_source_switched_off_meanwhile_is_left_alone_until_it_is_on_again(sqlite_shop, sqlite_url):
    before, request = contents(sqlite_url), asking()
    (change,) = taking_effect(request)
    DataSource.objects.update(is_enabled=False)
    (failed,) = worked([change])
    assert (failed.state, failed.began) == (Leased.State.FAILED, 0)
    assert "switched off" in failed.last_error
    assert contents(sqlite_url) == before
    DataSource.objects.update(is_enabled=True)
    review.retry(failed, actor=audit.SYSTEM)
    (done,) = worked([failed])
    DataSource.objects.update(is_enabled=False)
    (waiting,) = worked(taken_back(request))
    assert "switched off" in waiting.last_error
    DataSource.objects.update(is_enabled=True)
    review.retry(waiting, actor=audit.SYSTEM)
    (undone,) = worked([waiting])
    assert undone.result == done.result
    assert contents(sqlite_url) == before


def test_nothing_is_marked_for_a_request_that_was_withdrawn(sqlite_shop, sqlite_url):
    before, request = contents(sqlite_url), asking()
    (change,) = taking_effect(request)
    perform(request.pk, "withdraw", actor=audit.SUBJECT)
    (ended,) = worked([change])
    assert (ended.state, ended.began) == (Leased.State.FAILED, 0)
    assert contents(sqlite_url) == before


def test_a_source_that_fails_is_left_as_it_was_and_nothing_stays_behind(sqlite_shop, sqlite_url, storage_folder):
    before, request = contents(sqlite_url), asking()
    (change,) = taking_effect(request)
    run(sqlite_url, "CREATE TRIGGER no BEFORE UPDATE ON orders BEGIN SELECT RAISE(ABORT, 'no'); END")
    (failed,) = worked([change])
    assert not failed.is_applied
    assert contents(sqlite_url) == before
    run(sqlite_url, "DROP TRIGGER no")
    review.retry(failed, actor=audit.SYSTEM)
    assert worked([failed])[0].result == {"rows": MARKED}
    lifted(request)
    assert contents(sqlite_url) == before


def test_no_value_of_the_rows_stands_in_our_tables_or_files(sqlite_shop, storage_folder):
    request = asking()
    marked(request)
    told = str([list(model.objects.values()) for model in (SourceChange, KeyList)])
    files = b"".join(path.read_bytes() for path in storage_folder.rglob("*") if path.is_file())
    for value in ("ring twice", "2024-02-29", ANN):
        assert value not in told
        assert value.encode() not in files


def test_the_lists_of_what_stood_there_hold_what_the_map_had_set(sqlite_shop):
    change = marked(asking())
    (kept,) = change.key_lists.all()
    assert kept.rows == 4
    assert open_key(kept.key_id)
    with key_lists.opened(kept.file, kept.key_id) as listed:
        (section, *_) = listed.sections(collection="customers")
        (batch,) = section.batches
    assert {name: dict(batch.schema.field(name).metadata or {}).get(b"set") for name in batch.schema.names} == {
        "id": None,
        "locked": b"true",
        "state": b'"restricted"',
        "score": b"0",
        "seen": b"null",
    }
