"""Links between sources: rows in one database that belong to a person only by what another one says."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from extractors.base import Scope
from extractors.errors import FaultyDataMap, SourceUnavailable
from extractors.identifiers import Identifiers
from extractors.kinds.sqlite import SqliteExtractor
from extractors.linking import UnknownSource, with_omissions
from extractors.registry import open_source
from extractors.sql.carrying import TooManyValues
from extractors.sql.extractor import SqlExtractor
from tests.extractors.linked import ANN, a_source, counts, linked, new_urls
from tests.extractors.sql.sources import run

if TYPE_CHECKING:
    from pathlib import Path

    from extractors.base import Extractor
    from tests.extractors.linked import NewUrl

KINDS = ("sqlite", "postgresql", "mariadb")
PAIRS = [pytest.param(*pair, id="-".join(pair)) for pair in itertools.product(KINDS, KINDS)]
PEOPLE = {"identifiers": {"user_id": "id"}}
UUIDS = ("0a0b0c0d-0000-4000-8000-00000000000a", "0a0b0c0d-0000-4000-8000-00000000000b")


@pytest.fixture
def new(request: pytest.FixtureRequest, tmp_path: Path) -> NewUrl:
    servers = {"postgresql": "postgres_database", "mariadb": "mariadb_database"}
    return new_urls(
        tmp_path,
        **{
            kind: lambda name, fixture=fixture: request.getfixturevalue(fixture)(name)
            for kind, fixture in servers.items()
        },
    )


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_rows_are_found_by_values_of_another_source(new: NewUrl, first: str, second: str) -> None:
    crm = a_source(
        new(first, "crm"),
        "crm",
        """
        CREATE TABLE contacts (id int PRIMARY KEY, external_id varchar(9));
        INSERT INTO contacts VALUES (1, 'c1'), (2, 'c2'), (3, NULL)
        """,
        contacts={"identifiers": {"user_id": "id"}},
    )
    shop = a_source(
        new(second, "shop"),
        "shop",
        """
        CREATE TABLE orders (id int PRIMARY KEY, contact_ref varchar(9));
        CREATE TABLE items (order_id int);
        INSERT INTO orders VALUES (1, 'c1'), (2, 'C1'), (3, 'c2'), (4, NULL), (5, 'c1');
        INSERT INTO items VALUES (1), (1), (2), (5), (3)
        """,
        orders={"links": [{"column": "contact_ref", "to": "crm.contacts.external_id"}]},
        items={"links": [{"column": "order_id", "to": "orders.id"}]},
    )
    sources = {"crm": crm, "shop": shop}
    assert counts("shop", sources) == {"orders": 2, "items": 3}
    assert counts("crm", sources) == {"contacts": 1}
    assert counts("shop", sources, Identifiers.of([("user_id", "3")])) == {"orders": 0, "items": 0}


INTEGERS = ("1", "2", "20")
TEXTS = ("'1'", "'2'", "'01'", "' 1'", "'1.0'", "'2x'", "'x'", "''")
HELD = {
    "int": ("int", INTEGERS),
    "text": ("text", TEXTS),
    "uuid": ("uuid", (f"'{UUIDS[0]}'", f"'{UUIDS[1]}'")),
    "uuid as text": ("varchar(36)", (f"'{UUIDS[0]}'", f"'{UUIDS[1]}'")),
    "number": ("numeric(9,2)", ("1", "2", "2.5")),
}
SAME = {
    ("int", "int"): 3,
    ("int", "text"): 2,
    ("int", "number"): 2,
    ("text", "int"): 2,
    ("text", "text"): len(TEXTS),
    ("text", "number"): 2,
    ("number", "text"): 2,
    ("number", "int"): 2,
    ("number", "number"): 3,
    ("uuid as text", "uuid"): 2,
    ("uuid as text", "uuid as text"): 2,
}


@pytest.mark.parametrize(("first", "second"), PAIRS)
@pytest.mark.parametrize(("theirs", "ours"), SAME)
def test_values_are_the_same_whatever_the_types_of_their_columns(
    new: NewUrl, first: str, second: str, theirs: str, ours: str
) -> None:
    tables = [
        f"CREATE TABLE t (mine int, v {type_}); INSERT INTO t VALUES {', '.join(f'(1, {value})' for value in values)}"
        for type_, values in (HELD[theirs], HELD[ours])
    ]
    sources = {
        "a": a_source(new(first, "a"), "a", tables[0], t={"identifiers": {"user_id": "mine"}}),
        "b": a_source(new(second, "b"), "b", tables[1], t={"links": [{"column": "v", "to": "a.t.v"}]}),
    }
    assert counts("b", sources)["t"] == SAME[theirs, ours]


def test_uuids_written_in_capitals_are_the_same_to_postgresql(new: NewUrl) -> None:
    script = f"CREATE TABLE t (mine int, v {{}}); INSERT INTO t VALUES (1, '{UUIDS[0].upper()}'), (1, '{UUIDS[0]}')"
    sources = {
        "a": a_source(new("sqlite", "a"), "a", script.format("text"), t={"identifiers": {"user_id": "mine"}}),
        "b": a_source(
            new("postgresql", "b"), "b", script.format("uuid"), t={"links": [{"column": "v", "to": "a.t.v"}]}
        ),
    }
    assert counts("b", sources) == {"t": 2}


def test_a_column_of_sqlite_without_a_type_holds_numbers_and_texts(new: NewUrl) -> None:
    sources = {
        "a": a_source(
            new("postgresql", "a"),
            "a",
            "CREATE TABLE t (id int, v text); INSERT INTO t VALUES (1, '7'), (1, 'x'), (1, '07')",
            t=PEOPLE,
        ),
        "b": a_source(
            new("sqlite", "b"),
            "b",
            "CREATE TABLE t (v); INSERT INTO t VALUES (7), ('7'), ('x'), ('07'), (8), (7.0), (x'37')",
            t={"links": [{"column": "v", "to": "a.t.v"}]},
        ),
    }
    assert counts("b", sources) == {"t": 5}


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_a_composite_key_links_pairs_and_never_mixes_them(new: NewUrl, first: str, second: str) -> None:
    sources = {
        "a": a_source(
            new(first, "a"),
            "a",
            """
            CREATE TABLE t (id int, tenant int, number text);
            INSERT INTO t VALUES (1, 1, 'x'), (1, 2, 'y'), (1, 3, NULL), (2, 1, 'y')
            """,
            t=PEOPLE,
        ),
        "b": a_source(
            new(second, "b"),
            "b",
            """
            CREATE TABLE t (tenant text, number varchar(9));
            INSERT INTO t VALUES ('1', 'x'), ('1', 'x'), ('1', 'y'), ('2', 'y'), ('2', 'x'), ('3', NULL)
            """,
            t={"links": [{"column": ["tenant", "number"], "to": ["a.t.tenant", "a.t.number"]}]},
        ),
    }
    assert counts("b", sources) == {"t": 3}


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_sources_that_link_in_a_circle_are_read_until_nothing_new_appears(new: NewUrl, first: str, second: str) -> None:
    """One person's rows form a chain that crosses between the two databases twenty times."""
    links = ", ".join(f"({n}, {n + 1})" for n in range(1, 40, 2))
    back = ", ".join(f"({n}, {n + 1})" for n in range(2, 40, 2))
    stray = "(1001, 1002)"
    sources = {
        "a": a_source(
            new(first, "a"),
            "a",
            f"CREATE TABLE t (id int PRIMARY KEY, next int); INSERT INTO t VALUES {links}, {stray}",
            t={**PEOPLE, "links": [{"column": "id", "to": "b.t.next"}]},
        ),
        "b": a_source(
            new(second, "b"),
            "b",
            f"CREATE TABLE t (id int PRIMARY KEY, next int); INSERT INTO t VALUES {back}, {stray}",
            t={"links": [{"column": "id", "to": "a.t.next"}]},
        ),
    }
    assert counts("a", sources) == {"t": 20}
    assert counts("b", sources) == {"t": 19}


