"""What a person types to hand their files to another service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html

from requests_app.formats import wording_of
from requests_app.transferring import FOR_PROGRAMS, LONGEST_NAME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from requests_app.transferring import Choice

LONGEST_PASSPHRASE = 200


class TransferForm(forms.Form):
    """Names the receiver, and chooses what it gets."""

    receiver = forms.CharField(
        label="Which service shall fetch your data?",
        help_text="The name of the company, so that you see later who has had it.",
        max_length=LONGEST_NAME,
        widget=forms.TextInput({"autocomplete": "organization"}),
        error_messages={
            "required": "Please name the service that will fetch your data.",
            "max_length": "Please use at most %(limit_value)d characters.",
        },
    )
    what = forms.ChoiceField(
        label="What shall it get?",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Please choose what is handed over.",
            "invalid_choice": "This is not there any more. Please choose again.",
        },
    )

    def __init__(self, offered: Sequence[Choice], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offered = {choice.key: choice for choice in offered}
        field = self.fields["what"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(key, _labelled(choice)) for key, choice in self._offered.items()]
        field.initial = next(iter(self._offered), None)

    @property
    def chosen(self) -> Choice:
        """What was chosen, once the form is valid."""
        return self._offered[self.cleaned_data["what"]]


class ReadableForm(forms.Form):
    """Takes the passphrase of protected files, and the formats to make again without it."""

    passphrase = forms.CharField(
        label="The passphrase of your files",
        help_text="To be sure that it is you who takes the protection off.",
        strip=False,
        max_length=LONGEST_PASSPHRASE,
        widget=forms.PasswordInput({"autocomplete": "off"}),
        error_messages={"required": "Please type the passphrase.", "max_length": "This passphrase is too long."},
    )
    formats = forms.MultipleChoiceField(
        label="Which formats does the other service take?",
        choices=[
            (slug, format_html('{} <span class="hint">{}</span>', wording_of(slug).name, wording_of(slug).good_for))
            for slug in FOR_PROGRAMS
        ],
        initial=("json",),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Please choose at least one format.",
            "invalid_choice": "Please choose among the formats offered.",
        },
    )


def _labelled(choice: Choice) -> str:
    size = filesizeformat(choice.size_bytes)
    if not choice.format:
        formats = ", ".join(slug.upper() for slug in choice.export.formats)
        return format_html('All files in one ZIP <span class="hint">{}, {}</span>', formats, size)
    wording = wording_of(choice.format)
    name = choice.member.rpartition("/")[2]
    return format_html('{} <span class="hint">{}, {}. {}</span>', wording.name, name, size, wording.good_for)
