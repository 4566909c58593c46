"""The page of a list: how it is read, its report, and taking it in."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, IntegerField, Value, When
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.debug import sensitive_post_parameters

from extractors.errors import DsrError
from requests_app.admin.base import attempt, page_context
from requests_app.admin.import_form import HandInForm, ReadingForm
from requests_app.admin.wording import Pill
from requests_app.audit import Actor
from requests_app.importing import reports, runs
from requests_app.importing.checking import State, counts_of
from requests_app.importing.lists import ENCODINGS
from requests_app.importing.opened import Options, beginning_of
from requests_app.importing.runs import FaultyReading, Stage, stage_of
from requests_app.intake.recording import Proof
from requests_app.models import ImportLine, RequestImport
from requests_app.uploads import takes_files

if TYPE_CHECKING:
    from django.core.paginator import Page
    from django.http import QueryDict

    from requests_app.admin.base import StaffRequest

HOME = "admin:requests_app_requestimport_changelist"
LINES_SHOWN = 100
_ORDER = (State.FAULTY, State.DOUBLE, State.READY, State.DONE)
_PILLS = {
    State.FAULTY: Pill("faulty", "bad"),
    State.DOUBLE: Pill("double", "warn"),
    State.READY: Pill("ready", "info"),
    State.DONE: Pill("taken in", "good"),
}


def page_of(run_id: int) -> str:
    """Give the address of a list's page."""
    return reverse("admin:requests_app_requestimport_change", args=[run_id])


@takes_files
def hand_in(request: StaffRequest) -> HttpResponse:
    """Ask for a list, and keep it."""
    form = HandInForm(request.POST, request.FILES) if request.method == "POST" else HandInForm()
    if form.is_valid():
        try:
            run = runs.hand_in(form.cleaned_data["file"], actor=Actor.staff(request.user))
        except DsrError as error:
            form.add_error("file", str(error))
        else:
            is_to_assign = stage_of(run) is Stage.ASSIGNING
            return redirect(_columns_of(run.pk) if is_to_assign else page_of(run.pk))
    context = page_context(request, title="Import a list", form=form, page=reverse(HOME))
    return render(request, "console/imports/add.html", context, status=400 if form.errors else 200)


def template(request: StaffRequest) -> HttpResponse:
    """Give a list to begin with."""
    return HttpResponse(reports.template(), headers=_headers("requests.csv"))


def show(request: StaffRequest, pk: int) -> HttpResponse:
    """Show where a list stands, and its report."""
    run = _run(pk)
    chosen = request.GET.get("state", "")
    counts, lines = counts_of(run), _lines(run, chosen, request.GET.get("page", ""))
    context = page_context(
        request,
        **_progress_context(run),
        title=f"List {run.pk}",
        counts=[(state.value, _PILLS[state], counts[state]) for state in _ORDER if counts[state]],
        chosen=chosen,
        total=sum(counts.values()),
        ready=counts[State.READY],
        mails=_mails(run),
        lines=lines,
        lines_shown=[(line, _PILLS[State(line.state)]) for line in lines],
        page=reverse(HOME),
    )
    return render(request, "console/imports/page.html", context)


def show_live(request: StaffRequest, pk: int) -> JsonResponse:
    """Give the part of the page that changes while a worker is at it, for the script that puts it in place."""
    run = _run(pk)
    html = render_to_string("console/imports/progress.html", _progress_context(run), request)
    return JsonResponse({"html": html, "is_live": run.is_open, "status": stage_of(run)})


