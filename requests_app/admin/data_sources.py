"""The data sources in the console."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from extractors.errors import DsrError
from requests_app import sources
from requests_app.admin.base import ConsoleAdmin, Route, page_context
from requests_app.admin.data_source_form import DataSourceForm
from requests_app.admin.wording import Pill
from requests_app.models import DataSource

if TYPE_CHECKING:
    from django.contrib.admin.views.main import ChangeList
    from django.http import HttpRequest, HttpResponse

    from requests_app.admin.base import StaffRequest

VIEW, ADD, CHANGE, TEST = (
    f"requests_app.{right}" for right in ("view_datasource", "add_datasource", "change_datasource", "test_source")
)
FITS = "fits"


@dataclass(frozen=True, slots=True)
class Row:
    """A source as the list shows it."""

    source: DataSource
    check: Pill

    @classmethod
    def of(cls, source: DataSource) -> Row:
        """Put it into words."""
        return cls(source, check_pill(source))


def check_pill(source: DataSource) -> Pill:
    """Say how the last check went."""
    first, *warnings = source.check_result.splitlines() or [""]
    if not first:
        return Pill("not checked", "quiet")
    if first != FITS:
        return Pill("check failed", "bad")
    return Pill(f"works, {len(warnings)} to look at", "warn") if warnings else Pill("works", "good")


@admin.register(DataSource)
class DataSourceAdmin(ConsoleAdmin):
    """The list, a form of our own, and the check."""

    change_list_template = "console/sources/list.html"
    list_title = "Data sources"
    list_display = ("label",)
    search_fields = ("label", "slug")
    list_select_related = ("owner", "current_map")

    def routes(self) -> tuple[Route, ...]:
        """Name the form and the check."""
        both = ("GET", "POST")
        return (
            Route("add/", add, "add", ADD, both),
            Route("<int:pk>/change/", show, "change", VIEW),
            Route("<int:pk>/edit/", change, "edit", CHANGE, both),
            Route("<int:pk>/check/", check, "check", TEST, ("POST",)),
        )

    def get_list_context(self, changelist: ChangeList) -> dict[str, object]:
        """Give the rows in words."""
        return {"rows": [Row.of(source) for source in changelist.result_list]}

    def has_change_permission(self, request: HttpRequest, obj: DataSource | None = None) -> bool:
        """Leave changes to the form's own route."""
        return False


def add(request: StaffRequest) -> HttpResponse:
    """Add a source."""
    return _form(request, DataSource())


def change(request: StaffRequest, pk: int) -> HttpResponse:
    """Change a source."""
    return _form(request, get_object_or_404(DataSource.objects.select_related("current_map"), pk=pk))


def show(request: StaffRequest, pk: int) -> HttpResponse:
    """Show a source, the result of its last check, and the versions of its map."""
    source = get_object_or_404(DataSource.objects.select_related("current_map", "owner"), pk=pk)
    first, *warnings = source.check_result.splitlines() or [""]
    context = page_context(
        request,
        title=source.label,
        source=source,
        check=check_pill(source),
        failure="" if first == FITS else first.removeprefix("failed: "),
        warnings=warnings,
        versions=source.maps.select_related("created_by"),
        can_change=request.user.has_perm(CHANGE),
        can_check=request.user.has_perm(TEST),
    )
    return render(request, "console/sources/page.html", context)


def check(request: StaffRequest, pk: int) -> HttpResponse:
    """Connect to a source and hold its map against it."""
    source = get_object_or_404(DataSource.objects.select_related("current_map"), pk=pk)
    try:
        warnings = sources.check(source, request.user)
    except DsrError:
        messages.error(request, "The check failed; the page says why.")
    else:
        worth = f" {len(warnings)} things are worth a look." if warnings else ""
        messages.success(request, f"It can be reached, and the map fits it.{worth}")
    return redirect(_page(source))


def _form(request: StaffRequest, source: DataSource) -> HttpResponse:
    title = f"Change {source.label}" if source.pk else "Add a data source"
    form = DataSourceForm(request.POST if request.method == "POST" else None, instance=source)
    if request.method == "POST" and form.keep(request.user):
        messages.success(request, f"{source.label} is saved. Check it before the next request comes.")
        _warn_of_links(request, source)
        return redirect(_page(source))
    page = _page(source) if source.pk else reverse("admin:requests_app_datasource_changelist")
    return render(request, "console/sources/form.html", page_context(request, title=title, form=form, page=page))


def _warn_of_links(request: StaffRequest, source: DataSource) -> None:
    if not source.is_enabled and (links := sources.links_to(source)):
        labels = ", ".join(sorted({other.label for other, _, _ in links}))
        told = f"Maps link to it from: {labels}. While it is off, answers lack what it leads to there, and say so."
        messages.warning(request, told)


def _page(source: DataSource) -> str:
    return reverse("admin:requests_app_datasource_change", args=[source.pk])
