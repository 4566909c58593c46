"""A portal with one small source, and what its people do, for the tests of the stages."""

from __future__ import annotations

import re
import sqlite3
import zipfile
from contextlib import closing
from io import BytesIO
from typing import TYPE_CHECKING

from django.contrib.auth.models import Group, User
from django.core import mail as outbox
from django.utils import timezone
from django_q.models import OrmQ

from requests_app import delivery, identity, intake, refusing, releases, review, sources, storage, tasks
from requests_app.audit import Actor
from requests_app.keys.stored import create_key, open_key
from requests_app.models import (
    Approval,
    AuditEntry,
    ControllerProfile,
    DataSource,
    Export,
    Leased,
    OutboxMail,
    Outcome,
    Refusal,
    Right,
    SourceSearch,
    Status,
    SubjectRequest,
)
from requests_app.refusals import telling
from requests_app.refusals.telling import Draft

if TYPE_CHECKING:
    from pathlib import Path

ANN, BOB = "ann@example.test", "bob@example.test"
MARKER = "Zanzibar-Marzipan-4711"
MAP = """
version: 1
source: shop
label: Web shop
collections:
  customers:
    identifiers: {email: email}
    fields: {referrer: {third_party: true}}
  orders:
    links: [{column: customer_id, to: customers.id}]
"""


def a_shop(folder: Path) -> str:
    """Make the database of a shop: Ann has two orders, Bob one; gives its URL."""
    path = folder / "shop.sqlite3"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(
            f"""
            CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT, city TEXT, referrer TEXT);
            CREATE INDEX by_email ON customers (lower(email));
            CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, product TEXT);
            INSERT INTO customers VALUES (1, '{ANN}', '{MARKER}', 'Carl'), (2, '{BOB}', 'Oslo', NULL);
            INSERT INTO orders VALUES (1, 1, 'Lamp'), (2, 1, '{MARKER}'), (3, 2, 'Desk');
            """
        )
    return f"sqlite:///{path}"


def a_source(folder: Path, slug: str = "shop", url: str | None = None) -> DataSource:
    """Configure the shop as a data source."""
    source = DataSource(slug=slug, label="Web shop")
    return sources.save(source, url or a_shop(folder), MAP.replace("source: shop", f"source: {slug}"), None)


def staff(name: str = "rita", *, is_superuser: bool = True) -> User:
    """Make a member of the team, who may do everything and signs in by `force_login` only."""
    return User.objects.create_user(name, is_staff=True, is_superuser=is_superuser)


