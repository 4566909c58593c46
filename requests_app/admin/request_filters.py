"""What the list of requests is narrowed by: choices only, so that no filter reads the whole table."""

from __future__ import annotations

from datetime import timedelta
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils import timezone

from requests_app import recipients
from requests_app.admin.failed_work import (
    failed_changes,
    failed_exports,
    failed_kept_rows,
    failed_mails,
    failed_searches,
)
from requests_app.admin.wording import SOON_DAYS
from requests_app.models import Channel, Outcome, Right, Status
from requests_app.models.subject_request import ENDED, OPEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date

    from django.contrib.admin.filters import _ListFilterChoices
    from django.contrib.admin.views.main import ChangeList
    from django.db.models import QuerySet
    from django.http import HttpRequest

    from requests_app.models.subject_request import SubjectRequestQuerySet as Requests

SEARCH = "q"


def due_filters(today: date) -> dict[str, Callable[[Requests], Requests]]:
    """Give the ways to narrow by deadline, by the word that stands in the address."""
    day, soon = timedelta(days=1), today + timedelta(days=SOON_DAYS)
    return {
        "overdue": lambda requests: requests.due(None, today - day),
        "today": lambda requests: requests.due(today, today),
        "soon": lambda requests: requests.due(today, soon),
        "later": lambda requests: requests.due(soon + day, None),
        "paused": lambda requests: requests.asked(),
        "extended": lambda requests: requests.at_work().extended(),
    }


def work_filters() -> dict[str, Callable[[Requests], Requests]]:
    """Give the ways to narrow by what is to be done, by the word that stands in the address."""
    kinds = (failed_searches(), failed_exports(), failed_changes(), failed_kept_rows(), failed_mails())
    failed = reduce(or_, (Q(pk__in=works.values("request")) for works in kinds))
    return {
        "review": lambda requests: requests.waiting_for_review(),
        "owed": lambda requests: requests.at_work(),
        "identity": lambda requests: requests.unproven(),
        "failed": lambda requests: requests.filter(failed),
        "messages": lambda requests: requests.unread(),
        "approval": lambda requests: requests.waiting_for_approval(),
        "recipients": recipients.untold,
    }


class ChoiceFilter(admin.SimpleListFilter):
    """A filter by choices, drawn in the console's own way; `everything` names the choice that filters nothing."""

    template = "console/parts/filter.html"
    everything: ClassVar[str] = "All"

    def choices(self, changelist: ChangeList) -> Iterator[_ListFilterChoices]:
        """List the choices, the one that filters nothing first."""
        first, *rest = super().choices(changelist)
        yield {**first, "display": self.everything}
        yield from rest

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow the list by what was chosen."""
        return self.narrow(queryset)

    def narrow(self, rows: Any) -> QuerySet[Any]:
        """Narrow the rows of the filter's model."""
        raise NotImplementedError


class StatusFilter(ChoiceFilter):
    """Shows what is open unless something else is asked for; a search looks everywhere."""

    title = "Status"
    parameter_name = "status"
    everything = "Open"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        """List the statuses, and the two groups of them."""
        return [*Status.choices, ("spam", "Spam"), ("ended", "Closed, not archived"), ("all", "All")]

    def narrow(self, rows: Requests) -> Requests:
        """Narrow the list."""
        chosen = self.value()
        if chosen == "spam":
            return rows.filter(outcome=Outcome.SPAM)
        if chosen == "ended":
            return rows.filter(status__in=ENDED).exclude(outcome=Outcome.SPAM)
        if chosen in Status.values:
            return rows.filter(status=chosen).exclude(outcome=Outcome.SPAM)
        return rows if chosen == "all" or self.request.GET.get(SEARCH) else rows.filter(status__in=OPEN)


class RightFilter(ChoiceFilter):
    """By what is asked for."""

    title = "Right"
    parameter_name = "right"

    def lookups(self, request: HttpRequest, model_admin: object) -> Iterable[tuple[str, str]]:
        """List the rights."""
        return Right.choices

    def narrow(self, rows: Requests) -> Requests:
        """Narrow the list."""
        return rows.filter(right=self.value()) if self.value() else rows


class ChannelFilter(ChoiceFilter):
    """By the way it came."""

    title = "Came by"
    parameter_name = "channel"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        """List the ways."""
        return [(channel.value, channel.label.capitalize()) for channel in Channel]

    def narrow(self, rows: Requests) -> Requests:
        """Narrow the list."""
        return rows.filter(channel=self.value()) if self.value() else rows


class AssigneeFilter(ChoiceFilter):
    """By who works on it."""

    title = "Assignee"
    parameter_name = "assignee"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        """List whoever asks, nobody, and the others of the team."""
        team = get_user_model().objects.filter(is_active=True, is_staff=True).exclude(pk=request.user.pk or 0)
        named = [(str(user.pk), user.get_full_name() or user.get_username()) for user in team.order_by("username")]
        return [("me", "Me"), ("nobody", "Nobody"), *named]

    def narrow(self, rows: Requests) -> Requests:
        """Narrow the list."""
        chosen = self.value()
        if chosen == "nobody":
            return rows.filter(assignee=None)
        if chosen == "me":
            return rows.filter(assignee=self.request.user.pk)
        known = dict(self.lookup_choices)
        return rows.filter(assignee=int(chosen)) if chosen in known else rows


class DeadlineFilter(ChoiceFilter):
    """By how long there is, and what was done about it."""

    title = "Deadline"
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        """List the spans."""
        return [
            ("overdue", "Overdue"),
            ("today", "Due today"),
            ("soon", f"Due within {SOON_DAYS} days"),
            ("later", "Later"),
            ("paused", "Waiting for the person"),
            ("extended", "Extended"),
        ]

    def narrow(self, rows: Requests) -> Requests:
        """Narrow the list."""
        narrow = due_filters(timezone.localdate()).get(self.value() or "")
        return narrow(rows) if narrow else rows


class WorkFilter(ChoiceFilter):
    """By what is to be done."""

    title = "To do"
    parameter_name = "work"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        """List the kinds of work."""
        return [
            ("review", "Waiting for review"),
            ("approval", "Waiting for approval"),
            ("owed", "At work"),
            ("messages", "With unread messages"),
            ("identity", "Identity to be shown"),
            ("failed", "With failed work"),
            ("recipients", "Recipients to be told"),
        ]

    def narrow(self, rows: Requests) -> Requests:
        """Narrow the list."""
        narrow = work_filters().get(self.value() or "")
        return narrow(rows) if narrow else rows


FILTERS = (StatusFilter, WorkFilter, DeadlineFilter, RightFilter, ChannelFilter, AssigneeFilter)
