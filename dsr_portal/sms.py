"""Reads how text messages are sent."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote, urlsplit

TO, TEXT = "{to}", "{text}"
BODY = f'{{"to": "{TO}", "text": "{TEXT}"}}'


@dataclass(frozen=True, slots=True)
class SmsAddress:
    """Where text messages go: nowhere, the terminal, a folder, or a gateway."""

    way: Literal["none", "console", "file", "gateway"]
    where: str = ""


def read_sms_url(url: str) -> SmsAddress:
    """Read the address of a gateway, or what stands for one.

    Raises:
        ValueError: it cannot be used; says why without its text, which may hold a password.
    """
    if not url:
        return SmsAddress("none")
    try:
        parts = urlsplit(url)
        is_gateway = parts.scheme in {"https", "http"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise ValueError("is no URL that can be read") from None
    if url == "console:":
        return SmsAddress("console")
    if parts.scheme == "file" and parts.path.startswith("/") and parts.path.strip("/") and not parts.netloc:
        return SmsAddress("file", unquote(parts.path))
    if is_gateway:
        return SmsAddress("gateway", url)
    raise ValueError("must be https://gateway.example.org/messages, file:///folder or console:")


def read_sms_body(text: str) -> object:
    """Read what a gateway is sent: JSON in whose texts `{to}` and `{text}` stand for the number and the message.

    Raises:
        ValueError: it is no JSON, or one of the two is missing.
    """
    try:
        body: object = json.loads(text)
    except ValueError:
        body = None
    if not isinstance(body, dict) or TO not in text or TEXT not in text:
        raise ValueError(f"must be a JSON object with {TO} and {TEXT} in its texts, like {BODY}")
    return body
