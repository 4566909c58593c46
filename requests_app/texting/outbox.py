"""The outbox of text messages: a row holds ids; number and code meet when it is sent."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from requests_app import audit, codes, leases
from requests_app.controller import controller
from requests_app.letters.languages import language_of
from requests_app.models import Identifier, OutboxText
from requests_app.models.subject_request import OPEN
from requests_app.proofs import codes as proof_codes
from requests_app.proofs.phones import phone_of
from requests_app.queue import enqueue
from requests_app.texting.senders import send_by_setting

if TYPE_CHECKING:
    from requests_app.models import DownloadCode, IdentityCheck

LONGEST_NAME = 40
TOO_LATE = timedelta(minutes=10)  # nobody waits longer for a code


def queue_for_check(check: IdentityCheck) -> OutboxText:
    """Note that a code for a check is to be sent, inside the transaction of what asks for it."""
    return _queued(OutboxText(request_id=check.request_id, check_of=check))


def queue_for_download(code: DownloadCode) -> OutboxText:
    """Note that a code before a download is to be sent, inside the transaction of what asks for it."""
    return _queued(OutboxText(request_id=code.link.request_id, code=code))


def send(text_id: int) -> None:
    """Write and send a text message, if it is to be sent."""
    leases.run(OutboxText, text_id, _send, _note_unsent)


def _queued(text: OutboxText) -> OutboxText:
    text.save()
    enqueue("send_text", text.pk)
    return text


def _send(work: leases.Work) -> None:
    text = OutboxText.objects.select_related("request", "check_of__identifier", "code").get(pk=work.pk)
    number = _number(text)
    if not number or _is_needless(text):
        with transaction.atomic():
            work.finish()
            _record("text.dropped", text)
        return
    send_by_setting(number, _words(text))
    with transaction.atomic():
        work.finish(sent_at=timezone.now())
        _record("text.sent", text)


def _number(text: OutboxText) -> str:
    """Give the number that the check is of, or that was proven; never one that somebody merely typed."""
    if text.check_of:
        held: Identifier | None = text.check_of.identifier
        return held.value if held and held.kind == Identifier.Kind.PHONE else ""
    phone = phone_of(text.request)
    return phone.value if phone else ""


def _is_needless(text: OutboxText) -> bool:
    now = timezone.now()
    if text.code:
        return text.code.is_expired(now)
    check = text.check_of
    is_over = check is None or check.passed_at or check.failed_at or text.request.status not in OPEN
    return bool(is_over) or now - text.created_at > TOO_LATE


def _words(text: OutboxText) -> str:
    if text.check_of:
        code, minutes = proof_codes.mint(text.check_of), proof_codes.LIFETIME.seconds // 60
    elif text.code:
        code, minutes = codes.mint(text.code), codes.CODE_LIFETIME.seconds // 60
    else:
        raise AssertionError("a text message about nothing")
    words = language_of(text.request.language).phrases["text_message"]  # no HTML, so nothing is escaped
    return words.format(name=controller().name[:LONGEST_NAME], code=code, minutes=minutes)


def _note_unsent(text_id: int) -> None:
    _record("text.failed", OutboxText.objects.get(pk=text_id))


def _record(action: str, text: OutboxText) -> None:
    audit.record(action, audit.SYSTEM, request_id=text.request_id, target=f"text {text.pk}")
