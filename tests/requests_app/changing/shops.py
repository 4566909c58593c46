"""A shop that says what erasing does, on any kind of database, and what the team does with it."""

from __future__ import annotations

from contextlib import suppress

import sqlalchemy as sa
from django.contrib.auth.models import User

from requests_app import sources, tasks
from requests_app.audit import Actor
from requests_app.changing import approvals, previews
from requests_app.models import (
    Approval,
    DataSource,
    Identifier,
    Leased,
    Message,
    Right,
    SourceChange,
    Status,
    SubjectRequest,
)
from tests.requests_app.portal import ANN, a_request, acts, member, queued, run_out

ERASURE = Approval.Act.ERASURE
CYD = "cyd@example.test"
MAP = """
version: 1
source: shop
label: Web shop
collections:
  customers:
    identifiers: {email: email, phone: phone}
    erase: {action: anonymise, fields: {email: {mask: email}, phone: null, name: "[erased]"}}
  orders:
    links: [{column: customer_id, to: customers.id}]
    erase: {action: keep, ground: "17(3)(b): tax records", years: 10, from: ordered_on, anonymise: {note: null}}
  carts:
    links: [{column: customer_id, to: customers.id}]
    erase: {action: delete}
"""
TABLES = """
CREATE TABLE customers (id integer PRIMARY KEY, email varchar(99) NOT NULL UNIQUE, phone varchar(40), name varchar(80));
CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer REFERENCES customers (id), ordered_on date, note text);
CREATE TABLE carts (id integer PRIMARY KEY, customer_id integer REFERENCES customers (id), product text);
INSERT INTO customers VALUES (1, 'Ann@Example.test', '004915123456789', 'Ann'), (2, 'bob@example.test', NULL, 'Bob');
INSERT INTO customers VALUES (3, 'cyd@example.test', NULL, 'Cyd');
INSERT INTO orders VALUES (10, 1, '2020-05-04', 'ring'), (11, 1, '2024-02-29', NULL), (12, 2, '2024-01-01', 'hi');
INSERT INTO carts VALUES (20, 1, 'Lamp'), (21, 1, 'Desk'), (22, 2, 'Sofa'), (23, 3, 'Bed');
"""
LINKED = """
version: 1
source: crm
label: CRM
collections:
  contacts:
    identifiers: {email: email}
    erase: {action: delete}
"""
TICKETS = """
version: 1
source: desk
label: Desk
collections:
  tickets:
    links: [{column: [area, number], to: [crm.contacts.area, crm.contacts.number]}]
    erase: {action: delete}
"""
CONTACT_ROWS = (
    "CREATE TABLE contacts (area varchar(9), number int, email varchar(99), PRIMARY KEY (area, number))",
    f"INSERT INTO contacts VALUES ('a', 1, '{ANN}'), ('a', 2, 'bob@example.test')",
)
TICKET_ROWS = (
    "CREATE TABLE tickets (id int PRIMARY KEY, area varchar(9), number int)",
    "INSERT INTO tickets VALUES (1, 'a', 1), (2, 'a', 2), (3, 'b', 1), (4, NULL, 1)",
)
UNTOUCHED = {
    "customers": [(2, "bob@example.test", None, "Bob"), (3, "cyd@example.test", None, "Cyd")],
    "carts": [(22, 2, "Sofa"), (23, 3, "Bed")],
}


