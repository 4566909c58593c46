"""Canned texts: what the team writes again and again, with the name and the reference filled in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Q

from extractors.errors import DsrError
from requests_app import audit
from requests_app.models import CannedText
from requests_app.workflow import refuse_unless

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet

    from requests_app.audit import Actor
    from requests_app.models import SubjectRequest

MANAGE = "requests_app.manage_notices"
LONGEST_TITLE, LONGEST = 120, 5000
VARIABLES: dict[str, Callable[[SubjectRequest], str]] = {
    "name": lambda request: request.name,
    "reference": lambda request: request.reference,
    "right": lambda request: request.get_right_display(),
}
_VARIABLE = re.compile(r"\{\{\s*(\w*)\s*\}\}")


class UnusableText(DsrError, ValueError):
    """Say why a canned text cannot be kept."""


def offered(request: SubjectRequest) -> QuerySet[CannedText]:
    """Give the texts that fit a request: its right and its language, and those that fit all."""
    fits = Q(right__in=("", request.right)) & Q(language__in=("", request.language))
    return CannedText.objects.filter(fits)


def filled(text: CannedText, request: SubjectRequest) -> str:
    """Write a text with what it names of a request filled in; what it does not know stands as it is."""

    def value(found: re.Match[str]) -> str:
        give = VARIABLES.get(found[1])
        return give(request) if give else found[0]

    return _VARIABLE.sub(value, text.text)


def save(text: CannedText, *, actor: Actor) -> CannedText:
    """Keep a text, new or changed.

    Raises:
        UnusableText: it says nothing or too much, names what there is not, or its title is taken.
        PermissionRefused: not for this member of the team to do.
    """
    text.changed_by_id = refuse_unless(actor, MANAGE, "change canned texts")
    text.title, text.text = text.title.strip(), text.text.replace("\r\n", "\n").strip()
    _check(text)
    try:
        with transaction.atomic():
            text.save()
            audit.record("canned_text.kept", actor, target=f"canned text {text.pk}")
    except IntegrityError:
        raise UnusableText("Another text has this title already. Please choose another.") from None
    return text


@transaction.atomic
def throw_away(text: CannedText, *, actor: Actor) -> None:
    """Delete a text; what was written with it stays.

    Raises:
        PermissionRefused: not for this member of the team to do.
    """
    refuse_unless(actor, MANAGE, "change canned texts")
    audit.record("canned_text.deleted", actor, target=f"canned text {text.pk}")
    text.delete()


def _check(text: CannedText) -> None:
    if not (text.title and text.text):
        raise UnusableText("Please give a title and a text.")
    if len(text.title) > LONGEST_TITLE or len(text.text) > LONGEST:
        raise UnusableText(f"Please keep the title to {LONGEST_TITLE} characters and the text to {LONGEST:,}.")
    unknown = [name for name in _VARIABLE.findall(text.text) if name not in VARIABLES]
    if unknown:
        known = ", ".join(f"{{{{ {name} }}}}" for name in VARIABLES)
        raise UnusableText(f"{{{{ {unknown[0]} }}}} is not filled in. There are: {known}.")
