"""Links no constraint declares, found in made-up databases whose links are known, and as little else as can be.

Thresholds stand a little below what was measured. `held_out` schemas were written before anything was tuned, and
nothing was tuned to them.
"""

import sqlite3
from contextlib import closing
from importlib import import_module
from pathlib import Path

import pytest
import sqlalchemy as sa

from extractors.discovery.model import Sampling
from extractors.registry import kind_of
from requests_app.demonstration.writing import write_demonstration
from tests.extractors.discovery.made_up import SCHEMAS, MadeUp, translated
from tests.extractors.discovery.true_links import TRUE_LINKS, true_links
from tests.extractors.sql.sources import run

ORACLE = Path(__file__).parents[2] / "oracles" / "postgres_example" / "data.sql"
WORLDS = [*TRUE_LINKS, *SCHEMAS]
TUNED = [name for name in WORLDS if not name.startswith("held_out")]


def found(url, **sampling):
    return kind_of(url).inventory(url, "made-up", Sampling(trusts_foreign_keys=False, **sampling)).links


def told(links):
    return {(link.table, link.columns, link.to_table, link.to_columns) for link in links if not link.where}


def written(name, url):
    """Write a database, and give its tables and its links."""
    if name in SCHEMAS:
        made = MadeUp(SCHEMAS[name])
        made.write(url)
        return list(made.rows), {(table, (a,), to, (b,)) for table, a, to, b in made.links}, set()
    world = import_module(f"tests.extractors.discovery.databases.{name}").build()
    world.write(url)
    return list(world.rows), *true_links(name, world.keys)


def judged(names, folder, *, is_translated):
    """Give the share of true links found, and the share of found links that are true."""
    right = wanted = wrong = 0
    for name in names:
        url = f"sqlite:///{folder / name}{is_translated}.sqlite3"
        tables, must, may = written(name, url)
        renamed = translated(tables) if is_translated else {table: table for table in tables}
        if is_translated:
            rename(url, renamed)
        links = told(found(url))
        must, may = ({(renamed[a], b, renamed[c], d) for a, b, c, d in told} for told in (must, may))
        right, wanted, wrong = right + len(links & must), wanted + len(must), wrong + len(links - must - may)
    return right / wanted, right / (right + wrong)


def rename(url, names):
    with closing(sqlite3.connect(str(sa.make_url(url).database))) as connection:
        for table, name in names.items():
            connection.execute(f'ALTER TABLE "{table}" RENAME TO "{name}"')
        connection.commit()


def test_links_are_found_where_columns_are_called_after_tables(tmp_path):
    recall, precision = judged(TUNED, tmp_path, is_translated=False)
    assert recall >= 0.96
    assert precision >= 0.95


def test_most_links_are_found_where_tables_are_called_anything(tmp_path):
    recall, precision = judged(TUNED, tmp_path, is_translated=True)
    assert recall >= 0.9
    assert precision >= 0.92


@pytest.mark.parametrize(("is_translated", "recall"), [(False, 0.8), (True, 0.65)])
def test_nothing_wrong_is_found_in_schemas_nobody_tuned_to(tmp_path, is_translated, recall):
    share, precision = judged(["held_out_fi", "held_out_tenants"], tmp_path, is_translated=is_translated)
    assert share >= recall
    assert precision >= 0.97


@pytest.mark.parametrize("name", ["sakila", "held_out_tenants"])
def test_postgresql_tells_the_same(name, tmp_path, postgres_database):
    links = []
    for url in (f"sqlite:///{tmp_path / name}.sqlite3", postgres_database("linked")):
        written(name, url)
        links.append(told(found(url)))
    assert links[0] == links[1]


@pytest.mark.parametrize("company", ["saas", "grants"])
def test_the_demonstrations_foreign_keys_are_found_without_them(company, tmp_path):
    """Whatever the tables are called; a key of two columns is found as its parts."""
    url = f"sqlite:///{tmp_path / company}.sqlite3"
    write_demonstration(company, url, 12_000, 150, 1)
    declared = told(link for link in kind_of(url).inventory(url, "x", Sampling(rows=50)).links if link.is_declared)
    names = translated(sorted({link[0] for link in declared} | {link[2] for link in declared}))
    rename(url, names)
    wanted = {(names[a], b, names[c], d) for a, b, c, d in declared if len(b) == 1}
    assert len(wanted - told(found(url))) <= 1


def test_the_links_of_a_small_public_example_are_found(postgres_database):
    """Three customers and their orders; what is found besides is hardly believed."""
    url = postgres_database("oracle")
    run(url, ORACLE.read_text())
    links = [link for link in found(url) if not link.table.startswith("backup_schema")]
    believed = {f"{link.table}.{link.columns[0]} > {link.to_table}" for link in links if link.confidence >= 0.5}
    assert believed == {
        "composite_pk_test.customer_id > customer",
        "customer.address_id > address",
        "employee.address_id > address",
        "login.customer_id > customer",
        "order_item.order_id > orders",
        "order_item.product_id > product",
        "orders.customer_id > customer",
        "orders.payment_card_id > payment_card",
        "orders.shipping_address_id > address",
        "payment_card.billing_address_id > address",
        "payment_card.customer_id > customer",
        "service_request.employee_id > employee",
    }


