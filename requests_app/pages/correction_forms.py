"""The form of a record: what stands in each field, and what should."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.html import format_html

from extractors.batches import Kind
from requests_app.models import Upload
from requests_app.pages.forms import TOO_LONG
from requests_app.rectifying.proposing import LONGEST_REASON, MOST_FILES
from requests_app.rights.fields import Lines
from requests_app.uploads import UploadsField

if TYPE_CHECKING:
    from collections.abc import Mapping

    from requests_app.rectifying import Record
    from requests_app.rectifying.offering import Value

LONGEST_LINE = 80
EMPTY = ("", "(nothing)")
BOOLEANS = (("true", "Yes"), ("false", "No"))
HINTS = {
    Kind.INTEGER: "A whole number, such as -12.",
    Kind.FLOAT: "A number, such as 12.5.",
    Kind.DECIMAL: "A number, such as 12.5.",
    Kind.DATE: "A day, such as 2020-12-31.",
    Kind.TIME: "A time, such as 23:59:59.",
    Kind.TIMESTAMP: "A moment, such as 2020-12-31T23:59:59.",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A field of the record beside the one that it is typed into; none where it was decided on."""

    value: Value
    bound: forms.BoundField | None


class RecordForm(forms.Form):
    """Takes new values for the fields of a record, why, and what shows it.

    Args:
        record: whose fields that can still be corrected are asked for.
    """

    def __init__(self, record: Record, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "correction-%s", **kwargs})
        self._record = record
        for place, value in enumerate(record.values):
            if not value.is_decided:
                self.fields[_name(place)] = _field(value)
        self.fields["reason"] = Lines(
            label="Why is it wrong?",
            required=False,
            max_length=LONGEST_REASON,
            widget=forms.Textarea({"rows": 3}),
            error_messages={"max_length": TOO_LONG},
        )
        self.fields["evidence"] = UploadsField(
            Upload.Kind.EVIDENCE, most=MOST_FILES, label="Something that shows it", required=False
        )

    def rows(self) -> list[Row]:
        """Pair the fields of the record with those of the form."""
        found = []
        for place, value in enumerate(self._record.values):
            found.append(Row(value, self[_name(place)] if _name(place) in self.fields else None))
        return found

    def values(self) -> dict[str, str | None]:
        """Give what was typed, by the names of the record's fields; nothing typed is nothing."""
        known = {_name(place): value for place, value in enumerate(self._record.values)}
        typed = {name: str(self.cleaned_data[name]) for name in known if name in self.cleaned_data}
        return {
            known[name].field.name: text if text or known[name].text == "" else None for name, text in typed.items()
        }

    def add_faults(self, faults: Mapping[str, str]) -> None:
        """Say of fields why what was typed cannot be taken."""
        for place, value in enumerate(self._record.values):
            if value.field.name in faults and _name(place) in self.fields:
                self.add_error(_name(place), faults[value.field.name])


def _name(place: int) -> str:
    return f"field-{place}"


def _field(value: Value) -> forms.Field:
    has_proposal = value.proposed is not None
    known: dict[str, Any] = {
        "label": value.label,
        "required": False,
        "initial": (value.new if has_proposal else value.text) or "",
        "help_text": _help(value, HINTS.get(value.field.kind, "")),
    }
    choices = tuple(value.field.codes.items()) or (BOOLEANS if value.field.kind is Kind.BOOLEAN else ())
    if choices:
        known["help_text"] = _help(value, "")
        return forms.ChoiceField(choices=_with_present(choices, value), **known)
    return forms.CharField(strip=False, widget=_widget(value), **known)


def _help(value: Value, hint: str) -> str:
    """Say what stands there now, and what may be typed."""
    if value.text is None:
        return format_html("Now: nothing. {}", value.field.help or hint)
    return format_html("Now: <bdi>{}</bdi> {}", value.shown or "an empty text", value.field.help or hint)


def _with_present(choices: tuple[tuple[str, str], ...], value: Value) -> list[tuple[str, str]]:
    known = [EMPTY, *choices]
    is_known = value.text is None or value.text in dict(known)
    return known if is_known else [*known, (str(value.text), str(value.text))]


def _widget(value: Value) -> forms.Widget:
    texts = [text for text in (value.text, value.new) if text]
    attributes = {"autocomplete": "off"}
    if any(len(text) > LONGEST_LINE or "\n" in text for text in texts) or value.field.kind is Kind.JSON:
        return forms.Textarea({**attributes, "rows": 4})
    if value.field.kind is Kind.DATE and all(map(_is_day, texts)):
        return forms.TextInput({**attributes, "type": "date"})
    if value.field.kind in {Kind.INTEGER, Kind.FLOAT, Kind.DECIMAL}:
        return forms.TextInput({**attributes, "inputmode": "text" if "-" in "".join(texts) else "decimal"})
    return forms.TextInput(attributes)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == len("2020-12-31")
