"""Where the team looks at proposed corrections, decides on each, and writes down what came by letter."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from extractors.batches import words
from extractors.errors import DsrError
from requests_app import corrections, rectifying
from requests_app.admin.base import attempt, page_context
from requests_app.admin.request_acts import page_of
from requests_app.audit import Actor
from requests_app.models import ProposedCorrection, Right, SubjectRequest, Upload
from requests_app.rectifying import Kind, Place, UnusableProposal, Verdict
from requests_app.rectifying.proposing import LONGEST_REASON, MOST_FILES
from requests_app.uploads import UploadsField, takes_files
from requests_app.workflow import DECIDE, PermissionRefused

if TYPE_CHECKING:
    from django.http import HttpResponse, QueryDict

    from requests_app.admin.base import StaffRequest
    from requests_app.corrections import Line
    from requests_app.rectifying import Offered

PLACE = "corrections"
VIEW_RECORDS = "requests_app.view_records"
State = ProposedCorrection.State
SEPARATOR = ":"


@dataclass(frozen=True, slots=True)
class Asked:
    """A correction, and what was chosen for it so far.

    Args:
        is_own: whether whoever looks wrote it down, so that somebody else has to decide.
    """

    line: Line
    seen: str
    is_own: bool
    kind: str = ""
    words: str = ""


class ProposalForm(forms.Form):
    """Takes a correction that came by letter or telephone, without showing what stands there.

    Args:
        offered: the fields to choose from.
    """

    field = forms.ChoiceField(
        label="What is wrong",
        error_messages={"required": "Please choose what is wrong.", "invalid_choice": "Please choose from the list."},
    )
    record = forms.IntegerField(
        label="Record",
        initial=1,
        min_value=1,
        help_text="Its number among the records found, where there are several.",
        error_messages={
            "required": "Please give the number of the record.",
            "invalid": "Please give the number of the record.",
            "min_value": "The first record is number 1.",
        },
    )
    new = forms.CharField(
        label="What should stand there", required=False, strip=False, widget=forms.Textarea({"rows": 2})
    )
    is_empty = forms.BooleanField(label="Nothing should stand there", required=False)
    reason = forms.CharField(label="Why", required=False, max_length=LONGEST_REASON, widget=forms.Textarea({"rows": 3}))
    evidence = UploadsField(Upload.Kind.EVIDENCE, most=MOST_FILES, label="What shows it", required=False)

    def __init__(self, offered: list[Offered], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["field"].choices = [  # type: ignore[attr-defined]  # of a ChoiceField
            (
                SEPARATOR.join((str(item.search.pk), str(item.number), field.name)),
                _label(item, field.label or field.name),
            )
            for item in offered
            for field in item.fields
        ]

    def clean(self) -> dict[str, Any]:
        """Refuse what says neither what should stand there nor that nothing should."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not cleaned.get("new") and not cleaned.get("is_empty"):
            self.add_error("new", "Please write what should stand there, or tick that nothing should.")
        return cleaned

    def place(self) -> tuple[Place, str]:
        """Give where the field is, and its name."""
        search, number, name = str(self.cleaned_data["field"]).split(SEPARATOR, 2)
        return Place(int(search), int(number), int(self.cleaned_data["record"]) - 1), name

    def value(self) -> str | None:
        """Give the new value."""
        return None if self.cleaned_data["is_empty"] else str(self.cleaned_data["new"])


def show(request: StaffRequest, pk: int) -> HttpResponse:
    """Show the corrections with their values; that somebody looked is on record."""
    return _page(request, _found(pk))


def decide(request: StaffRequest, pk: int) -> HttpResponse:
    """Decide on the corrections chosen, or approve all that are open; what was typed is kept where it is refused."""
    subject_request, actor = _found(pk), Actor.staff(request.user)
    try:
        rectifying.decide(pk, _verdicts(request, subject_request), actor=actor)
    except PermissionRefused as error:
        raise PermissionDenied(str(error)) from error
    except DsrError as error:
        messages.error(request, str(error))
        return _page(request, subject_request, request.POST)
    messages.success(request, "Decided. What was approved is written into the sources now.")
    return _back(pk)


@takes_files
def propose(request: StaffRequest, pk: int) -> HttpResponse:
    """Write a correction down for the person."""
    subject_request = _found(pk)
    items = rectifying.offered(subject_request) if rectifying.is_open(subject_request) else []
    is_sent = request.method == "POST"
    form = ProposalForm(items, *(request.POST, request.FILES) if is_sent else ())
    if is_sent and form.is_valid() and _propose(request, pk, form):
        messages.success(request, "Written down; somebody else has to decide on it.")
        return _back(pk)
    context = page_context(
        request,
        title="Write a correction down",
        subject_request=subject_request,
        page=f"{page_of(pk)}#{PLACE}",
        form=form,
        items=items,
        can_look=request.user.has_perm(VIEW_RECORDS),
    )
    return render(request, "console/rectification/propose.html", context)


