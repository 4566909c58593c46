"""The console's site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.template.response import TemplateResponse

SECTIONS = (
    ("Requests", "requests_app_subjectrequest_changelist", "requests_app.view_subjectrequest"),
    ("Calendar", "requests_app_subjectrequest_calendar", "requests_app.view_subjectrequest"),
    ("Sources", "requests_app_datasource_changelist", "requests_app.view_datasource"),
    ("Letters", "requests_app_controllerprofile_changelist", "requests_app.change_controllerprofile"),
    ("Laws", "requests_app_lawrule_changelist", "requests_app.view_lawrule"),
    ("Audit trail", "requests_app_auditentry_changelist", "requests_app.view_auditentry"),
    ("Team", "auth_user_changelist", "auth.view_user"),
)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the console in its navigation."""

    label: str
    url: str
    is_current: bool


class ConsoleSite(AdminSite):
    """The admin in the portal's own words, templates and colours; no style and no script of Django's is loaded."""

    site_header = settings.DSR_SYSTEM_NAME
    site_title = settings.DSR_SYSTEM_NAME
    index_title = "Overview"
    enable_nav_sidebar = False
    index_template = "console/index.html"
    login_template = "console/login.html"
    logout_template = "console/logged_out.html"
    password_change_template = "console/password.html"  # noqa: S105 - no password
    password_change_done_template = "console/password_done.html"  # noqa: S105 - no password

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Add the navigation."""
        context = super().each_context(request)
        context["sections"] = self._sections(request) if context["has_permission"] else []
        return context

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show the overview, to those who may look at requests."""
        from requests_app.admin.dashboard import overview

        may_look = request.user.has_perm("requests_app.view_subjectrequest")
        known = overview(request.user) if may_look else {}
        return super().index(request, {**known, "may_look": may_look, **(extra_context or {})})

    def app_index(  # type: ignore[override]  # no page, an address
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead to the overview: the console has no pages by app."""
        return HttpResponseRedirect(reverse("admin:index"))

    def _sections(self, request: HttpRequest) -> list[Section]:
        home = reverse("admin:index")
        allowed = [(label, name) for label, name, permission in SECTIONS if request.user.has_perm(permission)]
        urls = [(label, reverse(f"admin:{name}")) for label, name in allowed]
        # Of the sections that an address lies in, the innermost.
        current = max((url for _, url in urls if request.path.startswith(url)), key=len, default="")
        return [Section("Overview", home, request.path == home), *(Section(*item, item[1] == current) for item in urls)]
