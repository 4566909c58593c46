"""What all pages of the console share: routes that name their permission, and acts that call a stage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import PAGE_VAR
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.functional import cached_property
from django.views.decorators.http import require_http_methods

from extractors.errors import DsrError
from requests_app.workflow import PermissionRefused

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.contrib.admin.views.main import ChangeList
    from django.contrib.auth.models import User
    from django.db.models import Model, QuerySet
    from django.http import HttpResponse, HttpResponseBase
    from django.urls import URLPattern

    View = Callable[..., HttpResponseBase]

MOST_COUNTED = 1_000


class StaffRequest(HttpRequest):
    """A request of somebody signed in, which `AdminSite.admin_view` makes sure of."""

    user: User


@dataclass(frozen=True, slots=True)
class Route:
    """One address below a model's own.

    Args:
        name: of the URL, behind the app's and the model's.
        permission: without it, the answer is 403.
        methods: the others are answered with 405.
    """

    pattern: str
    view: View
    name: str
    permission: str
    methods: tuple[str, ...] = ("GET",)


class ConsoleAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # no generic at run time
    """A model of which nothing is deleted, with the routes named in `routes()` beside its list and no others."""

    change_list_template = "console/list.html"
    list_title = ""
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 0
    sortable_by = ()

    def routes(self) -> tuple[Route, ...]:
        """Name what there is beside the list."""
        return ()

    def get_urls(self) -> list[URLPattern]:
        """Build the routes, each behind its permission."""
        stem = f"{self.opts.app_label}_{self.opts.model_name}"
        changelist = path("", self.admin_site.admin_view(self.changelist_view), name=f"{stem}_changelist")
        return [changelist, *(self._url(route, f"{stem}_{route.name}") for route in self.routes())]

    def _url(self, route: Route, name: str) -> URLPattern:
        guarded = permission_required(route.permission, raise_exception=True)(route.view)
        view = require_http_methods([*route.methods, "HEAD"] if "GET" in route.methods else [*route.methods])(guarded)
        return path(route.pattern, self.admin_site.admin_view(view), name=name)

    def get_paginator(
        self, request: HttpRequest, queryset: QuerySet[Any], per_page: int, *_: Any, **__: Any
    ) -> Paginator[Any]:
        """Count no further than anybody pages."""
        return CappedPaginator(queryset, per_page)

    def get_list_context(self, changelist: ChangeList) -> dict[str, object]:
        """Give what the list's own template shows."""
        return {"rows": changelist.result_list}

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Draw Django's list by our template."""
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data and "cl" in response.context_data:
            changelist = response.context_data["cl"]
            own = {"title": self.list_title, "pager": Pager.of(changelist), **self.get_list_context(changelist)}
            response.context_data.update(own)
        return response

    def lookup_allowed(self, lookup: str, value: object, request: HttpRequest | None = None) -> bool:
        """Take the filters named and no others: a hash could be read out of a field letter by letter."""
        return lookup in {getattr(item, "parameter_name", None) for item in self.list_filter}

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Keep everything: what has to go, goes by retention."""
        return False


@dataclass(frozen=True, slots=True)
class Pager:
    """Where in a list its page is; the addresses are empty at either end."""

    first: int
    last: int
    total: int
    is_capped: bool
    previous: str
    next: str

    @classmethod
    def of(cls, changelist: ChangeList) -> Pager:
        """Read it off a list."""
        page, size, total = changelist.page_num, changelist.list_per_page, changelist.result_count
        address = changelist.get_query_string
        return cls(
            first=min((page - 1) * size + 1, total),
            last=min(page * size, total),
            total=total,
            is_capped=total >= MOST_COUNTED,
            previous=address({PAGE_VAR: page - 1}) if page > 1 else "",
            next=address({PAGE_VAR: page + 1}) if page * size < total else "",
        )


class CappedPaginator(Paginator):  # type: ignore[type-arg]  # no generic at run time
    """Counts up to `MOST_COUNTED`: a full count of a large table takes longer than its first page."""

    @cached_property
    def count(self) -> int:
        """How many there are, at most `MOST_COUNTED`."""
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]  # lists of the admin are querysets
        return rows.order_by()[:MOST_COUNTED].count()


def attempt(request: HttpRequest, act: Callable[[], object], done: str) -> bool:
    """Call a stage and tell how it went; returns whether it did.

    Raises:
        PermissionDenied: the stage refused the person.
    """
    try:
        act()
    except PermissionRefused as error:
        raise PermissionDenied(str(error)) from error
    except DsrError as error:
        messages.error(request, str(error))
        return False
    messages.success(request, done)
    return True


def page_context(request: HttpRequest, **context: object) -> dict[str, object]:
    """Give a page of our own what every page of the console shows."""
    return admin.site.each_context(request) | context
