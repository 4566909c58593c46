"""The ways in which a text message leaves: printed, put into a folder, or given to a gateway."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from django.conf import settings

from extractors.errors import DsrError
from requests_app import outgoing

OWNER_ONLY = 0o600
OK = range(200, 300)
TO, TEXT = "{to}", "{text}"
# What a gateway refuses for good: another attempt would be the same.
PERMANENT = {400, 404, 405, 410, 413, 415, 422}


class UnsentText(DsrError):
    """Say that a text message was not taken; `permanent` when it never will be."""

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


class Sender(Protocol):
    """Hands a text message over."""

    def __call__(self, number: str, text: str) -> None:
        """Hand it over.

        Raises:
            UnsentText: it was not taken.
        """


def is_set_up() -> bool:
    """Whether text messages can be sent."""
    return bool(settings.DSR_SMS.way != "none")


def send_by_setting(number: str, text: str) -> None:
    """Hand a text message over as DSR_SMS_URL says.

    Raises:
        UnsentText: it was not taken, or no way is set up.
    """
    senders: dict[str, Sender] = {"console": _print, "file": _put_into_folder, "gateway": _give_to_gateway}
    sender = senders.get(settings.DSR_SMS.way)
    if sender is None:
        raise UnsentText("No way to send text messages is set up (DSR_SMS_URL).", permanent=True)
    sender(number, text)


def _print(number: str, text: str) -> None:
    """Print it, for whoever develops: a number and a code in clear."""
    sys.stdout.write(f"Text message to {number}:\n{text}\n")


def _put_into_folder(number: str, text: str) -> None:
    """Write it into a file of its own, which its owner alone may read."""
    folder = Path(settings.DSR_SMS.where)
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-{uuid4().hex[:8]}.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(f"To: {number}\n\n{text}\n")
    except OSError as error:
        raise UnsentText(f"The folder of text messages cannot be written ({type(error).__name__}).") from None


def _give_to_gateway(number: str, text: str) -> None:
    """Post it as JSON; a gateway that takes it answers by 2xx."""
    token = settings.DSR_SMS_TOKEN
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    body = _filled(settings.DSR_SMS_BODY, {TO: number, TEXT: text})
    try:
        with outgoing.client() as client:
            status = client.post(settings.DSR_SMS.where, json=body, headers=headers).status_code
    except DsrError as error:
        raise UnsentText(str(error)) from None
    if status not in OK:
        raise UnsentText(f"The gateway refused the text message ({status}).", permanent=status in PERMANENT)


def _filled(part: object, values: dict[str, str]) -> object:
    """Put the values into the texts of a JSON value; as a whole, so that nothing in them is taken for JSON."""
    if isinstance(part, dict):
        return {name: _filled(value, values) for name, value in part.items()}
    if isinstance(part, list):
        return [_filled(value, values) for value in part]
    if not isinstance(part, str):
        return part
    before, found, after = part.partition(TO)
    if found:
        return f"{before}{values[TO]}{after}"
    before, found, after = part.partition(TEXT)
    return f"{before}{values[TEXT]}{after}" if found else part
