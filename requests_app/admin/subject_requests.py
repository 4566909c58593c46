"""The requests in the console: their list, and the routes below each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages

from requests_app.admin import (
    calendar_page,
    clock_acts,
    documents_page,
    identity_panel,
    mail_page,
    marked_page,
    messages_panel,
    panels,
    passphrase_page,
    post_page,
    preferences_page,
    record_page,
    records_page,
    refusal_page,
    representative_page,
    request_acts,
    request_page,
    retention_page,
    sorting_acts,
)
from requests_app.admin.base import ConsoleAdmin, Route
from requests_app.admin.request_filters import FILTERS, SEARCH
from requests_app.admin.request_rows import rows_of
from requests_app.models import SubjectRequest
from requests_app.workflow import DECIDE, WORK

if TYPE_CHECKING:
    from django.contrib.admin.views.main import ChangeList
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

    from requests_app.admin.base import StaffRequest

VIEW = "requests_app.view_subjectrequest"
VIEW_RECORDS = "requests_app.view_records"
MANAGE_RULES = "requests_app.manage_rules"
POST, GET_AND_POST = ("POST",), ("GET", "POST")


@admin.register(SubjectRequest)
class SubjectRequestAdmin(ConsoleAdmin):
    """The list is Django's own, narrowed and drawn by us; each request has a page of its own instead of a form."""

    change_list_template = "console/requests/list.html"
    list_title = "Requests"
    list_display = ("reference",)
    list_filter = FILTERS
    search_fields = ("reference", "name", "email")
    search_help_text = "Reference, name or e-mail address"
    list_select_related = ("assignee",)
    actions = ("assign_to_me", "retry_failed", "mark_spam")

    def routes(self) -> tuple[Route, ...]:
        """Name the page of a request, and every act on it."""
        one, records = "<int:pk>/", "<int:pk>/records/<int:search_id>/"
        return (
            Route(f"{one}change/", request_page.show, "change", VIEW),
            Route(f"{one}live/", request_page.show_live, "live", VIEW),
            Route(f"{one}transition/<slug:name>/", request_acts.transition, "transition", VIEW, GET_AND_POST),
            Route("record/", record_page.record, "record", WORK, GET_AND_POST),
            Route("record/check/", record_page.check, "check_record", WORK, POST),
            Route(f"{one}evidence/", record_page.add_evidence, "add_evidence", WORK, POST),
            Route(f"{one}evidence/<int:work_id>/", record_page.evidence, "evidence", VIEW, POST),
            Route("letters/", post_page.show, "letters", VIEW),
            Route(f"{one}mail/<int:work_id>/posted/", post_page.note_posted, "posted", WORK, POST),
            Route(f"{one}mail/<int:work_id>/leave/", post_page.leave_unposted, "leave_letter", WORK, POST),
            Route(f"{one}export/<int:work_id>/handed-over/", post_page.hand_over, "hand_over", WORK, GET_AND_POST),
            Route(f"{one}spam/", sorting_acts.mark_spam, "spam", WORK, GET_AND_POST),
            Route(f"{one}restore/", sorting_acts.restore, "restore", WORK, POST),
            Route(f"{one}link/", sorting_acts.link, "link", WORK, POST),
            Route(f"{one}duplicate/<int:work_id>/", sorting_acts.close_duplicate, "duplicate", WORK, GET_AND_POST),
            Route("calendar/", calendar_page.show, "calendar", VIEW),
            Route("preferences/", preferences_page.show, "preferences", VIEW, GET_AND_POST),
            Route(f"{one}ask/", clock_acts.ask, "ask", WORK, GET_AND_POST),
            Route(f"{one}ask/<int:work_id>/answer/", clock_acts.answer, "answer", WORK, POST),
            Route(f"{one}extend/", clock_acts.extend, "extend", WORK, GET_AND_POST),
            Route(f"{one}extend/<int:work_id>/", clock_acts.decide, "decide_extension", VIEW, POST),
            Route(f"{one}refuse/", refusal_page.prepare, "reject", VIEW, GET_AND_POST),
            Route(f"{one}refuse/<int:work_id>/", refusal_page.decide, "refusal", VIEW, GET_AND_POST),
            Route(f"{one}appeal/", refusal_page.lodge, "appeal", VIEW, POST),
            Route(f"{one}appeal/<int:work_id>/", refusal_page.answer, "answer_appeal", DECIDE, POST),
            Route(f"{one}refuse/<int:work_id>/letter/", refusal_page.show_letter, "refusal_letter", VIEW),
            Route(f"{one}place/", clock_acts.change_place, "place", WORK, GET_AND_POST),
            Route(f"{one}move/", clock_acts.move, "move", MANAGE_RULES, POST),
            Route(f"{one}hold/", retention_page.hold, "hold", retention_page.MANAGE, GET_AND_POST),
            Route(f"{one}hold/<int:work_id>/lift/", retention_page.lift, "lift_hold", retention_page.MANAGE, POST),
            Route(f"{one}representative/", representative_page.record, "representative", WORK, GET_AND_POST),
            Route(f"{one}representative/accept/", representative_page.accept, "accept_authority", WORK, GET_AND_POST),
            Route(f"{one}representative/refuse/", representative_page.refuse, "refuse_authority", WORK, GET_AND_POST),
            Route(f"{one}representative/end/", representative_page.end, "end_authority", WORK, GET_AND_POST),
            Route(f"{one}representative/ask/", representative_page.ask, "ask_authority", WORK, POST),
            Route(
                f"{one}representative/file/<int:work_id>/", representative_page.download, "authority_file", VIEW, POST
            ),
            Route(f"{one}assign/", request_acts.assign, "assign", WORK, POST),
            Route(f"{one}messages/", request_page.write_message, "message", WORK, POST),
            Route(f"{one}files/<int:upload_id>/", messages_panel.download, "file", VIEW),
            Route(f"{one}note/", request_acts.note, "note", WORK, POST),
            Route(f"{one}release/", request_acts.release, "release", DECIDE, POST),
            Route(f"{one}passphrase/", passphrase_page.set_passphrase, "passphrase", WORK, GET_AND_POST),
            Route(f"{one}search/<int:work_id>/retry/", request_acts.retry_search, "retry_search", WORK, POST),
            Route(f"{one}search/<int:work_id>/leave-out/", request_acts.leave_out, "leave_out", DECIDE, GET_AND_POST),
            Route(f"{one}export/<int:work_id>/retry/", request_acts.retry_export, "retry_export", WORK, POST),
            Route(f"{one}export/<int:work_id>/download/", request_acts.download, "download", VIEW_RECORDS, POST),
            Route(f"{one}export/<int:work_id>/take-back/", request_acts.take_back, "take_back", DECIDE, GET_AND_POST),
            Route(f"{one}links/renew/", request_acts.renew_links, "renew_links", WORK, GET_AND_POST),
            Route(
                f"{one}source-change/<int:work_id>/retry/",
                request_acts.retry_source_change,
                "retry_source_change",
                WORK,
                POST,
            ),
            Route("kept-rows/<int:work_id>/retry/", request_acts.retry_kept_rows, "retry_kept_rows", WORK, POST),
            Route(f"{one}mail/<int:work_id>/", mail_page.show, "mail", VIEW),
            Route(f"{one}mail/<int:work_id>/frame/", mail_page.show_frame, "mail_frame", VIEW),
            Route(f"{one}mail/<int:work_id>/letter/", mail_page.show_letter, "mail_letter", VIEW),
            Route(f"{one}mail/<int:work_id>/retry/", request_acts.retry_mail, "retry_mail", WORK, POST),
            Route(f"{one}certificate/<slug:name>/", documents_page.issue, "issue_certificate", WORK, POST),
            Route(
                f"{one}certificate/<int:work_id>/download/",
                documents_page.download,
                "download_certificate",
                VIEW,
                POST,
            ),
            Route(
                f"{one}certificate/<int:work_id>/withdraw/",
                documents_page.withdraw,
                "withdraw_certificate",
                WORK,
                GET_AND_POST,
            ),
            Route(f"{one}redaction/<int:redaction_id>/undo/", records_page.undo, "undo", DECIDE, POST),
            Route(f"{records}withhold/<path:collection>/", records_page.withhold, "withhold", DECIDE, GET_AND_POST),
            Route(f"{records}next/<path:collection>/", marked_page.show_next, "next_marked", VIEW_RECORDS),
            Route(
                f"{records}withhold-marked/<path:collection>/",
                marked_page.withhold,
                "withhold_marked",
                DECIDE,
                GET_AND_POST,
            ),
            Route(f"{records}give-back/<path:collection>/", marked_page.give_back, "give_back", DECIDE, POST),
            *identity_panel.ROUTES,
            *panels.routes(),
            Route(f"{records}rows/<path:collection>/", records_page.show, "records", VIEW_RECORDS),
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[SubjectRequest]:
        """Put the urgent first; where only what is closed is asked for, the newest."""
        requests = SubjectRequest.objects.prefetch_related("searches", "exports", "changes")
        is_of_open = request.GET.get("status") in {None, "submitted", "verified", "in_progress"}
        return requests.urgent_first() if is_of_open and not request.GET.get(SEARCH) else requests.order_by("-pk")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Search by the one thing the term looks like."""
        term = search_term.strip()
        if term.upper().startswith("DSR-"):
            return queryset.filter(reference__startswith=term.upper()), False
        if "@" in term:
            return queryset.filter(email__istartswith=term), False
        return super().get_search_results(request, queryset, term)

    def get_list_context(self, changelist: ChangeList) -> dict[str, object]:
        """Give the rows in words, and say what is listed."""
        is_searching = bool(changelist.query)
        chosen = changelist.params.get("status")
        intro = "Open requests, the most urgent first."
        if is_searching:
            intro = "Found among all requests, closed ones too." if not chosen else "Found."
        elif chosen:
            intro = "The newest first." if chosen in {"all", "ended"} else ""
        return {"rows": rows_of(changelist.result_list), "intro": intro}

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Leave it to the form, and to the page that records what came otherwise."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: SubjectRequest | None = None) -> bool:
        """Leave every change to the stages."""
        return False

    def has_work_permission(self, request: StaffRequest) -> bool:
        """Say who may use the actions on several requests."""
        return request.user.has_perm(WORK)

    @admin.action(description="Assign to me", permissions=["work"])
    def assign_to_me(self, request: StaffRequest, queryset: QuerySet[SubjectRequest]) -> None:
        """Assign the requests chosen to whoever asks."""
        count = request_acts.assign_all(request, queryset)
        are = "request is" if count == 1 else "requests are"
        messages.success(request, f"{count} {are} assigned to you." if count else "They were yours already.")

    @admin.action(description="Try failed work again", permissions=["work"])
    def retry_failed(self, request: StaffRequest, queryset: QuerySet[SubjectRequest]) -> None:
        """Start the failed work of the requests chosen afresh."""
        count = request_acts.retry_all(request, queryset)
        done = f"{count} started again." if count else "Nothing has failed there."
        messages.success(request, done)

    @admin.action(description="Mark as spam …", permissions=["work"])
    def mark_spam(self, request: StaffRequest, queryset: QuerySet[SubjectRequest]) -> HttpResponse:
        """Set the requests chosen aside as spam, once it is said why."""
        return sorting_acts.mark_all_spam(request, queryset)
