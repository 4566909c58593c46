"""The project as an app of its own, so that its checks are registered."""

from __future__ import annotations

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Registers the checks that stop an unsafe start."""

    name = "dsr_portal"
    verbose_name = "DSR Portal"

    def ready(self) -> None:
        """Register the system checks."""
        from dsr_portal import checks  # noqa: F401 - importing registers
