"""The stage that hands out the team's deadlines as a calendar: by a secret address, without anybody's name."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from requests_app import audit, limits
from requests_app.links import MOST_GUESSES_AN_HOUR, UnknownLink
from requests_app.models import StaffPreference, SubjectRequest

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from requests_app.audit import Actor

VIEW = "requests_app.view_subjectrequest"
MOST_EVENTS = 2000


@transaction.atomic
def renew(user: User, *, actor: Actor) -> str:
    """Make a member of the team a new address for their calendar, and give its token; an earlier one ends."""
    token = secrets.token_urlsafe(32)
    StaffPreference.objects.update_or_create(user=user, defaults={"calendar_hash": _hash(token)})
    audit.record("calendar.renewed", actor, target=f"user {user.pk}")
    return token


@transaction.atomic
def end(user: User, *, actor: Actor) -> None:
    """End the address of a calendar."""
    if StaffPreference.objects.filter(user=user).exclude(calendar_hash="").update(calendar_hash=""):
        audit.record("calendar.ended", actor, target=f"user {user.pk}")


def calendar_of(token: str, page: str, *, address: str | None) -> bytes:
    """Write the deadlines of all requests at work as a calendar (RFC 5545).

    Args:
        page: the address of a request's page in the console, `{}` in place of its id.
        address: where it is asked for from.

    Raises:
        UnknownLink: nobody has this address, or not any more; put on record.
        LimitReached: too many wrong ones from there.
    """
    if _owner(token) is None:
        if address:
            limits.count("token", address, most=MOST_GUESSES_AN_HOUR, seconds=3600)
        audit.record("link.refused", audit.STRANGER, purpose="calendar", reason=UnknownLink.reason)
        raise UnknownLink("This calendar is not known, or it was ended.")
    return _written(page)


def _owner(token: str) -> User | None:
    """Give whose calendar it is, as long as they may look at requests."""
    users = get_user_model().objects.filter(is_active=True, is_staff=True)
    user = users.filter(preference__calendar_hash=_hash(token)).first()
    return user if user and user.has_perm(VIEW) else None


def _written(page: str) -> bytes:
    from icalendar import Calendar, Event

    calendar = Calendar()
    calendar.add("prodid", "-//DSR Portal//Deadlines//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "Data subject requests")
    calendar.add("refresh-interval;value=duration", "PT1H")
    requests = SubjectRequest.objects.at_work().exclude(due_on=None)
    paused = set(requests.paused().values_list("pk", flat=True))
    for request in requests.order_by("due_on")[:MOST_EVENTS]:
        due = "paused, not due before this" if request.pk in paused else "due"
        event = Event()
        event.add("uid", f"{request.reference}@dsr-portal")
        event.add("dtstamp", timezone.now())
        event.add("summary", f"{request.reference} {due}: {request.get_right_display()}")
        if request.due_on:
            event.add("dtstart", request.due_on)
            event.add("dtend", request.due_on + timedelta(days=1))
        event.add("url", page.format(request.pk))
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return calendar.to_ical()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
