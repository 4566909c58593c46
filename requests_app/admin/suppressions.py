"""The register of those whose data must not be used, in the console: looked into, entered by hand, lifted."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django import forms
from django.contrib import admin, messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from extractors.errors import DsrError
from requests_app import restrictions, suppressing
from requests_app.admin import restriction_pages
from requests_app.admin.base import ConsoleAdmin, Route, attempt, page_context
from requests_app.admin.request_acts import page_of
from requests_app.admin.request_filters import ChoiceFilter
from requests_app.audit import Actor
from requests_app.models import Identifier, SubjectRequest, Suppression
from requests_app.models.subject_request import AT_WORK
from requests_app.suppression import register
from requests_app.workflow import DECIDE, WORK

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.contrib.admin.views.main import ChangeList
    from django.contrib.auth.models import User
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

    from requests_app.admin.base import StaffRequest

VIEW = "requests_app.view_subjectrequest"
HOME = "admin:requests_app_suppression_changelist"


class ScopeFilter(ChoiceFilter):
    """By what the data must not be used for."""

    title = "Scope"
    parameter_name = "scope"

    def lookups(self, request: HttpRequest, model_admin: object) -> Iterable[tuple[str, str]]:
        """List the scopes."""
        return [(scope.value, scope.value.capitalize()) for scope in Suppression.Scope]

    def narrow(self, rows: QuerySet[Suppression]) -> QuerySet[Suppression]:
        """Narrow the list."""
        return rows.filter(scope=self.value()) if self.value() in Suppression.Scope.values else rows


class StandingFilter(ChoiceFilter):
    """Shows what stands unless something else is asked for."""

    title = "State"
    parameter_name = "state"
    everything = "Standing"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        """List the states."""
        return [("lifted", "Lifted"), ("all", "All")]

    def narrow(self, rows: QuerySet[Suppression]) -> QuerySet[Suppression]:
        """Narrow the list."""
        if self.value() == "lifted":
            return rows.filter(lifted_at__isnull=False)
        return rows if self.value() == "all" else rows.filter(lifted_at=None)


class LookUpForm(forms.Form):
    """Asks for one identifier."""

    kind = forms.ChoiceField(label="Kind", choices=Identifier.Kind.choices)
    value = forms.CharField(
        label="Identifier",
        max_length=1024,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}),
        error_messages={"required": "Please type an identifier."},
    )


class EnterForm(forms.Form):
    """Asks for a scope."""

    scope = forms.ChoiceField(
        label="What the data must not be used for",
        choices=[(scope.value, capfirst(str(scope.label))) for scope in Suppression.Scope],
        widget=forms.RadioSelect,
        error_messages={"required": "Please choose one."},
    )


class LiftForm(forms.Form):
    """Asks for a reason."""

    reason = forms.CharField(
        label="Why the data may be used again",
        max_length=2000,
        help_text="Kept as a note on the request; the person never sees it.",
        widget=forms.Textarea({"rows": 4}),
        error_messages={"required": "Please give the reason."},
    )


@admin.register(Suppression)
class SuppressionAdmin(ConsoleAdmin):
    """A list of entries, which name nobody; who stands there is found by looking an identifier up."""

    change_list_template = "console/register/list.html"
    list_title = "Register"
    list_display = ("since",)
    list_filter = (StandingFilter, ScopeFilter)
    list_select_related = ("request", "lifted_by")

    def routes(self) -> tuple[Route, ...]:
        """Name what may be done."""
        both = ("GET", "POST")
        return (
            Route("look-up/", look_up, "look_up", VIEW, both),
            Route("in-force/", restriction_pages.in_force, "in_force", VIEW),
            Route("enter/<int:request_id>/", enter, "enter", WORK, both),
            Route("<int:pk>/lift/", lift, "lift", DECIDE, both),
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Suppression]:
        """List the newest first."""
        return super().get_queryset(request).order_by("-pk")

    def get_list_context(self, changelist: ChangeList) -> dict[str, object]:
        """Give the entries, how many there are of each scope, and the form that looks one up."""
        return {"rows": changelist.result_list, "counts": register.counts(), "form": LookUpForm()}

    def has_view_permission(self, request: HttpRequest, obj: Suppression | None = None) -> bool:
        """Leave it to whoever may look at requests."""
        return request.user.has_perm(VIEW)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Leave it to whoever may look at requests."""
        return request.user.has_perm(VIEW)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Leave it to the page of a request."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Suppression | None = None) -> bool:
        """Leave every change to the stage."""
        return False


