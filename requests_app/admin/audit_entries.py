"""The audit trail in the console: read, never written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin

from requests_app.admin.base import ConsoleAdmin
from requests_app.admin.request_filters import ChoiceFilter
from requests_app.admin.timeline import WORDS, in_words
from requests_app.models import AuditEntry, SubjectRequest

if TYPE_CHECKING:
    from django.contrib.admin.views.main import ChangeList
    from django.db.models import QuerySet
    from django.http import HttpRequest


class AboutFilter(ChoiceFilter):
    """By the noun of the action: what was acted on."""

    title = "About"
    parameter_name = "about"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        """List the nouns."""
        nouns = sorted({action.split(".")[0] for action in WORDS})
        return [(noun, noun.capitalize()) for noun in nouns]

    def narrow(self, rows: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """Narrow the list."""
        return rows.filter(action__startswith=f"{self.value()}.") if self.value() else rows


class WhoFilter(ChoiceFilter):
    """By who acted."""

    title = "Who"
    parameter_name = "who"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        """List the kinds of actors."""
        return [(value, str(label).capitalize()) for value, label in AuditEntry.ActorKind.choices]

    def narrow(self, rows: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """Narrow the list."""
        return rows.filter(actor_kind=self.value()) if self.value() else rows


@admin.register(AuditEntry)
class AuditEntryAdmin(ConsoleAdmin):
    """A list, the newest first, and nothing beside it."""

    change_list_template = "console/audit/list.html"
    list_title = "Audit trail"
    list_display = ("at",)
    list_display_links = None
    list_filter = (AboutFilter, WhoFilter)
    ordering = ("-pk",)
    search_fields = ("request_id",)
    search_help_text = "The reference of a request"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry], search_term: str
    ) -> tuple[QuerySet[AuditEntry], bool]:
        """Find the entries of a request by its reference."""
        if not search_term.strip():
            return queryset, False
        found = SubjectRequest.objects.filter(reference=search_term.strip().upper()).values("pk")
        return queryset.filter(request_id__in=found), False

    def get_list_context(self, changelist: ChangeList) -> dict[str, object]:
        """Give the entries in words, each with the reference of its request."""
        acts = in_words(changelist.result_list)
        references = SubjectRequest.objects.in_bulk({act.entry.request_id for act in acts if act.entry.request_id})
        return {"rows": [(act, references.get(act.entry.request_id or 0)) for act in acts]}

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: `audit.record` alone writes."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        """Refuse: an entry is never changed."""
        return False
