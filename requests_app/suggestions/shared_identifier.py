"""Requests of other names that are known by the same: a shared line, or one person under two names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from extractors.batches import counted
from requests_app.models import Identifier, RequestLink
from requests_app.suggestions.base import Icon, Suggestion, here, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests_app.suggestions.base import Look

ORDER = 70
MOST = 50


def suggest(look: Look) -> Iterator[Suggestion]:
    """Name them by their references, one suggestion for each kind of identifier."""
    if not look.identifiers:
        return
    same = Identifier.objects.alike((item.kind, item.value) for item in look.identifiers)
    rows = same.filter(request__pseudonymised_at=None).exclude(request=look.request)
    others = rows.exclude(request__name_key=look.request.name_key).select_related("request").order_by("-request")
    found: dict[str, list[str]] = {}
    for row in others.exclude(request__in=_decided(look.request.pk))[:MOST]:
        found.setdefault(row.get_kind_display().lower(), []).append(row.request.reference)
    for kind, references in found.items():
        are = "has" if len(references) == 1 else "have"
        yield Suggestion(
            Icon.PERSON,
            f"{counted(len(references), 'request')} of another name {are} the same {kind}.",
            f"{listed(references)} came under other names: people may share it, so that what is found by it is not all "
            "this person's",
            "Look at other requests",
            here("others"),
        )


def _decided(request_id: int) -> list[int]:
    """Give the requests of which the team has said whether they are of the same person."""
    pairs = RequestLink.objects.filter(Q(first=request_id) | Q(second=request_id)).values_list("first", "second")
    return [second if first == request_id else first for first, second in pairs]
