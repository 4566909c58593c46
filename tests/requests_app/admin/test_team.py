from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from requests_app.models import AuditEntry
from tests.requests_app.admin.console import signed_in, url, words
from tests.requests_app.portal import member, staff

pytestmark = pytest.mark.django_db

PASSWORD = "correct-horse-4711"


def typed(**changes):
    known = {"username": "petra", "first_name": "Petra", "last_name": "Processor", "email": "petra@example.test"}
    return known | {"password1": PASSWORD, "password2": PASSWORD} | changes


def test_somebody_is_added_in_a_role_and_may_sign_in():
    role = Group.objects.get(name="Processor")
    signed_in("Manager").post(url("team.add"), typed(groups=[role.pk]))
    petra = User.objects.get(username="petra")
    assert (petra.is_staff, petra.is_superuser, list(petra.groups.all())) == (True, False, [role])
    client = Client()
    response = client.post("/console/login/", {"username": "petra", "password": PASSWORD}, follow=True)
    assert "Petra Processor" in response.content.decode()
    entry = AuditEntry.objects.get(action="user.added")
    assert entry.target == f"user {petra.pk}"
    assert PASSWORD not in str(entry.details)


def test_a_weak_password_is_refused_and_nothing_else_lost():
    response = signed_in("Manager").post(url("team.add"), typed(password1="petra", password2="petra"))
    assert "Nothing was saved." in words(response)
    assert 'value="petra@example.test"' in response.content.decode()
    assert not User.objects.filter(username="petra").exists()


def test_roles_are_changed_and_the_change_is_on_record():
    petra = member("Viewer")
    reviewer = Group.objects.get(name="Reviewer")
    signed_in("Manager").post(
        url("team.change", petra.pk), typed(username="petra", groups=[reviewer.pk], is_active="on")
    )
    petra.refresh_from_db()
    assert (list(petra.groups.all()), petra.is_active) == ([reviewer], True)
    assert "groups" in AuditEntry.objects.get(action="user.changed").details["fields"]


def test_who_may_no_longer_sign_in_is_out_at_once():
    petra = member("Viewer")
    client = Client()
    client.force_login(petra)
    signed_in("Manager").post(url("team.change", petra.pk), typed(username="petra"))
    assert client.get("/console/").status_code == 302


def test_a_new_password_is_given():
    petra = member("Viewer")
    path = url("team.password", petra.pk)
    signed_in("Manager").post(path, {"new_password1": PASSWORD, "new_password2": PASSWORD})
    petra.refresh_from_db()
    assert petra.check_password(PASSWORD)
    assert AuditEntry.objects.filter(action="user.password_set").exists()


def test_a_manager_makes_nobody_a_superuser_and_touches_none():
    client = signed_in("Manager")
    root = staff("root")
    assert client.get(url("team.change", root.pk)).status_code == 403
    assert client.post(url("team.password", root.pk), {"new_password1": PASSWORD}).status_code == 403
    client.post(url("team.add"), typed(is_superuser="on", user_permissions=["1"]))
    petra = User.objects.get(username="petra")
    assert (petra.is_superuser, petra.user_permissions.count()) == (False, 0)


def test_a_group_that_is_no_role_cannot_be_given():
    stray = Group.objects.create(name="Everything")
    response = signed_in("Manager").post(url("team.add"), typed(groups=[stray.pk]))
    assert response.status_code == 200
    assert not User.objects.filter(username="petra").exists()


def test_the_own_password_is_changed():
    rita = staff()
    rita.set_password("not-a-secret-4711")
    rita.save()
    client = Client()
    client.force_login(rita)
    form = {"old_password": "not-a-secret-4711", "new_password1": PASSWORD, "new_password2": PASSWORD}
    assert "Your password is changed" in words(client.post("/console/password_change/", form, follow=True))
    assert User.objects.get(username="rita").check_password(PASSWORD)


def test_logging_out_ends_the_session():
    client = signed_in("Viewer")
    assert "You are logged out" in words(client.post("/console/logout/"))
    assert client.get("/console/").status_code == 302
    assert client.get("/console/logout/").status_code in {302, 405}


def test_a_wrong_password_is_told_without_saying_whether_the_name_is_known():
    staff("rita")
    told = [
        words(Client().post("/console/login/", {"username": name, "password": "wrong"}), "form")
        for name in ("rita", "nobody-of-this-name")
    ]
    assert told[0] == told[1]
    assert "correct" in told[0]
