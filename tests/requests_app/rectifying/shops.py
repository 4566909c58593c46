"""A shop whose customers may correct some of what it holds, on any kind of database, and what everybody does there."""

from __future__ import annotations

from requests_app import corrections, rectifying, sources, tasks
from requests_app.audit import SUBJECT, Actor
from requests_app.models import (
    DataSource,
    Identifier,
    ProposedCorrection,
    Right,
    SourceChange,
    SourceSearch,
    Status,
    SubjectRequest,
)
from requests_app.planning import begin
from requests_app.rectifying import Kind, Place, Verdict
from tests.requests_app.changing.shops import run
from tests.requests_app.portal import ANN, a_request, member

State = ProposedCorrection.State
MAP = """
version: 1
source: shop
label: Web shop
collections:
  customers:
    label: Your account
    identifiers: {email: email}
    fields:
      name: {rectify: true, label: Name}
      city: {rectify: true, label: City}
      level: {rectify: true, label: Level, codes: {a: Regular, b: New}}
      born: {rectify: true, label: Date of birth}
      referrer: {rectify: true, third_party: true}
      password: {secret: true}
      note: {label: Note}
  orders:
    links: [{column: customer_id, to: customers.id}]
    fields: {address: {rectify: true, label: Delivered to}}
  products:
    links: [{column: id, to: orders.product_id}]
    context: true
    fields: {title: {rectify: true}}
"""
TABLES = """
CREATE TABLE customers (id integer PRIMARY KEY, email varchar(99) NOT NULL UNIQUE, name varchar(20) NOT NULL,
 city varchar(40), level varchar(1), born date, referrer varchar(40), password varchar(40), note varchar(40));
CREATE TABLE products (id integer PRIMARY KEY, title varchar(40));
CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer REFERENCES customers (id), product_id integer,
 address varchar(60));
INSERT INTO customers VALUES (1, 'ann@example.test', 'Anne', 'Olso', 'a', '1980-02-03', 'Carl', 'x', 'VIP'),
 (2, 'bob@example.test', 'Bob', 'Olso', 'a', NULL, NULL, 'y', NULL);
INSERT INTO products VALUES (7, 'Lamp');
INSERT INTO orders VALUES (10, 1, 7, 'Main St 1'), (11, 1, 7, NULL), (12, 2, 7, 'Main St 1');
"""
TABLE_NAMES = ("customers", "orders", "products")


def a_shop(url: str, slug: str = "shop", text: str = MAP) -> DataSource:
    """Make the shop, and a source of it."""
    run(url, *filter(str.strip, TABLES.split(";")))
    data_map = text.replace("source: shop", f"source: {slug}")
    return sources.save(DataSource(slug=slug, label=f"The {slug}"), url, data_map, None)


def a_rectification(email: str = ANN, *, is_read: bool = True, **fields: object) -> SubjectRequest:
    """Begin a rectification of a person whose mailbox is proven, and let the workers read the sources."""
    request = a_request(Status.VERIFIED, right=Right.RECTIFICATION, email=email, **fields)
    proof = {"proof": Identifier.Proof.MAILBOX, "proven_at": request.submitted_at}
    Identifier.objects.create(request=request, kind="email", value=email or ANN, **proof)
    begin(request)
    if is_read:
        for search in SourceSearch.objects.filter(request=request):
            tasks.collect_source(search.pk)
    request.refresh_from_db()
    return request


def the_place(request: SubjectRequest, collection: str = "customers", ordinal: int = 0, source: str = "shop") -> Place:
    """Find a record among those found."""
    items = {(item.search.source.slug, item.collection.name): item for item in rectifying.offered(request)}
    item = items[source, collection]
    return Place(item.search.pk, item.number, ordinal)


def proposed(
    request: SubjectRequest, collection: str = "customers", ordinal: int = 0, **values: str | None
) -> list[ProposedCorrection]:
    """Propose as the person."""
    place = the_place(request, collection, ordinal)
    return rectifying.propose(request.pk, place, values, reason="It is mistyped.", actor=SUBJECT)


def reviewer() -> Actor:
    """Give a member of the team who may decide."""
    return Actor.staff(member("Reviewer"))


def decided(request: SubjectRequest, **by_field: tuple[str, str] | str) -> None:
    """Decide on the fields named; `(kind, words)`, or a kind alone."""
    verdicts = []
    for row in request.corrections.filter(state=State.PROPOSED, field__in=by_field):
        given = by_field[row.field]
        kind, words = (given, "") if isinstance(given, str) else given
        verdicts.append(Verdict(row.pk, Kind(kind), words, corrections.fingerprint([row])))
    rectifying.decide(request.pk, verdicts, actor=reviewer())


def written(request: SubjectRequest) -> list[SourceChange]:
    """Let the workers write what is approved, and end what is done."""
    for change in request.changes.filter(applied_at=None):
        tasks.change_source(change.pk)
    tasks.finish_request(request.pk)
    request.refresh_from_db()
    return list(request.changes.order_by("pk"))


def states(request: SubjectRequest) -> dict[str, str]:
    """Give the state of each correction by its field."""
    return dict(request.corrections.order_by("pk").values_list("field", "state"))