@never_cache
@sensitive_post_parameters("value")
def look_up(request: StaffRequest) -> HttpResponse:
    """Say what stands about an identifier; it is sent in the body, as addresses are written down by many programs."""
    form = LookUpForm(request.POST if request.method == "POST" else None)
    found: list[Suppression] | None = None
    if form.is_valid():
        asked = form.cleaned_data
        try:
            found = suppressing.look_up(asked["kind"], asked["value"], actor=Actor.staff(request.user))
        except DsrError as error:
            form.add_error("value", str(error))
    standing = [entry for entry in found or () if entry.lifted_at is None]
    context = page_context(
        request, title="Look somebody up", form=form, found=found, standing=standing, page=reverse(HOME)
    )
    return render(request, "console/register/look_up.html", context, status=400 if form.errors else 200)


def enter(request: StaffRequest, request_id: int) -> HttpResponse:
    """Enter what a person is known by, of a request at work."""
    asked = get_object_or_404(SubjectRequest, pk=request_id)
    form = EnterForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and form.cleaned_data["scope"] == Suppression.Scope.RESTRICTION:
        return redirect("admin:requests_app_subjectrequest_restrict", asked.pk)  # more than an entry
    if form.is_valid():
        act = partial(suppressing.enter, asked.pk, form.cleaned_data["scope"], actor=Actor.staff(request.user))
        attempt(request, act, "Entered. Systems that ask are told from now on.")
        return redirect(page_of(asked.pk) + "#register")
    context = page_context(
        request, title="Enter into the register", form=form, subject_request=asked, page=page_of(asked.pk)
    )
    return render(request, "console/register/enter.html", context, status=400 if form.errors else 200)


def lift(request: StaffRequest, pk: int) -> HttpResponse:
    """End what a request entered for a scope."""
    entry = get_object_or_404(Suppression.objects.select_related("request"), pk=pk)
    back = page_of(entry.request.pk) + "#register" if entry.request else reverse(HOME)
    if entry.request and entry.scope == Suppression.Scope.RESTRICTION and restrictions.standing(entry.request):
        messages.info(request, "A restriction ends only after the person was told: announce its end here.")
        return redirect(f"{page_of(entry.request.pk)}#{restriction_pages.PLACE}")
    form = LiftForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        act = partial(suppressing.lift, pk, form.cleaned_data["reason"], actor=Actor.staff(request.user))
        attempt(request, act, "Lifted. Systems that ask are told from now on that the data may be used.")
        return redirect(back)
    together = Suppression.objects.filter(request=entry.request, scope=entry.scope, lifted_at=None)
    identifiers = together.count() if entry.request else 1
    context = page_context(request, title="Lift an entry", form=form, entry=entry, identifiers=identifiers, page=back)
    return render(request, "console/register/lift.html", context, status=400 if form.errors else 200)


def panel_of(asked: SubjectRequest, user: User) -> dict[str, object]:
    """Give what a request entered, for its page: one entry of each scope and each time."""
    entries = asked.suppressions.select_related("lifted_by").order_by("-pk")
    found = {(entry.scope, entry.since.date(), entry.lifted_at): entry for entry in entries}
    can_enter = asked.status in AT_WORK and user.has_perm(WORK)
    return {"suppressions": list(found.values()), "can_enter": can_enter}
