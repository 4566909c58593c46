from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command

from requests_app.roles import ROLES
from tests.requests_app.portal import member

pytestmark = pytest.mark.django_db

LOOK = {"requests_app.view_subjectrequest", "requests_app.view_datasource", "requests_app.view_auditentry"}


@pytest.mark.parametrize(
    ("role", "beyond_looking"),
    [
        ("Viewer", set()),
        ("Processor", {"requests_app.work_request"}),
        ("Reviewer", {"requests_app.decide_request", "requests_app.view_records"}),
    ],
)
def test_a_role_may_do_exactly_what_it_is_for(role, beyond_looking):
    assert member(role).get_all_permissions() == LOOK | beyond_looking


def test_a_manager_may_do_what_all_others_may_and_configure():
    others = set().union(*(member(role).get_all_permissions() for role in ROLES if role != "Manager"))
    manager = member("Manager").get_all_permissions()
    assert others < manager
    assert manager - others == {
        "requests_app.add_datasource",
        "requests_app.change_datasource",
        "requests_app.test_source",
        "requests_app.change_controllerprofile",
        "requests_app.change_periodextension",
        "requests_app.view_lawrule",
        "requests_app.manage_rules",
        "requests_app.manage_identity",
        "requests_app.manage_notices",
        "requests_app.manage_retention",
        "requests_app.manage_webhooks",
        "auth.view_user",
        "auth.add_user",
        "auth.change_user",
    }


def test_nobody_may_delete_or_change_what_stages_write():
    manager = member("Manager").get_all_permissions()
    assert not {name for name in manager if "delete_" in name}
    assert not {name for name in manager if name.endswith(("change_subjectrequest", "change_auditentry"))}


def test_migrating_again_takes_back_what_was_added_by_hand_and_keeps_the_members():
    viewer = member("Viewer")
    group = Group.objects.get(name="Viewer")
    group.permissions.add(Permission.objects.get(codename="work_request"))
    call_command("migrate", verbosity=0)
    assert User.objects.get(pk=viewer.pk).get_all_permissions() == LOOK
    assert Group.objects.filter(name__in=ROLES).count() == len(ROLES)
