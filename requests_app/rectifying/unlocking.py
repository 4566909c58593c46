"""The step before values are shown: the same code as before a download, asked for where that one is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from requests_app import audit, codes, limits, texting
from requests_app.delivery import MOST_CODES_AN_HOUR, MOST_REFUSALS_NOTED_AN_HOUR
from requests_app.models import DownloadCode, Recipient
from requests_app.notifications import queue_mail
from requests_app.proofs.phones import phone_of

if TYPE_CHECKING:
    from requests_app.audit import Actor
    from requests_app.models import SecureLink


@dataclass(frozen=True, slots=True)
class Lock:
    """How the code is sent that opens something.

    Args:
        code_to: the end of the number that it is sent to; empty where it is mailed.
    """

    is_code_waiting: bool
    code_to: str


def lock_of(link: SecureLink) -> Lock:
    """Say how the code for a link is sent, and whether one is on its way."""
    phone = phone_of(link.request) if codes.way_of(link) == DownloadCode.Way.SMS else None
    return Lock(codes.is_waiting(link), texting.masked(phone.value) if phone else "")


def is_locked(link: SecureLink, proof: str) -> bool:
    """Whether a code has to be entered before anything is shown.

    Args:
        proof: the pass that a code gave.
    """
    return codes.is_required_of(link.request) and not codes.is_passed(link, proof)


def send_code(link: SecureLink) -> None:
    """Send a code to whom a link was mailed, where one is needed.

    Raises:
        LimitReached: too many codes within the hour.
    """
    if not codes.is_required_of(link.request):
        return
    way = codes.way_of(link)
    limits.count("download_code", str(link.request_id), most=MOST_CODES_AN_HOUR, seconds=3600)
    with transaction.atomic():
        code = codes.create(link, way)
        if way == DownloadCode.Way.SMS:
            texting.queue_for_download(code)
        else:
            queue_mail(link.request_id, "download_code", code_id=code.pk, recipient=link.recipient)
        _record("code.sent", link, way=str(way))


def confirm_code(link: SecureLink, typed: str) -> str:
    """Take a code and give the pass for it, which the browser keeps.

    Raises:
        RefusedCode: it is not taken; put on record, as long as that is news.
    """
    try:
        proof = codes.confirm(link, typed)
    except codes.RefusedCode as error:
        if limits.is_within("refused_code", str(link.pk), most=MOST_REFUSALS_NOTED_AN_HOUR, seconds=3600):
            _record("code.refused", link, reason=error.reason)
        raise
    _record("code.confirmed", link)
    return proof


def actor_of(link: SecureLink) -> Actor:
    """Say who comes with a link."""
    return audit.SUBJECT if link.recipient == Recipient.PERSON else audit.REPRESENTATIVE


def _record(action: str, link: SecureLink, **details: str) -> None:
    target = f"link {link.pk}"
    audit.record(action, actor_of(link), request_id=link.request_id, target=target, **details)
