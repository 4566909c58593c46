"""The page of a request: everything known about it, and what may be done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from django.contrib.auth import get_user_model
from django.db.models import Count
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from requests_app import forecasts, planning, rights, workflow
from requests_app.admin import messages_panel
from requests_app.admin.base import page_context
from requests_app.admin.clock_panel import panel_of
from requests_app.admin.documents_page import documents_of
from requests_app.admin.identity_panel import panel_of as panel_of_proof
from requests_app.admin.labels import labels_of
from requests_app.admin.next_steps import Panels, steps_of
from requests_app.admin.panels import MAIN, SIDE, panels_of
from requests_app.admin.refusal_page import panel_of as panel_of_refusal
from requests_app.admin.representative_page import panel_of as panel_of_representative
from requests_app.admin.request_acts import asks_first, page_of
from requests_app.admin.restricted import standing_of
from requests_app.admin.retention_page import standing_hold
from requests_app.admin.sorting_acts import others_of
from requests_app.admin.suppressions import panel_of as panel_of_register
from requests_app.admin.timeline import timeline_of
from requests_app.admin.wording import Pill, due_pill, export_pill, mail_pill, search_pill, status_pill
from requests_app.formats import all_formats, usual_formats
from requests_app.letters.notices import label_of
from requests_app.models import Identifier, Leased, SubjectRequest, Upload
from requests_app.models.identifier import UNPROVEN
from requests_app.places import name_of
from requests_app.refusals import standing
from requests_app.releases import preparers, redactions
from requests_app.rendering import further
from requests_app.uploads import takes_files
from requests_app.uploads.types import suffixes
from requests_app.workflow import DECIDE, WORK

if TYPE_CHECKING:
    from collections.abc import Sized

    from django.contrib.auth.models import User
    from django.http import HttpResponse

    from requests_app.admin.base import StaffRequest
    from requests_app.models import Download, Export, OutboxMail, SourceSearch
    from requests_app.workflow import Transition

WORK_DONE, TODO = "console/requests/work.html", "console/requests/todo.html"
ELSEWHERE = ("duplicate", "reject", "refuse_unproven")
LATEST_ACTS = 6


@dataclass(frozen=True, slots=True)
class Search:
    """The search of a source, as the page shows it."""

    row: SourceSearch
    state: Pill
    collections: list[tuple[str, str, int, int]]
    withheld: int

    @property
    def marked(self) -> int:
        """How much of what was found is marked as perhaps being about others."""
        return sum(marks for *_, marks in self.collections)

    @property
    def time_left(self) -> str:
        """How much longer it takes, in words; empty where that is not known."""
        return forecasts.in_words(forecasts.of_search(self.row))

    @property
    def is_failed(self) -> bool:
        """Whether somebody has to decide what becomes of it."""
        return bool(self.row.state == Leased.State.FAILED)

    @property
    def has_records(self) -> bool:
        """Whether what was found can still be looked at."""
        return bool(self.row.state == Leased.State.DONE and self.row.segment)


@dataclass(frozen=True, slots=True)
class GivenExport:
    """An export, as the page shows it."""

    row: Export
    state: Pill
    is_ready: bool
    is_failed: bool
    downloads: list[Download]

    @property
    def time_left(self) -> str:
        """How much longer it takes, in words; empty where that is not known."""
        return forecasts.in_words(forecasts.of_export(self.row))


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail, as the page shows it."""

    row: OutboxMail
    subject: str
    state: Pill
    can_be_sent_again: bool


@dataclass(frozen=True, slots=True)
class Button:
    """A transition that is possible; where it asks first, a link instead of a form."""

    transition: Transition
    asks_first: bool
    url: str


def show(request: StaffRequest, pk: int) -> HttpResponse:
    """Show the page; whoever works on requests has read by it what the person wrote."""
    return _page(request, pk)


