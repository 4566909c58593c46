"""The passphrase that protects a person's files: sealed by the request's key, and in no mail, log or audit entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from exporters.passphrase import UnusablePassphrase, check_passphrase
from requests_app import audit
from requests_app.keys.stored import open_key
from requests_app.models import AuditEntry, SubjectRequest

if TYPE_CHECKING:
    from requests_app.audit import Actor

_PURPOSE = "passphrase"
_FEWEST_OF_NAME = 4  # letters; shorter ones stand in many a passphrase by chance


@transaction.atomic
def set_passphrase(request: SubjectRequest, text: str, actor: Actor) -> None:
    """Keep the passphrase that files made from now on are protected by; it replaces an earlier one.

    Raises:
        UnusablePassphrase: see `check_own_passphrase`.
    """
    check_own_passphrase(request, text)
    request.passphrase = open_key(request.key_id).seal_text(text, _PURPOSE)
    SubjectRequest.objects.filter(pk=request.pk).update(passphrase=request.passphrase)
    audit.record("passphrase.set", actor, request_id=request.pk)


def passphrase_of(request: SubjectRequest) -> str | None:
    """Give the passphrase in clear, as the row was read; None where there is none.

    Raises:
        DamagedArtefact, KeyDestroyed, MissingKey: it cannot be read any more.
    """
    return open_key(request.key_id).open_text(request.passphrase, _PURPOSE) if request.passphrase else None


def is_from_team(request: SubjectRequest) -> bool:
    """Whether the team set the passphrase there is, which reached the person by another way than their mailbox."""
    if not request.passphrase:
        return False
    last = AuditEntry.objects.filter(request_id=request.pk, action="passphrase.set").order_by("-pk").first()
    return last is not None and last.actor_kind == AuditEntry.ActorKind.STAFF


def forget(request: SubjectRequest) -> None:
    """Delete the passphrase, as no files will be made any more; may be called twice."""
    SubjectRequest.objects.filter(pk=request.pk).exclude(passphrase="").update(passphrase="")
    request.passphrase = ""


def check_own_passphrase(request: SubjectRequest, text: str) -> None:
    """Refuse what is weak, what programs read differently, and what whoever finds the file would try first.

    Raises:
        UnusablePassphrase: with what to change.
    """
    check_passphrase(text)
    typed = _letters(text)
    known = [_letters(request.email), _letters(request.reference), _letters(request.name)]
    if any(len(value) >= _FEWEST_OF_NAME and value in typed for value in known):
        raise UnusablePassphrase("Please leave out your name, your e-mail address and the reference of the request.")


def _letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
