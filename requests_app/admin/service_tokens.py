"""The tokens of other systems in the console: made, shown once, ended."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django import forms
from django.contrib import admin
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from extractors.errors import DsrError
from requests_app.admin.base import ConsoleAdmin, Route, attempt, page_context
from requests_app.audit import Actor
from requests_app.models import ServiceToken
from requests_app.suppression import tokens

if TYPE_CHECKING:
    from django.contrib.admin.views.main import ChangeList
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

    from requests_app.admin.base import StaffRequest

MANAGE = "requests_app.manage_webhooks"
HOME = "admin:requests_app_servicetoken_changelist"


class TokenForm(forms.Form):
    """Asks which system a token is for, and what it may do."""

    name = forms.CharField(
        label="System",
        max_length=120,
        help_text="A name by which your team knows it, such as “Newsletter”.",
        error_messages={"required": "Please name the system."},
    )
    ability = forms.ChoiceField(
        label="It may",
        choices=ServiceToken.Ability.choices,
        initial=ServiceToken.Ability.SUPPRESSIONS,
        widget=forms.RadioSelect,
        error_messages={"required": "Please choose what it may do."},
    )


@admin.register(ServiceToken)
class ServiceTokenAdmin(ConsoleAdmin):
    """A list of a few, and a page that makes one."""

    change_list_template = "console/tokens/list.html"
    list_title = "Tokens of other systems"
    list_display = ("name",)
    list_select_related = ("created_by",)

    def routes(self) -> tuple[Route, ...]:
        """Name what may be done."""
        return (
            Route("add/", add, "add", MANAGE, ("GET", "POST")),
            Route("<int:pk>/end/", end, "end", MANAGE, ("POST",)),
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ServiceToken]:
        """List those that work first."""
        return super().get_queryset(request).order_by("revoked_at", "name")

    def get_list_context(self, changelist: ChangeList) -> dict[str, object]:
        """Give the tokens, those that work before those that ended."""
        return {"rows": sorted(changelist.result_list, key=lambda row: (row.revoked_at is not None, row.name))}

    def has_view_permission(self, request: HttpRequest, obj: ServiceToken | None = None) -> bool:
        """Leave it to whoever manages connected systems."""
        return request.user.has_perm(MANAGE)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Leave it to whoever manages connected systems."""
        return request.user.has_perm(MANAGE)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Leave it to the page that makes one."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: ServiceToken | None = None) -> bool:
        """Change nothing: a token is made, and ended."""
        return False


@never_cache
def add(request: StaffRequest) -> HttpResponse:
    """Make a token, which is shown in the answer and never again."""
    form = TokenForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        made = form.cleaned_data
        try:
            token = tokens.mint(made["name"], ServiceToken.Ability(made["ability"]), actor=Actor.staff(request.user))
        except DsrError as error:
            form.add_error("name", str(error).removeprefix("name: ").capitalize())
        else:
            shown = page_context(request, title=f"Token of {made['name']}", token=token, page=reverse(HOME))
            return render(request, "console/tokens/secret.html", shown)
    context = page_context(request, title="Make a token", form=form, page=reverse(HOME))
    return render(request, "console/tokens/form.html", context, status=400 if form.errors else 200)


def end(request: StaffRequest, pk: int) -> HttpResponse:
    """End a token at once."""
    get_object_or_404(ServiceToken, pk=pk)
    act = partial(tokens.revoke, pk, actor=Actor.staff(request.user))
    attempt(request, act, "Ended. The system that has it is refused from now on.")
    return redirect(HOME)
