"""The questions of the rights as fields of a form, those of every right beside one another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.html import format_html

from requests_app.rights import answers
from requests_app.rights.answers import field_name
from requests_app.rights.base import LONGEST_ANSWER
from requests_app.rights.known import all_rights, find

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.forms import BoundField

    from requests_app.models import Right
    from requests_app.rights.base import Choice, Question, Rules


class Lines(forms.CharField):
    """A text of several lines, whose breaks count as one character, as they do in the browser."""

    widget = forms.Textarea

    def to_python(self, value: object) -> str:
        """Keep line feeds only."""
        return str(super().to_python(value)).replace("\r\n", "\n").replace("\r", "\n")


class AsksQuestions(forms.Form):
    """A form that asks, beside its own fields, what the rights want to know.

    It has the questions of every right; whoever draws it shows those of the rights that are chosen, and what stands in
    the others counts for nothing.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for right, rules in all_rights().items():
            for question in rules.questions:
                self.fields[field_name(right, question)] = _field(question)

    def chosen_rights(self) -> Collection[str]:
        """Give the rights that are chosen, as they were typed."""
        raise NotImplementedError

    def questions(self) -> list[tuple[Rules, list[BoundField]]]:
        """Give the fields of the questions under their rights, for a template to draw."""
        asking = [rules for rules in all_rights().values() if rules.questions]
        return [(rules, [self[field_name(rules.right, each)] for each in rules.questions]) for rules in asking]

    def clean(self) -> dict[str, Any]:
        """Forget what is wrong with answers that count for nothing."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        chosen = self.chosen_rights()
        for right, rules in all_rights().items():
            for question in rules.questions if right not in chosen else ():
                self.errors.pop(field_name(right, question), None)
        return data

    def answers(self, right: Right) -> dict[str, str]:
        """Give the answers to what a right asks, as they are kept."""
        typed = {each.name: self.cleaned_data[field_name(right, each)] for each in find(right).questions}
        return answers.checked(right, typed)


def _field(question: Question) -> forms.Field:
    if question.choices:
        return forms.ChoiceField(
            label=question.label,
            help_text=question.help,
            required=False,
            choices=[(choice.slug, _labelled(choice)) for choice in question.choices],
            initial=question.default or None,
            widget=forms.RadioSelect,
            error_messages={"invalid_choice": f"“{question.label}”: please choose one of the answers offered."},
        )
    return Lines(
        label=question.label,
        help_text=question.help,
        required=False,
        max_length=LONGEST_ANSWER,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"max_length": f"“{question.label}”: please use at most %(limit_value)d characters."},
    )


def _labelled(choice: Choice) -> str:
    return format_html('{} <span class="hint">{}</span>', choice.label, choice.hint) if choice.hint else choice.label