@takes_files
def write_message(request: StaffRequest, pk: int) -> HttpResponse:
    """Write to the person; the page comes again with what was typed, where it is not sent yet."""
    subject_request = get_object_or_404(SubjectRequest, pk=pk)
    form = messages_panel.sent_form(request, subject_request)
    if form is None:
        return redirect(page_of(pk) + messages_panel.PLACE)
    return _page(request, pk, form)


def _page(request: StaffRequest, pk: int, message_form: messages_panel.MessageForm | None = None) -> HttpResponse:
    subject_request = get_object_or_404(SubjectRequest.objects.select_related("assignee"), pk=pk)
    thread = messages_panel.panel_of(subject_request, request.user, message_form)
    status, timeline = status_pill(subject_request), timeline_of(subject_request.pk)
    outcome = subject_request.get_outcome_display()
    context = page_context(
        request,
        title=subject_request.reference,
        status=status,
        outcome="" if outcome.lower() == status.words.lower() else outcome,
        due=due_pill(subject_request, timezone.localdate()),
        buttons=_buttons(subject_request, request.user),
        identifiers=_identifiers(subject_request),
        place=name_of(subject_request.place) if subject_request.place else "",
        team=get_user_model().objects.filter(is_active=True, is_staff=True).order_by("username"),
        notes=subject_request.messages.notes().select_related("author"),
        evidence=subject_request.uploads.filter(kind=Upload.Kind.EVIDENCE),
        accepted=",".join(suffixes(Upload.Kind.EVIDENCE)),
        today=timezone.localdate(),
        timeline=timeline[:LATEST_ACTS],
        earlier_acts=timeline[LATEST_ACTS:],
        documents=documents_of(subject_request),
        hold=standing_hold(subject_request),
        restricted=standing_of(subject_request),
        **panel_of_register(subject_request, request.user),
        **_worked_on(request, subject_request, thread),
    )
    if request.method == "GET":
        messages_panel.note_read(thread, subject_request, request.user)
    is_wrong = message_form is not None and message_form.is_bound
    return render(request, "console/requests/page.html", context, status=400 if is_wrong else 200)


def show_live(request: StaffRequest, pk: int) -> JsonResponse:
    """Give the parts of the page that change while the portal works, for the script that puts it in place."""
    subject_request = get_object_or_404(SubjectRequest, pk=pk)
    thread = messages_panel.panel_of(subject_request, request.user)
    context = _worked_on(request, subject_request, thread)
    html, todo = (render_to_string(template, context, request) for template in (WORK_DONE, TODO))
    is_live = getattr(context["progress"], "is_live", False) or context["is_being_made"]
    return JsonResponse({"html": html, "todo": todo, "is_live": is_live, "status": subject_request.status})


def _worked_on(
    request: StaffRequest, subject_request: SubjectRequest, thread: messages_panel.MessagesPanel
) -> dict[str, object]:
    """Give the panels in which there may be something to do, and the steps that wait in them."""
    searches, exports = _searches(subject_request), _exports(subject_request)
    found = panels_of(subject_request, request.user)
    answer, others = _answer_context(request, subject_request, searches, exports), others_of(subject_request)
    mails = _mails(subject_request)
    panels = Panels(
        thread=thread,
        proof=panel_of_proof(subject_request, request.user),
        representative=panel_of_representative(subject_request),
        refusal=panel_of_refusal(subject_request, request.user),
        clock=panel_of(subject_request, request.user),
        proposed=cast("Sized", others["proposed"]),
        mails=[mail.row for mail in mails],
        searches=[search.row for search in searches],
        exports=[export.row for export in exports],
        is_waiting_for_review=bool(answer["is_waiting_for_review"]),
        obstacle=str(answer["release_obstacle"]),
        is_own_release=bool(answer["is_own_release"]),
    )
    shown = {name: getattr(panels, name) for name in ("thread", "proof", "representative", "refusal", "clock")}
    steps = [*steps_of(subject_request, panels), *(step for panel in found for step in panel.steps)]
    placed = {f"{place}_panels": [panel for panel in found if panel.place == place] for place in (MAIN, SIDE)}
    return {**answer, **others, **shown, **placed, "mails": mails, "steps": steps}


