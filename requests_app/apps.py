"""Everything about a request, as a Django app."""

from __future__ import annotations

import os

from anymail.signals import tracking
from django.apps import AppConfig
from django.db.models.signals import post_migrate


class RequestsConfig(AppConfig):
    """The app that holds the requests and what becomes of them."""

    name = "requests_app"
    verbose_name = "Data subject requests"

    def ready(self) -> None:
        """Keep what stands in tables in line with every migration, listen to the mail provider, prepare for work."""
        from requests_app.deliverability import note_event
        from requests_app.heavy import load_libraries_once
        from requests_app.proofs.rules import load_after_migrating as load_proofs_after_migrating
        from requests_app.roles import create_roles
        from requests_app.schedules import create_schedules
        from requests_app.timekeeping.rules import load_after_migrating

        post_migrate.connect(create_roles, sender=self)
        post_migrate.connect(create_schedules, sender=self)
        post_migrate.connect(load_after_migrating, sender=self)
        post_migrate.connect(load_proofs_after_migrating, sender=self)
        load_libraries_once()
        if "Q_CLUSTER_NAME" in os.environ:
            from requests_app.cluster import survive_deaths

            survive_deaths()
        tracking.connect(note_event, dispatch_uid="requests_app.deliverability")
