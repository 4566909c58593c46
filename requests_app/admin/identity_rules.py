"""The table of what proof of identity is asked for, with a plain preview and a form for each line."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.http import HttpRequest
from django.shortcuts import get_object_or_404, redirect, render

from requests_app import places, proofs
from requests_app.admin.base import ConsoleAdmin, Route, attempt, page_context
from requests_app.audit import Actor
from requests_app.identity import table
from requests_app.identity.kinds import all_kinds
from requests_app.identity.table import FaultyRule, Line
from requests_app.models import IdentityRule, Right
from requests_app.proofs.rules import UNION

if TYPE_CHECKING:
    from django.contrib.admin.views.main import ChangeList
    from django.http import HttpResponse

    from requests_app.admin.base import StaffRequest

LIST = "admin:requests_app_identityrule_changelist"
POST, GET_AND_POST = ("POST",), ("GET", "POST")
UNION_NAME = "European Economic Area"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table in words."""

    rule: IdentityRule
    right: str
    place: str
    checks: list[str]
    download_checks: list[str]

    @property
    def is_default(self) -> bool:
        """Whether all else falls back to it."""
        return not (self.rule.right or self.rule.place)


@dataclass(frozen=True, slots=True)
class Choice:
    """A check that may be chosen; `obstacle` says why it may not."""

    slug: str
    label: str
    is_chosen: bool
    obstacle: str


@admin.register(IdentityRule)
class IdentityRuleAdmin(ConsoleAdmin):
    """The table as a list; each line has a form."""

    change_list_template = "console/identity/table.html"
    list_title = "Identity"
    list_display = ("right",)

    def routes(self) -> tuple[Route, ...]:
        """Name the forms."""
        return (
            Route("add/", add, "add", table.MANAGE, GET_AND_POST),
            Route("<int:pk>/change/", change, "change", table.MANAGE, GET_AND_POST),
            Route("<int:pk>/remove/", remove, "remove", table.MANAGE, POST),
        )

    def get_list_context(self, changelist: ChangeList) -> dict[str, object]:
        """Give the whole table in words."""
        return {"rows": [_row(rule) for rule in _sorted(proofs.known_rules())], "rights": Right.choices}

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """Show the table, and what somebody somewhere would be asked for."""
        asked = request.GET.copy()
        right = asked.get("for", Right.ACCESS.value)
        place = asked.get("in", "DE")
        request.GET = type(asked)("")  # what the list would take for filters of its own
        known = right if right in Right.values else Right.ACCESS.value
        where = place if place and places.is_known(place) else ""
        sentence, steps, rule = table.preview(known, where)
        preview = {"sentence": sentence, "steps": steps, "row": _row(rule), "right": known, "place": where}
        return super().changelist_view(request, {"preview": preview, "places": _places(""), **(extra_context or {})})

    def has_view_permission(self, request: HttpRequest, obj: IdentityRule | None = None) -> bool:
        """Show it to those who may change it."""
        return request.user.has_perm(table.MANAGE)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Leave it to the form."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: IdentityRule | None = None) -> bool:
        """Leave it to the form."""
        return False


def add(request: StaffRequest) -> HttpResponse:
    """Add a line."""
    return _edit(request, None, Line(checks=("mailbox",)))


def change(request: StaffRequest, pk: int) -> HttpResponse:
    """Change a line."""
    rule = get_object_or_404(IdentityRule, pk=pk)
    return _edit(request, rule, Line(rule.right, rule.place, tuple(rule.checks), tuple(rule.download_checks), rule.why))


def remove(request: StaffRequest, pk: int) -> HttpResponse:
    """Drop a line."""
    get_object_or_404(IdentityRule, pk=pk)
    attempt(request, partial(table.remove, pk, actor=Actor.staff(request.user)), "The line is gone.")
    return redirect(LIST)


def _edit(request: StaffRequest, rule: IdentityRule | None, line: Line) -> HttpResponse:
    faults: tuple[str, ...] = ()
    if request.method == "POST":
        line = _typed(request)
        try:
            table.write(line, actor=Actor.staff(request.user), rule_id=rule.pk if rule else None)
        except FaultyRule as error:
            faults = error.faults
        else:
            messages.success(request, "The line is kept. Requests that have begun keep what they were asked for.")
            return redirect(LIST)
    context = page_context(
        request,
        title="A line of the table" if rule else "A new line",
        rule=rule,
        line=line,
        faults=faults,
        rights=[("", "Any right"), *Right.choices],
        places=_places("Any place"),
        checks=_choices(line.checks, table.CHOOSABLE),
        download_checks=_choices(line.download_checks, table.BEFORE_DOWNLOADS),
    )
    return render(request, "console/identity/line.html", context, status=400 if faults else 200)


def _typed(request: StaffRequest) -> Line:
    given = request.POST
    checks, before = tuple(given.getlist("checks")), tuple(given.getlist("download_checks"))
    return Line(given.get("right", ""), given.get("place", ""), checks, before, given.get("why", "").strip())


def _choices(chosen: tuple[str, ...], kinds: tuple[str, ...]) -> list[Choice]:
    known = all_kinds()
    return [
        Choice(kind, table.label_of(kind), kind in chosen, known[kind].obstacle() if kind in known else "")
        for kind in kinds
        if kind == table.Kind.MAILBOX or kind in known or kind in chosen
    ]


def _places(any_place: str) -> list[tuple[str, str]]:
    first = [("", any_place), (UNION, UNION_NAME)] if any_place else [("", "Not told")]
    return [*first, *places.choices()]


def _sorted(rules: list[IdentityRule]) -> list[IdentityRule]:
    """Put the line of neither first, then those of places, then those of rights."""
    return sorted(rules, key=lambda rule: (rule.right, rule.place))


def _row(rule: IdentityRule) -> Row:
    place = UNION_NAME if rule.place == UNION else places.name_of(rule.place) if rule.place else "Any place"
    right = dict(Right.choices).get(rule.right, "Any right")
    return Row(rule, str(right), place, _labels(rule.checks), _labels(rule.download_checks))


def _labels(kinds: list[str]) -> list[str]:
    return [table.label_of(kind) for kind in proofs.ORDER if kind in kinds]
