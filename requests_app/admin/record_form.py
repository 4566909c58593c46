"""The form by which the team records a request that came otherwise than by the public form."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone

from requests_app import intake, places
from requests_app.formats import all_formats
from requests_app.intake import MOST_FILES, Asked, FaultyRecord, FutureReceipt, Proof, Record
from requests_app.letters.languages import name_of, shipped_languages
from requests_app.models import Channel, DeliveryWay, Right, Upload
from requests_app.models.subject_request import RECORDED
from requests_app.rights.fields import AsksQuestions
from requests_app.sorting.likeness import Person
from requests_app.uploads import UnusableFile, UploadsField

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.forms import BoundField

    from extractors.errors import DsrError

GROUPS = (
    ("came", "How it came", ("channel", "received_on", "received_at")),
    ("evidence", "What they sent", ("scans",)),
    ("person", "Who asks", ("name", "email", "postal_address", "phone", "numbers", "place", "language")),
    ("asked", "What they ask for", ("right", "details", "formats", "delivery_way")),
    ("identity", "Who they are", ("proof", "proof_reason")),
)
NOON = time(12)
WRONG_DAY = "Please give a day like 2026-06-01."


class RecordForm(AsksQuestions):
    """Asks for everything that is known of a request, in the order in which one reads a letter."""

    channel = forms.ChoiceField(
        label="It came by",
        choices=[(channel.value, channel.label.capitalize()) for channel in RECORDED],
        widget=forms.RadioSelect,
        error_messages={"required": "Please say how it came."},
    )
    received_on = forms.DateField(
        label="Day of receipt",
        help_text="When it reached your organisation, whoever opened it first. The law's time runs from then on.",
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Please give the day it came.", "invalid": WRONG_DAY},
    )
    received_at = forms.TimeField(
        label="Time of receipt",
        required=False,
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "Please give a time like 14:30."},
    )
    scans = UploadsField(Upload.Kind.EVIDENCE, most=MOST_FILES, label="Scans of the letter or e-mail", required=False)
    name = forms.CharField(label="Name", max_length=200, error_messages={"required": "Please give the person's name."})
    email = forms.CharField(
        label="E-mail address",
        required=False,
        max_length=254,
        help_text="Without one, everything we write becomes a letter that you print and post.",
        widget=forms.EmailInput({"spellcheck": "false"}),
    )
    postal_address = forms.CharField(
        label="Postal address",
        required=False,
        max_length=1000,
        help_text="The lines below the name.",
        widget=forms.Textarea({"rows": 3}),
    )
    phone = forms.CharField(label="Telephone", required=False, max_length=40)
    numbers = forms.CharField(
        label="Customer or user numbers",
        required=False,
        help_text="One a line. Your systems are searched by them, by the e-mail address and the telephone number.",
        widget=forms.Textarea({"rows": 2, "spellcheck": "false"}),
    )
    place = forms.ChoiceField(
        label="Lives in",
        required=False,
        help_text="It decides which law leads, and which authority the letters name.",
        choices=lambda: [("", "Not told"), *places.choices()],
    )
    language = forms.ChoiceField(
        label="Language of our letters",
        choices=lambda: [(tag, name_of(tag)) for tag in shipped_languages()],
    )
    right = forms.MultipleChoiceField(
        label="The rights",
        help_text="Each becomes a request of its own, with its own deadline. A copy is answered before an erasure.",
        choices=Right.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Please choose what they ask for.",
            "invalid_choice": "Please choose what they ask for, among the seven.",
        },
    )
    details = forms.CharField(
        label="In their own words", required=False, max_length=5000, widget=forms.Textarea({"rows": 5})
    )
    formats = forms.MultipleChoiceField(
        label="Formats of the copy",
        required=False,
        help_text="Of access and portability alone. Without a choice, what is usual.",
        choices=lambda: [(item.slug, item.name) for item in all_formats()],
        widget=forms.CheckboxSelectMultiple,
    )
    delivery_way = forms.ChoiceField(
        label="The files reach them",
        required=False,
        choices=[("", "As usual here"), *((way.value, way.label.capitalize()) for way in DeliveryWay)],
        help_text="Who has no e-mail address gets them from you.",
    )
    proof = forms.ChoiceField(
        label="How do we know that it is they who ask?",
        choices=Proof.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Please say how that is known, or that it is still to be shown."},
    )
    proof_reason = forms.CharField(
        label="How you made sure",
        required=False,
        max_length=2000,
        help_text="Such as: called back at the number of the customer's file. The person does not see it.",
        widget=forms.Textarea({"rows": 2}),
    )

    def chosen_rights(self) -> Collection[str]:
        """Give the rights that are chosen."""
        return set(self["right"].value() or ())

    def groups(self) -> list[tuple[str, str, list[BoundField]]]:
        """Give the fields under their headings, each with a name for its place on the page."""
        return [(slug, title, [self[name] for name in names]) for slug, title, names in GROUPS]

    def clean(self) -> dict[str, Any]:
        """Have the stage look at what was typed, so that its faults stand beside their fields."""
        data = super().clean() or {}
        if not self.errors:
            try:
                intake.checked(self.record())
            except FaultyRecord as fault:
                self.refuse(fault)
        if data.get("received_on") and "received_on" not in self.errors and self._moment() > timezone.now():
            is_today = data["received_on"] == timezone.localdate()
            field = "received_at" if is_today and data.get("received_at") else "received_on"
            self.add_error(field, "That is still to come; a request cannot have come later than now.")
        return data

    def refuse(self, error: DsrError) -> None:
        """Put what the stage says beside the field it is about."""
        known = error.field if isinstance(error, FaultyRecord) else ""
        known = "received_on" if isinstance(error, FutureReceipt) else known
        known = "scans" if known == "files" or isinstance(error, UnusableFile) else known
        self.add_error(known if known in self.fields else None, str(error))

    def record(self) -> Record:
        """Give what was typed to the stage that takes it in."""
        data = self.cleaned_data
        typed = ("name", "email", "phone", "postal_address", "place", "details", "language", "delivery_way")
        formats = tuple(data["formats"])
        own, *others = (Asked(right, formats, self.answers(right)) for right in Right if right in data["right"])
        return Record(
            channel=Channel(data["channel"]),
            received_at=self._moment(),
            right=own.right,
            formats=formats,
            particulars=own.particulars,
            also=tuple(others),
            numbers=tuple(data["numbers"].splitlines()),
            proof=Proof(data["proof"]),
            proof_reason=data["proof_reason"],
            files=data.get("scans") or (),
            **{name: data[name] for name in typed},
        )

    def person(self) -> Person:
        """Give what the person is known by, so that earlier requests are found; of what could be read so far."""
        known = intake.checked(self.record())
        return Person(known.name, known.email, known.postal_address, known.place, intake.identifiers_of(known))

    def _moment(self) -> datetime:
        """Give the moment of receipt; noon where nobody noted it, and no later than now on the day itself."""
        day, at = self.cleaned_data["received_on"], self.cleaned_data.get("received_at")
        moment = timezone.make_aware(datetime.combine(day, at or NOON))
        return moment if at or day != timezone.localdate() else min(moment, timezone.now())
