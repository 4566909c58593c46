"""The canned texts in the console: what the team writes to people again and again."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from django import forms
from django.contrib import admin
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from requests_app import conversation
from requests_app.admin.base import ConsoleAdmin, Route, attempt, page_context
from requests_app.audit import Actor
from requests_app.models import CannedText, Right

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from requests_app.admin.base import StaffRequest

MANAGE = "requests_app.manage_notices"
GET_AND_POST, POST = ("GET", "POST"), ("POST",)


class CannedTextForm(forms.ModelForm):  # type: ignore[type-arg]  # no generic at run time
    """Asks for a text, and when it is offered."""

    right = forms.ChoiceField(label="Offered for", choices=(("", "Every right"), *Right.choices), required=False)

    class Meta:
        """The fields kept as they are."""

        model = CannedText
        fields = ("title", "text", "right", "language")
        labels: ClassVar = {"language": "Offered for the language"}
        help_texts: ClassVar = {
            "title": "For the team alone.",
            "text": "{{ name }}, {{ reference }} and {{ right }} are filled in when the text is inserted.",
            "language": "Like en, de or fr; empty for every language.",
        }
        widgets: ClassVar = {"text": forms.Textarea({"rows": 8})}


@admin.register(CannedText)
class CannedTextAdmin(ConsoleAdmin):
    """A list and a form."""

    change_list_template = "console/canned/list.html"
    list_title = "Canned texts"
    list_display = ("title",)
    search_fields = ("title", "text")

    def routes(self) -> tuple[Route, ...]:
        """Name the forms."""
        return (
            Route("add/", add, "add", MANAGE, GET_AND_POST),
            Route("<int:pk>/change/", change, "change", MANAGE, GET_AND_POST),
            Route("<int:pk>/throw-away/", throw_away, "throw_away", MANAGE, POST),
        )

    def has_view_permission(self, request: HttpRequest, obj: CannedText | None = None) -> bool:
        """Show it to those who set up what people are told."""
        return request.user.has_perm(MANAGE)


def add(request: StaffRequest) -> HttpResponse:
    """Write a new text."""
    return _form(request, CannedText(), title="A new canned text")


def change(request: StaffRequest, pk: int) -> HttpResponse:
    """Change a text."""
    text = get_object_or_404(CannedText, pk=pk)
    return _form(request, text, title=text.title)


def throw_away(request: StaffRequest, pk: int) -> HttpResponse:
    """Delete a text."""
    text = get_object_or_404(CannedText, pk=pk)
    act = partial(conversation.throw_away, text, actor=Actor.staff(request.user))
    attempt(request, act, "Deleted. Messages written with it stay as they are.")
    return redirect("admin:requests_app_cannedtext_changelist")


def _form(request: StaffRequest, text: CannedText, *, title: str) -> HttpResponse:
    form = CannedTextForm(request.POST if request.method == "POST" else None, instance=text)
    page = reverse("admin:requests_app_cannedtext_changelist")
    if request.method == "POST" and form.is_valid():
        act = partial(conversation.save, form.instance, actor=Actor.staff(request.user))
        if attempt(request, act, "Saved."):
            return redirect(page)
    context = page_context(request, title=title, form=form, page=page, text=text)
    status = 400 if request.method == "POST" else 200
    return render(request, "console/canned/form.html", context, status=status)
