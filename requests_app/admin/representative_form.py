"""The forms by which the team writes down a representative, and accepts their authority."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from requests_app.intake import UnusableMailbox, mailbox
from requests_app.mandates import MOST_FILES, Claim, Decision
from requests_app.models import Representative, Right, SubjectRequest, Upload
from requests_app.uploads import UploadsField

WRONG_DAY = "Please give a day like 2026-06-01."


class _Scope(forms.Form):
    """What an authority covers; what is asked for is always among it."""

    rights = forms.MultipleChoiceField(
        label="It covers",
        choices=Right.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Please choose what it covers."},
    )
    valid_until = forms.DateField(
        label="Until",
        required=False,
        help_text="Its last day; empty where it names none.",
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": WRONG_DAY},
    )
    receives_answer = forms.BooleanField(
        label="The answer goes to the representative",
        required=False,
        help_text="Only where the authority says so. The person is told.",
    )


class RepresentativeForm(_Scope):
    """Asks who stands for the person."""

    field_order = (
        *("kind", "name", "organisation", "email", "postal_address"),
        *("papers", "rights", "valid_until", "receives_answer"),
    )

    kind = forms.ChoiceField(
        label="Who they are",
        choices=[("", "Please choose"), *((item.value, item.label) for item in Representative.Kind)],
    )
    name = forms.CharField(label="Name", max_length=200, error_messages={"required": "Please give their name."})
    organisation = forms.CharField(label="Firm or organisation", max_length=200, required=False)
    email = forms.CharField(
        label="E-mail address",
        required=False,
        max_length=254,
        help_text="As their letter gives it. Without one, we write letters.",
        widget=forms.EmailInput({"spellcheck": "false"}),
    )
    postal_address = forms.CharField(
        label="Postal address", required=False, max_length=1000, widget=forms.Textarea({"rows": 3})
    )
    papers = UploadsField(Upload.Kind.AUTHORITY, most=MOST_FILES, label="Scans of the authority", required=False)

    def clean_email(self) -> str:
        """Write it as mail is sent to it."""
        typed = str(self.cleaned_data["email"]).strip()
        try:
            return mailbox(typed) if typed else ""
        except UnusableMailbox:
            raise ValidationError("Please enter a whole e-mail address, like name@example.org.") from None

    def clean(self) -> dict[str, Any]:
        """Ask for somewhere to write to."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not (data.get("email") or data.get("postal_address") or "email" in self.errors):
            self.add_error("postal_address", "Please give an e-mail address or a postal address to write to.")
        return data

    def claim(self) -> Claim:
        """Give who they are and what they say they may."""
        data = self.cleaned_data
        return Claim(
            kind=Representative.Kind(data["kind"]),
            name=" ".join(data["name"].split()),
            email=data["email"],
            organisation=data["organisation"],
            postal_address=data["postal_address"],
            rights=tuple(data["rights"]),
            receives_answer=data["receives_answer"],
            valid_until=data["valid_until"],
            files=data["papers"],
        )


class DecisionForm(_Scope):
    """Asks what is accepted of an authority, and why it is enough."""

    field_order = ("reason", "rights", "valid_until", "receives_answer", "is_person_known")

    reason = forms.CharField(
        label="What you looked at, and why it is enough",
        max_length=5000,
        help_text="Kept with the request; neither of them reads it.",
        widget=forms.Textarea({"rows": 4}),
        error_messages={"required": "Please write what you looked at and why it is enough."},
    )
    is_person_known = forms.BooleanField(
        label="The documents also show who the person is, and that the address is theirs",
        required=False,
        help_text="Then the person need not show it themselves. Otherwise they are asked.",
    )

    @classmethod
    def of(cls, request: SubjectRequest, found: Representative) -> DecisionForm:
        """Begin with what was claimed."""
        return cls(
            initial={
                "rights": found.rights or [request.right],
                "valid_until": found.valid_until,
                "receives_answer": found.receives_answer,
            }
        )

    def clean_valid_until(self) -> object:
        """Refuse a day that is over."""
        end = self.cleaned_data["valid_until"]
        if end and end < timezone.localdate():
            raise ValidationError("This day is over; please give a later one, or none.")
        return end

    def decision(self) -> Decision:
        """Give what is accepted."""
        data = self.cleaned_data
        return Decision(
            reason=data["reason"],
            rights=tuple(data["rights"]),
            receives_answer=data["receives_answer"],
            valid_until=data["valid_until"],
            is_person_known=data["is_person_known"],
        )
