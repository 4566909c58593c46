"""The overview: how much there is to do, what is most urgent, what has failed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone

from requests_app.admin.failed_work import list_failed_work
from requests_app.admin.request_filters import due_filters, work_filters
from requests_app.admin.request_rows import rows_of
from requests_app.admin.webhook_log import troubled
from requests_app.admin.wording import SOON_DAYS
from requests_app.models import SubjectRequest
from requests_app.posting import letters_to_post

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

MOST_URGENT = 8
MANAGE_WEBHOOKS = "requests_app.manage_webhooks"


@dataclass(frozen=True, slots=True)
class Tile:
    """A number that leads to the list of what it counts."""

    label: str
    count: int
    url: str
    tone: str = ""


def overview(user: AbstractBaseUser | AnonymousUser) -> dict[str, object]:
    """Give what the overview shows."""
    urgent = SubjectRequest.objects.owed().urgent_first().select_related("assignee")
    urgent = urgent.prefetch_related("searches", "exports")[:MOST_URGENT]
    return {
        "tiles": [*tiles(), *_webhooks(user)],
        "urgent": rows_of(urgent),
        "failed_work": list_failed_work(),
        "mine": SubjectRequest.objects.at_work().filter(assignee=user.pk).count(),
    }


def tiles() -> list[Tile]:
    """Count what there is to do."""
    due, work, requests = due_filters(timezone.localdate()), work_filters(), SubjectRequest.objects.all()
    counted = (
        ("Waiting for review", "work=review", work["review"], "info"),
        ("At work", "work=owed", work["owed"], ""),
        (f"Due within {SOON_DAYS} days", "due=soon", due["soon"], "warn"),
        ("Overdue", "due=overdue", due["overdue"], "bad"),
        ("With failed work", "work=failed&status=all", work["failed"], "bad"),
    )
    address = reverse("admin:requests_app_subjectrequest_changelist")
    shown = [
        _tile(label, narrow(requests).count(), f"{address}?{query}", tone) for label, query, narrow, tone in counted
    ]
    return shown + [tile for tile in _rarely(address) if tile.count]


def _rarely(address: str) -> list[Tile]:
    """Count what there is only now and then, and shown only then."""
    work, requests = work_filters(), SubjectRequest.objects.all()
    unproven = work["identity"](requests).count()
    letters = reverse("admin:requests_app_subjectrequest_letters")
    return [
        _tile("Waiting for approval", work["approval"](requests).count(), f"{address}?work=approval", "info"),
        _tile(
            "With unread messages", work["messages"](requests).count(), f"{address}?work=messages&status=all", "info"
        ),
        _tile("Letters to post", letters_to_post().count(), letters, "warn"),
        _tile(
            "Recipients to be told",
            work["recipients"](requests).count(),
            f"{address}?work=recipients&status=all",
            "warn",
        ),
        _tile("Identity to be shown", unproven, f"{address}?work=identity", "info"),
    ]


def _webhooks(user: AbstractBaseUser | AnonymousUser) -> list[Tile]:
    """Count the systems that are not told what they should be, for those who can mend it."""
    count = troubled().count() if user.has_perm(MANAGE_WEBHOOKS) else 0  # type: ignore[union-attr]  # each has it
    return (
        [Tile("Webhooks in trouble", count, reverse("admin:requests_app_webhook_changelist"), "bad")] if count else []
    )


def _tile(label: str, count: int, url: str, tone: str) -> Tile:
    return Tile(label, count, url, tone if count else "")
