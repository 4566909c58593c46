"""JSON as lists and names a person can read; every digit stays."""

from __future__ import annotations

import json

from exporters.json_tokens import tokens
from exporters.markup import content

DEEPEST = 40
_WORDS = {"true": "yes", "false": "no"}


def nested(text: str) -> str:
    """Write JSON as nested lists; what is nested more than 40 deep stays JSON text.

    Args:
        text: valid JSON.
    """
    written: list[str] = []
    closings: list[str] = []
    for token, is_name in tokens(text):
        if is_name:
            written.append(f"<dt>{content(json.loads(token))}</dt>")
        elif token in ("{", "["):
            if len(closings) == DEEPEST:
                return f'<code class="json">{content(text)}</code>'
            written.append(_opened(closings) + ("<dl>" if token == "{" else '<ol class="j">'))  # noqa: S105  # JSON
            closings.append("</dl>" if token == "{" else "</ol>")  # noqa: S105
        elif token in ("}", "]"):
            written.append(closings.pop() + _closed(closings))
        else:
            written.append(_opened(closings) + _scalar(token) + _closed(closings))
    return "".join(written)


def _opened(closings: list[str]) -> str:
    return "" if not closings else "<dd>" if closings[-1] == "</dl>" else "<li>"


def _closed(closings: list[str]) -> str:
    return "" if not closings else "</dd>" if closings[-1] == "</dl>" else "</li>"


def _scalar(token: str) -> str:
    if token[0] == '"':
        return f'<span dir="auto">{content(json.loads(token))}</span>'
    if token == "null":  # noqa: S105  # a token of JSON
        return '<data value="null">none</data>'
    return f'<data value="{token}">{_WORDS.get(token, token)}</data>'
