"""The form of a data source: its address is written and never shown again, its map is checked before it is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django import forms
from django.contrib.auth import get_user_model

from extractors.errors import DsrError, FaultyDataMap
from extractors.registry import UnusableUrl
from requests_app import sources
from requests_app.admin.wording import name_of
from requests_app.models import DataSource

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from extractors.errors import Fault


class DataSourceForm(forms.ModelForm):  # type: ignore[type-arg]  # no generic at run time
    """Asks for all that `sources.save` takes; what is refused comes back as it was typed, never what is stored."""

    url = forms.CharField(
        label="Connection address",
        required=False,
        strip=True,
        widget=forms.PasswordInput({"autocomplete": "off", "spellcheck": "false"}, render_value=True),
    )
    map_text = forms.CharField(
        label="Data map",
        strip=False,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false", "wrap": "off", "class": "code"}),
    )

    class Meta:
        """The fields kept as they are."""

        model = DataSource
        fields = ("label", "slug", "owner", "is_sensitive", "is_enabled")
        labels: ClassVar = {
            "label": "Name",
            "slug": "Short name",
            "is_sensitive": "What it holds is sensitive",
            "is_enabled": "Search this source",
        }
        help_texts: ClassVar = {
            "label": "What people read in their answer.",
            "slug": "Small letters, digits and hyphens; the name of its folder in an answer.",
            "owner": "Whom to ask about it.",
            "is_sensitive": "Whoever downloads an answer from it enters a code first that is mailed to them.",
            "is_enabled": "New requests search it only while this is on.",
        }

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # whatever a form takes
        self.faults: tuple[Fault, ...] = ()
        self.fields["owner"].queryset = get_user_model().objects.filter(is_staff=True).order_by("username")  # type: ignore[attr-defined]  # it chooses from a queryset
        self.fields["owner"].empty_label = "Nobody"  # type: ignore[attr-defined]  # it chooses from a queryset
        self.fields["owner"].label_from_instance = name_of  # type: ignore[attr-defined]  # it names what it offers
        example = "For example postgresql://reader@host/database or sqlite:////folder/file.sqlite3."
        kept = "Stored encrypted and never shown again. Leave this empty to keep the one stored. "
        self.fields["url"].help_text = (
            kept if self.instance.pk else "Stored encrypted and never shown again. "
        ) + example
        self.fields["url"].required = not self.instance.pk
        if self.instance.current_map:
            self.fields["map_text"].initial = self.instance.current_map.text

    def clean_map_text(self) -> str:
        """Write line ends as files have them, so that an unchanged map makes no new version."""
        text: str = self.cleaned_data["map_text"]
        return text.replace("\r\n", "\n")

    def keep(self, user: User) -> bool:
        """Have the source stored; returns whether it was, else the form says why not."""
        if not self.is_valid():
            return False
        try:
            sources.save(self.instance, self.cleaned_data["url"], self.cleaned_data["map_text"], user)
        except FaultyDataMap as error:
            self.faults = error.faults
            count = "one fault" if len(error.faults) == 1 else f"{len(error.faults)} faults"
            self.add_error("map_text", f"Nothing was saved: the map has {count}, listed here.")
        except (UnusableUrl, sources.MissingUrl) as error:
            self.add_error("url", str(error))
        except DsrError as error:
            self.add_error(None, str(error))
        return not self.errors
