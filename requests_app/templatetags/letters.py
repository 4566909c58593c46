"""Tags of the templates of notices: what they write is in the language of the notice."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django import template
from django.utils.html import format_html

from requests_app.letters.erased import by_fate, lines_of
from requests_app.letters.languages import direction_of, language_of
from requests_app.letters.values import Spoken
from requests_app.letters.values import contact as contact_of

if TYPE_CHECKING:
    from django.template import Context
    from django.utils.safestring import SafeString

    from exporters.letter import Authority
    from requests_app.erasures import Collection, Source
    from requests_app.letters.languages import Language

register = template.Library()


@register.simple_tag(takes_context=True)
def phrase(context: Context, name: str, **values: object) -> SafeString:
    """Write a phrase, its values escaped."""
    return _language(context).phrase(name, **values)


@register.simple_tag(takes_context=True)
def phrase_of(context: Context, stem: str, name: str) -> SafeString:
    """Write the phrase for one of several choices: a right, an outcome."""
    return _language(context).phrase(f"{stem}.{name}")


@register.simple_tag(takes_context=True)
def counted(context: Context, name: str, number: int) -> SafeString:
    """Write a phrase in the form that goes with a number."""
    return _language(context).counted(name, number)


@register.simple_tag(takes_context=True)
def day(context: Context, value: date) -> str:
    """Write a day."""
    return _language(context).day(value)


@register.simple_tag(takes_context=True)
def moment(context: Context, value: datetime) -> str:
    """Write a moment."""
    return _language(context).moment(value)


@register.simple_tag(takes_context=True)
def size(context: Context, size_bytes: int) -> str:
    """Write how large a file is."""
    return _language(context).size(size_bytes)


@register.simple_tag(takes_context=True)
def contact(context: Context) -> str:
    """Write where to ask, as a link."""
    return contact_of(Spoken({"controller": context["controller"]}, _language(context)))


@register.simple_tag(takes_context=True)
def law_article(context: Context, law: str, number: int) -> str:
    """Quote an article of a law, in brackets; nothing where no law is known."""
    language = _language(context)
    return language.phrase("remedies.article", law=language.phrase(f"law.{law}"), number=number) if law else ""


@register.simple_tag(takes_context=True)
def authority_link(context: Context, authority: Authority | None) -> str:
    """Name the authority to complain to, with its page where it has one; nothing where none is known."""
    if authority is None:
        return ""
    page = authority.website
    name = format_html('<a href="{}">{}</a>', page, authority.name) if page else authority.name
    return _language(context).phrase("remedies.named", name=name)


@register.simple_tag(takes_context=True)
def direction(context: Context) -> str:
    """Tell in which direction the language is written."""
    return direction_of(str(context["language"]))


@register.simple_tag(takes_context=True)
def rows_by_fate(context: Context, item: Collection) -> str:
    """Say how many rows of a collection were deleted, made anonymous, taken out of use."""
    return by_fate(item, _language(context))


@register.filter
def staying(source: Source, language: str) -> list[str]:
    """Say what of a source stays, why and until when: a line for each reason."""
    return list(lines_of(source, language_of(language)))


def _language(context: Context) -> Language:
    return language_of(str(context["language"]))
