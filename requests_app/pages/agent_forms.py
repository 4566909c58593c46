"""What somebody types who asks for somebody else, on the public form and on the pages of an authority."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from requests_app.mandates import MOST_FILES, Claim
from requests_app.models import Representative, Right, Upload
from requests_app.pages.forms import TOO_LONG, WRONG_EMAIL, MailboxField, RequestForm
from requests_app.uploads import UploadsField

if TYPE_CHECKING:
    from requests_app.intake import Submission

MYSELF, OTHER = "self", "other"
KINDS = (
    ("", "Please choose"),
    (Representative.Kind.PARENT.value, "I am their parent or guardian"),
    (Representative.Kind.COURT.value, "A court appointed me"),
    (Representative.Kind.LAWYER.value, "I am their lawyer"),
    (Representative.Kind.AGENT.value, "I am a service that they gave the order"),
    (Representative.Kind.RELATIVE.value, "I am a relative or friend"),
)


def authority_field(label: str = "What shows that you may") -> UploadsField:
    """Make the field for the documents."""
    return UploadsField(Upload.Kind.AUTHORITY, most=MOST_FILES, label=label, required=False)


class AskingForm(RequestForm):
    """The public form, for oneself or for somebody else."""

    for_whom = forms.ChoiceField(
        label="Whom are you asking for?",
        choices=((MYSELF, "For myself"), (OTHER, "For somebody else")),
        initial=MYSELF,
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Please choose one of the two."},
    )
    kind = forms.ChoiceField(
        label="Who are you to them?",
        choices=KINDS,
        required=False,
        error_messages={"invalid_choice": "Please choose from the list."},
    )
    organisation = forms.CharField(
        label="Your firm or organisation",
        max_length=200,
        required=False,
        widget=forms.TextInput({"autocomplete": "organization"}),
        error_messages={"max_length": TOO_LONG},
    )
    person_name = forms.CharField(
        label="Their name", max_length=200, required=False, error_messages={"max_length": TOO_LONG}
    )
    person_email = MailboxField(
        label="Their e-mail address",
        help_text="The one we know them by. We may ask them whether you may. Leave it empty if they have none.",
        max_length=254,
        required=False,
        widget=forms.EmailInput({"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"invalid": WRONG_EMAIL, "max_length": TOO_LONG},
    )
    authority = authority_field()
    covers = forms.MultipleChoiceField(
        label="What else does your authority cover?",
        help_text="What you ask for now is always meant. Anything else they let you do later?",
        choices=Right.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Please choose among those of the list."},
    )
    valid_until = forms.DateField(
        label="Your authority ends on",
        required=False,
        widget=forms.DateInput({"type": "date"}),
        error_messages={"invalid": "Please give a day like 2026-12-31."},
    )
    receives_answer = forms.BooleanField(label="Our answer may go to me instead of them.", required=False)

    @property
    def is_for_somebody(self) -> bool:
        """Whether it is sent for somebody else."""
        return bool(self["for_whom"].value() == OTHER)

    def clean_person_name(self) -> str:
        """Make one line of it."""
        return " ".join(str(self.cleaned_data["person_name"]).split())

    def clean(self) -> dict[str, Any]:
        """Ask for what is needed of somebody who asks for somebody else."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("for_whom") == OTHER:
            if not data.get("person_name") and "person_name" not in self.errors:
                self.add_error("person_name", "Please enter the name of whom you ask for.")
            if not data.get("kind") and "kind" not in self.errors:
                self.add_error("kind", "Please say who you are to them.")
            if (end := data.get("valid_until")) and end < timezone.localdate():
                self.add_error("valid_until", "This day is over. Please give a later one, or none.")
        return data

    def submission(self) -> Submission:
        """Give what is asked for; of the person it is for."""
        own = super().submission()
        if not self.is_for_somebody:
            return own
        data = self.cleaned_data
        is_theirs = data["person_email"].lower() != own.email.lower()  # else they have no mailbox of their own
        email = data["person_email"] if is_theirs else ""
        return replace(own, name=data["person_name"], email=email)

    def claim(self) -> Claim:
        """Give who asks for them."""
        data = self.cleaned_data
        return Claim(
            kind=Representative.Kind(data["kind"]),
            name=data["name"],
            email=data["email"],
            organisation=data["organisation"],
            rights=tuple(data["covers"]),
            receives_answer=data["receives_answer"],
            valid_until=data["valid_until"],
            files=data["authority"],
        )


class HandInForm(forms.Form):
    """Takes further documents of a representative."""

    authority = authority_field("Documents")

    def clean_authority(self) -> object:
        """Refuse to send nothing."""
        files = self.cleaned_data["authority"]
        if not files:
            raise ValidationError("Please choose a file first.", code="required")
        return files
