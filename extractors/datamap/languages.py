"""Texts that people read, written once or once per language; a map read in one language holds plain text alone.

Source: RFC 5646 for the tags, RFC 4647 §3.4 for looking one up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from pydantic import BeforeValidator, StringConstraints, ValidationInfo, WithJsonSchema

if TYPE_CHECKING:
    from collections.abc import Iterator

DEFAULT_LANGUAGE = "en"
LONGEST_TEXT = 10_000
_TAG = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$"
_EXAMPLE = "{en: Customer, de: Kunde}"


def in_language(texts: Mapping[str, Any], language: str) -> Any:
    """Choose one of the texts: of the language asked for, of its base language, in English, or the first.

    Args:
        texts: by language tag, at least one.
        language: a tag like `de` or `pt-BR`; case does not matter.
    """
    known = {tag.lower(): tag for tag in texts}
    wanted = (tag for asked in (language, DEFAULT_LANGUAGE) for tag in _tags(asked.lower(), known))
    return texts[next((known[tag] for tag in wanted if tag in known), next(iter(texts)))]


def is_tag(text: str) -> bool:
    """Whether a text has the form of a language tag."""
    return re.fullmatch(_TAG, text) is not None


def _tags(tag: str, known: Mapping[str, str]) -> Iterator[str]:
    """Yield a tag, then ever shorter ones, then any known variant of its base language."""
    while "-" in tag:
        yield tag
        tag = tag.rpartition("-")[0]
    yield tag
    yield from (other for other in known if other.startswith(f"{tag}-"))


def _one(value: object, info: ValidationInfo) -> object:
    """Turn a mapping of languages into its text; anything else is left to what checks plain text."""
    if not isinstance(value, Mapping):
        return value
    _refuse_wrong_tags(value)
    for tag, text in value.items():
        _refuse_wrong_text(tag, text)
    return in_language(value, _language(info))


def _several(value: object, info: ValidationInfo) -> object:
    """Turn one text, a list of texts, or a mapping of languages to lists into a list whose items `_one` takes."""
    if isinstance(value, list | tuple):
        return value
    if not (isinstance(value, Mapping) and any(isinstance(texts, list) for texts in value.values())):
        return [value]
    _refuse_wrong_tags(value)
    for tag, texts in value.items():
        for text in texts if isinstance(texts, list) else [texts]:
            _refuse_wrong_text(tag, text)
    found = in_language(value, _language(info))
    return found if isinstance(found, list) else [found]


def _language(info: ValidationInfo) -> str:
    return str((info.context or {}).get("language", DEFAULT_LANGUAGE))


def _refuse_wrong_tags(texts: Mapping[Any, Any]) -> None:
    if not texts:
        raise ValueError(f"empty: write a text, or one for each language, like {_EXAMPLE}")
    seen: set[str] = set()
    for tag in map(str, texts):
        if not is_tag(tag):
            raise ValueError(f"{tag!r} is not a language tag; write one like en, de or pt-BR (RFC 5646)")
        if tag.lower() in seen:
            raise ValueError(f"the language {tag} is written twice")
        seen.add(tag.lower())


def _refuse_wrong_text(tag: str, text: object) -> None:
    if not isinstance(text, str) or not text:
        raise ValueError(f"the language {tag} has no text; write it, or leave the language out")
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"the text for {tag} is longer than {LONGEST_TEXT:,} characters")


def _by_language(texts: dict[str, object]) -> dict[str, object]:
    told = "The same in several languages, by language tag (RFC 5646)."
    return {
        "description": told,
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": _TAG},
        "additionalProperties": texts,
    }


_PLAIN: dict[str, object] = {"type": "string", "maxLength": LONGEST_TEXT}
_FILLED: dict[str, object] = _PLAIN | {"minLength": 1}
_EITHER: dict[str, object] = {"anyOf": [_PLAIN, _by_language(_FILLED)]}
_LISTED: dict[str, object] = {"anyOf": [_FILLED, {"type": "array", "items": _FILLED}]}
_EITHER_LISTED: dict[str, object] = {"anyOf": [_EITHER, {"type": "array", "items": _EITHER}, _by_language(_LISTED)]}

Wording: TypeAlias = Annotated[
    str,
    StringConstraints(max_length=LONGEST_TEXT),
    BeforeValidator(_one, json_schema_input_type=Annotated[Any, WithJsonSchema(_EITHER)]),
]
"""A text that people read, plain or by language."""

Wordings: TypeAlias = Annotated[
    tuple[Wording, ...],
    BeforeValidator(_several, json_schema_input_type=Annotated[Any, WithJsonSchema(_EITHER_LISTED)]),
]
"""One such text or several."""