def test_three_sources_of_which_the_first_leads_to_the_last_over_the_second(new: NewUrl) -> None:
    sources = {
        "a": a_source(
            new("sqlite", "a"), "a", "CREATE TABLE t (id int, k int); INSERT INTO t VALUES (1, 11), (2, 12)", t=PEOPLE
        ),
        "b": a_source(
            new("postgresql", "b"),
            "b",
            "CREATE TABLE t (k int, v uuid); CREATE TABLE u (v uuid, w text);"
            f"INSERT INTO t VALUES (11, '{UUIDS[0]}'), (12, '{UUIDS[1]}');"
            f"INSERT INTO u VALUES ('{UUIDS[0]}', 'mine'), ('{UUIDS[1]}', 'yours')",
            t={"links": [{"column": "k", "to": "a.t.k"}]},
            u={"links": [{"column": "v", "to": "t.v"}]},
        ),
        "c": a_source(
            new("sqlite", "c"),
            "c",
            "CREATE TABLE t (w text); INSERT INTO t VALUES ('mine'), ('yours'), ('mine')",
            t={"links": [{"column": "w", "to": "b.u.w"}]},
        ),
    }
    assert counts("c", sources) == {"t": 2}
    assert counts("b", sources) == {"t": 1, "u": 1}
    assert set(linked("b", sources).identifiers.carried) == {("a", ("t", ("k",)))}


