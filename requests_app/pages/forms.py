"""What a person types, checked before a stage sees it."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError

from requests_app import places
from requests_app.intake import Submission, UnusableMailbox, mailbox
from requests_app.models import Right
from requests_app.models.subject_request import COLLECTED
from requests_app.pages.wording import PRESELECTED_FORMATS, format_choices

TOO_LONG = "Please use at most %(limit_value)d characters."
WRONG_EMAIL = "Please enter a whole e-mail address, like name@example.org."


class Lines(forms.CharField):
    """A text of several lines, whose breaks count as one character, as they do in the browser."""

    widget = forms.Textarea

    def to_python(self, value: object) -> str:
        """Keep line feeds only."""
        return str(super().to_python(value)).replace("\r\n", "\n").replace("\r", "\n")


class MailboxField(forms.EmailField):
    """An address, written as mail is sent to it."""

    def clean(self, value: object) -> str:
        """Refuse what mail cannot be sent to."""
        try:
            return mailbox(str(super().clean(value)))
        except UnusableMailbox:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None


def _email_field(help_text: str) -> MailboxField:
    return MailboxField(
        label="Your e-mail address",
        help_text=help_text,
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email", "spellcheck": "false"}),
        error_messages={
            "required": "Please enter your e-mail address.",
            "invalid": WRONG_EMAIL,
            "max_length": TOO_LONG,
        },
    )


def _place_choices() -> list[tuple[str, str]]:
    return [("", "I would rather not say"), *places.choices()]


class RequestForm(forms.Form):
    """The public form."""

    right = forms.ChoiceField(
        label="What would you like us to do?",
        choices=Right.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Please choose what we should do.",
            "invalid_choice": "Please choose one of the seven.",
        },
    )
    name = forms.CharField(
        label="Your name",
        max_length=200,
        widget=forms.TextInput({"autocomplete": "name"}),
        error_messages={"required": "Please enter your name.", "max_length": TOO_LONG},
    )
    email = _email_field("The one we know you by. We send a link there, to be sure that it is you who asks.")
    place = forms.ChoiceField(
        label="Where do you live?",
        help_text="It decides which law protects you, and which authority watches over us.",
        required=False,
        choices=_place_choices,
        error_messages={"invalid_choice": "Please choose among the places of the list."},
    )
    details = Lines(
        label="Anything we should know",
        help_text="A customer number, what is wrong, which decision you mean. No copies of documents, no passwords.",
        required=False,
        max_length=5000,
        widget=forms.Textarea({"rows": 4}),
        error_messages={"max_length": TOO_LONG},
    )
    formats = forms.MultipleChoiceField(
        label="File formats",
        help_text="You may take several.",
        required=False,
        choices=format_choices,
        initial=PRESELECTED_FORMATS,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Please choose among the formats offered."},
    )
    terms = forms.BooleanField(
        label="I ask for this myself, and my data may be used to answer this request.",
        error_messages={"required": "Please tick this box, so that we may work on your request."},
    )

    def clean_name(self) -> str:
        """Make one line of it."""
        return " ".join(str(self.cleaned_data["name"]).split())

    def submission(self) -> Submission:
        """Give what was typed to the stage that takes it in; formats only where files are made."""
        data = self.cleaned_data
        right = Right(data["right"])
        chosen = tuple(data["formats"]) or PRESELECTED_FORMATS
        formats = chosen if right in COLLECTED else ()
        return Submission(data["name"], data["email"], right, data["details"], formats, place=data["place"])


class ResendForm(forms.Form):
    """Asks for the confirmation mail again."""

    email = _email_field("")
