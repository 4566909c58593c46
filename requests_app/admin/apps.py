"""The console as Django's admin app."""

from __future__ import annotations

from django.contrib.admin.apps import AdminConfig


class ConsoleConfig(AdminConfig):
    """Puts the console's own site in the place of the admin's."""

    default_site = "requests_app.admin.site.ConsoleSite"