def take_back(request: StaffRequest, pk: int, work_id: int) -> HttpResponse:
    """Take a proposal back that the person does not want any more."""
    _found(pk)
    act = partial(rectifying.take_back, pk, work_id, actor=Actor.staff(request.user))
    attempt(request, act, "Taken back.")
    return _back(pk)


def call_off(request: StaffRequest, pk: int, work_id: int) -> HttpResponse:
    """Take the approval back of corrections that could not be written."""
    subject_request = _found(pk)
    if subject_request.changes.filter(pk=work_id, act="rectification").exists():
        act = partial(rectifying.call_off, work_id, actor=Actor.staff(request.user))
        attempt(request, act, "Taken back: please decide anew.")
    else:
        messages.error(request, "There is no such change of a source.")
    return _back(pk)


def _found(pk: int) -> SubjectRequest:
    return get_object_or_404(SubjectRequest, pk=pk)


def _back(pk: int) -> HttpResponse:
    return HttpResponseRedirect(f"{page_of(pk)}#{PLACE}")


def _page(request: StaffRequest, subject_request: SubjectRequest, typed: QueryDict | None = None) -> HttpResponse:
    if subject_request.right != Right.RECTIFICATION or subject_request.pseudonymised_at:
        return redirect(page_of(subject_request.pk))
    try:
        lines = rectifying.reviewed(subject_request, actor=Actor.staff(request.user))
    except PermissionRefused as error:
        raise PermissionDenied(str(error)) from error
    except DsrError as error:
        messages.error(request, str(error))
        return redirect(page_of(subject_request.pk))
    is_waiting = [line for line in lines if line.row.state == State.PROPOSED]
    context = page_context(
        request,
        title="Corrections",
        subject_request=subject_request,
        waiting=[_asked(line, request.user.pk, typed) for line in is_waiting],
        decided=[line for line in lines if line.row.state != State.PROPOSED],
        can_decide=request.user.has_perm(DECIDE) and subject_request.is_open,
        page=f"{page_of(subject_request.pk)}#{PLACE}",
        decide_url=reverse("admin:requests_app_subjectrequest_decide_corrections", args=[subject_request.pk]),
    )
    return render(request, "console/rectification/page.html", context, status=400 if typed else 200)


def _asked(line: Line, user_id: int, typed: QueryDict | None) -> Asked:
    row = line.row
    known = {name: typed.get(f"{name}-{row.pk}", "") if typed else "" for name in ("kind", "words")}
    return Asked(line, corrections.fingerprint([row]), row.proposed_by_id == user_id, **known)


def _verdicts(request: StaffRequest, subject_request: SubjectRequest) -> list[Verdict]:
    """Read what was chosen, of the proposals that there were on the page."""
    given, found = request.POST, []
    for name, seen in given.items():
        stem, _, number = name.partition("-")
        if stem != "seen" or not number.isdecimal():
            continue
        chosen = given.get(f"kind-{number}", "")
        if "approve_all" in given:
            chosen = str(Kind.APPROVE)
        if chosen in set(Kind):
            found.append(Verdict(int(number), Kind(chosen), given.get(f"words-{number}", ""), str(seen)))
    if "approve_all" in given:
        own = subject_request.corrections.filter(proposed_by=request.user).values_list("pk", flat=True)
        found = [verdict for verdict in found if verdict.correction_id not in set(own)]
    return found


def _propose(request: StaffRequest, pk: int, form: ProposalForm) -> bool:
    place, name = form.place()
    known = {"reason": form.cleaned_data["reason"], "files": form.cleaned_data["evidence"]}
    try:
        made = rectifying.propose(pk, place, {name: form.value()}, **known, actor=Actor.staff(request.user))
    except PermissionRefused as error:
        raise PermissionDenied(str(error)) from error
    except UnusableProposal as error:
        form.add_error("new" if error.faults else None, error.faults.get(name) or str(error))
        return False
    except DsrError as error:
        form.add_error(None, str(error))
        return False
    if not made:
        form.add_error("new", "This stands there already.")
    return bool(made)


def _label(item: Offered, field: str) -> str:
    found = f"{item.count} record{'' if item.count == 1 else 's'}"
    return f"{item.source} · {item.label} ({found}) · {field if ' ' in field else words(field)}"
