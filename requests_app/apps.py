"""Everything about a request, as a Django app."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class RequestsConfig(AppConfig):
    """The app that holds the requests and what becomes of them."""

    name = "requests_app"
    verbose_name = "Data subject requests"

    def ready(self) -> None:
        """Keep the roles of the team and the schedules in line with every migration."""
        from requests_app.roles import create_roles
        from requests_app.schedules import create_schedules

        post_migrate.connect(create_roles, sender=self)
        post_migrate.connect(create_schedules, sender=self)
