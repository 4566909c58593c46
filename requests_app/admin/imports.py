"""Lists of requests in the console: those handed in, and the routes below each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import admin

from requests_app.admin import import_page
from requests_app.admin.base import ConsoleAdmin, Route
from requests_app.admin.wording import Pill
from requests_app.importing.runs import Stage, stage_of
from requests_app.models import RequestImport
from requests_app.workflow import WORK

if TYPE_CHECKING:
    from django.contrib.admin.views.main import ChangeList
    from django.db.models import QuerySet
    from django.http import HttpRequest

_TONES = {
    Stage.ASSIGNING: Pill("columns to assign", "warn"),
    Stage.CHECKING: Pill("being checked", "info"),
    Stage.CHECKED: Pill("checked", "info"),
    Stage.TAKING_IN: Pill("being taken in", "info"),
    Stage.TAKEN_IN: Pill("taken in", "good"),
    Stage.FAILED: Pill("failed", "bad"),
    Stage.THROWN_AWAY: Pill("thrown away", "quiet"),
}


@dataclass(frozen=True, slots=True)
class RunRow:
    """A list as the list of them shows it."""

    run: RequestImport
    pill: Pill


@admin.register(RequestImport)
class RequestImportAdmin(ConsoleAdmin):
    """A list by the day each was handed in; each has a page of its own."""

    change_list_template = "console/imports/list.html"
    list_title = "Lists of requests"
    list_display = ("created_at",)
    list_select_related = ("upload", "created_by")

    def routes(self) -> tuple[Route, ...]:
        """Name the page of a list, and every act on it."""
        one, both = "<int:pk>/", ("GET", "POST")
        return (
            Route("add/", import_page.hand_in, "add", WORK, both),
            Route("template/", import_page.template, "template", WORK),
            Route(f"{one}change/", import_page.show, "change", WORK),
            Route(f"{one}live/", import_page.show_live, "live", WORK),
            Route(f"{one}columns/", import_page.assign, "columns", WORK, both),
            Route(f"{one}take-in/", import_page.take_in, "take_in", WORK, ("POST",)),
            Route(f"{one}retry/", import_page.retry, "retry", WORK, ("POST",)),
            Route(f"{one}throw-away/", import_page.throw_away, "throw_away", WORK, ("POST",)),
            Route(f"{one}report/", import_page.report, "report", WORK),
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[RequestImport]:
        """List the newest first."""
        return super().get_queryset(request).order_by("-pk")

    def get_list_context(self, changelist: ChangeList) -> dict[str, object]:
        """Give the lists in words."""
        return {"rows": [RunRow(run, _TONES[stage_of(run)]) for run in changelist.result_list]}

    def has_view_permission(self, request: HttpRequest, obj: RequestImport | None = None) -> bool:
        """Leave it to whoever works on requests."""
        return request.user.has_perm(WORK)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Leave it to whoever works on requests."""
        return request.user.has_perm(WORK)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Leave it to the page that takes a list."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: RequestImport | None = None) -> bool:
        """Leave every change to the stage."""
        return False
