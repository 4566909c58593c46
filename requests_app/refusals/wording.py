"""Grounds and remedies in the person's own language, where they come in it; the English words stand beside."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict


class _Words(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    laws: dict[str, str] = {}
    grounds: dict[str, str] = {}
    remedies: dict[str, str] = {}


def ground_in(language: str, slug: str) -> str:
    """Give the words of a ground in a language; empty where there are none in it."""
    return _of(_main(language)).grounds.get(slug, "")


def remedy_in(language: str, law: str, kind: str) -> str:
    """Give the words of a law's remedy in a language, with their variables; empty where there are none in it."""
    return _of(_main(language)).remedies.get(f"{law}.{kind}", "")


def article_in(language: str, article: str) -> str:
    """Quote an article with the name that its law has in a language."""
    for english, own in _of(_main(language)).laws.items():
        article = article.replace(english, own)
    return article


@cache
def _of(language: str) -> _Words:
    file = files(__package__).joinpath("words", f"{language}.toml")
    is_known = language.isalpha() and file.is_file()
    return _Words.model_validate(tomllib.loads(file.read_text(encoding="utf-8"))) if is_known else _Words()


def _main(tag: str) -> str:
    return tag.partition("-")[0].lower()
