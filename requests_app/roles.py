"""The roles of the team: groups, and what each may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import apps as installed_apps
from django.contrib.auth.management import create_permissions

if TYPE_CHECKING:
    from django.apps import AppConfig
    from django.apps.registry import Apps

VIEW = frozenset(
    {
        "requests_app.view_subjectrequest",
        "requests_app.view_datasource",
        "requests_app.view_auditentry",
    }
)
VIEW_RECORDS = frozenset({"requests_app.view_records"})
WORK = frozenset({"requests_app.work_request"})
DECIDE = frozenset({"requests_app.decide_request"})
CONFIGURE = frozenset({"requests_app.add_datasource", "requests_app.change_datasource", "requests_app.test_source"})
LETTERS = frozenset({"requests_app.change_controllerprofile", "requests_app.manage_notices"})
SYSTEMS = frozenset({"requests_app.manage_webhooks"})
RULES = frozenset({"requests_app.manage_identity", "requests_app.manage_retention"})
CLOCK = frozenset({"requests_app.change_periodextension", "requests_app.view_lawrule", "requests_app.manage_rules"})
STAFF = frozenset({"auth.view_user", "auth.add_user", "auth.change_user"})

MANAGER, REVIEWER, PROCESSOR, VIEWER = "Manager", "Reviewer", "Processor", "Viewer"
ROLES: dict[str, frozenset[str]] = {
    MANAGER: VIEW | VIEW_RECORDS | WORK | DECIDE | CONFIGURE | LETTERS | SYSTEMS | RULES | CLOCK | STAFF,
    REVIEWER: VIEW | VIEW_RECORDS | DECIDE,
    PROCESSOR: VIEW | WORK,
    VIEWER: VIEW,
}


def create_roles(sender: AppConfig, *, using: str, apps: Apps = installed_apps, **_signal: object) -> None:
    """Bring the groups in line with `ROLES`; received after every `migrate`, may be called again.

    Permissions are made first: the receiver that makes them comes later where its app does.
    """
    labels = {name.split(".")[0] for names in ROLES.values() for name in names}
    for label in labels:
        create_permissions(installed_apps.get_app_config(label), verbosity=0, using=using, apps=apps)
    try:
        group, permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    except LookupError:  # migrated only so far that there are no groups yet
        return
    known = permission.objects.using(using).select_related("content_type")
    by_name = {f"{item.content_type.app_label}.{item.codename}": item for item in known}
    for role, names in ROLES.items():
        members, _ = group.objects.using(using).get_or_create(name=role)
        members.permissions.set(by_name[name] for name in names if name in by_name)
