"""What an objection has stopped, on its own page: what, since when, why, and the way to change it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST

from requests_app import limits, links
from requests_app.client import network_of
from requests_app.models import Right, SecureLink, Status, Suppression
from requests_app.notifications import STATUS_LINK_DAYS
from requests_app.pages.parts.base import Part
from requests_app.pages.refusals import secret_page
from requests_app.rights import objection

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from requests_app.models import Approval, SubjectRequest

ORDER = 40
TEMPLATE = "portal/objection/part.html"
MOST_LINKS_AN_HOUR = 30
LABELS = {
    Suppression.Scope.MARKETING: "Advertising",
    Suppression.Scope.ANALYTICS: "Statistics and profiles of your use",
    Suppression.Scope.ALL: "Every other use that you did not agree to",
}


@dataclass(frozen=True, slots=True)
class Use:
    """One use of the data that was objected to.

    Args:
        since: when it was stopped; None while it is weighed, or where it goes on.
        is_at_work: whether some system does not know it yet.
        lifted_at: when it was allowed again.
    """

    label: str
    since: datetime | None
    is_at_work: bool
    lifted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Objected:
    """What the part shows.

    Args:
        is_upheld: how it was weighed; None where it was not, or need not be.
        has_preferences: whether a link to the preferences can be made.
    """

    uses: list[Use]
    is_weighed: bool
    is_upheld: bool | None
    has_preferences: bool


def part_of(asked: SubjectRequest) -> Part | None:
    """Give the part of an objection, once it is proven; None of other requests."""
    is_begun = asked.verified_at is not None and asked.status != Status.LAPSED
    if asked.right != Right.OBJECTION or not is_begun:
        return None
    weighed, upheld = objection.weighed(asked), objection.is_upheld(asked)
    uses = [_use(asked, act) for act in objection.ACTS[objection.scope_of(asked)]]
    is_open = asked.status in {Status.VERIFIED, Status.IN_PROGRESS}
    headline = "We are weighing your objection" if is_open and weighed and not upheld else ""
    return Part(TEMPLATE, Objected(uses, bool(weighed), upheld, bool(asked.email)), headline)


@require_POST
@secret_page(SecureLink.Purpose.STATUS)
def go_to_preferences(request: HttpRequest, token: str) -> HttpResponse:
    """Make a link to the preferences of whoever opened this request, and lead there."""
    asked = links.opened(token, SecureLink.Purpose.STATUS, address=network_of(request)).request
    if not asked.email:
        return redirect("status", token=token)
    limits.count("preferences_link", str(asked.pk), most=MOST_LINKS_AN_HOUR, seconds=3600)
    lifetime = timedelta(days=STATUS_LINK_DAYS)
    return redirect("preferences", token=links.mint(asked, SecureLink.Purpose.PREFERENCES, lifetime=lifetime))


urlpatterns = (path("r/<str:token>/preferences", go_to_preferences, name="status-preferences"),)


def _use(asked: SubjectRequest, act: Approval.Act) -> Use:
    scope = objection.SCOPES[act]
    entries = list(asked.suppressions.filter(scope=scope).order_by("pk"))
    standing = [entry for entry in entries if entry.lifted_at is None]
    lifted = entries[-1].lifted_at if entries and not standing else None
    changes = asked.changes.filter(act=act, undoes=None)
    stopped = standing[0].since if standing else None
    since = stopped or _since_before(asked, act)
    return Use(LABELS[scope], since, bool(since) and changes.filter(applied_at=None).exists(), lifted)


def _since_before(asked: SubjectRequest, act: Approval.Act) -> datetime | None:
    """Give when it took effect that was stopped by an earlier objection already: nothing new was entered."""
    done = asked.changes.filter(act=act, undoes=None, called_off_at=None, undone_by=None, applied_at__isnull=False)
    change = done.order_by("applied_at").first()
    return change.applied_at if change and not asked.suppressions.filter(scope=objection.SCOPES[act]).exists() else None