def test_a_link_may_name_its_own_source(new: NewUrl) -> None:
    script = "CREATE TABLE t (id int); CREATE TABLE u (t_id int); INSERT INTO t VALUES (1); INSERT INTO u VALUES (1)"
    shop = a_source(new("sqlite", "a"), "shop", script, t=PEOPLE, u={"links": [{"column": "t_id", "to": "shop.t.id"}]})
    assert shop.search(ANN) == {"t": 1, "u": 1}


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_without_a_key_and_a_view_come_once_by_two_ways_from_elsewhere(new: NewUrl, kind: str) -> None:
    links = [{"column": "x", "to": "a.t.x"}, {"column": "y", "to": "a.t.y"}]
    sources = {
        "a": a_source(
            new("sqlite", "a"), "a", "CREATE TABLE t (id int, x int, y int); INSERT INTO t VALUES (1, 5, 6)", t=PEOPLE
        ),
        "b": a_source(
            new(kind, "b"),
            "b",
            """
            CREATE TABLE t (x int, y int); CREATE VIEW v AS SELECT * FROM t;
            INSERT INTO t VALUES (5, 6), (5, 6), (5, 0), (0, 6), (6, 5)
            """,
            t={"links": links},
            v={"links": links},
        ),
    }
    assert counts("b", sources) == {"t": 4, "v": 4}


def test_numbers_beyond_the_signed_ones_are_carried_to_mariadb_and_back(new: NewUrl) -> None:
    largest = str(2**64 - 1)
    script = f"CREATE TABLE t (id int, v {{}}); INSERT INTO t VALUES (1, {largest}), (1, 7), (2, 8)"
    for theirs, ours, types in (
        ("postgresql", "mariadb", ("numeric", "bigint unsigned")),
        ("mariadb", "postgresql", ("bigint unsigned", "numeric(30)")),
        ("mariadb", "sqlite", ("bigint unsigned", "text")),
    ):
        sources = {
            "a": a_source(new(theirs, f"a{ours}"), "a", script.format(types[0]), t=PEOPLE),
            "b": a_source(
                new(ours, f"b{ours}"), "b", script.format(types[1]), t={"links": [{"column": "v", "to": "a.t.v"}]}
            ),
        }
        expected = 1 if ours == "sqlite" else 2  # SQLite makes the largest a real, which has fewer digits
        assert counts("b", sources) == {"t": expected}


class OfNoDialect(SqliteExtractor):
    """Reads as a kind that has no JSON."""

    listed = SqlExtractor.listed


def test_a_kind_without_json_is_given_values_one_by_one_but_not_too_many(new: NewUrl) -> None:
    numbers = ", ".join(f"({1 + (n > 500)}, {n})" for n in range(1, 1002))
    a = a_source(new("sqlite", "a"), "a", f"CREATE TABLE t (id int, v int); INSERT INTO t VALUES {numbers}", t=PEOPLE)
    url = new("sqlite", "b")
    run(url, "CREATE TABLE t (v text); INSERT INTO t VALUES (1), (500), (501)")
    b = OfNoDialect(url, a_map("b", t={"links": [{"column": "v", "to": "a.t.v"}]}))
    assert counts("b", {"a": a, "b": b}) == {"t": 2}
    with pytest.raises(TooManyValues, match="501 values"):
        counts("b", {"a": a, "b": b}, Identifiers.of([("user_id", "2")]))


HOSTILE = ("' OR '1'='1", '"; DROP TABLE t', "%s %(x)s :y", "\\", "{}[],", "ü\u0301😀", "\t\n", "NULL", "null", "")


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_hostile_values_are_carried_as_they_are(new: NewUrl, first: str, second: str) -> None:
    rows = ", ".join("(1, '{}')".format(value.replace("'", "''")) for value in HOSTILE)
    script = f"CREATE TABLE t (id int, v text); INSERT INTO t VALUES {rows}, (2, 'x')"
    sources = {
        name: a_source(new(kind, name), name, script, t=part)
        for name, kind, part in (
            ("a", first, PEOPLE),
            ("b", second, {"links": [{"column": "v", "to": "a.t.v"}]}),
        )
    }
    assert counts("b", sources) == {"t": len(HOSTILE)}


def down(slug: str, kind: dict[str, object]) -> Extractor:
    return open_source("postgresql://127.0.0.1:1/x", a_map(slug, t=kind))


