"""The demonstration companies: the same from a seed everywhere, and the truth true."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg
import pytest

from requests_app.demonstration import writing
from requests_app.demonstration.writing import COMPANIES, write_demonstration
from tests.requests_app.demonstration import HEAVY, PEOPLE, ROWS, Written, data_map, write_company

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from requests_app.demonstration.truth import Truth

MINE = {
    "saas": "WITH me(id) AS (SELECT id FROM users WHERE :email IN (lower(email), lower(previous_email))),"
    " my_workflows(id) AS (SELECT id FROM workflows WHERE owner_id IN me),"
    " my_runs(id) AS (SELECT id FROM workflow_runs WHERE workflow_id IN my_workflows OR triggered_by IN me),"
    " my_invoices(id, address) AS (SELECT id, billing_address_id FROM invoices"
    "  WHERE user_id IN me OR lower(billing_email) = :email),"
    " my_jobs(id) AS (SELECT id FROM jobs WHERE run_id IN my_runs"
    "  UNION SELECT jobs.id FROM jobs JOIN my_jobs ON jobs.retry_of = my_jobs.id) ",
    "grants": "WITH me(id) AS (SELECT id FROM user_profiles WHERE :email IN (lower(email), lower(previous_email))) ",
}
# What a colleague who knows the schema would write by hand; keys alone, soft-deleted and beyond a limit too.
ROWS_OF = {
    "saas": {
        "users": "SELECT id FROM me",
        "postal_addresses": "SELECT address_id FROM users WHERE id IN me AND address_id IS NOT NULL"
        " UNION SELECT address FROM my_invoices WHERE address IS NOT NULL",
        "workflows": "SELECT id FROM my_workflows",
        "workflow_runs": "SELECT id FROM my_runs",
        "jobs": "SELECT id FROM my_jobs",
        "subscriptions": "SELECT id FROM subscriptions WHERE user_id IN me",
        "invoices": "SELECT id FROM my_invoices",
        "audit_logs": "SELECT event_id FROM audit_logs WHERE (user_id IN me OR lower(actor_email) = :email)"
        " AND environment = 'production' AND action IS NOT 'heartbeat' ORDER BY occurred_at DESC",
        "plans": "SELECT DISTINCT plan_code FROM subscriptions WHERE user_id IN me",
    },
    "grants": {
        "user_profiles": "SELECT id FROM me",
        "user_preferences": "SELECT user_id FROM user_preferences WHERE user_id IN me",
        "org_members": "SELECT org_id, user_id FROM org_members WHERE user_id IN me",
        "organizations": "SELECT DISTINCT org_id FROM org_members WHERE user_id IN me",
        "org_grants_saved": "SELECT id FROM org_grants_saved WHERE saved_by IN me",
        "grant_tasks": "SELECT id FROM grant_tasks WHERE created_by IN me OR assigned_to IN me",
        "grant_comments": "SELECT id FROM grant_comments WHERE author_id IN me",
        "task_comments": "SELECT id FROM task_comments WHERE author_id IN me",
        "grant_activity_log": "SELECT id FROM grant_activity_log WHERE user_id IN me AND action IS NOT 'heartbeat'"
        " ORDER BY created_at DESC",
        "grant_documents": "SELECT id FROM grant_documents WHERE uploaded_by IN me",
        "mention_notifications": "SELECT delivery_id FROM mention_notifications"
        " WHERE user_id IN me OR lower(recipient_email) = :email",
        "approval_requests": "SELECT id FROM approval_requests WHERE requested_by IN me OR approver_id IN me",
        "recent_searches": "SELECT id FROM recent_searches WHERE user_id IN me AND product <> 'helpdesk'"
        " ORDER BY searched_at DESC",
    },
}
ADDRESSES = [
    HEAVY,
    "ann@example.test",
    "joann@example.test",
    "ann_@example.test",
    "ann%@example.test",
    "o'neil@example.test",
    "josé@example.test",
    "straße@example.test",
    "maria.new@example.test",
    "maria.old@example.test",
    "back.again@example.test",
    "gone@example.test",
    "pat@example.test",
    "sam@example.test",
    "retry@example.test",
    "tester@example.test",
    "quiet@example.test",
    "guest@example.test",
    "bookkeeper@example.test",
    "nobody@example.test",
]


@pytest.fixture(scope="module", params=sorted(COMPANIES))
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Written:
    return write_company(request.param, tmp_path_factory.mktemp("demonstration"))


def people_found_by(truth: Truth, email: str) -> list[str]:
    return [key for key, person in truth.people.items() if email in person.identifiers["email"]]


def content(url: str) -> list[str]:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
        return list(database.iterdump())


@pytest.mark.parametrize("email", ADDRESSES)
def test_the_truth_is_what_sql_written_by_hand_finds(written: Written, email: str) -> None:
    (key,) = people_found_by(written.truth, email)
    for table, statement in ROWS_OF[written.company].items():
        found = written.keys(MINE[written.company] + statement, email=email)
        known = written.truth.people[key].rows.get(table, [])
        assert len(set(known)) == len(known)
        assert (table, sorted(found)) == (table, sorted(known))


@pytest.mark.parametrize("email", [HEAVY, "ann@example.test", "gone@example.test", "back.again@example.test"])
def test_the_truth_knows_what_is_soft_deleted_and_what_a_limit_cuts_off(written: Written, email: str) -> None:
    person = written.truth.people[email]
    for table, statement in ROWS_OF[written.company].items():
        part = written.data_map.collections[table]
        found = written.keys(MINE[written.company] + statement, email=email)
        assert sorted(person.beyond_limit.get(table, [])) == sorted(found[part.limit :] if part.limit else [])
        deleted = part.deleted and {
            key[0] if len(key) == 1 else key
            for key in written.ask(
                f"SELECT {', '.join(written.truth.tables[table].key)} FROM {table}"
                f" WHERE {part.deleted.column} IS NOT NULL"
            )
        }
        assert set(person.deleted.get(table, [])) == set(found) & (deleted or set())


def test_every_row_asked_for_is_written(written: Written) -> None:
    counts = {table: written.keys(f"SELECT count(*) FROM {table}")[0] for table in written.truth.tables}
    assert counts == {name: table.rows for name, table in written.truth.tables.items()}
    assert sum(counts.values()) == ROWS
    assert len(written.truth.people) == PEOPLE


def test_every_foreign_key_leads_somewhere(written: Written) -> None:
    assert written.ask("PRAGMA foreign_key_check") == []
    assert written.ask("SELECT 1 FROM sqlite_master WHERE sql LIKE '%FOREIGN KEY%'")


@pytest.mark.parametrize("company", sorted(COMPANIES))
def test_both_databases_get_the_same_rows_and_the_same_truth(
    company: str, tmp_path: Path, postgres_database: Callable[[str], str]
) -> None:
    url = postgres_database(company)
    truth = write_demonstration(company, url, ROWS, PEOPLE, seed=7)
    there = write_demonstration(company, f"sqlite:///{tmp_path / 'same.sqlite3'}", ROWS, PEOPLE, seed=7)
    assert truth.as_json() == there.as_json()
    with closing(sqlite3.connect(tmp_path / "same.sqlite3")) as lite, psycopg.connect(url) as postgres:
        for name, table in truth.tables.items():
            keys = f"SELECT {', '.join(table.key)} FROM {name}"
            written = {tuple(map(str, row)) for row in postgres.execute(keys).fetchall()}
            assert written == {tuple(map(str, row)) for row in lite.execute(keys)}
            assert len(written) == table.rows


def test_postgresql_enforces_the_foreign_keys_and_has_the_indexes(postgres_database: Callable[[str], str]) -> None:
    for company, made in COMPANIES.items():
        url = postgres_database(company)
        write_demonstration(company, url, ROWS, PEOPLE)
        with psycopg.connect(url) as connection:
            keys = connection.execute(
                "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND convalidated"
            ).fetchone()
            indexes = connection.execute("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'").fetchall()
        assert keys == (sum(len(table.foreign_key_constraints) for table in made.metadata.tables.values()),)
        assert any("lower(email)" in definition for (definition,) in indexes)


@pytest.mark.parametrize("company", sorted(COMPANIES))
def test_a_seed_gives_the_same_rows_again_and_another_seed_others(company: str, tmp_path: Path) -> None:
    urls = [f"sqlite:///{tmp_path / name}" for name in ("first", "again", "other")]
    truths = [
        write_demonstration(company, url, ROWS, PEOPLE, seed).as_json()
        for url, seed in zip(urls, (3, 3, 4), strict=True)
    ]
    assert truths[0] == truths[1] != truths[2]
    assert content(urls[0]) == content(urls[1]) != content(urls[2])


@pytest.mark.parametrize("seed", range(1, 6))
@pytest.mark.parametrize("company", sorted(COMPANIES))
def test_the_heavy_person_owns_about_a_quarter_and_exceeds_every_limit(company: str, seed: int, tmp_path: Path) -> None:
    truth = write_demonstration(company, f"sqlite:///{tmp_path / 'company.sqlite3'}", ROWS, PEOPLE, seed)
    heavy = truth.people[HEAVY]
    assert 0.22 < sum(map(len, heavy.rows.values())) / ROWS < 0.36
    limited = {name for name, part in data_map(company).collections.items() if part.limit}
    assert set(heavy.beyond_limit) == limited
    assert truth.traps["beyond_limit"].people == [HEAVY]


@pytest.mark.parametrize("company", sorted(COMPANIES))
def test_the_default_scale_is_a_company_of_thousands(company: str) -> None:
    made = COMPANIES[company](writing.DEFAULT_ROWS, writing.DEFAULT_PEOPLE, 1)
    assert sum(1 for _, rows in made.tables() for _ in rows) == writing.DEFAULT_ROWS >= 200_000
    heavy = next(person for person in made.cast.people if person.key == HEAVY)
    assert sum(map(len, heavy.rows.values())) >= 50_000
    assert len(made.cast.people) >= 2_000


def test_the_map_and_the_schema_agree(written: Written) -> None:
    collections, tables = written.data_map.collections, written.truth.tables
    assert set(collections) == set(tables)
    schema = COMPANIES[written.company].metadata.tables
    for name, part in collections.items():
        assert part.secrets == set(tables[name].secrets)
        assert {column: list(field.drop) for column, field in part.fields.items() if field.drop} == dict(
            tables[name].secret_paths
        )
        assert part.limit == schema[name].info.get("limit")
        assert (part.deleted.column if part.deleted else None) == schema[name].info.get("deleted")
        assert {column for _, column in part.columns_named()} <= set(schema[name].columns.keys())
        assert bool(schema[name].primary_key.columns) != tables[name].keyless
        assert part.context or part.erase is not None


def test_no_column_that_erasure_sets_to_null_is_required(written: Written) -> None:
    schema = COMPANIES[written.company].metadata.tables
    for name, part in written.data_map.collections.items():
        emptied = {**part.erase.fields, **part.erase.anonymise} if part.erase else {}
        assert all(schema[name].columns[column].nullable for column, value in emptied.items() if value is None)


def secrets_outside(written: Written) -> Iterator[tuple[str, str]]:
    """Yield (table, column) wherever a secret stands that no secret column or dropped path accounts for."""
    for name, table in written.truth.tables.items():
        for column in [row[1] for row in written.ask(f"PRAGMA table_info({name})")]:
            value = f'"{column}"'
            for path in table.secret_paths.get(column, []):
                value = f"json_remove({value}, '{path}')"
            count = written.keys(
                f"SELECT count(*) FROM {name} WHERE instr({value}, :mark)", mark=written.truth.secret_marker
            )
            if column not in table.secrets and count != [0]:
                yield name, column


def test_secrets_carry_the_marker_and_stand_nowhere_else(written: Written) -> None:
    assert list(secrets_outside(written)) == []
    for name, table in written.truth.tables.items():
        for column in table.secrets:
            values = written.keys(f"SELECT {column} FROM {name} WHERE {column} IS NOT NULL")
            assert values
            assert all(str(value).startswith(written.truth.secret_marker) for value in values)
        for column, paths in table.secret_paths.items():
            for path in paths:
                assert written.keys(f"SELECT 1 FROM {name} WHERE instr(json_extract({column}, '{path}'), 'SECRET-')")