@sensitive_post_parameters("proof_reason")
def assign(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask how a list is read, and have it checked; `look` shows it anew without that."""
    run = _run(pk)
    posted = request.POST if request.method == "POST" else None
    options = Options.of(run) if posted is None else _looked_at(posted)
    try:
        beginning = beginning_of(run.upload, options)
    except DsrError as error:
        messages.error(request, str(error))
        return redirect(page_of(pk))
    form = ReadingForm(beginning, posted, initial=ReadingForm.initial_of(run.columns, options))
    faults: list[str] = []
    if posted is not None and "look" not in posted and form.is_valid():
        try:
            runs.assign(pk, form.columns(), form.options(), actor=Actor.staff(request.user))
        except FaultyReading as error:
            faults = error.faults
        else:
            return redirect(page_of(pk))
    known = {"form": form, "run": run, "faults": faults, "shape": beginning.shape, "page": page_of(pk)}
    context = page_context(request, title="How is the list read?", **known)
    return render(request, "console/imports/columns.html", context, status=400 if faults or form.errors else 200)


def _looked_at(posted: QueryDict) -> Options:
    encoding = posted.get("encoding", "")
    return Options(encoding=encoding if encoding in ENCODINGS else "", has_headings="has_headings" in posted)


def take_in(request: StaffRequest, pk: int) -> HttpResponse:
    """Have what is ready taken in."""
    get_object_or_404(RequestImport, pk=pk)
    act = partial(runs.take_in, pk, sends_mails="mails" in request.POST, actor=Actor.staff(request.user))
    attempt(request, act, "The requests are being taken in. You may leave this page.")
    return redirect(page_of(pk))


def retry(request: StaffRequest, pk: int) -> HttpResponse:
    """Start failed work afresh."""
    get_object_or_404(RequestImport, pk=pk)
    attempt(request, partial(runs.retry, pk, actor=Actor.staff(request.user)), "Started again.")
    return redirect(page_of(pk))


def throw_away(request: StaffRequest, pk: int) -> HttpResponse:
    """Destroy a list that is not wanted."""
    get_object_or_404(RequestImport, pk=pk)
    act = partial(runs.throw_away, pk, actor=Actor.staff(request.user))
    attempt(request, act, "The list is destroyed. Its report stays, which names nobody.")
    return redirect(page_of(pk))


def report(request: StaffRequest, pk: int) -> StreamingHttpResponse:
    """Give the report as a file."""
    run = _run(pk)
    return StreamingHttpResponse(reports.report_lines(run), headers=_headers(f"report-of-list-{run.pk}.csv"))


def _run(pk: int) -> RequestImport:
    runs_ = RequestImport.objects.select_related("upload", "created_by", "wanted_by")
    run: RequestImport = get_object_or_404(runs_, pk=pk)
    return run


def _columns_of(run_id: int) -> str:
    return reverse("admin:requests_app_requestimport_columns", args=[run_id])


def _progress_context(run: RequestImport) -> dict[str, object]:
    stage = stage_of(run)
    return {
        "run": run,
        "stage": stage,
        "can_be_read_anew": run.is_dry_run and stage in {Stage.ASSIGNING, Stage.CHECKED, Stage.FAILED},
        "can_be_thrown_away": stage in {Stage.ASSIGNING, Stage.CHECKED, Stage.FAILED},
    }


def _mails(run: RequestImport) -> int:
    """Count the mails that taking a list in would send."""
    if Options.of(run).proof == Proof.LATER:
        return 0
    return ImportLine.objects.filter(run=run, state=State.READY, has_mailbox=True).count()


def _lines(run: RequestImport, chosen: str, page: str) -> Page[ImportLine]:
    """Give a page of the report: what has to be mended first, or what was chosen."""
    lines = ImportLine.objects.filter(run=run).select_related("request")
    if chosen in State.values:
        lines = lines.filter(state=chosen).order_by("number")
    else:
        places = [When(state=state, then=Value(place)) for place, state in enumerate(_ORDER)]
        lines = lines.order_by(Case(*places, output_field=IntegerField()), "number")
    return Paginator(lines, LINES_SHOWN).get_page(page)


def _headers(name: str) -> dict[str, str]:
    disposition = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": disposition,
        "X-Content-Type-Options": "nosniff",
    }
