"""How a list is handed in, and the questions about how it is to be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst

from requests_app import places
from requests_app.importing.columns import FIELDS
from requests_app.importing.dates import DateOrder
from requests_app.importing.lists import ENCODINGS
from requests_app.importing.opened import Options
from requests_app.importing.words import LANGUAGES
from requests_app.intake.recording import CHANNELS, Proof
from requests_app.models import Right, Upload
from requests_app.uploads import UploadField

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests_app.importing.opened import Beginning
    from requests_app.uploads import ExaminedFile

WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods", ".numbers")
LEFT_OUT = [("", "Leave it out")]
NOT_SAID = [("", "Not for the whole list")]


class ListField(UploadField):
    """Takes a list; of a workbook it says how to make one of it."""

    def clean(self, data: Any, initial: object = None) -> ExaminedFile | None:
        """Look at the file."""
        name = str(getattr(data, "name", "")).lower()
        if name.endswith(WORKBOOKS):
            raise ValidationError(
                "This is a workbook. Please open it, save the sheet as CSV (in Excel: “CSV UTF-8”), and choose that.",
                code="workbook",
            )
        return super().clean(data, initial)


class HandInForm(forms.Form):
    """Takes the file."""

    file = ListField(Upload.Kind.IMPORT, label="The list", error_messages={"required": "Please choose a file."})


class ReadingForm(forms.Form):
    """Asks which field each column is, and what holds for the whole list.

    Args:
        beginning: of the list, as it was read.
    """

    right = forms.ChoiceField(label="Right", required=False, choices=[*NOT_SAID, *Right.choices])
    channel = forms.ChoiceField(
        label="Came by",
        required=False,
        choices=[*NOT_SAID, *((channel.value, capfirst(str(channel.label))) for channel in CHANNELS)],
        help_text="Where neither this nor a column says so, it came by e-mail.",
    )
    received = forms.CharField(label="Received on", required=False, widget=forms.DateInput({"type": "date"}))
    place = forms.ChoiceField(label="Lives in", required=False, choices=lambda: [*NOT_SAID, *places.choices()])
    language = forms.ChoiceField(label="Language", required=False, choices=lambda: [*NOT_SAID, *_languages()])
    date_order = forms.ChoiceField(
        label="Dates such as 03/04/2026",
        required=False,
        choices=[
            (DateOrder.UNKNOWN.value, "Refuse them, as they may be two days"),
            (DateOrder.DAY.value, "The day comes first: 3 April"),
            (DateOrder.MONTH.value, "The month comes first: March 4"),
        ],
    )
    encoding = forms.ChoiceField(
        label="Letters",
        required=False,
        choices=[("", "Found out by themselves"), *ENCODINGS.items()],
        help_text="Choose others where names above look wrong, and press Show it so.",
    )
    has_headings = forms.BooleanField(label="The first row names the columns", required=False)
    proof = forms.ChoiceField(
        label="How is it made sure that people are who they say?",
        choices=Proof.choices,
        initial=Proof.CHECKS,
        widget=forms.RadioSelect,
        help_text="Of people without an e-mail address it is still to be shown in any case.",
    )
    proof_reason = forms.CharField(
        label="How you made sure",
        required=False,
        max_length=1000,
        widget=forms.Textarea({"rows": 2}),
        help_text="Where you have made sure already; it is kept on record and never shown to the person.",
    )

    def __init__(self, beginning: Beginning, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._beginning = beginning
        fields = [(field.name, field.label) for field in FIELDS]
        for position in range(beginning.width):
            self.fields[f"column_{position}"] = forms.ChoiceField(
                label=self.heading(position), required=False, choices=[*LEFT_OUT, *fields]
            )

    def heading(self, position: int) -> str:
        """Name a column as the list does, or by its number."""
        headings = self._beginning.headings
        heading = headings[position] if position < len(headings) else ""
        return heading or f"Column {position + 1}"

    def columns_shown(self) -> Iterator[tuple[forms.BoundField, list[str]]]:
        """Give the question about each column beside what stands in it."""
        for position in range(self._beginning.width):
            cells = [row.cells[position] if position < len(row.cells) else "" for row in self._beginning.rows]
            yield self[f"column_{position}"], cells

    def columns(self) -> dict[int, str]:
        """Give the columns as they were assigned."""
        named = ((position, self.cleaned_data.get(f"column_{position}")) for position in range(self._beginning.width))
        return {position: name for position, name in named if name}

    def options(self) -> Options:
        """Give what was said about the list."""
        data = self.cleaned_data
        defaults = ("right", "channel", "received", "place", "language")
        return Options(
            encoding=data["encoding"],
            date_order=data["date_order"],
            has_headings=data["has_headings"],
            defaults={name: data[name] for name in defaults if data[name]},
            proof=data["proof"],
            proof_reason=data["proof_reason"],
        )

    @staticmethod
    def initial_of(columns: dict[str, str], options: Options) -> dict[str, object]:
        """Give what is said of a list so far, as the form shows it."""
        said = {
            "encoding": options.encoding,
            "date_order": options.date_order,
            "has_headings": options.has_headings,
            "proof": options.proof,
            "proof_reason": options.proof_reason,
        }
        return said | dict(options.defaults) | {f"column_{position}": name for position, name in columns.items()}


def _languages() -> list[tuple[str, str]]:
    from babel import Locale

    return [(code, str(Locale.parse(code).get_display_name("en"))) for code in LANGUAGES]