def member(role: str) -> User:
    """Make a member of the team in one role, without the rights of a superuser."""
    user, _ = User.objects.get_or_create(username=role.lower(), is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user


def a_colleague() -> Actor:
    """Give somebody else of the team, who withholds things and prepares refusals."""
    return Actor.staff(User.objects.filter(username="otto").first() or staff("otto"))


def a_request(status: Status = Status.IN_PROGRESS, **fields: object) -> SubjectRequest:
    """Put a request into the database as it stands after some way, without having it gone that way."""
    outcome = {Status.COMPLETED: Outcome.FULL, Status.REJECTED: Outcome.REFUSED}.get(status, "")
    known = {"right": Right.ACCESS, "name": "Ann Example", "email": ANN, "outcome": outcome}
    return SubjectRequest.objects.create(status=status, key=create_key(), **known | fields)


def an_approval(request: SubjectRequest, digest: str = "") -> Approval:
    """Approve a request's answer, whatever it is."""
    reviewer = User.objects.filter(username="rita").first() or staff()
    return Approval.objects.create(request=request, act=Approval.Act.RELEASE, digest=digest, approved_by=reviewer)


def acts(request_id: int | None = None) -> list[str]:
    """List the acts on record about a request, or about none, the oldest first."""
    entries = AuditEntry.objects.filter(request_id=request_id)
    return list(entries.order_by("pk").values_list("action", flat=True))


def queued() -> list[tuple[str, str, tuple[object, ...]]]:
    """List what stands in the queue: its cluster, the task and what it is given."""
    tasks_ = [(row.key, row.task) for row in OrmQ.objects.order_by("pk")]
    return [(key, task["func"].removeprefix("requests_app.tasks."), task["args"]) for key, task in tasks_]


def run_out(work: Leased) -> None:
    """Let the time pass that has to: until the lease runs out, or the pause is over."""
    type(work).objects.filter(pk=work.pk).update(claimable_at=timezone.now(), requeue_at=timezone.now())


def an_export(content: bytes, **fields: object) -> Export:
    """Put files that are ready to be downloaded into the storage, without anybody having asked for them."""
    request = a_request(Status.COMPLETED)
    export = Export.objects.create(request=request, approval=an_approval(request), state=Leased.State.DONE, **fields)
    name, key = f"export-{export.pk}-1.zip", create_key(request.key)
    with storage.create(name) as file:
        writer = storage.SealedWriter(file, open_key(key.pk))
        writer.write(content)
        writer.finish()
    Export.objects.filter(pk=export.pk).update(file=name, key=key, size_bytes=len(content))
    return Export.objects.select_related("request").get(pk=export.pk)


def submitted(email: str = ANN, right: Right = Right.ACCESS, **typed: object) -> SubjectRequest:
    """Submit the form."""
    intake.submit(intake.Submission(name="Ann Example", email=email, right=right, **typed), address="203.0.113.9")
    return SubjectRequest.objects.filter(email__iexact=email, right=right).latest("pk")


def send_mails() -> list[outbox.EmailMessage]:
    """Do what the quick worker does with the mails waiting; gives those sent just now."""
    before = len(outbox.outbox)
    for mail in OutboxMail.objects.open():
        tasks.send_mail(mail.pk)
    return outbox.outbox[before:]


def token_in(message: outbox.EmailMessage, route: str) -> str:
    """Read the token of a link (`c` confirms, `r` shows, `d` downloads) out of a mail."""
    (token,) = set(re.findall(rf"/{route}/([\w-]+)", message.body))
    return token


def confirmed(email: str = ANN, right: Right = Right.ACCESS, **typed: object) -> SubjectRequest:
    """Submit and confirm a request."""
    request = submitted(email, right, **typed)
    message = [message for message in send_mails() if message.to == [request.email] and "/c/" in message.body][-1]
    return identity.confirm(token_in(message, "c"), address="203.0.113.9")


def collected(email: str = ANN) -> SubjectRequest:
    """Submit, confirm, and let the worker collect."""
    request = confirmed(email)
    for search in SourceSearch.objects.filter(request=request):
        tasks.collect_source(search.pk)
    return request


def released(email: str = ANN, formats: tuple[str, ...] = ("json", "csv")) -> Export:
    """Have a request collected, released and rendered."""
    request = collected(email)
    reviewer = User.objects.filter(username="rita").first() or staff()
    export = review.release(request.pk, actor=Actor.staff(reviewer), formats=formats)
    tasks.render_export(export.pk)
    export.refresh_from_db()
    return export


def downloaded(token: str, **options: object) -> zipfile.ZipFile:
    """Download by a link."""
    given = delivery.begin(token, address="203.0.113.9", agent="tests", **options)
    return zipfile.ZipFile(BytesIO(b"".join(given.chunks)))


def the_controller(**fields: object) -> ControllerProfile:
    """Fill in who the portal answers for, as refusals need it."""
    known = {
        "name": "Alpine Goods GmbH",
        "address": "Hauptstraße 1\n80331 München\nGermany",
        "country": "DE-BY",
        "email": "privacy@alpine.example",
        "privacy_url": "https://alpine.example/privacy",
    }
    profile, _ = ControllerProfile.objects.update_or_create(pk=1, defaults=known | fields)
    return profile


def a_draft(request: SubjectRequest, extent: Refusal.Extent = Refusal.Extent.WHOLE, **fields: object) -> Draft:
    """Write a refusal on the first ground that fits."""
    grounds = tuple(ground.slug for ground in telling.fitting(request, extent)[:1])
    withheld = ("the notes of our fraud team",) if extent == Refusal.Extent.PART else ()
    known = {"grounds": grounds, "facts": "It is your ninth request this week.", "withheld": withheld}
    return Draft(extent, **known | fields)


def a_refusal(
    request: SubjectRequest, extent: Refusal.Extent = Refusal.Extent.WHOLE, *, by: User | None = None, **fields: object
) -> Refusal:
    """Have a refusal prepared by one and approved by another, which sends it where all is refused."""
    if not ControllerProfile.objects.exists():
        the_controller()
    other = User.objects.filter(username="otto").first() or staff("otto")
    approver = by or User.objects.filter(username="rita").first() or staff()
    row = refusing.prepare(request.pk, a_draft(request, extent, **fields), actor=Actor.staff(other))
    return refusing.approve(row.pk, actor=Actor.staff(approver))


def an_approved_refusal(request: SubjectRequest, extent: Refusal.Extent = Refusal.Extent.WHOLE) -> Refusal:
    """Put a refusal into the database that the stage would have sent at once, for tests of what comes after it."""
    people = [User.objects.filter(username=name).first() or staff(name) for name in ("otto", "rita")]
    return Refusal.objects.create(
        request=request,
        extent=extent,
        facts="It is your ninth request this week.",
        told={"laws": [rule.identity for rule in telling.law_of(request).rules]},
        digest=releases.digest(request) if extent == Refusal.Extent.PART and request.is_collected else "",
        prepared_by=people[0],
        approved_by=people[1],
        approved_at=timezone.now(),
    )