def rows(table, row, most=50):
    """Write the rows that a function makes of 1, 2, 3 …"""
    values = ", ".join("(" + ", ".join(map(literal, row(n))) + ")" for n in range(1, most + 1))
    return f"INSERT INTO {table} VALUES {values}"


def literal(value):
    return "NULL" if value is None else "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


def address(n):
    return f"p{n}@example.test"


PEOPLE = (
    "CREATE TABLE people (id INTEGER PRIMARY KEY, email VARCHAR(99) UNIQUE, name VARCHAR(99))",
    rows("people", lambda n: (n, address(n), "Ann"), 60),
)


def test_a_column_of_addresses_is_a_link_where_the_addresses_are_unique(database_url):
    run(database_url, *PEOPLE, "CREATE TABLE orders (id INTEGER PRIMARY KEY, person_email VARCHAR(99))")
    run(database_url, rows("orders", lambda n: (n, address(1 + n % 9))))
    assert ("orders", ("person_email",), "people", ("email",)) in told(found(database_url))


def test_two_tables_of_people_with_their_own_addresses_are_no_link(database_url):
    run(database_url, *PEOPLE, "CREATE TABLE readers (id INTEGER PRIMARY KEY, email VARCHAR(99) UNIQUE)")
    run(database_url, rows("readers", lambda n: (n, address(n))))
    assert not told(found(database_url))


def test_zero_stands_for_nobody(database_url):
    run(database_url, *PEOPLE, "CREATE TABLE visits (id INTEGER PRIMARY KEY, person_id INTEGER)")
    run(database_url, rows("visits", lambda n: (n, n * (n % 2))))
    (link,) = found(database_url)
    assert link.contained == 1


def test_references_to_rows_that_are_gone_do_not_hide_a_link(database_url):
    run(database_url, *PEOPLE, "CREATE TABLE visits (id INTEGER PRIMARY KEY, people_id INTEGER)")
    run(database_url, rows("visits", lambda n: (n, n)), "DELETE FROM people WHERE id IN (3, 13, 23, 33)")
    (link,) = found(database_url)
    assert link.contained < 1


def test_quantities_are_no_links_though_every_table_has_such_numbers(database_url):
    lines = "CREATE TABLE lines_ (id INTEGER PRIMARY KEY, quantity INTEGER, points INTEGER, price_year INTEGER)"
    run(database_url, *PEOPLE, lines, rows("lines_", lambda n: (n, 1 + n % 60, n, 1 + n % 7)))
    assert not told(found(database_url))


def test_a_number_kept_as_text_is_a_link_where_its_name_says_so(database_url):
    run(database_url, *PEOPLE, "CREATE TABLE calls (id INTEGER PRIMARY KEY, people_id VARCHAR(20))")
    run(database_url, rows("calls", lambda n: (n, str(1 + n % 60))))
    assert ("calls", ("people_id",), "people", ("id",)) in told(found(database_url))


def test_an_empty_table_is_linked_by_its_names_with_less_confidence(database_url):
    run(database_url, *PEOPLE, "CREATE TABLE visits (id INTEGER PRIMARY KEY, people_id INTEGER)")
    (link,) = found(database_url)
    assert link.contained is None
    assert link.confidence < 0.9


def test_a_column_whose_table_another_column_names_is_no_plain_link(database_url):
    run(database_url, *PEOPLE, "CREATE TABLE notes (id INTEGER PRIMARY KEY, about_type VARCHAR(20), about_id INTEGER)")
    run(database_url, rows("notes", lambda n: (n, "people" if n % 2 else "things", n)))
    assert not told(found(database_url))


def test_a_link_says_why_without_a_value(database_url):
    run(database_url, *PEOPLE, "CREATE TABLE visits (id INTEGER PRIMARY KEY, people_email VARCHAR(99))")
    run(database_url, rows("visits", lambda n: (n, address(1 + n % 30))))
    (link,) = found(database_url)
    assert "like people" in link.reason
    assert "100% of 30 values" in link.reason
    assert "@" not in link.reason


def test_hostile_names_and_values_are_compared_like_others(database_url):
    quote = "`" if database_url.startswith("m") else '"'
    parents, children, column = (f"{quote}{name}{quote}" for name in ("Kun'de %s", "Auf'trag:x", "kd nr"))
    run(database_url, f"CREATE TABLE {parents} ({column} VARCHAR(50) PRIMARY KEY)")
    run(database_url, f"CREATE TABLE {children} (id INTEGER PRIMARY KEY, {column} VARCHAR(50))")
    run(
        database_url, rows(parents, lambda n: (f"K'%s:\" {n}",)), rows(children, lambda n: (n, f"K'%s:\" {1 + n % 20}"))
    )
    assert ("Auf'trag:x", ("kd nr",), "Kun'de %s", ("kd nr",)) in told(found(database_url))
