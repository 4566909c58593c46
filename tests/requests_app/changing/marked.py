"""A shop whose map says what a restriction and an objection set, on any kind of database, and who asks for it."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from extractors.kinds.sqlite import SqliteExtractor
from requests_app import audit, planning, tasks
from requests_app.models import Approval, DataSource, Identifier, Right, SourceChange, Status, SubjectRequest
from tests.requests_app.changing.shops import a_source, run
from tests.requests_app.portal import ANN, BOB, a_request, staff

Act = Approval.Act
MAP = """
version: 1
source: shop
label: Web shop
collections:
  customers:
    identifiers: {email: email}
    restrict: {set: {locked: true, state: restricted, score: 0, seen: null}}
    object:
      marketing: {set: {opt_in: false}}
      all: {set: {opt_in: false, locked: true}}
  orders:
    links: [{column: customer_id, to: customers.id}]
    restrict: {set: {note: "[restricted]"}}
"""
TABLES = (
    "CREATE TABLE customers (id int PRIMARY KEY, email varchar(99), locked boolean, state varchar(40),"
    " score numeric(6, 2), seen date, opt_in boolean)",
    "CREATE TABLE orders (id int PRIMARY KEY, customer_id int, note varchar(99))",
    f"INSERT INTO customers VALUES (1, '{ANN}', false, 'new', 1.50, '2024-02-29', true),"
    f" (2, '{BOB}', false, 'new', 2.25, '2024-01-01', true),"
    f" (3, '{ANN}', NULL, NULL, NULL, NULL, NULL), (4, '{ANN}', true, 'restricted', 0, NULL, false)",
    "INSERT INTO orders VALUES (10, 1, 'ring twice'), (11, 1, NULL), (12, 2, 'hello'), (13, 3, '[restricted]')",
)
MARKED = {"customers": 2, "orders": 2}
LINKED = """
version: 1
source: crm
label: CRM
collections:
  contacts:
    identifiers: {email: email}
"""
TICKETS = """
version: 1
source: desk
label: Desk
collections:
  tickets:
    links: [{column: [area, number], to: [crm.contacts.area, crm.contacts.number]}]
    restrict: {set: {state: locked}}
"""


def a_marked_shop(url: str, slug: str = "shop", text: str = MAP) -> DataSource:
    """Make the shop, and a source of it: three rows are Ann's, one of which stands so already."""
    run(url, *TABLES)
    return a_source(url, slug, text)


def asking(right: Right = Right.RESTRICTION, email: str = ANN, **fields: object) -> SubjectRequest:
    """Put a request at work into the database, whose mailbox is proven."""
    request = a_request(Status.IN_PROGRESS, right=right, email=email, **fields)
    Identifier.objects.create(
        request=request, kind="email", value=email, proof=Identifier.Proof.MAILBOX, proven_at=timezone.now()
    )
    return request


def approval_of(request: SubjectRequest, act: Act) -> Approval:
    """Approve an act."""
    somebody = User.objects.filter(username="rita").first() or staff()
    return Approval.objects.create(request=request, act=act, digest="0" * 64, approved_by=somebody)


def taking_effect(request: SubjectRequest, act: Act = Act.RESTRICTION) -> list[SourceChange]:
    """Let an act take effect in the register; what it does to the sources waits for the worker."""
    with transaction.atomic():
        return planning.take_effect(request, act, approval_of(request, act), actor=audit.SYSTEM)


def taken_back(request: SubjectRequest, act: Act = Act.RESTRICTION) -> list[SourceChange]:
    """End an act; what it does to the sources waits for the worker."""
    with transaction.atomic():
        return planning.take_back(request, act, approval_of(request, Act.LIFTING), actor=audit.SYSTEM)


def worked(changes: list[SourceChange]) -> list[SourceChange]:
    """Let the worker do what is to be done just now."""
    for change in changes:
        tasks.change_source(change.pk)
    return [SourceChange.objects.get(pk=change.pk) for change in changes]


class Stopped(BaseException):
    """Ends a worker as `kill -9` does: nothing of it is handled."""


class Stops:
    """Keeps marks as the portal does, and stops the worker before the first row is changed."""

    def __init__(self, marks) -> None:
        self.keep = marks.keep
        self._marks = marks

    def all_kept(self) -> None:
        self._marks.all_kept()
        raise Stopped

    def kept(self):
        yield from self._marks.kept()
        raise Stopped


class StoppingExtractor(SqliteExtractor):
    """Changes a SQLite file; `stops` says of each attempt when its worker stops: before or after the source commits."""

    slug = "stopping"
    schemes = ("stopping",)
    stops: ClassVar[list[str]] = []

    def mark(self, identifiers, purpose, marks):
        return self._stopping(lambda seen: super(StoppingExtractor, self).mark(identifiers, purpose, seen), marks)

    def unmark(self, purpose, marks):
        return self._stopping(lambda seen: super(StoppingExtractor, self).unmark(purpose, seen), marks)

    def _stopping(self, act, marks):
        stop = self.stops.pop(0) if self.stops else ""
        told = act(Stops(marks) if stop == "before" else marks)
        if stop == "after":
            raise Stopped
        return told
