"""What a proposal makes of inventories made by hand: whose rows, which ways in, what erasing does."""

import sqlalchemy as sa

from extractors.datamap import DataMap, load
from extractors.discovery.discovering import discover
from extractors.discovery.model import (
    Compared,
    Concept,
    Content,
    Finding,
    Inventory,
    Sampled,
    SeenColumn,
    SeenLink,
    SeenTable,
)
from extractors.discovery.proposing import propose, questions
from extractors.discovery.proposing.roles import Role, role_of
from extractors.discovery.writing import write_map
from extractors.registry import open_source

TYPES = {
    Concept.CREATED: "timestamp",
    Concept.DELETED: "timestamp",
    Concept.BIRTH_DATE: "date",
    Concept.PERSON_ID: "integer",
    Concept.OTHER: "integer",
    Concept.MARKETING: "boolean",
    Concept.RESTRICTED: "boolean",
}
ACCOUNT = {"id": Concept.OTHER, "email": Concept.EMAIL, "name": Concept.FULL_NAME, "password": Concept.SECRET}


class Source:
    """An inventory in the making; `columns` says what each means."""

    def __init__(self):
        self.tables, self.links, self.findings = [], [], {}

    def table(self, name, columns, *, rows=1000, key=("id",), unique=(), required=(), is_view=False, **distinct):
        seen = []
        for column, concept in columns.items():
            different = distinct.get(column, rows if column in (*key, "email") else rows // 2)
            content = {Content.EMAIL: 1.0} if concept is Concept.EMAIL else {}
            sampled = Sampled(min(rows, 500), content, min(different, rows, 500))
            kind = TYPES.get(concept, "text")
            seen.append(SeenColumn(column, kind, column not in (*key, *required), sampled=sampled))
            self.findings[name, column] = Finding(concept, 0.9, "is called so")
        self.tables.append(
            SeenTable(name, tuple(seen), key, (key, *unique), rows=rows, is_sampled=True, is_view=is_view)
        )
        return self

    def link(self, column, to, **given):
        table, name = column.split(".")
        target, key = to.split(".")
        given = {"is_declared": False, "confidence": 0.95, "reason": "found there", **given}
        self.links.append(SeenLink(table, (name,), target, (key,), **given))
        return self

    def other(self, table, column):
        self.findings[table, column] = Finding(Concept.EMAIL, 0.9, "somebody else's", is_other_person=True)
        return self

    def propose(self, equal=None):
        inventory = Inventory("shop", tuple(self.tables), tuple(self.links))
        answers = {}
        for question in questions(inventory, self.findings):
            if (share := (equal or {}).get(f"{question.table}.{question.column}")) is not None:
                answers[question] = Compared(100, share)
        return propose(inventory, self.findings, answers)


def collections(proposal):
    return load(write_map(proposal)).collections


def ways(part):
    return {(*link.column, *link.to) for link in part.links}


def accounts():
    return Source().table("users", {**ACCOUNT, "created_at": Concept.CREATED})


def test_a_source_without_people_gives_a_map_without_collections():
    proposal = Source().table("plans", {"id": Concept.OTHER, "title": Concept.OTHER}).propose()
    assert proposal.document["collections"] == {}
    assert proposal.left_out == {"plans": "nothing about people was found in it, and it points at nobody"}


def test_an_address_that_is_the_owners_finds_rows_and_one_that_is_not_is_somebody_elses():
    source = accounts()
    source.table("referrals", {"id": Concept.OTHER, "user_id": Concept.PERSON_ID, "email": Concept.EMAIL})
    source.link("referrals.user_id", "users.id")
    friends = collections(source.propose({"referrals.email": 0.02}))["referrals"]
    assert "email" not in friends.identifiers
    assert friends.fields["email"].third_party
    assert collections(source.propose({"referrals.email": 0.97}))["referrals"].identifiers["email"] == ("email",)


def below_posts(column):
    source = accounts()
    source.table("posts", {"id": Concept.OTHER, "user_id": Concept.PERSON_ID})
    source.table("below", {"id": Concept.OTHER, "post_id": Concept.OTHER, column: Concept.PERSON_ID})
    return (
        source.link("posts.user_id", "users.id").link(f"below.{column}", "users.id").link("below.post_id", "posts.id")
    )


def test_replies_are_their_authors_but_runs_also_those_of_whose_workflow_ran():
    apart = collections(below_posts("posted_by").propose({"below.posted_by": 0.1}))["below"]
    assert ways(apart) == {("posted_by", "users.id")}
    together = collections(below_posts("posted_by").propose({"below.posted_by": 0.9}))["below"]
    assert ways(together) == {("posted_by", "users.id"), ("post_id", "posts.id")}


def test_an_order_is_its_customers_whoevers_card_paid_for_it():
    assert ways(collections(below_posts("user_id").propose({"below.user_id": 0.9}))["below"]) == {
        ("user_id", "users.id")
    }


def test_who_sent_and_who_received_are_both_parties_but_who_edited_is_none():
    source = accounts()
    columns = dict.fromkeys(("sender_id", "recipient_id", "updated_by"), Concept.PERSON_ID)
    source.table("messages", {"id": Concept.OTHER, **columns})
    for name in columns:
        source.link(f"messages.{name}", "users.id")
    part = collections(source.propose())["messages"]
    assert ways(part) == {("sender_id", "users.id"), ("recipient_id", "users.id")}
    assert part.fields["updated_by"].third_party


def test_a_doubtful_reference_is_not_followed_beside_a_sure_one():
    source = accounts()
    source.table("claims", {"id": Concept.OTHER, "user_id": Concept.PERSON_ID, "agent": Concept.PERSON_ID})
    source.link("claims.user_id", "users.id").link("claims.agent", "users.id", confidence=0.6)
    assert ways(collections(source.propose())["claims"]) == {("user_id", "users.id")}


def test_lookups_are_context_and_nothing_is_followed_down_from_them():
    source = accounts()
    source.table("orders", {"id": Concept.OTHER, "user_id": Concept.PERSON_ID, "shop_id": Concept.OTHER}, shop_id=5)
    source.table("shops", {"id": Concept.OTHER, "title": Concept.OTHER}, rows=5)
    source.table("opening_hours", {"id": Concept.OTHER, "shop_id": Concept.OTHER})
    source.link("orders.user_id", "users.id").link("orders.shop_id", "shops.id").link(
        "opening_hours.shop_id", "shops.id"
    )
    proposal = source.propose()
    found = collections(proposal)
    assert found["shops"].context
    assert found["shops"].erase is None
    assert set(proposal.left_out) == {"opening_hours"}


def test_who_ordered_gets_the_lines_and_not_who_made_what_was_ordered():
    source = accounts()
    source.table("orders", {"id": Concept.OTHER, "user_id": Concept.PERSON_ID})
    source.table("products", {"id": Concept.OTHER, "created_by": Concept.PERSON_ID}, rows=50)
    source.table("lines", {"id": Concept.OTHER, "order_id": Concept.OTHER, "product_id": Concept.OTHER})
    source.link("orders.user_id", "users.id").link("products.created_by", "users.id")
    source.link("lines.order_id", "orders.id").link("lines.product_id", "products.id")
    assert ways(collections(source.propose())["lines"]) == {("order_id", "orders.id")}


def test_addresses_kept_in_a_table_of_their_own_lead_up_to_the_person():
    source = Source().table("persons", {"id": Concept.OTHER, "name": Concept.FULL_NAME, "born": Concept.BIRTH_DATE})
    source.table("mailboxes", {"id": Concept.OTHER, "person_id": Concept.PERSON_ID, "email": Concept.EMAIL})
    source.table("visits", {"id": Concept.OTHER, "person_id": Concept.PERSON_ID})
    source.link("mailboxes.person_id", "persons.id").link("visits.person_id", "persons.id")
    found = collections(source.propose())
    assert found["mailboxes"].identifiers["email"] == ("email",)
    assert ways(found["persons"]) == {("id", "mailboxes.person_id")}
    assert ways(found["visits"]) == {("person_id", "persons.id")}


def test_orders_of_guests_are_found_by_address_and_are_nobodys_account():
    columns = {"id": Concept.OTHER, "email": Concept.EMAIL, "name": Concept.FULL_NAME, "phone": Concept.PHONE}
    source = Source().table("orders", columns, email=150)
    source.table("lines", {"id": Concept.OTHER, "order_id": Concept.OTHER}).link("lines.order_id", "orders.id")
    found = collections(source.propose())
    assert found["orders"].identifiers == {"email": ("email",), "phone": ("phone",)}
    assert ways(found["lines"]) == {("order_id", "orders.id")}


def test_a_view_is_left_out_where_there_are_tables():
    source = accounts().table("users_view", ACCOUNT, is_view=True)
    assert set(source.propose().left_out) == {"users_view"}


def test_rows_told_by_a_type_become_a_collection_for_each():
    source = accounts()
    source.table("orders", {"id": Concept.OTHER, "user_id": Concept.PERSON_ID}).link("orders.user_id", "users.id")
    source.table("notes", {"id": Concept.OTHER, "owner_type": Concept.CODE, "owner_id": Concept.OTHER})
    source.link("notes.owner_id", "users.id", where={"owner_type": "User"})
    source.link("notes.owner_id", "orders.id", where={"owner_type": "Order"})
    found = [part for part in collections(source.propose()).values() if part.table == "notes"]
    told = {(part.where["owner_type"], *ways(part)) for part in found}
    assert told == {(("User",), ("owner_id", "users.id")), (("Order",), ("owner_id", "orders.id"))}


def test_erasing_respects_what_a_column_takes_and_keeps_what_the_law_may_want():
    source = Source().table(
        "users",
        {**ACCOUNT, "phone": Concept.PHONE, "login": Concept.USER_NAME, "born": Concept.BIRTH_DATE},
        required=("name", "login"),
        unique=(("login",),),
    )
    columns = {"id": Concept.OTHER, "user_id": Concept.PERSON_ID, "total": Concept.AMOUNT, "issued": Concept.CREATED}
    source.table("invoices", columns).link("invoices.user_id", "users.id")
    found = collections(source.propose())
    fields = source.propose().document["collections"]["users"]["erase"]["fields"]
    assert fields == {
        "email": {"mask": "email"},
        "name": "[erased]",
        "password": None,
        "phone": None,
        "login": {"hash": "sha256"},
        "born": {"year_only": True},
    }
    assert found["invoices"].erase.action == "keep"
    assert (found["invoices"].erase.years, found["invoices"].erase.from_) == (10, "issued")


def test_flags_serve_restriction_and_objection_and_newest_rows_come_first():
    source = Source().table("users", {**ACCOUNT, "news": Concept.MARKETING, "locked": Concept.RESTRICTED})
    source.table("logins", {"id": Concept.OTHER, "user_id": Concept.PERSON_ID, "at": Concept.CREATED})
    source.link("logins.user_id", "users.id")
    found = collections(source.propose())
    assert found["users"].restrict.set == {"locked": True}
    assert found["users"].object["marketing"].set == {"news": False}
    assert (found["logins"].order_by, found["logins"].limit) == (("-at", "-id"), 1000)


def test_every_collection_and_link_has_a_reason_that_names_a_part_of_the_map():
    source = accounts().table("orders", {"id": Concept.OTHER, "user_id": Concept.PERSON_ID})
    proposal = source.link("orders.user_id", "users.id").propose()
    paths = {reason.path for reason in proposal.reasons}
    assert {"collections.users", "collections.orders.links[0]", "collections.users.identifiers.email"} <= paths
    assert all(0 <= reason.confidence <= 1 and reason.text for reason in proposal.reasons)


def test_roles_are_told_by_name_in_several_languages():
    owners = ("customer_id", "kunde_id", "id_client", "cliente_id", "klant_id", "utente_id", "klientId", "OwnerID")
    assert {role_of(name, "t") for name in owners} == {Role.OWNER}
    editors = ("updated_by", "geändert_von", "modifié_par", "actualizado_por", "gewijzigd_door", "zmodyfikowal")
    assert {role_of(name, "t") for name in editors} == {Role.EDITOR}
    makers = ("created_by", "erstellt_von", "cree_par", "creado_por", "creato_da", "aangemaakt_door", "criado_por")
    assert {role_of(name, "t") for name in makers} == {Role.CREATOR}
    assert role_of("ReportsTo", "Employee") is Role.OTHER


HOSTILE = [
    'we"ird; DROP TABLE x',
    "percent %s %(a)s",
    "a.b.c",
    "naïve 名",
    "new\nline",
    "select",
    "it's",
    "#comment",
    "- x",
]


def test_hostile_names_make_a_map_that_fits(sqlite_url):
    metadata = sa.MetaData()
    people = sa.Table(
        HOSTILE[0],
        metadata,
        sa.Column(HOSTILE[5], sa.Integer, primary_key=True),
        sa.Column(HOSTILE[1], sa.Text),
        *(sa.Column(name, sa.Text) for name in HOSTILE[2:5] + HOSTILE[6:]),
    )
    tables = [
        sa.Table(
            f"{name} of",
            metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column(name, sa.Integer, sa.ForeignKey(people.c[HOSTILE[5]])),
        )
        for name in HOSTILE
    ]
    engine = sa.create_engine(sqlite_url)
    metadata.create_all(engine)
    with engine.begin() as connection:
        rows = [{HOSTILE[5]: n, HOSTILE[1]: f"p{n}@example.test", HOSTILE[3]: "Anna Schmidt"} for n in range(1, 41)]
        connection.execute(people.insert(), rows)
        for table, name in zip(tables, HOSTILE, strict=True):
            connection.execute(table.insert(), [{"id": n, name: n} for n in range(1, 41)])
    engine.dispose()
    data_map = load(write_map(discover(sqlite_url, "Shop: hostile!")))
    open_source(sqlite_url, data_map).check()
    assert isinstance(data_map, DataMap)
    assert len(data_map.collections) == 1 + len(HOSTILE)
