"""The console's site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.template.response import TemplateResponse
    from django.urls import URLPattern, URLResolver

SECTIONS = (
    ("Requests", "requests_app_subjectrequest_changelist", "requests_app.view_subjectrequest"),
    ("Calendar", "requests_app_subjectrequest_calendar", "requests_app.view_subjectrequest"),
    ("Sources", "requests_app_datasource_changelist", "requests_app.view_datasource"),
    ("Register", "requests_app_suppression_changelist", "requests_app.view_subjectrequest"),
    ("Audit trail", "requests_app_auditentry_changelist", "requests_app.view_auditentry"),
)


@dataclass(frozen=True, slots=True)
class Setting:
    """A page on which something is set up, as the page of all settings names it."""

    label: str
    about: str
    route: str
    permission: str

    @property
    def url(self) -> str:
        """The address of its page."""
        return reverse(f"admin:{self.route}")


SETTINGS = (
    Setting("Team", "Who works here, and in which role.", "auth_user_changelist", "auth.view_user"),
    Setting(
        "Letters",
        "Your name, address, logo and signature, and how every letter and mail looks.",
        "requests_app_controllerprofile_changelist",
        "requests_app.change_controllerprofile",
    ),
    Setting(
        "Notices",
        "The words of every mail and letter, by right and language.",
        "requests_app_noticetext_changelist",
        "requests_app.manage_notices",
    ),
    Setting(
        "Webhooks",
        "Which other systems are told at once what happens here.",
        "requests_app_webhook_changelist",
        "requests_app.manage_webhooks",
    ),
    Setting(
        "Tokens",
        "Which other systems may ask whose data must not be used.",
        "requests_app_servicetoken_changelist",
        "requests_app.manage_webhooks",
    ),
    Setting(
        "Canned texts",
        "What you write to people again and again.",
        "requests_app_cannedtext_changelist",
        "requests_app.manage_notices",
    ),
    Setting(
        "Identity",
        "What people have to show before you answer, by right and place.",
        "requests_app_identityrule_changelist",
        "requests_app.manage_identity",
    ),
    Setting(
        "Retention",
        "How long the portal keeps its own records, what goes next, and what is on hold.",
        "requests_app_retentionperiod_changelist",
        "requests_app.manage_retention",
    ),
    Setting(
        "Laws",
        "How long each law gives, and the days on which nobody works.",
        "requests_app_lawrule_changelist",
        "requests_app.view_lawrule",
    ),
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
        context["is_setting"] = any(request.path.startswith(item.url) for item in _settings_of(request))
        return context

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show the overview, to those who may look at requests."""
        from requests_app.admin.dashboard import overview

        may_look = request.user.has_perm("requests_app.view_subjectrequest")
        known = overview(request.user) if may_look else {}
        return super().index(request, {**known, "may_look": may_look, **(extra_context or {})})

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Add the page of all settings."""
        return [path("settings/", self.admin_view(self.settings), name="settings"), *super().get_urls()]

    def settings(self, request: HttpRequest) -> HttpResponse:
        """Show what may be set up, to those who may set up anything."""
        allowed = _settings_of(request)
        if not allowed:
            raise PermissionDenied
        context = {**self.each_context(request), "title": "Settings", "settings": allowed}
        return render(request, "console/settings.html", context)

    def app_index(  # type: ignore[override]  # no page, an address
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead to the overview: the console has no pages by app."""
        return HttpResponseRedirect(reverse("admin:index"))

    def _sections(self, request: HttpRequest) -> list[Section]:
        home = reverse("admin:index")
        allowed = [(label, name) for label, name, permission in SECTIONS if request.user.has_perm(permission)]
        urls = [(label, reverse(f"admin:{name}")) for label, name in allowed]
        pages = [item.url for item in _settings_of(request)]
        # Of the sections that an address lies in, the innermost.
        current = max((url for _, url in urls if request.path.startswith(url)), key=len, default="")
        sections = [Section("Overview", home, request.path == home)]
        sections += [Section(*item, item[1] == current) for item in urls]
        if pages:
            page = reverse("admin:settings")
            is_current = any(request.path.startswith(url) for url in (page, *pages)) and not current
            sections.append(Section("Settings", page, is_current))
        return sections


def _settings_of(request: HttpRequest) -> list[Setting]:
    return [item for item in SETTINGS if request.user.has_perm(item.permission)]
