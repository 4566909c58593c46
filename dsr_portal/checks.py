"""System checks of the configuration: every fault at once, each naming its variable, none its value."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register, run_checks
from django.core.exceptions import ImproperlyConfigured

from dsr_portal.configuration import unknown_variables
from dsr_portal.database import MEMORY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.apps import AppConfig


@register(Tags.security)
def check_configuration(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """Report what is missing (E001), wrong or unsafe (E002) in the environment."""
    return [
        Error(str(fault), id=f"dsr_portal.{'E001' if fault.is_missing else 'E002'}") for fault in settings.DSR_FAULTS
    ]


@register(Tags.security)
def check_database_folder(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """Report an SQLite file whose folder does not exist (E003), which SQLite itself words as `unable to open`."""
    database = settings.DATABASES["default"]
    folder = Path(database["NAME"]).parent
    is_file = "sqlite3" in database["ENGINE"] and database["NAME"] != MEMORY
    if not is_file or folder.is_dir() or any(fault.variable == "DSR_DATABASE_URL" for fault in settings.DSR_FAULTS):
        return []
    return [Error(f"DSR_DATABASE_URL names a file in {folder}, which is no folder; create it.", id="dsr_portal.E003")]


@register(Tags.security)
def check_unknown_variables(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """Warn of variables that look like settings and are none (W001)."""
    hint = "docs/operations.md lists the settings."
    return [Warning(f"{name} is no setting of the portal.", hint, id="dsr_portal.W001") for name in unknown_variables()]


def refuse_unsafe_start() -> None:
    """Stop a web server as the system checks stop a command; application servers do not run them.

    Raises:
        ImproperlyConfigured: with every fault.
    """
    faults = [message for message in run_checks(tags=[Tags.security]) if message.is_serious()]
    if faults:
        raise ImproperlyConfigured("\n".join(f"({fault.id}) {fault.msg}" for fault in faults))
