"""The laws' periods in the console: what each says, its versions, and a form for a new one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone

from extractors.errors import DsrError
from requests_app.admin.base import ConsoleAdmin, Route, page_context
from requests_app.admin.wording import Pill
from requests_app.models import LawRule, Right
from requests_app.places import name_of
from requests_app.timekeeping.rules import KnownRule, as_toml, known_rules, rule_of, write_version

if TYPE_CHECKING:
    from django.contrib.admin.views.main import ChangeList
    from django.http import HttpResponse

    from requests_app.admin.base import StaffRequest
    from requests_app.deadlines.rules import Rule

VIEW, MANAGE = "requests_app.view_lawrule", "requests_app.manage_rules"
_CONFIDENCE = {"high": Pill("sure", "good"), "medium": Pill("check", "warn"), "low": Pill("uncertain", "bad")}
MOST_PLACES = 4


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A law as the list shows it: its newest version."""

    rule: Rule
    places: str
    extension: str
    confidence: Pill
    is_own: bool
    is_to_come: bool


@admin.register(LawRule)
class LawRuleAdmin(ConsoleAdmin):
    """A list by law; each law has a page with its versions."""

    change_list_template = "console/clock/rules.html"
    list_title = "Laws and periods"
    list_display = ("code",)

    def routes(self) -> tuple[Route, ...]:
        """Name the page of a law."""
        return (Route("<slug:code>/", show, "law", VIEW, ("GET", "POST")),)

    def get_list_context(self, changelist: ChangeList) -> dict[str, object]:
        """Give the newest version of each law, in words."""
        newest = {known.rule.code: known for known in known_rules()}
        return {"rows": [_row(known) for known in newest.values()]}

    def has_add_permission(self, request: object) -> bool:
        """Leave it to the page of a law."""
        return False

    def has_change_permission(self, request: object, obj: LawRule | None = None) -> bool:
        """Change nothing: a law that changes gets a new version."""
        return False


def show(request: StaffRequest, code: str) -> HttpResponse:
    """Show a law and its versions, or store a new version."""
    versions = list(LawRule.objects.filter(code=code).select_related("created_by").order_by("-version"))
    if not versions:
        raise Http404("There is no such law.")
    text, why = as_toml(rule_of(versions[0])), ""
    faults: list[str] = []
    if request.method == "POST" and request.user.has_perm(MANAGE):
        text, why = request.POST.get("text", "").replace("\r\n", "\n"), request.POST.get("why", "")
        try:
            row = write_version(code, text, why, request.user)
        except DsrError as error:
            faults = getattr(error, "faults", [str(error)])
        else:
            messages.success(request, f"Version {row.version} is kept. Open requests stay as they are.")
            return redirect("admin:requests_app_lawrule_law", code=code)
    rule = rule_of(versions[0])
    context = page_context(
        request,
        title=rule.name,
        rule=rule,
        row=_row(KnownRule(versions[0], rule)),
        places=[name_of(place) for place in rule.places],
        rights=[_right(right) for right in rule.rights],
        by_right=[(_right(right), length) for right, length in rule.period_by_right.items()],
        versions=[(version, rule_of(version)) for version in versions],
        text=text,
        why=why,
        faults=faults,
        can_write=request.user.has_perm(MANAGE),
    )
    return render(request, "console/clock/rule.html", context, status=400 if faults else 200)


def _right(code: str) -> str:
    """Name a right as everywhere in the console; one that the portal does not take in stands by its code."""
    return str(dict(Right.choices).get(code, code))


def _row(known: KnownRule) -> RuleRow:
    rule = known.rule
    named = ", ".join(name_of(place) for place in rule.places[:MOST_PLACES])
    more = len(rule.places) - MOST_PLACES
    extension = rule.extension
    told = ("until a day named" if extension.open_ended else f"by {extension}") if extension else "none"
    is_to_come = rule.valid_from is not None and rule.valid_from > timezone.localdate()
    places = f"{named} and {more} more" if more > 0 else named
    is_own = known.row.shipped_version is None
    return RuleRow(rule, places, told, _CONFIDENCE[rule.confidence], is_own, is_to_come)
