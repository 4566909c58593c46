"""Codes sent before a download, and the passes they give; both are stored as keyed hashes.

They go by mail; where the table of proofs asks for it and a number was proven, by text message instead, so that whoever
reads the mailbox alone does not get the files.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from extractors.errors import DsrError
from requests_app import proofs
from requests_app.models import DownloadCode, IdentityCheck, Leased, Recipient
from requests_app.models.subject_request import LETTERS
from requests_app.proofs.phones import phone_of

if TYPE_CHECKING:
    from requests_app.models import Export, SecureLink, SubjectRequest

CODE_LETTERS = 8
CODE_LIFETIME = timedelta(minutes=15)
PASS_LIFETIME = timedelta(minutes=60)
PASS_BYTES = 32


class RefusedCode(DsrError):
    """Say why a code is not taken; `reason` is a word for the audit trail."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


def is_required(export: Export) -> bool:
    """Whether a code is needed before anything of an export is given out; see `is_required_of`."""
    return is_required_of(export.request)


def is_required_of(request: SubjectRequest) -> bool:
    """Whether a code is needed before the data is given out or shown: by DSR_DOWNLOAD_CODE, or by the table."""
    return _is_set(request) or bool(proofs.download_checks_of(request))


def way_of(link: SecureLink) -> DownloadCode.Way:
    """Say how the code for a link is sent; to a representative by mail, as the number is the person's."""
    is_asked = IdentityCheck.Kind.SMS in proofs.download_checks_of(link.request) and settings.DSR_SMS.way != "none"
    is_possible = link.recipient == Recipient.PERSON and phone_of(link.request) is not None
    return DownloadCode.Way.SMS if is_asked and is_possible else DownloadCode.Way.MAIL


def _is_set(request: SubjectRequest) -> bool:
    if settings.DSR_DOWNLOAD_CODE == "sensitive":
        searches = request.searches.filter(state=Leased.State.DONE)
        return searches.filter(source__is_sensitive=True).exists()
    return bool(settings.DSR_DOWNLOAD_CODE == "always")


def create(link: SecureLink, way: DownloadCode.Way = DownloadCode.Way.MAIL) -> DownloadCode:
    """Note that a code is to be sent for a link; it is made when that happens, soon or never."""
    return DownloadCode.objects.create(link=link, way=way, expires_at=timezone.now() + CODE_LIFETIME)


def mint(code: DownloadCode) -> str:
    """Make the code that is mailed, in two groups of letters; a repetition makes another one, the first is void."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(CODE_LETTERS))
    hashed = _hash("code", f"{code.pk} {letters}")
    DownloadCode.objects.filter(pk=code.pk).update(code_hash=hashed, expires_at=timezone.now() + CODE_LIFETIME)
    return f"{letters[:4]}-{letters[4:]}"


def confirm(link: SecureLink, typed: str) -> str:
    """Take the code that was sent last for a link, and give a pass for it; each try is counted before it is made.

    Raises:
        RefusedCode: wrong, too late, used or tried too often.
    """
    now = timezone.now()
    mailed = link.codes.filter(confirmed_at=None, expires_at__gt=now).exclude(code_hash="")
    code = mailed.order_by("-pk").first()
    if code is None:
        raise RefusedCode("No code is waiting to be entered: it was used, or it came too late.", "expired")
    if not mailed.filter(pk=code.pk, attempts_left__gt=0).update(attempts_left=F("attempts_left") - 1):
        raise RefusedCode("This code was tried too often. Please have another one sent.", "exhausted")
    letters = "".join(letter for letter in typed.upper() if letter.isalnum())
    if not constant_time_compare(code.code_hash, _hash("code", f"{code.pk} {letters}")):
        raise RefusedCode("This is not the code that we sent last. Please look once more.", "wrong")
    proof = secrets.token_urlsafe(PASS_BYTES)
    given = {"confirmed_at": now, "pass_hash": _hash("pass", proof), "pass_expires_at": now + PASS_LIFETIME}
    if not mailed.filter(pk=code.pk).update(**given):
        raise RefusedCode("This code was used a moment ago.", "used")
    return proof


def is_waiting(link: SecureLink) -> bool:
    """Whether a code was asked for that may still be entered."""
    return link.codes.filter(confirmed_at=None, attempts_left__gt=0, expires_at__gt=timezone.now()).exists()


def is_passed(link: SecureLink, proof: str) -> bool:
    """Whether somebody who shows a pass entered the code that was mailed for this very link, not too long ago."""
    passes = link.codes.filter(pass_hash=_hash("pass", proof), pass_expires_at__gt=timezone.now())
    return bool(proof) and passes.exists()


def _hash(what: str, secret: str) -> str:
    """Hash with the portal's key, since a code is short enough to be found by whoever reads the database alone."""
    return salted_hmac(f"requests_app.codes.{what}", secret, algorithm="sha256").hexdigest()
