"""System checks of the configuration: every fault at once, each naming its variable, none its value."""

from __future__ import annotations

from ctypes.util import find_library
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.http.request import validate_host
from django.utils.module_loading import import_string

from dsr_portal.configuration import unknown_variables
from dsr_portal.database import MEMORY
from dsr_portal.health import is_writable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.apps import AppConfig

LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}


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


@register(Tags.security)
def check_queues(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """Report a queue that would run a task twice while the first run is still at work (E004)."""
    shared: dict[str, Any] = {"ALT_CLUSTERS": {}, **settings.Q_CLUSTER}
    queues = {shared["name"]: shared} | {name: shared | own for name, own in shared["ALT_CLUSTERS"].items()}
    faulty = [name for name, queue in queues.items() if _runs_twice(queue)]
    rule = "needs bulk = 1 and retry > timeout * (2 + queue_limit / workers)"
    return [Error(f"Q_CLUSTER: the queue {name} {rule}.", id="dsr_portal.E004") for name in faulty]


def _runs_twice(queue: Mapping[str, Any]) -> bool:
    return bool(
        queue.get("bulk", 1) != 1 or queue["retry"] <= queue["timeout"] * (2 + queue["queue_limit"] / queue["workers"])
    )


@register(Tags.security)
def check_storage(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """Report a folder for encrypted files that cannot be written or made (E005)."""
    folder = settings.DSR_STORAGE_DIR
    if is_writable(folder):
        return []
    return [Error(f"DSR_STORAGE_DIR is {folder}, where this user cannot write.", id="dsr_portal.E005")]


@register(Tags.security)
def check_mail_sink(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """Report a page of all sent mails that the world could read (E006)."""
    is_local = urlsplit(settings.DSR_PUBLIC_URL).hostname in LOCAL_HOSTS
    if settings.DSR_MAIL_SINK is None or settings.DEBUG or is_local:
        return []
    return [Error("DSR_MAIL_SINK shows everybody's mails to everybody; unset it.", id="dsr_portal.E006")]


@register(Tags.security)
def check_mail_backend(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """Report a mail backend that does not exist (E007), which would show at the first mail only."""
    try:
        import_string(settings.EMAIL_BACKEND)
    except ImportError:
        return [Error("DSR_EMAIL_BACKEND names no class that can be imported.", id="dsr_portal.E007")]
    return []


@register(Tags.security)
def check_public_host(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """Warn of links in mails that the portal would not answer to (W002)."""
    host = urlsplit(settings.DSR_PUBLIC_URL).hostname or ""
    if validate_host(host, settings.ALLOWED_HOSTS):
        return []
    return [Warning(f"DSR_PUBLIC_URL leads to {host}, which DSR_ALLOWED_HOSTS does not name.", id="dsr_portal.W002")]


@register(Tags.security)
def check_signing(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """Warn of a key that cannot sign certificates (W010): none is issued unsigned instead."""
    if settings.DSR_SIGNING_FILE is None:
        return []
    from requests_app.certificates import signing  # which reads models: not before Django has loaded them

    try:
        signing.check()
    except signing.UnusableSigning as error:
        return [Warning(str(error), "No certificate is issued until it can be signed.", id="dsr_portal.W010")]
    return []


@register(Tags.security, deploy=True)
def check_deployment(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """Warn of what a portal for real people should not lack."""
    is_written_only = settings.EMAIL_BACKEND.rsplit(".", 2)[-2] in {"console", "filebased"}
    is_anymail = settings.EMAIL_BACKEND.startswith("anymail.")
    unwise = {
        "W003": (is_written_only, "DSR_EMAIL_URL names no mail server, so nobody gets a mail."),
        "W004": (not settings.DSR_CONTACT_EMAIL, "DSR_CONTACT_EMAIL is not set; people must know whom to ask."),
        "W005": (not settings.DSR_PRIVACY_URL, "DSR_PRIVACY_URL is not set; the form should link to the policy."),
        "W006": (
            not is_written_only and settings.DEFAULT_FROM_EMAIL.endswith("@localhost"),
            "DSR_EMAIL_FROM is not set; mail servers refuse what comes from localhost.",
        ),
        "W007": (
            settings.SECURE_SSL_REDIRECT and settings.DSR_PUBLIC_URL.startswith("http://"),
            "DSR_PUBLIC_URL starts with http:// although DSR_HTTPS is on.",
        ),
        "W008": (
            is_anymail and ":" not in str(settings.ANYMAIL.get("WEBHOOK_SECRET", "")),
            "DSR_ANYMAIL holds no WEBHOOK_SECRET of the form user:password, so anyone could report mails as returned.",
        ),
        "W009": (
            find_library("pangoft2-1.0") is None,
            "Pango is missing, so no PDF can be made: install libpangoft2-1.0-0 and libharfbuzz-subset0.",
        ),
    }
    return [Warning(text, id=f"dsr_portal.{number}") for number, (is_unwise, text) in unwise.items() if is_unwise]


def refuse_unsafe_start() -> None:
    """Stop a web server as the system checks stop a command; application servers do not run them.

    Raises:
        ImproperlyConfigured: with every fault.
    """
    faults = [message for message in run_checks(tags=[Tags.security]) if message.is_serious()]
    if faults:
        raise ImproperlyConfigured("\n".join(f"({fault.id}) {fault.msg}" for fault in faults))
