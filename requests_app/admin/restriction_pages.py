"""The pages on which a restriction is decided on and its end announced, and the list of those in force."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING

from django import forms
from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, Q, Subquery
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import capfirst

from requests_app import restricting, restrictions, rights
from requests_app.admin.base import attempt, page_context
from requests_app.admin.request_acts import page_of
from requests_app.audit import Actor
from requests_app.models import Approval, Lifting, Restriction, Right, SourceChange, SubjectRequest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet
    from django.http import HttpResponse

    from requests_app.admin.base import StaffRequest

PLACE = "restriction"
ROWS_A_PAGE = 50
LIKELY = {Right.RECTIFICATION: Restriction.Ground.ACCURACY, Right.OBJECTION: Restriction.Ground.OBJECTION}
"""On which ground people who ask for something else want their data restricted meanwhile."""


class GroundForm(forms.Form):
    """Asks for the ground."""

    ground = forms.ChoiceField(
        label="Why the data is not to be used",
        choices=[(ground.value, capfirst(str(ground.label))) for ground in Restriction.Ground],
        widget=forms.RadioSelect,
        error_messages={"required": "Please choose the ground that fits."},
    )


class EndForm(forms.Form):
    """Asks for the day and the reason."""

    lift_on = forms.DateField(
        label="Ends on",
        widget=forms.DateInput({"type": "date"}),
        error_messages={"required": "Please choose a day.", "invalid": "Please give a day like 2026-06-01."},
    )
    reason = forms.CharField(
        label="Why it ends, in words to the person",
        max_length=Lifting._meta.get_field("reason").max_length,
        widget=forms.Textarea({"rows": 5}),
        error_messages={"required": "Please give the reason; the person reads it."},
    )


def restrict(request: StaffRequest, pk: int) -> HttpResponse:
    """Show what the person says, take the ground, and restrict."""
    asked = get_object_or_404(SubjectRequest, pk=pk)
    ground = str(asked.particulars.get("ground", "")) if asked.right == Right.RESTRICTION else ""
    initial = {"ground": ground or LIKELY.get(Right(asked.right), "")}
    form = GroundForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        act = partial(restricting.restrict, pk, form.cleaned_data["ground"], actor=Actor.staff(request.user))
        attempt(request, act, "Restricted. Systems that ask are told from now on; the sources are being marked.")
        return redirect(f"{page_of(pk)}#{PLACE}")
    context = page_context(
        request,
        title="Restrict the use of the data",
        subject_request=asked,
        page=f"{page_of(pk)}#{PLACE}",
        answers=rights.told(asked),
        form=form,
    )
    return render(request, "console/restriction/restrict.html", context, status=400 if form.errors else 200)


def announce(request: StaffRequest, pk: int) -> HttpResponse:
    """Take the day and the reason, and tell the person."""
    asked = get_object_or_404(SubjectRequest, pk=pk)
    is_known = asked.pseudonymised_at is None
    first = restrictions.earliest_end(timezone.localdate()) if is_known else timezone.localdate()
    form = EndForm(request.POST if request.method == "POST" else None, initial={"lift_on": first.isoformat()})
    form.fields["lift_on"].widget.attrs["min"] = first.isoformat()
    if form.is_valid():
        typed = form.cleaned_data
        act = partial(restricting.announce, pk, typed["reason"], typed["lift_on"], actor=Actor.staff(request.user))
        done = "Announced. The restriction ends by itself, once the person was told and the day has come."
        if attempt(request, act, done):
            return redirect(f"{page_of(pk)}#{PLACE}")
    context = page_context(
        request,
        title="End the restriction",
        subject_request=asked,
        page=f"{page_of(pk)}#{PLACE}",
        restriction=restrictions.standing(asked),
        first=first,
        is_known=is_known,
        form=form,
    )
    return render(request, "console/restriction/end.html", context, status=400 if request.method == "POST" else 200)


def call_off(request: StaffRequest, pk: int, work_id: int) -> HttpResponse:
    """Keep it in force."""
    act = partial(restricting.call_off, _lifting(pk, work_id).pk, actor=Actor.staff(request.user))
    attempt(request, act, "Called off; the restriction goes on. Write to the person if they were told already.")
    return redirect(f"{page_of(pk)}#{PLACE}")


def post_instead(request: StaffRequest, pk: int, work_id: int) -> HttpResponse:
    """Have the announcement posted as a letter."""
    act = partial(restricting.post_instead, _lifting(pk, work_id).pk, actor=Actor.staff(request.user))
    attempt(request, act, "A letter waits among the mails: print it, post it, and note the day.")
    return redirect(f"{page_of(pk)}#{PLACE}")


def by_hand(request: StaffRequest, pk: int, work_id: int) -> HttpResponse:
    """Take it on oneself that a source is marked or restored; how is kept as a note of the team."""
    asked = get_object_or_404(SubjectRequest, pk=pk)
    change = get_object_or_404(SourceChange.objects.select_related("source"), pk=work_id, request=pk)
    how = request.POST.get("reason", "")
    act = partial(restricting.see_to_by_hand, change.pk, how, actor=Actor.staff(request.user))
    if request.method == "POST" and attempt(request, act, f"{change.source.label} is seen to by hand."):
        return redirect(f"{page_of(pk)}#{PLACE}")
    context = page_context(
        request,
        subject_request=asked,
        page=f"{page_of(pk)}#{PLACE}",
        title=f"See to {change.source.label} by hand",
        asks_reason=True,
        needs_reason=True,
        reason_label="How you see to it there",
        hint="The portal does nothing there any more: whoever runs that system has to. It stays as a note of the team.",
        reason=how,
        is_final=True,
    )
    return render(request, "console/requests/ask.html", context, status=400 if request.method == "POST" else 200)


def in_force(request: StaffRequest) -> HttpResponse:
    """List the restrictions that stand, the newest first."""
    page = Paginator(_listed(), ROWS_A_PAGE).get_page(request.GET.get("page"))
    labels: defaultdict[int, list[str]] = defaultdict(list)
    for request_id, label in _marked_sources(page.object_list):
        labels[request_id].append(label)
    rows = [(row, labels[row.request_id]) for row in page]
    context = page_context(request, title="Restrictions in force", page=page, rows=rows)
    return render(request, "console/restriction/in_force.html", context)


def _listed() -> QuerySet[Restriction]:
    of_sources = Q(request__changes__act=Approval.Act.RESTRICTION, request__changes__called_off_at=None)
    done = of_sources & Q(request__changes__applied_at__isnull=False)
    announced = Lifting.objects.filter(restriction=OuterRef("pk"), called_off_at=None)
    rows = restrictions.in_force().select_related("request", "approval__approved_by")
    return rows.annotate(
        sources=Count("request__changes__source", filter=of_sources, distinct=True),
        marked=Count("request__changes__source", filter=done, distinct=True),
        ends_on=Subquery(announced.values("lift_on")[:1]),
    ).order_by("-pk")


def _marked_sources(rows: Iterable[Restriction]) -> QuerySet[SourceChange, tuple[int, str]]:
    marked = SourceChange.objects.filter(request__in=[row.request_id for row in rows], act=Approval.Act.RESTRICTION)
    done: QuerySet[SourceChange, tuple[int, str]] = marked.exclude(applied_at=None).order_by("source__label")
    return done.values_list("request", "source__label").distinct()


def _lifting(pk: int, work_id: int) -> Lifting:
    return get_object_or_404(Lifting, pk=work_id, restriction__request=pk)
