"""The form of the controller's profile: names checked, pictures looked through, a colour that carries white text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from django import forms
from django.core.validators import URLValidator

from exporters.opening.colours import contrast
from requests_app import places
from requests_app.letters import colours, pictures
from requests_app.models import ControllerProfile

if TYPE_CHECKING:
    from django.forms import BoundField

    from exporters.letter import Image

PICTURES = ("logo", "signature")
ACCEPT = ",".join(ControllerProfile.Picture.values)
LIMITS = f"PNG, JPEG or SVG, at most {pictures.MOST_BYTES // 1024} KB and {pictures.MOST_PIXELS:,} pixels a side."
GROUPS = (
    ("Who you are", ("name", "address", "country", "email", "phone", "website")),
    ("Data protection", ("privacy_url", "officer", "officer_contact", "representative")),
    ("Look", ("colour", "logo_file", "logo_removed")),
    ("Who signs", ("signatory", "signatory_role", "signature_file", "signature_removed")),
)


@dataclass(frozen=True, slots=True)
class Group:
    """Some fields under a heading."""

    title: str
    fields: list[BoundField]


def _web_address(label: str, help_text: str = "") -> forms.URLField:
    field = forms.URLField(label=label, help_text=help_text, required=False, max_length=300, assume_scheme="https")
    field.validators = [URLValidator(schemes=("https", "http"))]
    return field


def _picture(label: str, help_text: str) -> forms.FileField:
    return forms.FileField(
        label=label, help_text=f"{help_text}{LIMITS}", required=False, widget=forms.FileInput({"accept": ACCEPT})
    )


class ControllerForm(forms.ModelForm):  # type: ignore[type-arg]  # no generic at run time
    """Asks for all that letters, mails and pages say about the controller."""

    country = forms.ChoiceField(label="Country", required=False)
    website = _web_address("Website")
    privacy_url = _web_address("Privacy policy", "Its web address.")
    colour = forms.RegexField(
        r"^#[0-9a-fA-F]{6}\Z",
        label="Colour",
        help_text="Of headings, links and buttons. White text has to be readable on it.",
        error_messages={"invalid": "A colour is written as #rrggbb, such as #17324d."},
        widget=forms.TextInput({"type": "color"}),
    )
    logo_file = _picture("Logo", "Most mail programs show no SVG: with a PNG or JPEG, mails carry the logo too. ")
    logo_removed = forms.BooleanField(label="Remove the logo", required=False)
    signature_file = _picture("Picture of the signature", "On letters alone. ")
    signature_removed = forms.BooleanField(label="Remove the picture", required=False)

    class Meta:
        """The fields kept as they are."""

        model = ControllerProfile
        fields = (
            *("name", "address", "country", "email", "phone", "website", "privacy_url", "officer", "officer_contact"),
            *("representative", "colour", "signatory", "signatory_role"),
        )
        widgets: ClassVar = {
            "address": forms.Textarea({"rows": 3}),
            "representative": forms.Textarea({"rows": 3}),
        }
        labels: ClassVar = {
            "email": "E-mail address for questions",
            "phone": "Telephone",
            "officer": "Data protection officer",
            "officer_contact": "How to reach the officer",
            "representative": "Representative in the Union",
            "signatory": "Name",
            "signatory_role": "Role",
        }
        help_texts: ClassVar = {
            "name": "As letters, mails and the public pages name you.",
            "address": "The lines below your name.",
            "email": "Answers to mails go there.",
            "officer_contact": "A mail address, a telephone number, or both.",
            "representative": "Name and address, where you sit outside of it (GDPR Art. 27).",
        }

    def __init__(self, *args: object, is_too_large: bool = False, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # whatever a form takes
        self._is_too_large = is_too_large
        self.fields["country"].choices = [("", "Not said"), *places.choices()]  # type: ignore[attr-defined]  # it has some
        for name in PICTURES:
            if not getattr(self.instance, name):
                del self.fields[f"{name}_removed"]

    def groups(self) -> list[Group]:
        """Give the fields in the order of the page."""
        return [Group(title, [self[name] for name in names if name in self.fields]) for title, names in GROUPS]

    def clean_colour(self) -> str:
        """Refuse what white text cannot be read upon, and propose the nearest shade that carries it."""
        colour: str = self.cleaned_data["colour"].lower()
        if not colours.carries_white(colour):
            ratio = contrast(colour, colours.WHITE)
            raise forms.ValidationError(
                f"White text on {colour} is hard to read: its contrast is {ratio:.1f} to 1, and at least "
                f"{colours.LEAST_CONTRAST} is needed. A darker shade that works: {colours.darker(colour)}."
            )
        return colour

    def clean_logo_file(self) -> Image | None:
        """Look through the logo."""
        return self._checked("logo_file")

    def clean_signature_file(self) -> Image | None:
        """Look through the signature."""
        return self._checked("signature_file")

    def clean(self) -> None:
        """Keep what is one line on one line: names stand in the heads of mails."""
        super().clean()
        for name, value in self.cleaned_data.items():
            if isinstance(value, str) and not isinstance(self.fields[name].widget, forms.Textarea):
                self.cleaned_data[name] = " ".join(value.split())
        if self._is_too_large:
            self.add_error("logo_file", "What you sent is too large; no picture of it was taken.")

    def profile(self) -> ControllerProfile:
        """Give the profile with all that was typed and uploaded; not stored yet."""
        profile: ControllerProfile = self.save(commit=False)
        for name in PICTURES:
            image: Image | None = self.cleaned_data.get(f"{name}_file")
            if image or self.cleaned_data.get(f"{name}_removed"):
                setattr(profile, name, image.content if image else None)
                setattr(profile, f"{name}_type", image.media_type if image else "")
        return profile

    def changed_names(self) -> list[str]:
        """Name what was changed, by the fields of the profile."""
        return sorted({name.removesuffix("_file").removesuffix("_removed") for name in self.changed_data})

    def _checked(self, name: str) -> Image | None:
        file = self.cleaned_data[name]
        if not file:
            return None
        try:
            return pictures.checked(file.read(pictures.MOST_BYTES + 1))
        except pictures.UnusablePicture as error:
            raise forms.ValidationError(str(error)) from None
