"""Asks a language model, by the protocol that OpenAI's servers and most others speak: one question, one answer.

Source: https://platform.openai.com/docs/api-reference/chat/create
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx
import orjson
from django.conf import settings

from extractors.errors import DsrError
from requests_app import outgoing

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_BYTES = 1 << 20
LONGEST_SUMMARY = 8000
LONGEST_NAME = 120
CONNECT_SECONDS = 5.0
MOST_TOKENS = 2000
REFUSED, UNKNOWN, LATER = (401, 403), (404, 405), (408, 409, 425, 429)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class UnusableModel(DsrError):
    """Say why a model gave no summary; `permanent` where asking once more would not help."""

    def __init__(self, message: str, *, permanent: bool = True) -> None:
        super().__init__(message)
        self.permanent = permanent


@dataclass(frozen=True, slots=True)
class Written:
    """What a model wrote, and what it calls itself."""

    text: str = field(repr=False)
    model: str


def complete(system: str, user: str) -> Written:
    """Have the model answer; the answer is bounded in time and size, and kept as plain text.

    Raises:
        UnusableModel: it refused, or answered otherwise than the protocol has it.
        OutgoingError: nobody answered, not in time, or with more than anybody reads.
    """
    url = f"{settings.DSR_SUMMARY_URL}/chat/completions"
    _refuse_clear_text(url)
    asked = {
        "model": settings.DSR_SUMMARY_MODEL,
        "messages": [{"role": "system", "content": system}, {"role": "user", "content": user}],
        "temperature": 0,
        "max_tokens": MOST_TOKENS,
        "stream": False,
    }
    seconds = float(settings.DSR_SUMMARY_SECONDS)
    waiting = httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds))
    with outgoing.client(seconds=seconds, most_bytes=MOST_BYTES) as client:
        answer = client.post(url, content=orjson.dumps(asked), headers=_headers(), timeout=waiting)
        return _read(answer)


def _headers() -> dict[str, str]:
    key = settings.DSR_SUMMARY_KEY
    return {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})


def _refuse_clear_text(url: str) -> None:
    """Refuse to send what is personal in clear, but to where an operator allows it."""
    if url.startswith("http://") and not outgoing.is_allowed(url):
        raise UnusableModel("DSR_SUMMARY_URL must start with https://, unless DSR_OUTGOING_ALLOW names its host.")


def _read(answer: httpx.Response) -> Written:
    status = answer.status_code
    if 300 <= status < 400:
        raise UnusableModel(f"The address of the model leads elsewhere ({status}), which is not followed.")
    if status in REFUSED:
        raise UnusableModel(f"The model refuses the portal ({status}); DSR_SUMMARY_KEY may be wrong.")
    if status in UNKNOWN:
        raise UnusableModel(f"There is no such model or address ({status}); see DSR_SUMMARY_URL, DSR_SUMMARY_MODEL.")
    if status != httpx.codes.OK:
        is_passing = status >= 500 or status in LATER
        raise UnusableModel(f"The model answered {status}.", permanent=not is_passing)
    try:
        answered: object = orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        raise UnusableModel("What answered does not speak the protocol of a language model.") from None
    return _written(answered)


def _written(answered: object) -> Written:
    text = _dig(answered, "choices", 0, "message", "content")
    if not isinstance(text, str):
        raise UnusableModel("What answered does not speak the protocol of a language model.")
    cleaned = _CONTROLS.sub("", text.replace("\r\n", "\n")).strip()[:LONGEST_SUMMARY]
    if not cleaned:
        raise UnusableModel("The model wrote nothing.")
    name = _dig(answered, "model")
    return Written(cleaned, _CONTROLS.sub("", str(name or settings.DSR_SUMMARY_MODEL))[:LONGEST_NAME])


def _dig(value: object, *path: str | int) -> object:
    """Give what stands at a place of JSON; None where nothing does."""
    for step in path:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and len(value) > step else None
        else:
            known: Mapping[str, object] = value if isinstance(value, dict) else {}
            value = known.get(step)
    return value