def a_map(slug: str, **collections: dict[str, object]):
    from extractors.datamap import DataMap

    return DataMap.model_validate({"version": 1, "source": slug, "collections": collections})


def a_shop(new: NewUrl, kind: str = "sqlite") -> Extractor:
    return a_source(
        new(kind, "shop"),
        "shop",
        """
        CREATE TABLE people (id int); CREATE TABLE orders (id int, ref int); CREATE TABLE items (order_id int);
        INSERT INTO people VALUES (1); INSERT INTO orders VALUES (1, 1); INSERT INTO items VALUES (1)
        """,
        people=PEOPLE,
        orders={"links": [{"column": "id", "to": "people.id"}, {"column": "ref", "to": "crm.t.id"}]},
        items={"links": [{"column": "order_id", "to": "orders.id"}]},
    )


def test_a_source_that_is_down_stops_only_what_depends_on_it(new: NewUrl) -> None:
    sources = {"shop": a_shop(new), "crm": down("crm", PEOPLE)}
    found = linked("shop", sources)
    assert isinstance(found.failures["crm"], SourceUnavailable)
    assert found.cut == {"orders": ("crm",), "items": ("crm",)}
    assert sources["shop"].search(found.identifiers) == {"people": 1, "orders": 1, "items": 1}
    extracts = with_omissions(sources["shop"].extract(found.identifiers, Scope.ALL), found, {"crm": "The CRM"})
    told = {}
    for extract in extracts:
        extract.batches.close()
        told[extract.collection.name] = [(item.reason, item.cut) for item in extract.omissions]
    reason = "what is linked from The CRM could not be searched: The CRM could not be reached"
    assert told == {"people": [], "orders": [(reason, True)], "items": [(reason, True)]}


def test_what_leads_over_a_source_that_is_down_is_cut_too(new: NewUrl) -> None:
    crm = a_source(
        new("sqlite", "crm"),
        "crm",
        "CREATE TABLE t (id int); INSERT INTO t VALUES (1)",
        t={"links": [{"column": "id", "to": "far.t.id"}]},
    )
    found = linked("shop", {"shop": a_shop(new), "crm": crm, "far": down("far", PEOPLE)})
    assert (set(found.failures), found.cut) == ({"far"}, {"orders": ("far",), "items": ("far",)})


def test_a_link_to_a_source_that_is_not_there_cuts_what_depends_on_it(new: NewUrl) -> None:
    found = linked("shop", {"shop": a_shop(new)})
    assert isinstance(found.failures["crm"], UnknownSource)
    assert set(found.cut) == {"orders", "items"}


def test_a_link_to_a_column_that_is_not_there_names_it(new: NewUrl) -> None:
    crm = a_source(new("sqlite", "crm"), "crm", "CREATE TABLE t (ident int)", t={"identifiers": {"user_id": "ident"}})
    failure = linked("shop", {"shop": a_shop(new), "crm": crm}).failures["crm"]
    assert isinstance(failure, FaultyDataMap)
    assert "collections.t: another source links to it, but the table has no column id" in str(failure)


def test_a_source_without_links_opens_no_other(new: NewUrl) -> None:
    source = a_source(new("sqlite", "a"), "a", "CREATE TABLE t (id int)", t=PEOPLE)
    assert linked("a", {"a": source, "b": down("b", PEOPLE)}).failures == {}


def test_values_carried_are_never_shown(new: NewUrl) -> None:
    run(url := new("sqlite", "crm"), "CREATE TABLE t (id int); INSERT INTO t VALUES (1)")
    found = linked("shop", {"shop": a_shop(new), "crm": open_source(url, a_map("crm", t=PEOPLE))})
    assert found.identifiers.carried == {("crm", ("t", ("id",))): (("1",),)}
    assert "1" not in repr(found.identifiers)


def test_a_link_may_name_a_column_twice(database_url: str) -> None:
    run(database_url, "CREATE TABLE t (id int, v varchar(9))", "CREATE TABLE u (v varchar(9))")
    run(database_url, "INSERT INTO t VALUES (1, 'a'), (2, 'b')", "INSERT INTO u VALUES ('a'), ('b')")
    link = {"column": ["v", "v"], "to": ["t.v", "t.v"]}
    shop = open_source(database_url, a_map("shop", t=PEOPLE, u={"links": [link]}))
    assert shop.search(ANN) == {"t": 1, "u": 1}
    sources = {"shop": shop, "b": open_source(database_url, a_map("b", u={"links": [FOREIGN_TWICE]}))}
    assert counts("b", sources) == {"u": 1}


FOREIGN_TWICE = {"column": ["v", "v"], "to": ["shop.t.v", "shop.t.v"]}
