"""What is seen of a source: every table however it is called, its keys, and samples that stay within their bounds."""

import time

import psycopg
import pytest

from extractors.discovery.model import Content, Sampling
from extractors.errors import SourceUnavailable
from extractors.registry import kind_of
from tests.extractors.sql.sources import run

SHOP = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, email VARCHAR(200) NOT NULL UNIQUE, name VARCHAR(80));
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, placed_at TIMESTAMP, total NUMERIC(10, 2),
                     FOREIGN KEY (customer_id) REFERENCES customers (id));
CREATE INDEX orders_of ON orders (customer_id);
CREATE TABLE "lines" (order_id INTEGER, line INTEGER, note TEXT, PRIMARY KEY (order_id, line));
CREATE VIEW buyers AS SELECT DISTINCT customer_id FROM orders;
INSERT INTO customers VALUES (1, 'ann@example.test', 'Ann'), (2, 'bo@example.test', NULL), (3, 'cy@example.test', '');
INSERT INTO orders VALUES (1, 1, '2024-01-01 10:00:00', 5), (2, 1, NULL, 7.5);
"""


def inventory(url, **sampling):
    return kind_of(url).inventory(url, "shop", Sampling(**sampling))


def test_tables_keys_and_indexes_are_seen(database_url):
    run(database_url, SHOP)
    seen = inventory(database_url)
    assert [table.id for table in seen.tables] == ["buyers", "customers", "lines", "orders"]
    assert seen.table("buyers").is_view
    assert seen.table("lines").primary_key == ("order_id", "line")
    assert seen.table("customers").unique == (("id",), ("email",))
    assert seen.table("orders").indexed == {"id", "customer_id"}
    assert seen.table("customers").rows == 3
    assert seen.notes == ()


def test_columns_tell_their_type_length_and_whether_they_may_be_empty(database_url):
    run(database_url, SHOP)
    seen = inventory(database_url)
    email = seen.table("customers").column("email")
    assert (email.type, email.length, email.is_nullable) == ("text", 200, False)
    types = [column.type for column in seen.table("orders").columns]
    assert types == ["integer", "integer", "timestamp", "number"]


def test_foreign_keys_are_links_unless_they_are_not_to_be_trusted(database_url):
    run(database_url, SHOP)
    (link,) = [link for link in inventory(database_url).links if link.is_declared]
    assert (link.table, link.columns, link.to_table, link.to_columns) == (
        "orders",
        ("customer_id",),
        "customers",
        ("id",),
    )
    assert not [link for link in inventory(database_url, trusts_foreign_keys=False).links if link.is_declared]


def test_samples_count_neither_null_nor_empty_values(database_url):
    run(database_url, SHOP)
    customers = inventory(database_url).table("customers")
    assert customers.is_sampled
    assert customers.column("name").sampled.seen == 1
    assert customers.column("email").sampled.shares[Content.EMAIL] == 1


def test_no_value_is_kept(database_url):
    run(database_url, SHOP)
    assert "ann" not in repr(inventory(database_url)).lower()


def test_no_more_rows_are_looked_at_than_asked_for(database_url):
    run(database_url, "CREATE TABLE numbers (id INTEGER PRIMARY KEY, half INTEGER);\n" + _numbers(3000))
    numbers = inventory(database_url, rows=40).table("numbers")
    assert 0 < numbers.column("id").sampled.seen <= 40


def test_the_newest_rows_are_looked_at_as_well_as_the_oldest(database_url):
    """Only the last third has a note."""
    filled = "UPDATE numbers SET note = 'a@example.test' WHERE id > 2000"
    rows = "CREATE TABLE numbers (id INTEGER PRIMARY KEY, half INTEGER, note TEXT);\n" + _numbers(3000)
    run(database_url, f"{rows};\n{filled}")
    sampled = inventory(database_url, rows=60).table("numbers").column("note").sampled
    assert sampled.seen >= 10


def test_a_column_that_is_nearly_always_empty_gets_a_second_look(database_url):
    rows = "CREATE TABLE numbers (id INTEGER PRIMARY KEY, half INTEGER, note TEXT);\n" + _numbers(9000)
    run(database_url, f"{rows};\nUPDATE numbers SET note = 'a@example.test' WHERE id % 500 = 7")
    sampled = inventory(database_url, rows=20).table("numbers").column("note").sampled
    assert sampled.seen >= 10
    assert sampled.shares[Content.EMAIL] == 1


def test_names_of_any_sort_are_seen(database_url):
    run(database_url, 'CREATE TABLE "Order %s ""x"" ÄÖ" ("select" INTEGER PRIMARY KEY, "a:b %(c)s" VARCHAR(9))')
    run(database_url, 'INSERT INTO "Order %s ""x"" ÄÖ" VALUES (1, \'x\')')
    (table,) = inventory(database_url).tables
    assert table.id == 'Order %s "x" ÄÖ'
    assert [column.sampled.seen for column in table.columns] == [1, 1]


def test_when_the_time_is_up_names_alone_are_left(database_url):
    run(database_url, SHOP)
    seen = inventory(database_url, seconds=0)
    assert not any(table.is_sampled for table in seen.tables)
    assert any("customers" in note and "time" in note for note in seen.notes)
    assert len(seen.links) >= 1


def test_odd_values_of_untyped_columns_are_looked_at(sqlite_url):
    run(sqlite_url, "CREATE TABLE t (id INTEGER PRIMARY KEY, at DATETIME, n NUMERIC, b BLOB)")
    run(sqlite_url, "INSERT INTO t VALUES (1, 'never', 'many', 'x'), (2, 5, 1.5, zeroblob(100000))")
    t = inventory(sqlite_url).table("t")
    assert [column.sampled.seen for column in t.columns] == [2, 2, 2, 1]


def test_tables_without_rowid_are_seen_from_both_ends(sqlite_url):
    run(sqlite_url, "CREATE TABLE t (code TEXT PRIMARY KEY, half INTEGER) WITHOUT ROWID")
    run(sqlite_url, _numbers(1000, "t", "printf('%04d', n), n"))
    assert inventory(sqlite_url, rows=20).table("t").column("half").sampled.seen == 20


def test_a_file_that_is_not_there_is_a_source_unavailable(tmp_path):
    with pytest.raises(SourceUnavailable):
        inventory(f"sqlite:///{tmp_path / 'none.sqlite3'}")


def _numbers(most, table="numbers", values="n, n / 2"):
    columns = "(id, half)" if table == "numbers" else ""
    series = f"WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {most})"
    return f"INSERT INTO {table} {columns} {series} SELECT {values} FROM s"


@pytest.fixture
def postgres_url(postgres_database):
    return postgres_database("seen")


def test_all_schemas_are_seen_but_the_databases_own(postgres_url):
    run(postgres_url, 'CREATE SCHEMA "Sales x";\nCREATE TABLE "Sales x".deals (id int PRIMARY KEY)')
    run(postgres_url, 'CREATE TABLE public.people (id int PRIMARY KEY, deal int REFERENCES "Sales x".deals)')
    seen = inventory(postgres_url)
    assert [table.id for table in seen.tables] == ["Sales x.deals", "people"]
    assert seen.links[0].to_table == "Sales x.deals"
    assert [table.id for table in inventory(postgres_url, schemas=("Sales x",)).tables] == ["Sales x.deals"]


def test_partitions_are_seen_as_the_one_table_they_are(postgres_url):
    run(postgres_url, "CREATE TABLE log (id int, at date) PARTITION BY RANGE (at)")
    run(postgres_url, "CREATE TABLE log_1 PARTITION OF log FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')")
    run(postgres_url, "INSERT INTO log SELECT n, '2024-02-01' FROM generate_series(1, 5000) n;\nANALYZE log")
    (log,) = inventory(postgres_url, rows=50).tables
    assert log.id == "log"
    assert 4500 <= log.rows <= 5500
    assert 20 <= log.column("id").sampled.seen <= 50


def test_materialised_views_enums_domains_and_comments_are_seen(postgres_url):
    run(postgres_url, "CREATE TYPE mood AS ENUM ('glad', 'sad');\nCREATE DOMAIN mail AS text")
    run(postgres_url, "CREATE TABLE people (id int PRIMARY KEY, mood mood, address mail, tags text[], net inet)")
    run(postgres_url, "INSERT INTO people VALUES (1, 'glad', 'a@example.test', '{a,b}', '10.0.0.1')")
    run(postgres_url, "COMMENT ON TABLE people IS 'who';\nCOMMENT ON COLUMN people.mood IS 'how'")
    run(postgres_url, "CREATE MATERIALIZED VIEW glad AS SELECT id FROM people WHERE mood = 'glad'")
    seen = inventory(postgres_url)
    people = seen.table("people")
    assert [column.type for column in people.columns] == ["integer", "text", "text", "other", "other"]
    assert people.column("mood").values == ("glad", "sad")
    assert (people.comment, people.column("mood").comment) == ("who", "how")
    assert seen.table("glad").column("id").sampled.seen == 1


def test_an_index_that_holds_for_some_rows_or_an_expression_makes_nothing_unique(postgres_url):
    run(postgres_url, "CREATE TABLE people (id int PRIMARY KEY, email text, gone bool)")
    run(
        postgres_url,
        "CREATE UNIQUE INDEX ON people (email) WHERE NOT gone;\nCREATE UNIQUE INDEX ON people (lower(email))",
    )
    assert inventory(postgres_url).table("people").unique == (("id",),)


def test_what_a_user_may_not_read_is_noted_and_stops_nothing(postgres_url):
    run(postgres_url, "CREATE TABLE open (id int);\nCREATE TABLE closed (id int);\nCREATE TABLE half (a text, b text)")
    run(postgres_url, "INSERT INTO half VALUES ('a@example.test', 'secret')")
    run(postgres_url, "DROP ROLE IF EXISTS reader;\nCREATE ROLE reader LOGIN")
    run(postgres_url, "GRANT SELECT ON open TO reader;\nGRANT SELECT (a) ON half TO reader")
    seen = inventory(postgres_url.replace("postgres@", "reader@"))
    assert [table.id for table in seen.tables] == ["half", "open"]
    assert [column.sampled.seen for column in seen.table("half").columns] == [1, 0]
    assert sorted(note.split(" ")[0] for note in seen.notes) == ["closed", "half.b"]


def test_a_view_that_takes_too_long_is_given_up(postgres_url):
    run(postgres_url, "CREATE VIEW slow AS SELECT 1 AS x FROM pg_sleep(20);\nCREATE TABLE quick (id int)")
    begun = time.monotonic()
    seen = inventory(postgres_url, statement_seconds=0.3)
    assert time.monotonic() - begun < 10
    assert not seen.table("slow").is_sampled
    assert seen.table("quick").is_sampled
    assert any("slow" in note for note in seen.notes)


def test_dates_no_program_can_hold_are_looked_at(postgres_url):
    run(postgres_url, "CREATE TABLE t (at timestamptz, d date, n numeric)")
    run(postgres_url, "INSERT INTO t VALUES ('infinity', '-infinity', 'NaN'), ('20000-01-01', '4000-01-01 BC', 1)")
    assert [column.sampled.seen for column in inventory(postgres_url).table("t").columns] == [2, 2, 2]


def test_a_large_table_is_not_read_whole(postgres_url):
    """Pages read are counted by the server; the table has thousands."""
    run(postgres_url, "CREATE TABLE big AS SELECT n AS id, repeat('x', 500) AS pad FROM generate_series(1, 60000) n")
    run(postgres_url, "ANALYZE big")
    assert inventory(postgres_url, rows=100).table("big").column("id").sampled.seen >= 50
    with psycopg.connect(postgres_url) as connection:
        pages = (
            "SELECT relpages, heap_blks_read + heap_blks_hit FROM pg_class JOIN pg_statio_user_tables USING (relname)"
        )
        connection.execute("SELECT pg_stat_force_next_flush()")
        before = connection.execute(pages).fetchone()
    inventory(postgres_url, rows=100)
    with psycopg.connect(postgres_url) as connection:
        after = connection.execute(pages).fetchone()
    assert after[1] - before[1] < before[0] / 5