def _answer_context(
    request: StaffRequest, subject_request: SubjectRequest, searches: list[Search], exports: list[GivenExport]
) -> dict[str, object]:
    is_being_made = any(export.row.is_open for export in exports)
    is_ready = planning.is_ready_for_review(subject_request) and not is_being_made
    obstacle = standing.refusal_to_release(subject_request) if is_ready else ""
    is_own = is_ready and request.user.pk in preparers(subject_request)
    return {
        "subject_request": subject_request,
        "answers": rights.told(subject_request),
        "progress": planning.live_progress(subject_request),
        "searches": searches,
        "exports": exports,
        "can_be_released": is_ready and not obstacle and not is_own and request.user.has_perm(DECIDE),
        "is_own_release": is_own,
        "release_obstacle": obstacle,
        "is_waiting_for_review": is_ready,
        "formats": [(item, item.slug in _asked_formats(subject_request)) for item in all_formats()],
        "is_being_made": is_being_made,
        "can_be_protected": further.can_be_protected(subject_request) and request.user.has_perm(WORK),
        "records": sum(search.row.records for search in searches if search.has_records),
        "withheld": sum(search.withheld for search in searches),
    }


def _asked_formats(subject_request: SubjectRequest) -> list[str]:
    return subject_request.formats or list(usual_formats(subject_request.right))


def _searches(subject_request: SubjectRequest) -> list[Search]:
    rows = subject_request.searches.select_related("source", "map").order_by("source__label")
    counted = redactions(subject_request).order_by().values_list("search").annotate(number=Count("pk"))
    withheld = dict(counted)
    return [Search(row, search_pill(row), _collections(row), withheld.get(row.pk, 0)) for row in rows]


def _collections(row: SourceSearch) -> list[tuple[str, str, int, int]]:
    labels = labels_of(row.map.text)
    counted = sorted(row.counts.items(), key=lambda item: (-item[1], item[0]))
    return [(name, labels.get(name, name), count, row.marks.get(name, 0)) for name, count in counted]


def _exports(subject_request: SubjectRequest) -> list[GivenExport]:
    now = timezone.now()
    rows = subject_request.exports.select_related("approval__approved_by").prefetch_related(
        "downloads__user", "hand_overs__recorded_by"
    )
    return [
        GivenExport(
            row,
            export_pill(row, is_expired=row.is_expired(now)),
            row.is_ready(now),
            row.state == Leased.State.FAILED,
            list(row.downloads.all()),
        )
        for row in rows.order_by("-pk")
    ]


def _mails(subject_request: SubjectRequest) -> list[Mail]:
    rows = subject_request.mails.order_by("-pk")
    return [Mail(row, label_of(row.template), mail_pill(row), _can_be_sent_again(row)) for row in rows]


def _can_be_sent_again(mail: OutboxMail) -> bool:
    """Whether the team may repeat a mail; for a code, the person asks themselves."""
    return not mail.code_id and not mail.is_to_post and (not mail.is_open or mail.is_resting)


def _identifiers(subject_request: SubjectRequest) -> list[tuple[Identifier, Pill]]:
    rows = subject_request.identifiers.order_by("kind", "pk")
    return [(row, Pill(row.get_proof_display(), "warn" if row.proof in UNPROVEN else "good")) for row in rows]


def _buttons(subject_request: SubjectRequest, user: User) -> list[Button]:
    """Give what may be done by a button, but for what stands elsewhere on the page."""
    found = [item for item in workflow.possible(subject_request, user) if item.name not in ELSEWHERE]
    return [Button(item, asks_first(item), _address(item, subject_request.pk)) for item in found]


def _address(item: Transition, pk: int) -> str:
    if item.has_own_page:
        return reverse(f"admin:requests_app_subjectrequest_{item.name}", args=[pk])
    return reverse("admin:requests_app_subjectrequest_transition", args=[pk, item.name])
