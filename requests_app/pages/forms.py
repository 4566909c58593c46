"""What a person types, checked before a stage sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html

from exporters.passphrase import UnusablePassphrase
from requests_app import passphrases, places
from requests_app.formats import all_formats, offered_formats, usual_formats
from requests_app.intake import Asked, Submission, UnusableMailbox, mailbox
from requests_app.letters.languages import ENGLISH, own_name_of, shipped_languages
from requests_app.models import Right
from requests_app.rights import all_rights
from requests_app.rights.fields import AsksQuestions, Lines

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from requests_app.formats import FormatWording
    from requests_app.models import SubjectRequest

TOO_LONG = "Please use at most %(limit_value)d characters."
WRONG_EMAIL = "Please enter a whole e-mail address, like name@example.org."


class MailboxField(forms.EmailField):
    """An address, written as mail is sent to it."""

    def clean(self, value: object) -> str:
        """Refuse what mail cannot be sent to; nothing stays nothing, where an address is optional."""
        typed = str(super().clean(value))
        try:
            return mailbox(typed) if typed else ""
        except UnusableMailbox:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None


def _labelled(formats: Iterable[FormatWording]) -> list[tuple[str, str]]:
    return [(item.slug, format_html('{} <span class="hint">{}</span>', item.name, item.good_for)) for item in formats]


def _formats_field(label: str, right: Right) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        help_text="Take as many as you like. You can have others later.",
        required=False,
        choices=lambda: _labelled(offered_formats(right)),
        initial=usual_formats(right),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Please choose among the formats offered."},
    )


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


class RequestForm(AsksQuestions):
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
    also = forms.MultipleChoiceField(
        label="Something else too?",
        help_text="Each gets an answer of its own. You confirm them all at once.",
        required=False,
        choices=lambda: [(right.value, right.label) for right in all_rights()],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Please choose among the seven."},
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
        help_text="It decides which law protects you, and which authority watches over us. "
        "If you ask for somebody else, choose where they live.",
        required=False,
        choices=_place_choices,
        error_messages={"invalid_choice": "Please choose among the places of the list."},
    )
    language = forms.ChoiceField(
        label="In which language shall we write to you?",
        required=False,
        choices=lambda: [(tag, own_name_of(tag)) for tag in shipped_languages()],
        error_messages={"invalid_choice": "Please choose among the languages of the list."},
    )
    details = Lines(
        label="Anything we should know",
        help_text="A customer number, what is wrong, which decision you mean. No copies of documents, no passwords.",
        required=False,
        max_length=5000,
        widget=forms.Textarea({"rows": 4}),
        error_messages={"max_length": TOO_LONG},
    )
    formats = _formats_field("How would you like your copy?", Right.ACCESS)
    portable_formats = _formats_field("Which formats does the other service take?", Right.PORTABILITY)
    terms = forms.BooleanField(
        label="I ask for this myself, or may ask for whom I name. What I send may be used to answer this request.",
        error_messages={"required": "Please tick this box, so that we may work on your request."},
    )

    def clean_name(self) -> str:
        """Make one line of it."""
        return " ".join(str(self.cleaned_data["name"]).split())

    def chosen_rights(self) -> Collection[str]:
        """Give the right that is chosen, and those beside it."""
        return {str(self["right"].value()), *(self["also"].value() or ())}

    def submission(self) -> Submission:
        """Give what was typed to the stage that takes it in; formats only where files are made."""
        data = self.cleaned_data
        own, *others = (self._asked(Right(right)) for right in dict.fromkeys((data["right"], *data["also"])))
        return Submission(
            data["name"],
            data["email"],
            own.right,
            data["details"],
            own.formats,
            data["language"] or ENGLISH,
            data["place"],
            own.particulars,
            tuple(others),
        )

    def _asked(self, right: Right) -> Asked:
        fields = {Right.ACCESS: "formats", Right.PORTABILITY: "portable_formats"}
        formats = (tuple(self.cleaned_data[fields[right]]) or usual_formats(right)) if right in fields else ()
        return Asked(right, formats, self.answers(right))


class ResendForm(forms.Form):
    """Asks for the confirmation mail again."""

    email = _email_field("")


class FurtherFilesForm(forms.Form):
    """Chooses what else is made of an answer.

    Args:
        offered: the formats to show; any that there is is taken.
    """

    formats = forms.MultipleChoiceField(
        label="Formats",
        choices=lambda: _labelled(all_formats()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Please choose at least one format.",
            "invalid_choice": "Please choose among the formats offered.",
        },
    )

    def __init__(self, offered: Iterable[FormatWording], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["formats"].widget.choices = _labelled(offered)


class PassphraseForm(forms.Form):
    """Takes the passphrase that is to protect the files of a request."""

    passphrase = forms.CharField(
        label="Passphrase",
        help_text="12 to 64 unaccented letters, digits and signs. Several words are strong and easy to remember.",
        strip=False,
        widget=forms.TextInput(
            {"class": "passphrase", "autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}
        ),
        error_messages={"required": "Please type a passphrase, or have one suggested."},
    )

    def __init__(self, asked: SubjectRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._asked = asked

    def clean_passphrase(self) -> str:
        """Refuse what does not protect."""
        text = str(self.cleaned_data["passphrase"])
        try:
            passphrases.check_own_passphrase(self._asked, text)
        except UnusablePassphrase as error:
            raise ValidationError(str(error), code="invalid") from None
        return text
