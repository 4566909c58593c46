"""The form of a webhook: where it leads, and what it is told of."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from django import forms

from requests_app.webhooks import keeping
from requests_app.webhooks.events import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from requests_app.models import Webhook

FAMILIES = {"request": "Requests", "suppression": "The register of suppressions", "export": "Files of answers"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One event to choose, or all of a family."""

    value: str
    words: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Family:
    """Events about one thing."""

    label: str
    everything: Choice
    choices: list[Choice]


class WebhookForm(forms.Form):
    """Asks for all that `keeping` takes; what is refused comes back as it was typed."""

    name = forms.CharField(label="Name", max_length=keeping.LONGEST_NAME, help_text="Which system it is.")
    url = forms.CharField(
        label="Address",
        max_length=keeping.LONGEST_URL,
        widget=forms.URLInput({"autocomplete": "off", "spellcheck": "false", "placeholder": "https://"}),
        help_text="Events are sent there by POST. It must be on the public internet, unless whoever operates the "
        "portal allows it by DSR_OUTGOING_ALLOW.",
    )
    events = forms.MultipleChoiceField(
        label="Events",
        choices=[(name, name) for name in (*(f"{family}.*" for family in FAMILIES), *(kind.name for kind in KINDS))],
        error_messages={"required": "Please choose what the system is told of."},
    )
    is_personal = forms.BooleanField(
        label="Send the e-mail address and the identifiers of the person along",
        required=False,
        help_text="Without this, events hold references and states only, and the system asks for nobody by name. "
        "With this, every event hands personal data over, which is put on record each time: only for a system that "
        "cannot do without.",
    )

    @classmethod
    def of(cls, webhook: Webhook) -> WebhookForm:
        """Show what stands."""
        known = {"name": webhook.name, "url": webhook.url, "events": webhook.events, "is_personal": webhook.is_personal}
        return cls(initial=known)

    def families(self) -> list[Family]:
        """Give the events to choose, by what they are about."""
        chosen = set(self["events"].value() or ())
        return [
            Family(
                FAMILIES[family],
                _choice(f"{family}.*", "All of these, and those that later versions add", chosen),
                [_choice(kind.name, kind.when, chosen) for kind in kinds],
            )
            for family, kinds in groupby(KINDS, key=lambda kind: kind.family)
        ]

    def keep(self, act: Callable[[keeping.Wish], object]) -> bool:
        """Have what was typed kept; returns whether it was, else the form says why not."""
        if not self.is_valid():
            return False
        typed = self.cleaned_data
        try:
            act(keeping.Wish(typed["name"], typed["url"], typed["events"], typed["is_personal"]))
        except keeping.UnusableWebhook as error:
            self.add_error(error.field, str(error))
        return not self.errors


def _choice(value: str, words: str, chosen: set[str]) -> Choice:
    return Choice(value, words, value in chosen)
