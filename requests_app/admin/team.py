"""The members of the team: who may sign in, in which roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.forms import BaseUserCreationForm, SetPasswordForm
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters

from requests_app import audit
from requests_app.admin.base import ConsoleAdmin, Route, page_context
from requests_app.roles import ROLES

if TYPE_CHECKING:
    from django.contrib.admin.views.main import ChangeList
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

    from requests_app.admin.base import StaffRequest

VIEW, ADD, CHANGE = (f"auth.{right}_user" for right in ("view", "add", "change"))
FIELDS = ("username", "first_name", "last_name", "email", "groups")
ROLE_HELP = (
    "Manager: everything. Reviewer: looks at records, releases and refuses. Processor: does the work, without seeing "
    "records. Viewer: looks only."
)


def _roles() -> forms.ModelMultipleChoiceField[Group]:
    return forms.ModelMultipleChoiceField(
        Group.objects.filter(name__in=ROLES).order_by("name"),
        label="Roles",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=ROLE_HELP,
    )


class AddForm(BaseUserCreationForm):  # type: ignore[type-arg]  # no generic at run time
    """Asks who somebody is, and for a first password."""

    groups = _roles()

    class Meta:
        """The fields kept as they are."""

        model = User
        fields = FIELDS

    def save(self, commit: bool = True) -> User:
        """Let them into the console."""
        self.instance.is_staff = True
        user: User = super().save(commit)
        return user


class ChangeForm(forms.ModelForm):  # type: ignore[type-arg]  # no generic at run time
    """Asks who somebody is, and whether they may still sign in."""

    groups = _roles()

    class Meta:
        """The fields kept as they are."""

        model = User
        fields = (*FIELDS, "is_active")
        labels: ClassVar = {"is_active": "May sign in"}
        help_texts: ClassVar = {
            "is_active": "Nobody is deleted, so that the audit trail keeps its names.",
            "username": "",
        }


@admin.register(User)
class TeamAdmin(ConsoleAdmin):
    """The list, forms of our own, and the password."""

    change_list_template = "console/team/list.html"
    list_title = "Team"
    list_display = ("username",)
    search_fields = ("username", "first_name", "last_name", "email")
    ordering = ("-is_active", "username")

    def routes(self) -> tuple[Route, ...]:
        """Name the forms."""
        both = ("GET", "POST")
        return (
            Route("add/", add, "add", ADD, both),
            Route("<int:pk>/change/", change, "change", CHANGE, both),
            Route("<int:pk>/password/", change_password, "password", CHANGE, both),
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """List the team."""
        return super().get_queryset(request).filter(is_staff=True).prefetch_related("groups")

    def get_list_context(self, changelist: ChangeList) -> dict[str, object]:
        """Give the members."""
        return {"rows": changelist.result_list}


def add(request: StaffRequest) -> HttpResponse:
    """Add somebody."""
    form = AddForm(request.POST if request.method == "POST" else None)
    return _form(request, form, "user.added", title="Add somebody to the team")


def change(request: StaffRequest, pk: int) -> HttpResponse:
    """Change who somebody is and what they may do."""
    user = _member(request, pk)
    form = ChangeForm(request.POST if request.method == "POST" else None, instance=user)
    return _form(request, form, "user.changed", title=f"Change {user.get_username()}", member=user)


@sensitive_post_parameters()
def change_password(request: StaffRequest, pk: int) -> HttpResponse:
    """Give somebody a new password."""
    user = _member(request, pk)
    form = SetPasswordForm(user, request.POST if request.method == "POST" else None)
    return _form(request, form, "user.password_set", title=f"New password for {user.get_username()}", member=user)


def _form(
    request: StaffRequest, form: forms.BaseForm, action: str, *, title: str, member: User | None = None
) -> HttpResponse:
    home = reverse("admin:auth_user_changelist")
    if request.method == "POST" and form.is_valid():
        _keep(form, action, audit.Actor.staff(request.user))
        messages.success(request, "Saved.")
        return redirect(home)
    context = page_context(request, title=title, form=form, page=home, member=member, action=action)
    return render(request, "console/team/form.html", context)


@transaction.atomic
def _keep(form: forms.BaseForm, action: str, actor: audit.Actor) -> None:
    changed = [name for name in form.changed_data if "password" not in name]
    user = form.save()  # type: ignore[attr-defined]  # each of the three forms has it
    audit.record(action, actor, target=f"user {user.pk}", fields=changed)


def _member(request: StaffRequest, pk: int) -> User:
    """Give a member of the team; whoever may do everything is changed by their like only."""
    user = get_object_or_404(User, pk=pk, is_staff=True)
    if user.is_superuser and not request.user.is_superuser:
        raise PermissionDenied("Somebody who may do everything is changed by their like only.")
    return user