def run(url: str, *statements: str) -> None:
    """Run statements on a source."""
    with _engine(url).begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def rows(url: str, table: str) -> list[tuple[object, ...]]:
    """Read a table of a source, by its first column."""
    with _engine(url).connect() as connection:
        return sorted(tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {table}"))


def _engine(url: str) -> sa.Engine:
    parts = sa.make_url(url)
    drivers = {"postgresql": "postgresql+psycopg", "mariadb": "mysql+pymysql"}
    return sa.create_engine(
        parts.set(drivername=drivers.get(parts.drivername, parts.drivername)), poolclass=sa.NullPool
    )


def fill(url: str) -> None:
    """Make the tables of the shop: Ann has two orders and two carts, Bob one each, Cyd a cart."""
    run(url, *filter(str.strip, TABLES.split(";")))


def a_shop(url: str, slug: str = "shop", text: str = MAP) -> DataSource:
    """Make the shop, and a source of it."""
    fill(url)
    return a_source(url, slug, text)


def a_source(url: str, slug: str = "shop", text: str = MAP) -> DataSource:
    """Configure what is there as a source."""
    return sources.save(
        DataSource(slug=slug, label=slug.title()), url, text.replace("source: shop", f"source: {slug}"), None
    )


def linked_sources(crm: str, desk: str) -> tuple[DataSource, DataSource]:
    """Make two sources, of which the second finds its rows over the first alone."""
    run(crm, *CONTACT_ROWS)
    run(desk, *TICKET_ROWS)
    return a_source(crm, "crm", LINKED), a_source(desk, "desk", TICKETS)


def new_map(source: DataSource, *changes: tuple[str, str]) -> None:
    """Give the source another version of its map."""
    assert source.current_map is not None
    text = source.current_map.text
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    sources.save(source, "", text, None)


def an_erasure(email: str = ANN, **known: str) -> SubjectRequest:
    """Put a request to be erased into the database, whose identifiers are proven."""
    request = a_request(Status.IN_PROGRESS, right=Right.ERASURE, email=email)
    for kind, value in {"email": email, **known}.items():
        Identifier.objects.create(
            request=request, kind=kind, value=value, proof=Identifier.Proof.MAILBOX, proven_at=request.submitted_at
        )
    return request


def team() -> tuple[User, User]:
    """Make a member who prepares and one who decides."""
    known = {user.username: user for user in User.objects.filter(username__in=("processor", "reviewer"))}
    return known.get("processor") or member("Processor"), known.get("reviewer") or member("Reviewer")


def previewed(request: SubjectRequest) -> list[SourceChange]:
    """Preview the erasure, and let the worker look; where it can be, its approval is asked for."""
    processor, _ = team()
    changes = previews.preview(request.pk, ERASURE, actor=Actor.staff(processor))
    looked_at = [worked(change) for change in changes]
    prepared(request)
    return [SourceChange.objects.get(pk=change.pk) for change in looked_at]


def prepared(request: SubjectRequest) -> None:
    """Ask for the approval, where it can be."""
    processor, _ = team()
    with suppress(approvals.NotApprovable):
        approvals.prepare(request.pk, ERASURE, actor=Actor.staff(processor))


def approved(request: SubjectRequest) -> list[SourceChange]:
    """Preview, and approve, which does not yet do it."""
    previewed(request)
    _, reviewer = team()
    approvals.approve(request.pk, ERASURE, actor=Actor.staff(reviewer))
    return list(request.changes.order_by("pk"))


def erased(request: SubjectRequest) -> list[SourceChange]:
    """Preview, approve, and do it."""
    return [worked(change) for change in approved(request)]


def worked(change: SourceChange) -> SourceChange:
    """Let the worker do what is to be done just now."""
    tasks.change_source(change.pk)
    return SourceChange.objects.get(pk=change.pk)


def exhausted(change: SourceChange) -> SourceChange:
    """Let the worker try until it gives up."""
    while change.is_open:
        run_out(change)
        change = worked(change)
    return change


def numbers(told: dict[str, dict[str, object]]) -> dict[str, tuple[object, ...]]:
    """Shorten a preview or a result to found, changed, kept and left."""
    return {name: tuple(item[key] for key in ("found", "changed", "kept", "left")) for name, item in told.items()}


def notes(request):
    return list(Message.objects.filter(request=request).values_list("text", flat=True))


def approve(request, user=None):
    prepared(request)
    return approvals.approve(request.pk, ERASURE, actor=Actor.staff(user or team()[1]))


def assert_reopened(request, change, reason):
    assert (change.phase, change.state, change.approval) == ("preview", Leased.State.WAITING, None)
    assert reason in change.reopened
    assert Approval.objects.exclude(voided_at=None).count() == 1
    assert "its approval is void" in notes(request)[0]
    assert "approval.voided" in acts(request.pk)
    assert queued()[-1] == ("heavy", "change_source", (change.pk,))
