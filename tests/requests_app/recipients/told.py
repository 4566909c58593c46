"""Requests whose recipients have to be told, for the tests of that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from requests_app.models import RecipientNotice, Right, SourceChange, Status
from tests.requests_app.changing.shops import MAP, a_shop, an_erasure, erased
from tests.requests_app.portal import a_request

if TYPE_CHECKING:
    from requests_app.models import DataSource, SubjectRequest

NAMED = MAP.replace(
    "label: Web shop\n", "label: {en: Web shop, de: Laden}\ninformation: {recipients: [Carrier, Payment provider]}\n"
).replace(
    "  carts:\n",
    "  carts:\n    label: Shopping carts\n"
    "    information: {recipients: {en: [carrier, Ad network], de: [Werbenetz]}}\n",
)


def a_shop_that_names_recipients(url: str, slug: str = "shop") -> DataSource:
    """Make the shop; what it holds goes to a carrier and a payment provider, carts to an ad network too."""
    return a_shop(url, slug, NAMED.replace("source: shop", f"source: {slug}"))


def an_erased_request(url: str) -> SubjectRequest:
    """Erase Ann from that shop."""
    a_shop_that_names_recipients(url)
    request = an_erasure()
    erased(request)
    return request


def a_waiting_recipient(label: str = "Carrier", status: Status = Status.COMPLETED, **fields: object) -> RecipientNotice:
    """Put a recipient that waits to be told on a request to be erased, or on another one."""
    request = fields.pop("request", None) or a_request(status, right=Right.ERASURE)
    about = {"about": ["Web shop: Customers"]}
    return RecipientNotice.objects.create(**{"request": request, "label": label, **about, **fields})


def listed(request: SubjectRequest) -> dict[str, list[str]]:
    """Give the recipients of a request, and what each has to be told of."""
    return dict(RecipientNotice.objects.filter(request=request).values_list("label", "about"))


def done(request: SubjectRequest, source: DataSource, act: str = "erasure") -> SourceChange:
    """Put a change that is done into the database."""
    return SourceChange.objects.create(request=request, source=source, map=source.current_map, act=act)
