"""JSON text as XML elements, token by token: digits, the order of names and names given twice stay as they are."""

from __future__ import annotations

import json

from exporters.json_tokens import tokens
from exporters.markup import attribute, content

DEEPEST = 100  # XML parsers refuse documents that are nested much deeper

_LITERALS = {"true": "boolean", "false": "boolean"}
_CONTAINERS = {"{": "map", "[": "array"}


def elements(text: str) -> str:
    """Write JSON as `map`, `array`, `string`, `number`, `boolean` and `null`, members of a map with a `key` each.

    What is nested more than 100 deep stays JSON text, in an element `json`.

    Args:
        text: valid JSON.

    Source: the elements are those of W3C, "XPath and XQuery Functions and Operators 3.1", §17.4.2.
    """
    written: list[str] = []
    opened: list[str] = []
    key = ""
    for token, is_name in tokens(text):
        if is_name:
            key = attribute("key", json.loads(token))
        elif token in _CONTAINERS:
            if len(opened) == DEEPEST:
                return f"<json>{content(text)}</json>"
            opened.append(_CONTAINERS[token])
            written.append(f"<{opened[-1]}{key}>")
            key = ""
        elif token in ("}", "]"):
            written.append(f"</{opened.pop()}>")
        else:
            written.append(_scalar(token, key))
            key = ""
    return "".join(written)


def _scalar(token: str, key: str) -> str:
    if token == "null":  # noqa: S105  # a token of JSON
        return f"<null{key}/>"
    if token[0] == '"':
        return f"<string{key}>{content(json.loads(token))}</string>"
    name = _LITERALS.get(token, "number")
    return f"<{name}{key}>{token}</{name}>"
