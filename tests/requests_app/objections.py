"""A shop that says what an objection does, and people who object, for the tests of the right to object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from requests_app import identity, objecting, tasks
from requests_app.models import Identifier, Right, SourceChange, Status, SubjectRequest, Suppression
from requests_app.suppression import register
from tests.requests_app.changing import shops
from tests.requests_app.portal import ANN, BOB, a_request, run_out, send_mails, submitted, token_in

if TYPE_CHECKING:
    from requests_app.models import DataSource

MAP = """
version: 1
source: shop
label: Web shop
collections:
  customers:
    identifiers: {email: email, user_id: id}
    object:
      marketing: {set: {newsletter: 0, segment: null}}
      analytics: {set: {profiled: 0}}
      all: {set: {contactable: 0}}
"""
TABLES = (
    "CREATE TABLE customers (id varchar(9) PRIMARY KEY, email varchar(99), newsletter int, segment varchar(9),"
    " profiled int, contactable int)",
    f"INSERT INTO customers VALUES ('1', '{ANN}', 1, 'gold', 1, 1), ('2', '{BOB}', 1, 'gold', 1, 1),"
    " ('3', 'cyd@example.test', 0, NULL, 0, 0)",
)
BEFORE = [
    ("1", ANN, 1, "gold", 1, 1),
    ("2", BOB, 1, "gold", 1, 1),
    ("3", "cyd@example.test", 0, None, 0, 0),
]
OTHERS = BEFORE[1:]
EVERYTHING_OFF = ("1", ANN, 0, None, 0, 0)
MARKETING_OFF = ("1", ANN, 0, None, 1, 1)
ANALYTICS_OFF = ("1", ANN, 1, "gold", 0, 1)


def a_shop(url: str, slug: str = "shop") -> DataSource:
    """Make the shop: Ann and Bob are written to, Cyd never was."""
    shops.run(url, *TABLES)
    return shops.a_source(url, slug, MAP)


def ann(url: str) -> tuple[object, ...]:
    """Read Ann's row, and make sure that all others are what they were."""
    rows = shops.rows(url, "customers")
    assert rows[1:] == OTHERS
    return rows[0]


def an_objection(scope: str = "marketing", **fields: object) -> SubjectRequest:
    """Object by the form, and confirm the mailbox where that is asked for."""
    request = submitted(ANN, Right.OBJECTION, particulars={"scope": scope}, **fields)
    if request.status == Status.SUBMITTED:
        (message,) = (message for message in send_mails() if "/c/" in message.body)
        identity.confirm(token_in(message, "c"), address="203.0.113.9")
    return SubjectRequest.objects.get(pk=request.pk)


def work() -> None:
    """Let the worker do all there is to do, in the order it was queued, after what is looked for every minute."""
    objecting.sweep()
    for change in SourceChange.objects.open().order_by("pk"):
        tasks.change_source(change.pk)
    for request in SubjectRequest.objects.filter(status=Status.IN_PROGRESS).order_by("pk"):
        tasks.finish_request(request.pk)


def give_up() -> None:
    """Let the worker try until it gives up."""
    while SourceChange.objects.open().exists():
        for change in SourceChange.objects.open():
            run_out(change)
            tasks.change_source(change.pk)


def status_of(request: SubjectRequest) -> str:
    """Say where a request stands now."""
    return SubjectRequest.objects.get(pk=request.pk).status


def scopes_of(email: str = ANN) -> set[str]:
    """Say what the register answers about a mailbox."""
    (standing,) = register.look_up([(Identifier.Kind.EMAIL, email)])
    return {str(scope) for scope in standing.scopes}


def history(email: str = ANN) -> list[tuple[str, bool, str]]:
    """List what was ever entered about a mailbox, the oldest first: scope, whether it stands, how it was lifted."""
    entries = Suppression.objects.filter(pk__in=[item.pk for item in register.entries_of("email", email)])
    return [(item.scope, item.lifted_at is None, item.lifted_way) for item in entries.order_by("pk")]


def known_person(**fields: object) -> SubjectRequest:
    """Put a finished request of Ann's into the database, by which she is known."""
    request = a_request(Status.COMPLETED, right=Right.ACCESS, verified_at=None, **fields)
    Identifier.objects.create(
        request=request, kind="email", value=request.email, proof="mailbox", proven_at=request.submitted_at
    )
    return request
