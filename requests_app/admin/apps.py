"""The console as Django's admin app."""

from __future__ import annotations

from django.contrib.admin.apps import SimpleAdminConfig


class ConsoleConfig(SimpleAdminConfig):
    """Puts the console's own site in the place of the admin's, with the console's own pages and no others.

    Nothing is discovered: what other apps would register belongs to developers, and this package is imported before
    the models are there.
    """

    default_site = "requests_app.admin.site.ConsoleSite"

    def ready(self) -> None:
        """Import the modules that register a model."""
        super().ready()
        from requests_app.admin import (  # noqa: F401
            audit_entries,
            canned_texts,
            data_sources,
            identity_rules,
            imports,
            law_rules,
            letters,
            notices,
            retention_page,
            service_tokens,
            subject_requests,
            suppressions,
            team,
            webhooks,
        )
