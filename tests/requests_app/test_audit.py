from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta

import psycopg
import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction

from requests_app import audit
from requests_app.audit import STRANGER, SUBJECT, SYSTEM, Actor, Break, chain, sealing
from requests_app.models import AuditEntry, AuditSeal

ENTRIES, SEALS, SPARE = "requests_app_auditentry", "requests_app_auditseal", 10**9  # an id no sequence has reached


def act(times: int = 1) -> list[int]:
    """Put so many acts on record and return their ids."""
    before = set(AuditEntry.objects.values_list("pk", flat=True))
    for number in range(times):
        audit.record("export.downloaded", SUBJECT, request_id=7, target=f"export {number}", formats=["csv", "json"])
    return sorted(set(AuditEntry.objects.values_list("pk", flat=True)) - before)


def execute(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def tamper(*statements: str) -> None:
    """Do what only the owner of the database can: take the triggers away and change what is on record."""
    if connection.vendor == "postgresql":
        execute("SET session_replication_role = replica")
    else:
        with connection.cursor() as cursor:
            names = cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in names:
            execute(f"DROP TRIGGER {name}")
    for statement in statements:
        execute(statement)
    if connection.vendor == "postgresql":
        execute("SET session_replication_role = origin")


def sealed_ids() -> list[list[int]]:
    return list(AuditSeal.objects.values_list("entry_ids", flat=True))


def test_an_act_is_on_record_with_who_did_what_to_what(portal_database):
    user = User.objects.create(username="rita")

    audit.record(
        "records.viewed", Actor.staff(user), request_id=3, target="search 4", rows=50, whole=False, of=["a", 1]
    )

    (entry,) = AuditEntry.objects.values()
    del entry["id"], entry["at"]
    assert entry == {
        "actor_kind": "staff",
        "actor_id": user.pk,
        "action": "records.viewed",
        "request_id": 3,
        "target": "search 4",
        "details": {"rows": 50, "whole": False, "of": ["a", 1]},
    }


@pytest.mark.parametrize("actor", [SYSTEM, SUBJECT, STRANGER])
def test_whoever_is_no_member_of_the_team_has_no_number(db, actor):
    audit.record("link.refused", actor)
    assert AuditEntry.objects.values_list("actor_kind", "actor_id").get() == (str(actor.kind), None)


@pytest.mark.parametrize(
    "action", ["", "view", "Records.viewed", "records viewed", "a.b.c", ".viewed", "a." + "b" * 60]
)
def test_an_action_is_a_noun_and_a_verb(db, action):
    with pytest.raises(ValueError, match=r"noun\.verb"):
        audit.record(action, SYSTEM)
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("detail", [None, 1.5, {"a": 1}, ["a", None], [["a"]], b"a", ("a",)])
def test_details_are_plain_and_a_refusal_does_not_repeat_them(db, detail):
    with pytest.raises(
        ValueError, match=r"^The detail 'found' of records\.viewed is no whole number, text, yes or no,"
    ):
        audit.record("records.viewed", SYSTEM, found=detail)
    assert not AuditEntry.objects.exists()


def test_a_target_is_no_text(db):
    with pytest.raises(ValueError, match="longer than 60 characters"):
        audit.record("records.viewed", SYSTEM, target="x" * 61)


@pytest.mark.parametrize("table", [ENTRIES, SEALS])
@pytest.mark.parametrize("change", ["UPDATE {} SET id = id + 1", "DELETE FROM {}"])
def test_the_database_refuses_to_change_what_is_on_record(portal_database, table, change):
    act()
    audit.seal()
    with pytest.raises(IntegrityError, match="append-only"):
        execute(change.format(table))
    assert (AuditEntry.objects.count(), audit.verify().seals) == (1, 1)


@pytest.mark.parametrize(("table", "column"), [(ENTRIES, "id"), (SEALS, "id"), (SEALS, "number")])
def test_sqlite_refuses_to_replace_what_is_on_record(db, table, column):
    """Which deletes the old row without asking the trigger of deletions."""
    act()
    audit.seal()
    kept = AuditSeal.objects.get() if table == SEALS else AuditEntry.objects.get()
    columns = [field.column for field in kept._meta.fields]
    values = ["id + 1" if name == "id" and column == "number" else name for name in columns]
    with pytest.raises(IntegrityError, match="append-only"):
        execute(f"INSERT OR REPLACE INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {table}")


MIGRATING = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("migrate", "requests_app", "0002", verbosity=0)
call_command("migrate", verbosity=0)
"""


def test_the_refusal_can_be_taken_back_and_made_again(portal_database_url, start_portal):
    process = start_portal(portal_database_url, "shell", "--no-imports", "-c", MIGRATING)
    _, stderr = process.communicate()
    assert (process.returncode, stderr) == (0, "")

    columns = "at, actor_kind, action, target, details"
    statement = f"INSERT INTO {ENTRIES} ({columns}) VALUES ('2026-01-01 00:00:00+00:00', 'system', 'a.b', '', '{{}}')"
    if portal_database_url.startswith("sqlite"):
        database, refusal = sqlite3.connect(portal_database_url.removeprefix("sqlite:///")), sqlite3.IntegrityError
    else:
        database, refusal = psycopg.connect(portal_database_url, autocommit=True), psycopg.IntegrityError
    with closing(database):
        database.execute(statement)
        with pytest.raises(refusal, match="append-only"):
            database.execute(f"DELETE FROM {ENTRIES}")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", ["first", "second"])
def test_tests_of_whole_transactions_start_empty_and_are_refused_changes_too(time):
    act()
    audit.seal()
    assert AuditEntry.objects.count() == 1
    with pytest.raises(IntegrityError, match="append-only"):
        execute(f"DELETE FROM {ENTRIES}")


def test_entries_are_sealed_once_in_the_order_of_their_ids(portal_database):
    assert audit.seal() is None
    assert audit.head() == (0, "0" * 64)

    first, second = act(3), act(2)
    sealed = audit.seal()
    assert (sealed.number, sealed.entry_ids) == (1, first + second)
    assert audit.head() == (1, sealed.hash)
    assert audit.seal() is None

    third = act()
    assert audit.seal().previous_hash == sealed.hash
    assert sealed_ids() == [first + second, third]
    verdict = audit.verify()
    assert (verdict.seals, verdict.entries, verdict.unsealed, verdict.broken) == (2, 6, 0, None)


def test_many_entries_go_into_several_seals(portal_database, monkeypatch):
    monkeypatch.setattr(sealing, "SEALED_AT_ONCE", 4)
    ids = act(10)

    assert audit.seal().number == 3
    assert sealed_ids() == [ids[:4], ids[4:8], ids[8:]]
    assert audit.verify().is_sound


def test_a_chain_is_the_same_on_every_database(portal_database):
    """So that it may be moved from SQLite to PostgreSQL."""
    audit.record("records.viewed", SYSTEM, request_id=2**40, target="Ärger 😀", b=[True, 1, "ü"], a=0)
    entry = AuditEntry.objects.get()
    row = chain.rows_of([entry.pk])[entry.pk]
    at = entry.at.strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")
    assert chain._canonical(row).decode() == (
        f'{{"action":"records.viewed","actor_id":null,"actor_kind":"system","at":"{at}",'
        f'"details":{{"a":0,"b":[true,1,"\\u00fc"]}},"id":{entry.pk},"request_id":1099511627776,'
        f'"target":"\\u00c4rger \\ud83d\\ude00"}}\n'
    )


@pytest.mark.parametrize("late_is", [timedelta(hours=7), timedelta(0)])
def test_no_entry_is_sealed_twice_however_short_the_look_back_is(portal_database, monkeypatch, late_is):
    monkeypatch.setattr(sealing, "LATE", late_is)
    ids = []
    for times in (1, 3, 2, 1):
        ids += act(times)
        audit.seal()
    assert [pk for sealed in sealed_ids() for pk in sealed] == ids
    assert audit.verify().is_sound


def test_an_entry_committed_too_late_for_the_look_back_shows_as_not_sealed(portal_database, monkeypatch):
    AuditEntry.objects.create(pk=1_000_010, action="a.b", actor_kind="system")
    audit.seal()
    AuditEntry.objects.create(pk=1_000_005, action="a.b", actor_kind="system")
    audit.seal()
    assert sealed_ids() == [[1_000_010], [1_000_005]]

    monkeypatch.setattr(sealing, "LATE", timedelta(0))
    AuditEntry.objects.create(pk=1_000_007, action="a.b", actor_kind="system")
    assert audit.seal() is None
    verdict = audit.verify()
    assert (verdict.is_sound, verdict.unsealed) == (True, 1)


def test_a_transaction_that_commits_late_leaves_its_entries_to_a_later_seal(postgres_portal):
    late = (
        f"INSERT INTO {ENTRIES} (at, actor_kind, action, target, details) VALUES (now(), 'system', 'a.b', '', '{{}}')"
    )
    with psycopg.connect(postgres_portal) as slow, psycopg.connect(postgres_portal) as failing:
        (slow_id,) = slow.execute(f"{late} RETURNING id").fetchone()
        failing.execute(late)
        ids = act(2)
        assert min(ids) > slow_id
        audit.seal()
        failing.rollback()
        slow.commit()
    newest = act()
    audit.seal()

    assert sealed_ids() == [ids, [slow_id, *newest]]
    verdict = audit.verify()
    assert (verdict.entries, verdict.unsealed, verdict.broken) == (4, 0, None)


def test_acts_wait_for_no_sealer(postgres_portal):
    act()
    with psycopg.connect(postgres_portal) as other:
        columns = "number, sealed_at, entry_ids, highest_id, entries_hash, previous_hash, hash"
        other.execute(f"INSERT INTO {SEALS} ({columns}) VALUES (1, now(), '[]', 0, '', '', '')")
        execute("SET lock_timeout = '1s'")
        assert len(act()) == 1
        other.rollback()


SEALING = """
from requests_app import audit
from requests_app.audit import sealing
sealing.SEALED_AT_ONCE = 50
print("ready", flush=True)
input()
for _ in range(20):
    audit.record("export.downloaded", audit.SYSTEM)
    audit.seal()
"""


def test_of_several_sealers_at_once_one_wins_and_no_entry_is_sealed_twice(postgres_portal, start_portal):
    act(200)
    processes = [start_portal(postgres_portal, "shell", "--no-imports", "-c", SEALING) for _ in range(3)]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        _, stderr = process.communicate(timeout=60)
        assert (process.returncode, stderr) == (0, "")
    audit.seal()

    sealed = [pk for ids in sealed_ids() for pk in ids]
    assert sorted(sealed) == list(AuditEntry.objects.order_by("pk").values_list("pk", flat=True))
    assert len(sealed) == 260
    assert audit.verify().is_sound


@pytest.fixture
def three_seals(portal_database):
    """Three seals of three entries each, and two entries that are not sealed yet; gives the ids of the sealed ones."""
    ids = []
    for _ in range(3):
        ids.append(act(3))
        audit.seal()
    act(2)
    return ids


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        *[
            (f"UPDATE {ENTRIES} SET {change} WHERE id = {{entry}}", "one of its entries was altered")
            for change in (
                "at = '2020-02-02 02:02:02+00:00'",
                "actor_kind = 'staff'",
                "actor_id = 1",
                "action = 'export.ready'",
                "request_id = NULL",
                "target = ''",
                "details = '{{}}'",
            )
        ],
        (f"UPDATE {ENTRIES} SET id = 5000000 WHERE id = {{entry}}", "entry {entry} is missing"),
        (f"DELETE FROM {ENTRIES} WHERE id = {{entry}}", "entry {entry} is missing"),
        (f"DELETE FROM {ENTRIES} WHERE id >= {{entry}}", "entry {entry} is missing, and 1 more"),
        *[
            (f"UPDATE {SEALS} SET {change} WHERE number = 2", "the seal was altered")
            for change in (
                "sealed_at = '2020-02-02 02:02:02+00:00'",
                "entry_ids = '[]'",
                "entry_ids = '[{entry}]'",
                "highest_id = 0",
                "entries_hash = ''",
                "previous_hash = ''",
                "hash = ''",
            )
        ],
        (f"DELETE FROM {SEALS} WHERE number = 2", "the seal is missing"),
        (f"UPDATE {SEALS} SET number = 7 WHERE number = 2", "the seal is missing"),
    ],
)
def test_the_first_broken_seal_is_named_with_the_reason(three_seals, change, reason):
    entry = three_seals[1][1]
    tamper(change.format(entry=entry))

    verdict = audit.verify()
    assert verdict.broken == Break(2, reason.format(entry=entry))
    assert (verdict.seals, verdict.entries, verdict.unsealed) == (1, 3, None)


def test_swapped_seals_are_noticed(three_seals):
    tamper(*(f"UPDATE {SEALS} SET number = {new} WHERE number = {old}" for old, new in [(1, 9), (2, 1), (9, 2)]))
    assert audit.verify().broken == Break(1, "the seal was altered")


def test_swapped_entries_are_noticed(three_seals):
    first, _, third = three_seals[1]
    tamper(
        *(
            f"UPDATE {ENTRIES} SET id = {new} WHERE id = {old}"
            for old, new in [(first, SPARE), (third, first), (SPARE, third)]
        )
    )
    assert audit.verify().broken == Break(2, "one of its entries was altered")


def test_a_seal_that_was_made_anew_no_longer_carries_the_next(three_seals):
    """Whoever alters an entry and computes its seal again would have to alter every seal after it."""
    tamper(f"UPDATE {ENTRIES} SET action = 'export.ready' WHERE id = {three_seals[1][1]}")
    forged = AuditSeal.objects.get(number=2)
    forged.entries_hash = chain.hash_of_entries(chain.rows_of(forged.entry_ids)[pk] for pk in forged.entry_ids)
    hashes = f"entries_hash = '{forged.entries_hash}', hash = '{chain.hash_of_seal(forged)}'"
    tamper(f"UPDATE {SEALS} SET {hashes} WHERE number = 2")

    assert audit.verify().broken == Break(3, "the chain is broken: it does not follow the seal before it")


def test_the_first_of_several_breaks_is_named(three_seals):
    tamper(
        f"DELETE FROM {SEALS} WHERE number = 2",
        f"DELETE FROM {ENTRIES} WHERE id IN ({three_seals[0][0]}, {three_seals[2][0]})",
    )
    assert audit.verify().broken == Break(1, f"entry {three_seals[0][0]} is missing")


def test_an_entry_slipped_in_among_the_old_shows_as_not_sealed(three_seals):
    tamper(f"UPDATE {ENTRIES} SET id = -1 WHERE id = {three_seals[2][-1] + 1}")
    assert (audit.verify().is_sound, audit.verify().unsealed) == (True, 2)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (f"UPDATE {ENTRIES} SET at = 'never'", "one of its entries was altered"),
        (f"UPDATE {ENTRIES} SET at = '2020-13-13 00:00:00'", "one of its entries was altered and cannot be read"),
        (f"UPDATE {ENTRIES} SET at = 7", "one of its entries was altered"),
        (f"UPDATE {ENTRIES} SET action = x'00'", "one of its entries was altered"),
        (f"UPDATE {SEALS} SET sealed_at = '2020-13-13 00:00:00'", "the seal was altered and cannot be read"),
        (f"UPDATE {SEALS} SET entry_ids = '7'", "the seal was altered"),
        (f"UPDATE {SEALS} SET entry_ids = 'null'", "the seal was altered"),
    ],
)
def test_what_sqlite_keeps_in_no_form_of_ours_is_an_alteration_like_any_other(db, change, reason):
    for _ in range(3):
        (entry,) = act()
        audit.seal()
    column, row = ("id", entry - 1) if ENTRIES in change else ("number", 2)
    tamper(f"{change} WHERE {column} = {row}")
    assert audit.verify().broken == Break(2, reason)


@pytest.mark.parametrize("at_once", [1, 4, 100])
def test_entries_are_read_for_several_seals_at_once(three_seals, monkeypatch, at_once):
    monkeypatch.setattr("requests_app.audit.verifying.ENTRIES_AT_ONCE", at_once)
    verdict = audit.verify()
    assert (verdict.seals, verdict.entries, verdict.unsealed, verdict.broken) == (3, 9, 2, None)
