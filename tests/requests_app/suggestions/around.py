"""Requests with something around them, for the tests of suggestions."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from requests_app.keys.stored import create_key
from requests_app.models import (
    DataSource,
    DataSourceMap,
    Identifier,
    Leased,
    Outcome,
    Right,
    SourceSearch,
    Status,
    SubjectRequest,
)
from requests_app.suggestions import help_with
from tests.requests_app.portal import ANN, a_request

if TYPE_CHECKING:
    from requests_app.suggestions import Suggestion

PHONE = "+4915123456789"
SHOP = """
version: 1
source: {slug}
label: Web shop
collections:
  customers:
    label: customer accounts
    identifiers: {{email: email, phone: phone}}
    fields: {{illness: {{category: health}}, diet: {{category: profile}}}}
  orders:
    links: [{{column: customer_id, to: customers.id}}]
    erase: {{action: keep, ground: "17(3)(b): tax records", years: 10, from: ordered_on}}
"""
DESK = """
version: 1
source: {slug}
collections:
  tickets:
    links: [{{column: customer_id, to: shop.customers.id}}]
"""


def a_source(slug: str = "shop", text: str = SHOP, **fields: object) -> DataSource:
    """Configure a source that nobody reads."""
    source = DataSource.objects.create(slug=slug, label=slug.title(), kind="sqlite", key=create_key(), **fields)
    return with_map(source, text)


def with_map(source: DataSource, text: str) -> DataSource:
    """Give a source the next version of its map."""
    version = source.maps.count() + 1
    source.current_map = DataSourceMap.objects.create(
        source=source, version=version, text=text.format(slug=source.slug)
    )
    source.save()
    return source


def asked(right: Right = Right.ACCESS, status: Status = Status.IN_PROGRESS, **fields: object) -> SubjectRequest:
    """Put a request into the database whose mailbox is proven."""
    known = {"email": ANN, "verified_at": timezone.now(), "name_key": "ann example"}
    request = a_request(status, right=right, **known | fields)
    known_by(request, "email", request.email)
    return request


def known_by(request: SubjectRequest, kind: str, value: str, *, is_proven: bool = True) -> Identifier:
    """Give a request one more identifier."""
    proof = {"proof": Identifier.Proof.STAFF, "proven_at": timezone.now()} if is_proven else {}
    return Identifier.objects.create(request=request, kind=kind, value=value, **proof)


def searched(request: SubjectRequest, source: DataSource, days_ago: int = 0, **fields: object) -> SourceSearch:
    """Put a search that is done into the database; `counts` says what it found."""
    counts = fields.pop("counts", {})
    then = timezone.now() - timedelta(days=days_ago)
    done = {"state": Leased.State.DONE, "finished_at": then, "records": sum(counts.values()), "counts": counts}
    known = {"request": request, "source": source, "map": source.current_map}
    return SourceSearch.objects.create(**known | done | fields)


def closed(days: float, right: Right = Right.ACCESS, **fields: object) -> SubjectRequest:
    """Put a request into the database that was answered after some days."""
    now = timezone.now()
    known = {"verified_at": now - timedelta(days=days), "closed_at": now, "outcome": Outcome.FULL}
    return a_request(Status.COMPLETED, right=right, **{"email": "somebody@example.test"} | known | fields)


def suggested(request: SubjectRequest) -> list[Suggestion]:
    """Give what is suggested for a request."""
    found = help_with(SubjectRequest.objects.get(pk=request.pk))
    assert found is not None
    return found.suggestions


def said(request: SubjectRequest) -> list[str]:
    """Give the words of it."""
    return [item.words for item in suggested(request)]


def one(request: SubjectRequest, part: str) -> Suggestion:
    """Give the only suggestion whose words have a part."""
    (found,) = [item for item in suggested(request) if part in item.words]
    return found
