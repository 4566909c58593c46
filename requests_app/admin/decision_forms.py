"""What the console asks about a contested decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.models import User

from requests_app import deciding, decisions
from requests_app.deciding import LABELS, LONGEST, Facts, Finding
from requests_app.models import DecisionReview

if TYPE_CHECKING:
    from requests_app.models import SubjectRequest

NOBODY = "Nobody of the team"
REQUIRED = {"required": "Please write it down."}


class FactsForm(forms.Form):
    """Asks which decision it is, who or what made it, and what it used."""

    decision = forms.CharField(
        label=LABELS["decision"],
        max_length=LONGEST["decision"],
        widget=forms.Textarea({"rows": 2}),
        help_text="What was decided, and when: “Refusal of a credit of 500 euros, 3 May 2026”. The person reads it.",
        error_messages=REQUIRED,
    )
    decided_by = forms.CharField(
        label=LABELS["decided_by"],
        max_length=LONGEST["decided_by"],
        help_text="The system by its name, or the department. The person reads it.",
        error_messages=REQUIRED,
    )
    involved = forms.ModelChoiceField(
        User.objects.none(),
        label="A colleague who had a hand in it",
        required=False,
        empty_label=NOBODY,
        help_text="They cannot review it. The person is not told.",
    )
    collections = forms.MultipleChoiceField(
        label="What of the data found it used", required=False, widget=forms.CheckboxSelectMultiple
    )
    used = forms.CharField(
        label="What else it used",
        required=False,
        max_length=LONGEST["used"],
        widget=forms.Textarea({"rows": 3}),
        help_text="What the portal did not find, such as a score bought from somebody. The person reads it.",
    )
    logic = forms.CharField(
        label="How it was reached, in plain words",
        required=False,
        max_length=LONGEST["logic"],
        widget=forms.Textarea({"rows": 4}),
        help_text="The logic involved (GDPR Art. 15(1)(h)): what counts, and how much. The person reads it, beside "
        "what the data maps say of it.",
    )

    def __init__(self, request: SubjectRequest, review: DecisionReview | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": _initial(request, review), **kwargs})
        people = self.fields["involved"]
        people.queryset = deciding.colleagues()  # type: ignore[attr-defined]  # a field of models
        people.label_from_instance = _named  # type: ignore[attr-defined]
        found = decisions.found_in(request)
        self.fields["collections"].choices = [  # type: ignore[attr-defined]  # a field of choices
            (f"{item.search_id}:{item.name}", f"{item.label} ({item.source}, {item.count:,})") for item in found
        ]
        if not found:
            del self.fields["collections"]

    def facts(self) -> Facts:
        """Give what was typed."""
        typed = self.cleaned_data
        pairs = [value.partition(":") for value in typed.get("collections", [])]
        involved = typed["involved"]
        return Facts(
            typed["decision"],
            typed["decided_by"],
            typed["used"],
            typed["logic"],
            involved.pk if involved else None,
            tuple((int(search), name) for search, _, name in pairs),
        )


class FindingForm(forms.Form):
    """Asks what a reviewer finds; unfinished is kept too."""

    result = forms.ChoiceField(
        label="The result", choices=DecisionReview.Result.choices, required=False, widget=forms.RadioSelect
    )
    explanation = forms.CharField(
        label="The explanation, in plain words to the person",
        required=False,
        max_length=LONGEST["explanation"],
        widget=forms.Textarea({"rows": 6}),
        help_text="Why the decision stands or not, and what you make of what the person says. "
        f"At least {deciding.LEAST_EXPLANATION} characters.",
    )
    considered = forms.CharField(
        label="What you considered, to the person",
        required=False,
        max_length=LONGEST["considered"],
        widget=forms.Textarea({"rows": 3}),
        help_text="What the person says, the records, what somebody told you.",
    )
    measures = forms.CharField(
        label="What is done because it is changed, to the person",
        required=False,
        max_length=LONGEST["measures"],
        widget=forms.Textarea({"rows": 3}),
        help_text="Only where the decision is changed. It has to be carried out before the person is told.",
    )

    def needing_all(self) -> FindingForm:
        """Draw it as needing all that a conclusion needs, though less is kept too."""
        for name in ("result", "explanation", "considered"):
            self.fields[name].required = True
        self.use_required_attribute = False
        return self

    def finding(self) -> Finding:
        """Give what was typed."""
        typed = self.cleaned_data
        return Finding(typed["result"], typed["explanation"], typed["considered"], typed["measures"])


def finding_of(review: DecisionReview) -> dict[str, str]:
    """Give what is kept of a finding, to be changed."""
    return {name: getattr(review, name) for name in ("result", "explanation", "considered", "measures")}


def _initial(request: SubjectRequest, review: DecisionReview | None) -> dict[str, object]:
    """Begin with what is recorded, or with how the person called the decision."""
    if review is None or not review.decision:
        return {"decision": request.particulars.get("decision", "")}
    chosen = [f"{row['search']}:{row['collection']}" for row in review.collections]
    known = {name: getattr(review, name) for name in ("decision", "decided_by", "used", "logic")}
    return known | {"involved": review.involved_id, "collections": chosen}


def _named(user: User) -> str:
    return str(user.get_full_name() or user.get_username())
